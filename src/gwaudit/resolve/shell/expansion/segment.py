"""The stretches of a word while it is expanded, and the one text that they make."""

from __future__ import annotations

from gwaudit.resolve.fact import Source, Unknown
from gwaudit.resolve.shell.text import Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gwaudit.resolve.shell.interpreter import Interpreter
    from gwaudit.resolve.shell.variable import Field


class Segment:
    """A stretch of a word: one text, or (``fields``) the several words of ``"$@"``; ``split`` where it is unquoted."""

    __slots__ = ("fields", "literal", "split", "text")

    def __init__(self, text: Text, split: bool, literal: bool = False, fields: tuple[Field, ...] | None = None) -> None:
        self.text = text
        self.split = split
        self.literal = literal
        self.fields = fields


def whole(shell: Interpreter, start: int, end: int, parts: Iterable[Segment], step: bool = True) -> Text:
    """Segments as one text; its source is that of the first part that is not written here."""
    pieces: list[str | Unknown] = []
    inputs: dict[object, None] = {}
    source: Source | None = None
    parts = list(parts)
    for segment in parts:
        if segment.fields is not None:
            for number, field in enumerate(segment.fields):
                if number:
                    pieces.append(" ")
                if field.optional:
                    pieces.append(Unknown(field.optional))
                else:
                    pieces.extend(field.text.pieces)
                source = source or field.text.source
                inputs.update(dict.fromkeys(field.text.inputs))
            continue
        pieces.extend(segment.text.pieces)
        if not segment.literal:
            inputs.update(dict.fromkeys(segment.text.inputs))
            if (source is None or source.location is None) and segment.text.source.location is not None:
                source = segment.text.source
    raw = shell.script.text[start:end]
    if source is None:
        source = Source("script", raw, shell.place(start, end))
        return Text(pieces, source, inputs)  # type: ignore[arg-type]
    found = Text(pieces, source, inputs)  # type: ignore[arg-type]
    return found.step(shell.place(start, end), "") if step else found
