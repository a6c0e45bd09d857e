"""Parameter expansion: ``$X``, ``${X:-word}`` and every other operator, on variables that may be unknown or unset."""

from __future__ import annotations

import re

from gwaudit.pattern import regex
from gwaudit.resolve.fact import Source, Unknown
from gwaudit.resolve.shell import pattern as patterns
from gwaudit.resolve.shell.text import Filled, Text, join_texts
from gwaudit.resolve.shell.variable import Field, Variable, as_items

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.shell.expand import Segment
    from gwaudit.resolve.shell.interpreter import Interpreter
    from gwaudit.resolve.shell.state import State

_NAME = regex(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-]")
_OPERATOR = regex(r":-|:=|:\+|:\?|-|=|\+|\?|##|#|%%|%|//|/#|/%|/|\^\^|\^|,,|,|:|@")


def parameter(shell: Interpreter, state: State, at: int, end: int, quoted: bool, simple: bool = False) -> list[Segment]:
    """The segments of the expansion whose inside is the script's text ``at``..``end``."""
    from gwaudit.resolve.shell.expand import Segment

    script = shell.script.text
    place = shell.place(at - (1 if simple else 2), end + (0 if simple else 1))
    inside = script[at:end]
    if simple:
        return value_segments(shell, state, inside, None, quoted, at, end)
    if len(inside) > 1 and inside[0] == "#" and inside[1] not in "#%:-=+?":
        return [Segment(length(shell, state, inside[1:], place), not quoted)]
    if inside[:1] == "!" and len(inside) > 1:
        return [Segment(indirect(shell, state, inside[1:], place), not quoted)]
    match = _NAME.match(script, at, end)
    if match is None:
        return [
            Segment(Text([Unknown("an expansion that is not understood")], Source("script", None, place)), not quoted)
        ]
    name, cursor = match.group(), match.end()
    index: str | None = None
    if script[cursor : cursor + 1] == "[":
        close = shell.parser.word_end(cursor + 1, frozenset("]"), groups=False)
        index = script[cursor + 1 : close]
        cursor = close + 1
    operator = _OPERATOR.match(script, cursor, end)
    if cursor >= end:
        return value_segments(shell, state, name, index, quoted, at, end)
    if operator is None:
        return [
            Segment(Text([Unknown("an expansion that is not understood")], Source("script", None, place)), not quoted)
        ]
    return apply(shell, state, name, index, operator.group(), operator.end(), end, quoted, at)


def value_segments(
    shell: Interpreter, state: State, name: str, index: str | None, quoted: bool, at: int, end: int
) -> list[Segment]:
    """``$name`` without an operator."""
    from gwaudit.resolve.shell.expand import Segment

    listed = list_of(shell, state, name, index)
    if listed is not None:
        if name == "*" or index == "*":
            from gwaudit.resolve.shell.expand import whole

            if quoted:
                return [
                    Segment(whole(shell, at, end, [Segment(Text((), Source("script")), False, fields=listed)]), False)
                ]
        if not quoted:
            spread: list[Segment] = []
            for field in listed:
                if spread:
                    spread.append(Segment(Text((" ",), Source("script")), True))
                if field.optional or field.many:
                    spread.append(Segment(field.text, False, fields=(field,)))
                else:
                    spread.append(Segment(field.text, True))
            return spread
        return [Segment(Text((), Source("script")), False, fields=listed)]
    variable = read(shell, state, name, index, at, end)
    return [Segment(set_or_empty(shell, state, name, variable, at, end), not quoted)]


def list_of(shell: Interpreter, state: State, name: str, index: str | None) -> tuple[Field, ...] | None:
    """The words of ``@``, ``*`` and ``array[@]``; None for a plain variable."""
    if name in ("@", "*"):
        return state.args
    if index in ("@", "*"):
        return as_items(state.lookup(name))
    return None


def read(shell: Interpreter, state: State, name: str, index: str | None, at: int, end: int) -> Variable:
    """The variable, its text one step further on its way; look-ups of the environment are noted."""
    special = shell.special(state, name)
    if special is not None:
        return special
    variable = state.lookup(name)
    if name not in state.variables:
        shell.session.read(name, shell.place(at, end))
    if variable.items is not None:
        if index is None:
            index = "0"
        number = shell.number(state, index)
        if number is None or any(f.optional or f.many for f in variable.items):
            return Variable(Text([Unknown("an array element that is not known")], Source("script")), None)
        if -len(variable.items) <= number < len(variable.items):
            return Variable(variable.items[number].text)
        return Variable(Text((), Source("script")), False)
    if index not in (None, "0"):
        return Variable(Text((), Source("script")), False)
    return Variable(variable.text.step(shell.place(at, end), f"reads {name}"), variable.state, variable.exported)


