"""A rule: its compiled record, and its page, read when somebody wants to read it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

CONFIDENCES = ("low", "medium", "high")
FIX_KINDS = ("safe", "unsafe", "manual")


class Rule:
    """One rule.

    ``params`` are the values in effect (defaults, overridden by the configuration), ``needs`` the facts without which it
    can never fire, ``reads`` all it reads. ``when`` and the ``let`` forms are checked expressions; ``message`` holds the
    parts of its template. ``everywhere``: what is blamed is wrong only where no deployment takes the value. ``gather``: its
    findings in one file are one. ``yields_to``: the rules that tell the same mistake better, where they point at the same
    place. ``source`` names where its findings come from when it has no ``when``.
    """

    __slots__ = (
        "_page",
        "aliases",
        "blame",
        "confidence",
        "everywhere",
        "fix_kind",
        "gather",
        "group",
        "id",
        "let",
        "message",
        "needs",
        "params",
        "path",
        "possible",
        "program",
        "reads",
        "severity",
        "source",
        "subject",
        "tags",
        "title",
        "when",
        "yields_to",
    )

    def __init__(self, record: Mapping[str, Any], page: Callable[[], Mapping[str, Any]] | Mapping[str, Any]) -> None:
        self.id: str = record["id"]
        self.title: str = record["title"]
        self.group: str = record["group"]
        self.severity: str = record["severity"]
        self.confidence: str = record["confidence"]
        self.subject: str = record["subject"]
        self.params: dict[str, Any] = record["params"]
        self.let: list[tuple[str, Any]] = record["let"]
        self.when: Any = record["when"]
        self.blame: list[str] = record["blame"]
        self.message: list[Any] = record["message"]
        self.fix_kind: str = record["fix_kind"]
        self.tags: list[str] = record["tags"]
        self.aliases: list[str] = record["aliases"]
        self.source: str | None = record["source"]
        self.possible: bool = record["possible"]
        self.everywhere: bool = record["everywhere"]
        self.gather: bool = record["gather"]
        self.yields_to: list[str] = record["yields_to"]
        self.needs: frozenset[str] = frozenset(record["needs"])
        self.reads: list[str] = record["reads"]
        self.path: str = record["path"]  # the rule file, relative to the data folder or as the configuration names it
        self.program: Any = None  # its closures, made by the engine on first use
        self._page = page

    @property
    def page(self) -> Mapping[str, Any]:
        """``why``, ``when_fine``, ``fix``, ``references``, ``cwe``, ``examples``, ``params``, ``when`` as written."""
        if callable(self._page):
            self._page = self._page()
        return self._page

    @property
    def why(self) -> str:
        return str(self.page["why"])

    @property
    def when_fine(self) -> str:
        return str(self.page["when_fine"])

    @property
    def fix(self) -> str:
        return str(self.page["fix"])

    @property
    def references(self) -> list[str]:
        return list(self.page["references"])

    @property
    def cwe(self) -> list[int]:
        return list(self.page["cwe"])

    @property
    def examples(self) -> dict[str, dict[str, Any]]:
        """``bad`` and ``good``: title to example."""
        return dict(self.page["examples"])

    def __repr__(self) -> str:
        return f"Rule({self.id})"
