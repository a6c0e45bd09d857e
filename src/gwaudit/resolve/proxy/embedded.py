"""A file's text that stands inside another file: the value of a config map key, an inline config, a here-document.

Its places are those of the file that holds it.
"""

from __future__ import annotations

from gwaudit.source import Location, Origin, SourceFile, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.document import Scalar


class Embedded(SourceFile):
    """The text of a scalar. In a literal block every line has its own place; other styles have the scalar's."""

    __slots__ = ("_lines", "_scalar")

    def __init__(self, scalar: Scalar) -> None:
        super().__init__(scalar.file.path, scalar.text, scalar.file.tracked, scalar.file.referred)
        self._scalar = scalar
        self._lines = _lines(scalar) if scalar.style == "literal" else []

    def origin(self, start: int, end: int) -> Origin:
        line, column = self.position(start)
        if not 1 <= line <= len(self._lines):
            return self._scalar.origin
        at = self._lines[line - 1] + column - 1
        length = min(end, self.starts()[line] - 1 if line < len(self.starts()) else len(self.text)) - start
        return self._scalar.file.origin(at, at + max(length, 0))

    def location(self, start: int, end: int) -> Location:
        return self.origin(start, end).location


def _lines(scalar: Scalar) -> list[int]:
    """For each line of a literal block's text, the offset in the file where it begins (after the indentation)."""
    raw, starts = scalar.raw, []
    at = raw.find("\n") + 1 if raw[:1] == "|" else 0
    indent: int | None = None if raw[:1] == "|" else 0
    for line in raw[at:].splitlines(keepends=True):
        content = line.strip("\r\n")
        if indent is None and content.strip():
            indent = len(content) - len(content.lstrip(" "))
        starts.append(scalar.start + at + min(indent or 0, len(content)))
        at += len(line)
    return starts


class Written(SourceFile):
    """A here-document: lines that follow one another in the file that holds them, from ``place`` on."""

    __slots__ = ("_first",)

    def __init__(self, path: str, text: str, place: Location) -> None:
        super().__init__(path, text)
        self._first = place.line

    def origin(self, start: int, end: int) -> Origin:
        return Origin(self.location(start, end))

    def location(self, start: int, end: int) -> Location:
        span = self.span(start, end)
        move = self._first - 1
        return Location(self.path, Span(span.line + move, span.column, span.end_line + move, span.end_column))
