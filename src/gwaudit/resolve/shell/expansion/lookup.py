"""What a name holds: the words of a list, a variable that may be unset, and the segments they become."""

from __future__ import annotations

from gwaudit.resolve.fact import Source, Unknown
from gwaudit.resolve.shell.expansion.segment import Segment, whole
from gwaudit.resolve.shell.expansion.special import number as number_in
from gwaudit.resolve.shell.expansion.special import special
from gwaudit.resolve.shell.text import Text, join_texts
from gwaudit.resolve.shell.variable import Field, Variable, as_items

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.shell.interpreter import Interpreter
    from gwaudit.resolve.shell.state import State


def value_segments(
    shell: Interpreter, state: State, name: str, index: str | None, quoted: bool, at: int, end: int
) -> list[Segment]:
    """``$name`` without an operator."""
    listed = list_of(shell, state, name, index)
    if listed is not None:
        if quoted and "*" in (name, index):
            return [Segment(whole(shell, at, end, [Segment(Text((), Source("script")), False, fields=listed)]), False)]
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
    kept = special(shell, state, name)
    if kept is not None:
        return kept
    variable = state.lookup(name)
    if name not in state.variables:
        shell.session.read(name, shell.place(at, end))
    if variable.items is not None:
        if index is None:
            index = "0"
        number = number_in(state, index)
        if number is None or any(f.optional or f.many for f in variable.items):
            return Variable(Text([Unknown("an array element that is not known")], Source("script")), None)
        if -len(variable.items) <= number < len(variable.items):
            return Variable(variable.items[number].text)
        return Variable(Text((), Source("script")), False)
    if index not in (None, "0"):
        return Variable(Text((), Source("script")), False)
    return Variable(variable.text.step(shell.place(at, end), f"reads {name}"), variable.state, variable.exported)


def set_or_empty(shell: Interpreter, state: State, name: str, variable: Variable, at: int, end: int) -> Text:
    """The text of a variable, empty where it is unset; ``set -u`` asks for one that is set."""
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
