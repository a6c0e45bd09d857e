"""Field splitting: unquoted expansions become as many words as they have, ``"$@"`` one word a parameter."""

from __future__ import annotations

import re

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.shell.expansion.segment import Segment, whole
from gwaudit.resolve.shell.join import join_fields
from gwaudit.resolve.shell.text import Filled, Text
from gwaudit.resolve.shell.variable import Field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.shell.syntax import Raw
    from gwaudit.resolve.shell.interpreter import Interpreter

MAX_ALTERNATIVES = 8


def assemble(shell: Interpreter, raw: Raw, parts: list[Segment]) -> list[Field]:
    """Segments as words: unquoted expansions are split, ``"$@"`` gives one word a parameter."""
    words: list[Field] = []
    current: list[Segment] = []
    present = False

    def close(many: bool = False) -> None:
        nonlocal present
        if present:
            found = whole(shell, raw.start, raw.end, current)
            optional = None
            lone = current[0] if len(current) == 1 else None
            if lone is not None and lone.split and many:
                value = found.value()
                optional = value.reason if isinstance(value, Unknown) else None
            words.append(Field(found, optional, optional is not None))
        current.clear()
        present = False

    for segment in parts:
        if segment.fields is not None:
            listed = segment.fields
            shell.spend(5 * len(listed))
            for number, field in enumerate(listed):
                if number:
                    close()
                if field.optional or field.many:
                    close()
                    words.append(field)
                else:
                    current.append(Segment(field.text, False))
                    present = True
            continue
        if not segment.split:
            current.append(segment)
            present = True
            continue
        spread = split(segment.text)
        if not spread[1]:
            if spread[0]:
                close()
            continue
        leading, listed, trailing = spread
        shell.spend(5 * len(listed))
        if leading:
            close()
        for number, field in enumerate(listed):
            if number:
                close()
            if field.optional and not field.many:
                close()
                found = Field(field.text.step(shell.place(raw.start, raw.end), ""), field.optional)
                words.append(found)
            elif field.many and not current:
                current.append(Segment(field.text, True))
                present = True
                if segment is parts[-1] or number < len(listed) - 1:
                    close(many=True)
            else:
                current.append(Segment(field.text, False))
                present = True
        if trailing:
            close()
    close()
    return words


def split(value: Text) -> tuple[bool, tuple[Field, ...], bool]:
    """Split on blanks: whether it starts with one, the words, whether it ends with one."""
    known = value.known
    if known is not None:
        listed = known.split()
        found = tuple(Field(Text((word,), value.source, value.inputs)) for word in listed)
        return known[:1].isspace(), found, known[-1:].isspace()
    spread: list[list[str | Unknown]] = [[]]
    for piece in value.pieces:
        if isinstance(piece, Unknown) and piece.choices and len(spread) * len(piece.choices) <= MAX_ALTERNATIVES:
            if all(choice and not any(c.isspace() for c in str(choice)) for choice in piece.choices):
                for one in spread:
                    one.append(piece)
            else:
                spread = [[*one, str(choice)] for one in spread for choice in piece.choices]
        else:
            for one in spread:
                one.append(piece)
    listed_all = [_split_pieces(one, value) for one in spread]
    found = listed_all[0]
    unknown = value.value()
    reason = unknown.reason if isinstance(unknown, Unknown) else ""
    depends = unknown.depends_on if isinstance(unknown, Unknown) else ()
    for other in listed_all[1:]:
        found = join_fields(found, other, reason, depends)
    first, last = value.pieces[0], value.pieces[-1]
    leading = isinstance(first, str) and first[:1].isspace()
    return leading, found, isinstance(last, str) and last[-1:].isspace()


def _split_pieces(pieces: list[str | Unknown], value: Text) -> tuple[Field, ...]:
    words: list[list[str | Unknown]] = []
    fresh = True
    for piece in pieces:
        if isinstance(piece, Unknown):
            if fresh:
                words.append([])
            words[-1].append(piece)
            fresh = False
            continue
        parts = re.split(r"[ \t\n]+", piece)
        for number, part in enumerate(parts):
            if number:
                fresh = True
            if part:
                if fresh:
                    words.append([])
                words[-1].append(part)
                fresh = False
    found = []
    for word in words:
        lone = word[0] if len(word) == 1 else None
        many = isinstance(lone, Unknown) and not isinstance(lone, Filled) and lone.low is None and not lone.choices
        found.append(Field(Text(word, value.source, value.inputs), None, many))
    return tuple(found)