def set_or_empty(shell: Interpreter, state: State, name: str, variable: Variable, at: int, end: int) -> Text:
    if variable.state is True:
        return variable.text
    if variable.state is None:
        value = variable.text.value()
        if variable.text.known is None and isinstance(value, Unknown) and not value.choices:
            return variable.text
        reason = value.reason if isinstance(value, Unknown) else f"{name} is set only in a branch decided at run time"
        depends = value.depends_on if isinstance(value, Unknown) else (f"env.{name}",)
        empty = Text((), variable.text.source, variable.text.inputs)
        return variable.text if state.nounset else join_texts(variable.text, empty, reason, depends)
    if state.nounset and name not in "@*":
        location = shell.place(at, end)
        shell.session.problem(location, f"{name} is not set, and set -u ends the script here")
        unknown = Unknown(f"{name} must be set from outside (set -u)", (f"env.{name}",))
        return Text([unknown], Source("script", None, location), variable.text.inputs)
    if state.env.starter is not None and any(fact.assumed for fact in variable.text.inputs):
        unknown = Unknown(f"{name}: {state.env.starter}", (f"env.{name}",))
        return Text([unknown], Source("script", None, shell.place(at, end)), variable.text.inputs)
    return Text((), Source("script"), variable.text.inputs)


def apply(
    shell: Interpreter,
    state: State,
    name: str,
    index: str | None,
    operator: str,
    at: int,
    end: int,
    quoted: bool,
    start: int,
) -> list[Segment]:
    """``${name operator word}``."""
    from gwaudit.resolve.shell.expand import Segment, whole

    listed = list_of(shell, state, name, index)
    if listed is not None:
        if operator == ":":
            return list_slice(shell, state, listed, at, end, quoted)
        if operator.lstrip(":") in ("-", "+", "?", "=") and operator.lstrip(":"):
            some = bool(listed) and not all(f.optional for f in listed)
            surely = some if some or not listed else None
            if operator.endswith("+"):
                return word_of(shell, state, at, end, quoted) if surely else []
            return (
                value_segments(shell, state, name, index, quoted, start, end)
                if surely
                else word_of(shell, state, at, end, quoted)
            )
        why = Unknown(f"an operator on all of {name} is not followed")
        return [Segment(Text([why], Source("script")), not quoted)]
    variable = read(shell, state, name, index, start, end)
    place = shell.place(start - 2, end + 1)
    plain = operator.lstrip(":")
    if plain in ("-", "=", "?", "+") and plain:
        present: bool | None = variable.state
        if operator[0] == ":" and present is not False:
            filled = variable.text.filled()
            present = filled if present else (False if filled is False else None)
        if plain == "+":
            if present is False:
                return [Segment(Text((), Source("script"), variable.text.inputs), not quoted)]
            word = word_of(shell, state, at, end, quoted)
            if present:
                return word
            joined = join_texts(whole(shell, at, end, word), Text((), Source("script")), *why_of(name, variable.text))
            return [Segment(with_inputs(joined, variable.text), not quoted)]
        if present:
            return [Segment(variable.text, not quoted)]
        if plain == "?":
            if present is False:
                shell.session.problem(place, f"{name} is not set, and the script ends without it")
            unknown = Filled(f"{name} must be set from outside", (f"env.{name}",))
            kept = variable.text if variable.state is not False and variable.text.pieces else None
            found = kept or Text([unknown], Source("script", None, place), variable.text.inputs)
            return [Segment(found, not quoted)]
        word = word_of(shell, state, at, end, quoted)
        default = with_inputs(whole(shell, at, end, word), variable.text)
        if plain == "=":
            if present is None:
                default = join_texts(variable.text, default, *why_of(name, variable.text))
            state.assign(name, default)
            return [Segment(default, not quoted)]
        if present is None:
            return [Segment(join_texts(variable.text, default, *why_of(name, variable.text)), not quoted)]
        if len(word) == 1:
            return [Segment(default, word[0].split)]
        return [*word, Segment(Text((), Source("script"), variable.text.inputs), True)]
    value = set_or_empty(shell, state, name, variable, start, end)
    if operator in ("#", "##", "%", "%%"):
        from gwaudit.resolve.shell.expand import pattern_at

        wanted = pattern_at(shell, state, at, end)
        if wanted is None:
            return [Segment(opaque(value, "a pattern that is not known"), not quoted)]
        trimmed = value.mapped(
            lambda t: patterns.trim(t, wanted, operator[0] == "#", len(operator) == 2), "a pattern on an unknown text"
        )
        return [Segment(trimmed, not quoted)]
    if operator in ("/", "//", "/#", "/%"):
        return [Segment(replaced(shell, state, value, operator, at, end), not quoted)]
    if operator in ("^", "^^", ",", ",,"):
        change = str.upper if operator[0] == "^" else str.lower
        single = len(operator) == 1
        cased = value.mapped(lambda t: change(t[:1]) + t[1:] if single else change(t), "the case of an unknown text")
        return [Segment(cased, not quoted)]
    if operator == ":":
        return [Segment(substring(shell, state, value, at, end), not quoted)]
    kind = shell.script.text[at:end]
    if kind in ("U", "L", "u"):
        changes = {"U": str.upper, "L": str.lower, "u": lambda t: t[:1].upper() + t[1:]}
        return [Segment(value.mapped(changes[kind], "the case of an unknown text"), not quoted)]
    return [Segment(opaque(value, "an expansion that is not followed"), not quoted)]


