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
