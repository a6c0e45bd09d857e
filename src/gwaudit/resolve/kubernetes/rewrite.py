"""Scalars with a new text at an old place: what a substitution, a prefix or a generator makes of a value."""

from __future__ import annotations

from gwaudit.parse.document import Scalar
from gwaudit.source import Origin, SourceFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.source import Location


class FixedOrigin(SourceFile):
    """A file without text whose every place is one origin."""

    __slots__ = ("_origin",)

    def __init__(self, origin: Origin) -> None:
        super().__init__(origin.location.path, "")
        self._origin = origin

    def origin(self, start: int, end: int) -> Origin:
        return self._origin


def scalar_from(text: str, origin: Origin, style: str = "double") -> Scalar:
    """A scalar of ``text`` that came from ``origin``; quoted, so that its text is taken literally."""
    return Scalar(FixedOrigin(origin), 0, 0, text, style)


def scalar_at(text: str, location: Location, style: str = "double", unknown: str | None = None) -> Scalar:
    """A scalar of ``text`` edited at ``location``; ``unknown`` is the reason why its text is only a placeholder."""
    return scalar_from(text, Origin(location, (), unknown), style)


class EmbeddedFile(SourceFile):
    """The text of a scalar as a file of its own (a patch or a configuration file inside a manifest).

    Places are those of the file that holds the scalar: exact to the column in a block scalar, the scalar's own place in any
    other style, where escapes and folding move the text.
    """

    __slots__ = ("_base", "_holder", "_indent")

    def __init__(self, holder: Scalar) -> None:
        super().__init__(holder.file.path, holder.text, holder.file.tracked, holder.file.referred)
        self._holder = holder
        self._base = -1
        self._indent = 0
        if holder.style == "literal" and holder.file.text:
            lines = holder.file.text
            first = lines.find("\n", holder.start)
            if 0 <= first < holder.end:
                self._base = first + 1
                line = next((each for each in lines[first + 1 : holder.end].split("\n") if each.strip()), "")
                self._indent = len(line) - len(line.lstrip(" "))
                own = next((each for each in holder.text.split("\n") if each.strip()), "")
                self._indent -= len(own) - len(own.lstrip(" "))

    def outer(self, offset: int) -> int:
        """The offset in the holding file; the start of the scalar where the style does not tell."""
        if self._base < 0:
            return self._holder.start
        line, column = super().position(offset)
        text, at = self._holder.file.text, self._base
        for _ in range(line - 1):
            following = text.find("\n", at, self._holder.end)
            if following < 0:
                break
            at = following + 1
        end = text.find("\n", at)
        return min(at + self._indent + column - 1, end if end >= 0 else len(text))

    def position(self, offset: int) -> tuple[int, int]:
        return self._holder.file.position(self.outer(offset))

    def origin(self, start: int, end: int) -> Origin:
        if self._base < 0:
            return self._holder.origin
        return self._holder.file.origin(self.outer(start), self.outer(end))

    def line_text(self, line: int) -> str:
        return self._holder.file.line_text(line)
