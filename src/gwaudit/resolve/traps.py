"""Env file syntax that its reader takes otherwise than it looks: kept quotes and comments, expanded dollars, refused names.

What a line looks like is what python-dotenv, the most forgiving of the readers, makes of it. ``kind`` and ``effect`` are the
vocabulary's ``assignment.trap`` and ``assignment.trap_effect``; an effect never shows a value.
"""

from __future__ import annotations

import re

from gwaudit.pattern import regex
from gwaudit.resolve.env_file import read
from gwaudit.resolve.fact import ABSENT, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.parse.dotenv import Assignment
    from gwaudit.resolve.interpolate import Lookup
    from gwaudit.source import Location, SourceFile

_TITLES = {"compose": "Compose", "docker": "docker --env-file", "python-dotenv": "python-dotenv"}
_COMMENT = regex(r"(?:^|[ \t])#")
_REFERENCE = regex(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)")


class Trap:
    """One variable whose line its reader takes otherwise than it looks; ``location`` spans the assignment."""

    __slots__ = ("effect", "kind", "location", "name")

    def __init__(self, name: str, kind: str, effect: str, location: Location) -> None:
        self.name = name
        self.kind = kind
        self.effect = effect
        self.location = location

    def __repr__(self) -> str:
        return f"Trap({self.kind} {self.name} at {self.location})"


def traps(file: SourceFile, reader: str, assignments: list[Assignment], lookup: Lookup | None = None) -> list[Trap]:
    """The traps of ``file`` for one reader (``compose`` or ``docker``), in the order of ``assignments``, its parsed root."""
    reading = read(file, reader, lookup)
    values = {(entry.name, entry.location.line): entry.value for entry in reading.entries}
    title = _TITLES[reader]
    found = []
    for assignment in assignments:
        key = (assignment.key, assignment.location.line)
        kind = _refused(file, assignment) if reader == "docker" else None
        if kind is not None:
            effect = f"{title} refuses the file: a name must stand directly before ="
        elif key in values and assignment.value is not None:
            kind, effect = _kept(reader, title, assignment, values[key])
        if kind is not None:
            found.append(Trap(assignment.key, kind, effect, assignment.location))
    return found


def _refused(file: SourceFile, assignment: Assignment) -> str | None:
    """Names that the Docker CLI refuses: ``export KEY=`` and ``KEY =``."""
    if assignment.export:
        return "export-kept"
    before = file.text[assignment.key_end : assignment.key_end + 1]
    return "spaces-around-equals" if assignment.value_start is not None and before in (" ", "\t") else None


def _kept(reader: str, title: str, assignment: Assignment, value: Any) -> tuple[str | None, str]:
    """What the reader keeps or expands that it seems to drop or keep; nothing where it reads what is meant."""
    meant = assignment.value
    if value is ABSENT or value == meant:
        return None, ""
    raw = assignment.raw or ""
    if isinstance(value, Unknown) or "$" in raw:
        return _expanded(reader, title, assignment, value)
    text = str(value)
    if quotes_kept(text) is not None and quotes_kept(meant or "") is None:
        return "quotes-kept", f"{title} takes the quotes as part of the value"
    if _COMMENT.search(text) and not _COMMENT.search(meant or ""):
        return "comment-kept", f"{title} takes the comment as part of the value"
    if text.endswith("\r"):
        return "carriage-return", f"{title} takes the carriage return as part of the value"
    if text.strip() == (meant or "").strip() and text != text.rstrip():
        return "trailing-space", f"{title} takes the blanks at the end as part of the value"
    if text.strip() == (meant or "").strip() and text != text.lstrip():
        return "spaces-around-equals", f"{title} takes the blanks after = as part of the value"
    return None, ""


def _expanded(reader: str, title: str, assignment: Assignment, value: Any) -> tuple[str | None, str]:
    """A dollar that Compose expands where others leave it: ``$WORD`` and ``$$``; ``${WORD}`` is meant to be expanded."""
    raw = assignment.raw or ""
    if reader != "compose" or assignment.quote == "'":
        return None, ""
    bare = re.sub(r"\$\{[^}]*\}", "", raw)
    if "$$" in bare:
        return "dollar-expanded", f"{title} reads $$ as one dollar, and other readers as two"
    match = _REFERENCE.search(bare)
    if match is None or "\\$" in bare:
        return None, ""
    return "dollar-expanded", f"{title} puts the variable {match[1]} in its place, other readers keep the text"


def quotes_kept(value: str) -> str | None:
    """The quote that a value both begins and ends with (``- KEY="value"`` in a Compose list keeps it); None without one."""
    quote = value[:1]
    return quote if len(value) >= 2 and quote in ('"', "'") and value.endswith(quote) else None
