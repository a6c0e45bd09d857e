"""Simple commands: assignments, functions, builtins, and programs, which ``start`` follows."""

from __future__ import annotations

from gwaudit.parse.shell import syntax
from gwaudit.parse.shell.syntax import Assign, Raw
from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.shell.expansion import expand
from gwaudit.resolve.shell.expansion.special import number as index_of
from gwaudit.resolve.shell.redirect import redirected
from gwaudit.resolve.shell.text import Text, number_of
from gwaudit.resolve.shell.variable import Field, Variable, as_items

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gwaudit.resolve.shell.interpreter import Interpreter
    from gwaudit.resolve.shell.state import State


def simple(shell: Interpreter, node: syntax.Simple, state: State) -> State | None:
    """One simple command."""
    if node.redirects:
        return redirected(shell, node, state, lambda inner: command(shell, node, inner))
    return command(shell, node, state)


def command(shell: Interpreter, node: syntax.Simple, state: State) -> State | None:
    from gwaudit.resolve.shell.builtins import BUILTINS
    from gwaudit.resolve.shell.program import program

    words: list[Field] = []
    for word in node.words:
        if isinstance(word, Raw):
            words.extend(expand.fields(shell, state, word))
        else:  # an assignment among a declaration's words: its text keeps blanks together
            words.append(Field(Text((shell.script.text[word.start : word.end],), shell.source)))
    if not words:
        shell.substituted = False
        for item in node.assigns:
            assign(shell, state, item)
        if not shell.substituted:
            state.known(0)
        return state
    while words and words[0].optional and len(words) > 1 and not words[0].many:
        words.pop(0)  # a prefix that may be there (an optional wrapper) does not decide what runs
    name = words[0].text.known
    location = shell.place(node.start, node.end)
    if name is not None and not words[0].optional:
        if name in state.functions and name not in ("exec", "command", "builtin"):
            return call(shell, node, name, words, state)
        builtin = BUILTINS.get(name)
        if builtin is not None:
            for item in node.assigns:  # POSIX: they persist for special builtins; for the rest they matter little
                if name in ("exec", "eval", ".", "source", "command"):
                    continue
                if name == "export":
                    assign(shell, state, item)
            if name in ("exec", "eval", ".", "source", "command") and node.assigns:
                return with_assigns(shell, node, state, lambda inner: builtin(shell, inner, words, node))
            return builtin(shell, state, words, node)
    if node.assigns:
        return with_assigns(shell, node, state, lambda inner: program(shell, inner, words, location))
    return program(shell, state, words, location)


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
        for name, variable in saved.items():
            if variable is None:
                after.variables.pop(name, None)
            else:
                after.variables[name] = variable
    return after


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
        items = list(as_items(old))
        number = index_of(state, item.index.text)
        if number is None or any(f.many for f in items) or number > 1000:
            unknown = Text([Unknown("an array changed at a place that is not known")], value.source)
            items = [Field(unknown, "an array changed at a place that is not known", True)]
        elif any(f.optional for f in items[: number + 1]):
            for index, field in enumerate(items):
                reason = "an array changed at a place that depends on words decided at run time"
                items[index] = Field(Text([Unknown(reason)], field.text.source), field.optional)
        else:
            if number < 0:
                number += len(items)
            while len(items) <= number:
                items.append(Field(Text((), value.source)))
            if item.append:
                value = Text((*items[number].text.pieces, *value.pieces), value.source, value.inputs)
            items[number] = Field(value)
        state.assign(item.name, items[0].text if items else value, tuple(items))
        return
    if item.append:
        if old.items is not None:
            items = list(old.items) or [Field(Text((), value.source))]
            first = items[0].text
            items[0] = Field(Text((*first.pieces, *value.pieces), first.source, (*first.inputs, *value.inputs)))
            state.assign(item.name, items[0].text, tuple(items))
            return
        before = old.text if old.state is not False else Text((), value.source)
        inputs = tuple(dict.fromkeys((*before.inputs, *value.inputs)))
        source = before.source if before.source.location is not None and before.inputs else value.source
        pieces: list[str | Unknown] = list(before.pieces)
        if old.state is None:
            pieces = [Unknown("a text that may be set at run time", (f"env.{item.name}",))]
        value = Text([*pieces, *value.pieces], source, inputs)
    state.assign(item.name, value)


def element(shell: Interpreter, state: State, raw: Raw) -> list[Field]:
    """One array element; ``[key]=value`` keeps its value only."""
    if raw.text.startswith("[") and "]=" in raw.text:
        at = raw.text.index("]=") + 2
        inner = Raw(raw.text[at:], raw.start + at, raw.end)
        return [Field(expand.text(shell, state, inner))]
    return expand.fields(shell, state, raw)


def call(shell: Interpreter, node: syntax.Simple, name: str, words: list[Field], state: State) -> State | None:
    """A function call: its own parameters, locals restored afterwards, ``return`` ends it."""
    function = state.functions[name]
    script = shell.session_functions().get(name, shell.script)
    if len(shell.returns) > 20:
        shell.session.problem(shell.place(node.start, node.end), f"{name} calls itself too deeply to be followed")
        state.undecided("a function that calls itself")
        return state
    args, state.args = state.args, tuple(words[1:])
    state.locals.append({})
    shell.returns.append([])
    loops, shell.loops = shell.loops, []
    saved = {item.name: state.variables.get(item.name) for item in node.assigns}
    for item in node.assigns:
        assign(shell, state, item)
    outer = shell.script, shell.parser
    shell.script, shell.parser = script, script.parser
    body = function.body if isinstance(function, syntax.Function) else function
    implicit, shell.implicit_exec = shell.implicit_exec, False
    try:
        after = shell.run(body, state)
    finally:
        shell.script, shell.parser = outer
        shell.loops = loops
        shell.implicit_exec = implicit
    for other in shell.returns.pop():
        from gwaudit.resolve.shell.join import join_states

        place = shell.place(node.start, node.start)
        after = join_states(other, after, f"{name} returns early, decided at run time at {place.path}:{place.line}")
    if after is None:
        return None
    for local, variable in after.locals.pop().items():
        if variable is None:
            after.variables.pop(local, None)
        else:
            after.variables[local] = variable
    for local, variable in saved.items():
        if variable is None:
            after.variables.pop(local, None)
        else:
            after.variables[local] = variable
    after.args = args
    return after


def number(words: list[Field], index: int, default: int) -> int | None:
    """A numeric argument of a builtin; None where it is not known."""
    if len(words) <= index:
        return default
    known = words[index].text.known
    return number_of(known) if known is not None else None
