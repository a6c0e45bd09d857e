"""Parts of values: lengths, substrings, slices of lists, and a variable that is named by another one."""

from __future__ import annotations

from gwaudit.pattern import regex
from gwaudit.resolve.fact import Source, Unknown
from gwaudit.resolve.shell.expansion.lookup import list_of, read
from gwaudit.resolve.shell.expansion.segment import Segment
from gwaudit.resolve.shell.expansion.special import number
from gwaudit.resolve.shell.text import Filled, Text
from gwaudit.resolve.shell.variable import Field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.shell.interpreter import Interpreter
    from gwaudit.resolve.shell.state import State

_MEASURED = regex(r"([A-Za-z_][A-Za-z0-9_]*|[@*0-9])(\[[@*]\])?$")


def length(shell: Interpreter, state: State, inside: str) -> Text:
    """``${#name}``: characters of a text, words of a list."""
    match = _MEASURED.match(inside)
    source = Source("script")
    if match is None:
        return Text([Unknown("a length that is not understood")], source)
    listed = list_of(shell, state, match.group(1), match.group(2)[1:-1] if match.group(2) else None)
    if listed is not None:
        sure = sum(1 for f in listed if not f.optional and not f.many)
        if sure == len(listed):
            return Text((str(sure),), source)
        high = None if any(f.many for f in listed) else len(listed)
        return Text([Filled(next(f.optional for f in listed if f.optional) or "", (), sure, high)], source)
    variable = read(shell, state, match.group(1), None, 0, 0)
    if variable.state is False:
        return Text(("0",), source)
    return variable.text.mapped(lambda t: str(len(t)), "the length of an unknown text")


def indirect(shell: Interpreter, state: State, inside: str) -> Text:
    """``${!name}``."""
    name = state.lookup(inside).text.known if inside.isidentifier() else None
    if name is not None and name.isidentifier():
        return read(shell, state, name, None, 0, 0).text
    return Text([Unknown("a variable named by another one")], Source("script"))


def list_slice(
    shell: Interpreter, state: State, listed: tuple[Field, ...], at: int, end: int, quoted: bool
) -> list[Segment]:
    bounds = slice_bounds(shell, state, at, end)
    if bounds is None or any(f.optional or f.many for f in listed):
        why = "a part of an unknown list"
        field = Field(Text([Unknown(why)], Source("script")), why, True)
        return [Segment(field.text, False, fields=(field,))]
    offset, count = bounds
    if shell.script.text[at - 2 : at - 1] in "@*":
        offset = max(offset - 1, 0) if offset > 0 else offset  # positional parameters count from 1
    chosen = listed[offset:] if count is None else listed[offset : offset + count]
    if not quoted:
        return [Segment(f.text, True) for f in chosen]
    return [Segment(Text((), Source("script")), False, fields=tuple(chosen))]


def slice_bounds(shell: Interpreter, state: State, at: int, end: int) -> tuple[int, int | None] | None:
    """Offset and length (None: to the end); None where they are not known."""
    parts = shell.script.text[at:end].split(":")
    numbers = [number(state, part) for part in parts]
    if not 1 <= len(numbers) <= 2 or any(one is None for one in numbers):
        return None
    return numbers[0] or 0, numbers[1] if len(numbers) == 2 else None


def substring(shell: Interpreter, state: State, value: Text, at: int, end: int) -> Text:
    """``${name:offset:length}``, counted from the end where negative."""
    bounds = slice_bounds(shell, state, at, end)
    if bounds is None:
        return opaque(value, "a substring whose bounds are unknown")
    offset, count = bounds

    def cut(text: str) -> str:
        start = offset if offset >= 0 else max(len(text) + offset, 0)
        if count is None:
            return text[start:]
        return text[start : start + count] if count >= 0 else text[start:count]

    return value.mapped(cut, "a substring of an unknown text")


def opaque(value: Text, reason: str) -> Text:
    """An unknown text in place of ``value``: for its own reason, or for this one where it is known."""
    unknown = value.value()
    if isinstance(unknown, Unknown):
        return Text([Unknown(unknown.reason, unknown.depends_on)], value.source, value.inputs)
    return Text([Unknown(reason)], value.source, value.inputs)
