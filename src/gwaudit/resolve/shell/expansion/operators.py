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


class Expansion:
    """One ``${name[index]operator word}``: the inside starts at ``start``, its word is the script's ``at``..``end``."""

    __slots__ = ("at", "end", "index", "name", "operator", "quoted", "start")

    def __init__(
        self, name: str, index: str | None, operator: str, at: int, end: int, quoted: bool, start: int
    ) -> None:
        self.name = name
        self.index = index
        self.operator = operator
        self.at = at
        self.end = end
        self.quoted = quoted
        self.start = start


def apply(shell: Interpreter, state: State, form: Expansion) -> list[Segment]:
    """The segments of ``${name operator word}``."""
    listed = list_of(shell, state, form.name, form.index)
    if listed is not None:
        return list_operator(shell, state, form, listed)
    variable = read(shell, state, form.name, form.index, form.start, form.end)
    if form.operator.lstrip(":") in ("-", "=", "?", "+"):
        return default_operator(shell, state, form, variable)
    return text_operator(shell, state, form, set_or_empty(shell, state, form.name, variable, form.start, form.end))


def list_operator(shell: Interpreter, state: State, form: Expansion, listed: tuple[Field, ...]) -> list[Segment]:
    """An operator on ``@``, ``*`` or a whole array."""
    if form.operator == ":":
        return list_slice(shell, state, listed, form.at, form.end, form.quoted)
    if form.operator.lstrip(":") in ("-", "+", "?", "="):
        some = bool(listed) and not all(f.optional for f in listed)
        surely = some if some or not listed else None
        if form.operator.endswith("+"):
            return word_of(shell, state, form) if surely else []
        return (
            value_segments(shell, state, form.name, form.index, form.quoted, form.start, form.end)
            if surely
            else word_of(shell, state, form)
        )
    why = Unknown(f"an operator on all of {form.name} is not followed")
    return [Segment(Text([why], Source("script")), not form.quoted)]


def default_operator(shell: Interpreter, state: State, form: Expansion, variable: Variable) -> list[Segment]:
    """``-``, ``=``, ``?`` and ``+``, with a colon where an empty text counts as unset."""
    place = shell.place(form.start - 2, form.end + 1)
    plain = form.operator.lstrip(":")
    present: bool | None = variable.state
    if form.operator[0] == ":" and present is not False:
        filled = variable.text.filled()
        present = filled if present else (False if filled is False else None)
    if plain == "+":
        if present is False:
            return [Segment(Text((), Source("script"), variable.text.inputs), not form.quoted)]
        word = word_of(shell, state, form)
        if present:
            return word
        joined = join_texts(
            whole(shell, form.at, form.end, word), Text((), Source("script")), *why_of(form.name, variable.text)
        )
        return [Segment(with_inputs(joined, variable.text), not form.quoted)]
    if present:
        return [Segment(variable.text, not form.quoted)]
    if plain == "?":
        if present is False:
            shell.session.problem(place, f"{form.name} is not set, and the script ends without it")
        unknown = Filled(f"{form.name} must be set from outside", (f"env.{form.name}",))
        kept = variable.text if variable.state is not False and variable.text.pieces else None
        found = kept or Text([unknown], Source("script", None, place), variable.text.inputs)
        return [Segment(found, not form.quoted)]
    word = word_of(shell, state, form)
    default = with_inputs(whole(shell, form.at, form.end, word), variable.text)
    if plain == "=":
        if present is None:
            default = join_texts(variable.text, default, *why_of(form.name, variable.text))
        state.assign(form.name, default)
        return [Segment(default, not form.quoted)]
    if present is None:
        return [Segment(join_texts(variable.text, default, *why_of(form.name, variable.text)), not form.quoted)]
    if len(word) == 1:
        return [Segment(default, word[0].split)]
    return [*word, Segment(Text((), Source("script"), variable.text.inputs), True)]


def text_operator(shell: Interpreter, state: State, form: Expansion, value: Text) -> list[Segment]:
    """Trims, replacements, letter case and substrings."""
    if form.operator in ("#", "##", "%", "%%"):
        wanted = pattern_at(shell, state, form.at, form.end)
        if wanted is None:
            return [Segment(opaque(value, "a pattern that is not known"), not form.quoted)]
        trimmed = value.mapped(
            lambda t: patterns.trim(t, wanted, form.operator[0] == "#", len(form.operator) == 2),
            "a pattern on an unknown text",
        )
        return [Segment(trimmed, not form.quoted)]
    if form.operator in ("/", "//", "/#", "/%"):
        return [Segment(replaced(shell, state, form, value), not form.quoted)]
    if form.operator in ("^", "^^", ",", ",,"):
        change = str.upper if form.operator[0] == "^" else str.lower
        single = len(form.operator) == 1
        cased = value.mapped(lambda t: change(t[:1]) + t[1:] if single else change(t), "the case of an unknown text")
        return [Segment(cased, not form.quoted)]
    if form.operator == ":":
        return [Segment(substring(shell, state, value, form.at, form.end), not form.quoted)]
    kind = shell.script.text[form.at : form.end]
    if kind in ("U", "L", "u"):
        changes = {"U": str.upper, "L": str.lower, "u": lambda t: t[:1].upper() + t[1:]}
        return [Segment(value.mapped(changes[kind], "the case of an unknown text"), not form.quoted)]
    return [Segment(opaque(value, "an expansion that is not followed"), not form.quoted)]


def why_of(name: str, text: Text) -> tuple[str, tuple[str, ...]]:
    """Why nobody knows what a variable holds, and what that depends on."""
    value = text.value()
    if isinstance(value, Unknown):
        return value.reason, value.depends_on or (f"env.{name}",)
    return f"{name} may be set at run time", (f"env.{name}",)


def with_inputs(text: Text, other: Text) -> Text:
    """The text, made from the facts of both."""
    return Text(text.pieces, text.source, tuple(dict.fromkeys((*text.inputs, *other.inputs))))


def word_of(shell: Interpreter, state: State, form: Expansion) -> list[Segment]:
    """The word of an operator; unquoted parts are split only where the whole expansion is unquoted."""
    saved, shell.in_brace = shell.in_brace, True
    found = segments(shell, state, form.at, form.end, form.quoted)
    shell.in_brace = saved
    if not form.quoted:
        for segment in found:
            if segment.literal and shell.script.text[form.at : form.at + 1] not in ("'", '"'):
                segment.split = True
    return found


def replaced(shell: Interpreter, state: State, form: Expansion, value: Text) -> Text:
    """``/pattern/text``: the first, every (``//``) or an anchored match in its place."""
    middle = shell.parser.word_end(form.at, frozenset("/"), groups=False)
    middle = min(middle, form.end)
    wanted = pattern_at(shell, state, form.at, middle)
    new = (
        whole(shell, middle + 1, form.end, segments(shell, state, middle + 1, form.end)) if middle < form.end else None
    )
    text = "" if new is None else new.known
    if wanted is None or text is None:
        return opaque(value, "a replacement that is not known")
    every, anchor = form.operator == "//", form.operator[1:] if form.operator in ("/#", "/%") else ""
    return value.mapped(lambda t: patterns.replace(t, wanted, text, every, anchor), "a replacement in an unknown text")