def why_of(name: str, text: Text) -> tuple[str, tuple[str, ...]]:
    value = text.value()
    if isinstance(value, Unknown):
        return value.reason, value.depends_on or (f"env.{name}",)
    return f"{name} may be set at run time", (f"env.{name}",)


def with_inputs(text: Text, other: Text) -> Text:
    return Text(text.pieces, text.source, tuple(dict.fromkeys((*text.inputs, *other.inputs))))


def word_of(shell: Interpreter, state: State, at: int, end: int, quoted: bool) -> list[Segment]:
    """The word of an operator; unquoted parts are split only where the whole expansion is unquoted."""
    from gwaudit.resolve.shell.expand import segments

    saved, shell.in_brace = shell.in_brace, True
    found = segments(shell, state, at, end, quoted)
    shell.in_brace = saved
    if not quoted:
        for segment in found:
            if segment.literal and shell.script.text[at : at + 1] not in ("'", '"'):
                segment.split = True
    return found


def opaque(value: Text, reason: str) -> Text:
    unknown = value.value()
    if isinstance(unknown, Unknown):
        return Text([Unknown(unknown.reason, unknown.depends_on)], value.source, value.inputs)
    return Text([Unknown(reason)], value.source, value.inputs)


def length(shell: Interpreter, state: State, inside: str, place: object) -> Text:
    match = re.compile(r"([A-Za-z_][A-Za-z0-9_]*|[@*0-9])(\[[@*]\])?$").match(inside)
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


def indirect(shell: Interpreter, state: State, inside: str, place: object) -> Text:
    name = state.lookup(inside).text.known if inside.isidentifier() else None
    if name is not None and name.isidentifier():
        return read(shell, state, name, None, 0, 0).text
    return Text([Unknown("a variable named by another one")], Source("script"))


def list_slice(
    shell: Interpreter, state: State, listed: tuple[Field, ...], at: int, end: int, quoted: bool
) -> list[Segment]:
    from gwaudit.resolve.shell.expand import Segment

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
    parts = shell.script.text[at:end].split(":")
    numbers = [shell.number(state, part) for part in parts]
    if not 1 <= len(numbers) <= 2 or any(number is None for number in numbers):
        return None
    return numbers[0] or 0, numbers[1] if len(numbers) == 2 else None


def substring(shell: Interpreter, state: State, value: Text, at: int, end: int) -> Text:
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


def replaced(shell: Interpreter, state: State, value: Text, operator: str, at: int, end: int) -> Text:
    from gwaudit.resolve.shell.expand import pattern_at, segments, whole

    middle = shell.parser.word_end(at, frozenset("/"), groups=False)
    middle = min(middle, end)
    wanted = pattern_at(shell, state, at, middle)
    new = whole(shell, middle + 1, end, segments(shell, state, middle + 1, end)) if middle < end else None
    text = "" if new is None else new.known
    if wanted is None or text is None:
        return opaque(value, "a replacement that is not known")
    every, anchor = operator == "//", operator[1:] if operator in ("/#", "/%") else ""
    return value.mapped(lambda t: patterns.replace(t, wanted, text, every, anchor), "a replacement in an unknown text")
