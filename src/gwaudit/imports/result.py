"""One finding of another tool, in the terms that its readers share, and the file it came in."""

from __future__ import annotations

from gwaudit.rules.message import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAX_TEXT = 500
MAX_NAME = 120


class Result:
    """``paths`` are the candidates for the file, most likely first, as the tool wrote them.

    ``region`` is line, column, end line and end column, 1-based, the end exclusive; 0 where the tool does not say, None
    without a line. ``secret`` marks a finding about a secret: neither its line nor a text with its value may be shown.
    """

    __slots__ = ("message", "paths", "region", "rule", "secret", "severity", "tool")

    def __init__(
        self,
        tool: str,
        rule: str,
        severity: str,
        message: str,
        paths: tuple[str, ...],
        region: tuple[int, int, int, int] | None = None,
        secret: bool = False,
    ) -> None:
        self.tool = clean(tool[:MAX_NAME])
        self.rule = clean(rule[:MAX_NAME])
        self.severity = severity
        self.message = message[:MAX_TEXT]
        self.paths = paths
        self.region = region
        self.secret = secret

    @property
    def name(self) -> str:
        """The tool and its rule, as messages name them."""
        return f"{self.tool} {self.rule}"

    @property
    def what(self) -> str:
        """Tells results of one rule apart that stand at no line: packages with one vulnerability."""
        return self.message[:80] if self.region is None else ""

    def __repr__(self) -> str:
        return f"Result({self.tool} {self.rule} {self.severity} {self.paths}:{self.region})"


def table(value: Any) -> dict[str, Any]:
    """The value where it is an object, else an empty one: what a report leaves out or writes wrongly is not there."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """The value where it is an array, else an empty one."""
    return value if isinstance(value, list) else []


def text(value: Any) -> str:
    """The value where it is a string, without line breaks; else empty."""
    return " ".join(value[: 4 * MAX_TEXT].split()) if isinstance(value, str) else ""


def number(value: Any) -> int:
    """The value where it is a line or column number, else 0."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10_000_000 else 0
