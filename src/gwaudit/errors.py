"""Errors that say whose fault it is: the configuration's (stop, exit 2, with a caret). Input errors are data instead."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gwaudit.source import Location


class ConfigurationError(Exception):
    """The user's configuration, rule file or command line is wrong.

    ``location`` points into the wrong file; ``text`` is the line it stands in (for the caret); ``hint`` is the remedy.
    """

    def __init__(
        self, message: str, location: Location | None = None, text: str | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.location = location
        self.text = text
        self.hint = hint


def near(name: str, known: Iterable[str]) -> str | None:
    """``did you mean ...?`` where a known name is close, else None."""
    from gwaudit.rules.types import nearest

    found = nearest(name, known)
    return f"did you mean {found!r}?" if found else None
