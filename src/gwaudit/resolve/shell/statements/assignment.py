"""Assignments: of a text, an array, an array element, or more of what a variable holds."""

from __future__ import annotations

from gwaudit.parse.shell.syntax import Assign, Raw
from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.shell.expansion import expand
from gwaudit.resolve.shell.expansion.special import number
from gwaudit.resolve.shell.text import Text
from gwaudit.resolve.shell.variable import Field, Variable, as_items

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gwaudit.parse.shell import syntax
    from gwaudit.resolve.shell.interpreter import Interpreter
    from gwaudit.resolve.shell.state import State


def assign(shell: Interpreter, state: State, item: Assign) -> None:
    """One assignment, of a text, an array or an array element."""
    place = shell.place(item.start, item.end)
    old = state.lookup(item.name)
    if item.items is not None:
        fields = [f for raw in item.items for f in element(shell, state, raw)]
        fields = [Field(f.text.step(place, f"into {item.name}"), f.optional, f.many) for f in fields]
        whole = (*as_items(old), *fields) if item.append else tuple(fields)
        first = whole[0].text if whole else Text((), shell.source)
        state.assign(item.name, first, tuple(whole))
        return
    raw = item.value or Raw("", item.end, item.end)
    value = expand.text(shell, state, raw)
    value = value.step(place, f"sets {item.name}")
    if item.index is not None:
        assign_element(state, item, item.index, old, value)
    elif item.append:
        append(state, item.name, old, value)
    else:
        state.assign(item.name, value)


def assign_element(state: State, item: Assign, index: Raw, old: Variable, value: Text) -> None:
    """``name[index]=value``; the whole array is unknown where the place is."""
    items = list(as_items(old))
    at = number(state, index.text)
    if at is None or any(f.many for f in items) or at > 1000:
        unknown = Text([Unknown("an array changed at a place that is not known")], value.source)
        items = [Field(unknown, "an array changed at a place that is not known", True)]
    elif any(f.optional for f in items[: at + 1]):
        for position, field in enumerate(items):
            reason = "an array changed at a place that depends on words decided at run time"
            items[position] = Field(Text([Unknown(reason)], field.text.source), field.optional)
    else:
        at += len(items) if at < 0 else 0
        if at < 0:
            return  # before the first element: the shell complains and assigns nothing
        while len(items) <= at:
            items.append(Field(Text((), value.source)))
        if item.append:
            value = Text((*items[at].text.pieces, *value.pieces), value.source, value.inputs)
        items[at] = Field(value)
    state.assign(item.name, items[0].text if items else value, tuple(items))


def append(state: State, name: str, old: Variable, value: Text) -> None:
    """``name+=value``: to the first element of an array, to the text of a plain variable."""
    if old.items is not None:
        items = list(old.items) or [Field(Text((), value.source))]
        first = items[0].text
        items[0] = Field(Text((*first.pieces, *value.pieces), first.source, (*first.inputs, *value.inputs)))
        state.assign(name, items[0].text, tuple(items))
        return
    before = old.text if old.state is not False else Text((), value.source)
    inputs = tuple(dict.fromkeys((*before.inputs, *value.inputs)))
    source = before.source if before.source.location is not None and before.inputs else value.source
    pieces: list[str | Unknown] = list(before.pieces)
    if old.state is None:
        pieces = [Unknown("a text that may be set at run time", (f"env.{name}",))]
    value = Text([*pieces, *value.pieces], source, inputs)
    state.assign(name, value)


def element(shell: Interpreter, state: State, raw: Raw) -> list[Field]:
    """One array element; ``[key]=value`` keeps its value only."""
    if raw.text.startswith("[") and "]=" in raw.text:
        at = raw.text.index("]=") + 2
        inner = Raw(raw.text[at:], raw.start + at, raw.end)
        return [Field(expand.text(shell, state, inner))]
    return expand.fields(shell, state, raw)


def with_assigns(
    shell: Interpreter, node: syntax.Simple, state: State, action: Callable[[State], State | None]
) -> State | None:
    """``NAME=value command``: exported for the command alone."""
    saved = {item.name: state.variables.get(item.name) for item in node.assigns}
    for item in node.assigns:
        assign(shell, state, item)
        found = state.variables[item.name]
        state.variables[item.name] = Variable(found.text, found.state, True, found.items)
    after = action(state)
    if after is not None:
        after.restore(saved)
    return after
