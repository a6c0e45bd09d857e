"""``${name operator word}``: defaults and alternatives, trims, replacements, letter case, on texts that may be unknown."""

from __future__ import annotations

from gwaudit.resolve.fact import Source, Unknown
from gwaudit.resolve.shell import pattern as patterns
from gwaudit.resolve.shell.expansion.expand import pattern_at, segments
from gwaudit.resolve.shell.expansion.lookup import list_of, read, set_or_empty, value_segments
from gwaudit.resolve.shell.expansion.segment import Segment, whole
from gwaudit.resolve.shell.expansion.slices import list_slice, opaque, substring
from gwaudit.resolve.shell.text import Filled, Text, join_texts
from gwaudit.resolve.shell.variable import Field, Variable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.shell.interpreter import Interpreter
    from gwaudit.resolve.shell.state import State


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
    listed = list_of(shell, state, name, index)
    if listed is not None:
        return list_operator(shell, state, name, index, listed, operator, at, end, quoted, start)
    variable = read(shell, state, name, index, start, end)
    if operator.lstrip(":") in ("-", "=", "?", "+"):
        return default_operator(shell, state, name, variable, operator, at, end, quoted, start)
    value = set_or_empty(shell, state, name, variable, start, end)
    return text_operator(shell, state, value, operator, at, end, quoted)


def list_operator(
    shell: Interpreter,
    state: State,
    name: str,
    index: str | None,
    listed: tuple[Field, ...],
    operator: str,
    at: int,
    end: int,
    quoted: bool,
    start: int,
) -> list[Segment]:
    """An operator on ``@``, ``*`` or a whole array."""
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


def default_operator(
    shell: Interpreter,
    state: State,
    name: str,
    variable: Variable,
    operator: str,
    at: int,
    end: int,
    quoted: bool,
    start: int,
) -> list[Segment]:
    """``-``, ``=``, ``?`` and ``+``, with a colon where an empty text counts as unset."""
    place = shell.place(start - 2, end + 1)
    plain = operator.lstrip(":")
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


def text_operator(
    shell: Interpreter, state: State, value: Text, operator: str, at: int, end: int, quoted: bool
) -> list[Segment]:
    """Trims, replacements, letter case and substrings."""
    if operator in ("#", "##", "%", "%%"):
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
    """Why nobody knows what a variable holds, and what that depends on."""
    value = text.value()
    if isinstance(value, Unknown):
        return value.reason, value.depends_on or (f"env.{name}",)
    return f"{name} may be set at run time", (f"env.{name}",)


def with_inputs(text: Text, other: Text) -> Text:
    """The text, made from the facts of both."""
    return Text(text.pieces, text.source, tuple(dict.fromkeys((*text.inputs, *other.inputs))))


def word_of(shell: Interpreter, state: State, at: int, end: int, quoted: bool) -> list[Segment]:
    """The word of an operator; unquoted parts are split only where the whole expansion is unquoted."""
    saved, shell.in_brace = shell.in_brace, True
    found = segments(shell, state, at, end, quoted)
    shell.in_brace = saved
    if not quoted:
        for segment in found:
            if segment.literal and shell.script.text[at : at + 1] not in ("'", '"'):
                segment.split = True
    return found


def replaced(shell: Interpreter, state: State, value: Text, operator: str, at: int, end: int) -> Text:
    """``/pattern/text``: the first, every (``//``) or an anchored match in its place."""
    middle = shell.parser.word_end(at, frozenset("/"), groups=False)
    middle = min(middle, end)
    wanted = pattern_at(shell, state, at, middle)
    new = whole(shell, middle + 1, end, segments(shell, state, middle + 1, end)) if middle < end else None
    text = "" if new is None else new.known
    if wanted is None or text is None:
        return opaque(value, "a replacement that is not known")
    every, anchor = operator == "//", operator[1:] if operator in ("/#", "/%") else ""
    return value.mapped(lambda t: patterns.replace(t, wanted, text, every, anchor), "a replacement in an unknown text")
