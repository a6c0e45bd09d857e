"""Errors that say whose fault it is: the configuration's (stop, with a caret) or ours. Input errors are data instead."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

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


class Guard:
    """``with Guard(bugs, name):`` a step that may fail alone: a bug of ours in it is noted in ``bugs``, and the run goes on.

    ``bugs`` are the lines that say what failed where, each with the name of the first deployment that it happened with.
    ``GWAUDIT_DEBUG=1`` lets the exception through.
    """

    __slots__ = ("bugs", "name")

    def __init__(self, bugs: dict[str, str], name: str) -> None:
        self.bugs = bugs
        self.name = name

    def __enter__(self) -> Guard:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, Exception) or isinstance(error, ConfigurationError) or debugged():
            return False
        self.bugs.setdefault(described(error), self.name)
        return True


def debugged() -> bool:
    """Whether the user asks for the traceback of a bug of ours."""
    return os.environ.get("GWAUDIT_DEBUG") == "1"


def described(error: BaseException) -> str:
    """``TypeError in servers.py:130``: without the exception's text, which may hold audited content."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    where = f"{os.path.basename(frame.tb_frame.f_code.co_filename)}:{frame.tb_lineno}" if frame else "?"
    return f"{type(error).__name__} in {where}"


def near(name: str, known: Iterable[str]) -> str | None:
    """``did you mean ...?`` where a known name is close, else None."""
    from gwaudit.rules.types import nearest

    found = nearest(name, known)
    return f"did you mean {found!r}?" if found else None
