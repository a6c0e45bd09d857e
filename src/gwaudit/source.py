"""Text with places: positions, spans, locations and the files they point into.

Lines and columns are 1-based and count characters (Unicode code points); an end is exclusive. Offsets are 0-based
characters into ``SourceFile.text``, which never starts with a byte order mark.

The classes are plain ``__slots__`` classes because this module is on the start-up path of every run, where defining a
frozen dataclass costs ten times as much.
"""

from __future__ import annotations

from bisect import bisect_right

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class Span:
    """A stretch of one file, from ``line``:``column`` up to, not including, ``end_line``:``end_column``."""

    __slots__ = ("column", "end_column", "end_line", "line")

    def __init__(self, line: int, column: int, end_line: int, end_column: int) -> None:
        self.line = line
        self.column = column
        self.end_line = end_line
        self.end_column = end_column

    def key(self) -> tuple[int, int, int, int]:
        return (self.line, self.column, self.end_line, self.end_column)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Span) and self.key() == other.key()

    def __hash__(self) -> int:
        return hash(self.key())

    def __repr__(self) -> str:
        return f"Span({self.line}:{self.column}-{self.end_line}:{self.end_column})"


class Location:
    """A place in the audited tree: a path relative to its root (``/`` separators) and, where known, a span."""

    __slots__ = ("path", "span")

    def __init__(self, path: str, span: Span | None = None) -> None:
        self.path = path
        self.span = span

    @property
    def line(self) -> int:
        """The first line, 1 where only the file is known."""
        return self.span.line if self.span else 1

    def key(self) -> tuple[str, tuple[int, int, int, int]]:
        return (self.path, self.span.key() if self.span else (0, 0, 0, 0))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Location) and self.key() == other.key()

    def __hash__(self) -> int:
        return hash(self.key())

    def __str__(self) -> str:
        return f"{self.path}:{self.span.line}:{self.span.column}" if self.span else self.path

    def __repr__(self) -> str:
        return f"Location({self})"


class Origin:
    """Where a stretch of text came from: the place a person edits, the way from there, and whether it is known at all."""

    __slots__ = ("location", "unknown", "via")

    def __init__(self, location: Location, via: Sequence[Location] = (), unknown: str | None = None) -> None:
        self.location = location
        self.via = tuple(via)
        self.unknown = unknown  # the reason why the text stands for a value nobody can know before run time


class SourceFile:
    """One file as read: its path relative to the root, its text, and whether git tracks it.

    ``tracked`` is None where nobody can tell (no git repository). ``referred`` marks a file that git ignores and that is
    read only because another file refers to it: its values count, it is never committed and never the primary place.
    """

    __slots__ = ("_starts", "byte_order_mark", "path", "referred", "text", "tracked")

    def __init__(self, path: str, text: str, tracked: bool | None = None, referred: bool = False) -> None:
        self.path = path
        self.byte_order_mark = text[:1] == "\ufeff"
        self.text = text[1:] if self.byte_order_mark else text
        self.tracked = tracked
        self.referred = referred
        self._starts: list[int] | None = None

    def starts(self) -> list[int]:
        """Offsets of the line starts; lines end with ``\\n``, ``\\r\\n`` or a lone ``\\r`` and nothing else."""
        if self._starts is None:
            starts = [0]
            text = self.text
            find = text.find
            if "\r" in text:
                for index, char in enumerate(text):
                    if char == "\n" or (char == "\r" and text[index + 1 : index + 2] != "\n"):
                        starts.append(index + 1)
            else:
                at = find("\n")
                while at >= 0:
                    starts.append(at + 1)
                    at = find("\n", at + 1)
            self._starts = starts
        return self._starts

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset."""
        starts = self.starts()
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    def span(self, start: int, end: int) -> Span:
        line, column = self.position(start)
        end_line, end_column = self.position(end)
        return Span(line, column, end_line, end_column)

    def location(self, start: int, end: int) -> Location:
        return Location(self.path, self.span(start, end))

    def origin(self, start: int, end: int) -> Origin:
        """Where the text between two offsets came from; files on disk are their own origin, rendered text overrides it."""
        return Origin(self.location(start, end))

    def line_text(self, line: int) -> str:
        """The text of a line without its line end; empty past the last line."""
        starts = self.starts()
        if not 1 <= line <= len(starts):
            return ""
        end = starts[line] if line < len(starts) else len(self.text)
        return self.text[starts[line - 1] : end].rstrip("\r\n")

    def __repr__(self) -> str:
        return f"SourceFile({self.path})"
