"""Builtins that set variables: declarations, ``unset``, ``read`` and ``let``."""

from __future__ import annotations

from gwaudit.parse.shell.syntax import Assign, Raw
from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.shell.expansion import expand
from gwaudit.resolve.shell.statements.assignment import assign
from gwaudit.resolve.shell.text import Text
from gwaudit.resolve.shell.variable import Field, Variable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.shell import syntax
    from gwaudit.resolve.shell.interpreter import Interpreter
    from gwaudit.resolve.shell.state import State
    from gwaudit.resolve.shell.variable import Field


def export(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State:
    """export, declare, typeset, readonly and local."""
    kind = words[0].text.known or ""
    state.known(0)
    flags = ""
    frame = state.locals[-1] if state.locals else None
    local = kind in ("local", "declare", "typeset") and frame is not None
    for word in node.words[1:]:
        if isinstance(word, Assign):
            if local and "g" not in flags and frame is not None:
                frame.setdefault(word.name, state.variables.get(word.name))
            assign(shell, state, word)
            mark(state, word.name, kind, flags)
            continue
        for field in expand.fields(shell, state, word):
            known = field.text.known
            if known is None or field.optional or field.many:
                value = field.text.value()
                why = value.reason if isinstance(value, Unknown) else (field.optional or "names that are not known")
                if kind == "export":
                    place = shell.place(word.start, word.end)
                    shell.session.problem(place, f"variables that are not known are exported here: {why}")
                    state.env = state.env.copy()
                    state.env.opaque(f"variables exported at {place.path}:{place.line} are not known ({why})")
                continue
            if known.startswith(("-", "+")) and len(known) > 1:
                flags += known[1:] if known[0] == "-" else ""
                continue
            name, equals, value_text = known.partition("=")
            if not name.isidentifier():
                continue
            if local and "g" not in flags and frame is not None and name not in frame:
                frame[name] = state.variables.get(name)
                if not equals:
                    state.unset(name)
            if equals:
                state.assign(name, Text((value_text,), field.text.source, field.text.inputs))
            elif "a" in flags and name not in state.variables:
                state.assign(name, Text((), shell.source), ())
            mark(state, name, kind, flags)
    return state


def mark(state: State, name: str, kind: str, flags: str) -> None:
    """Note that a variable is exported, or no longer."""
    variable = state.lookup(name)
    if kind == "export" or "x" in flags:
        exported = "n" not in flags
        if name not in state.variables and variable.state is True and variable.exported:
            return
        state.variables[name] = Variable(variable.text, variable.state, exported, variable.items)


def unset(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State:
    """Variables go; ``-f`` names functions, which stay known."""
    for word in words[1:]:
        name = word.text.known
        if name is not None and name.isidentifier():
            state.unset(name)
        elif name == "-f":
            break
    return state.done()


def read(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State:
    """Names that are read become unknown, unless standard input is one known line."""
    names = [w.text.known for w in words[1:] if w.text.known and w.text.known.isidentifier()]
    known = state.stdin.known if state.stdin is not None else None
    if (
        known is not None
        and names
        and not any((w.text.known or "").startswith("-a") for w in words)
        and "IFS" not in state.variables
    ):
        line, newline, rest = known.partition("\n")
        if not line and not newline:
            for name in names:
                state.assign(name, Text((), shell.source))
            return state.done(1)
        assert state.stdin is not None
        parts = line.split(None, len(names) - 1) if not any(a.name == "IFS" for a in node.assigns) else None
        if parts is not None:
            for index, name in enumerate(names):
                text = parts[index].strip() if index < len(parts) else ""
                state.assign(name, Text((text,), state.stdin.source, state.stdin.inputs))
            state.stdin = Text((rest,), state.stdin.source, state.stdin.inputs)
            return state.done(0 if newline else 1)
    for name in names:
        state.assign(name, Text([Unknown("a line that is read at run time")], shell.source))
    state.undecided("whether there is a line to read")
    return state


def let(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State:
    """Arithmetic; its status tells whether the last value is zero."""
    truth: bool | None = None
    for word in node.words[1:]:
        if isinstance(word, Raw):
            inner = (word.start + 1, word.end - 1) if word.text[:1] in "\"'" else (word.start, word.end)
            truth = shell.arithmetic(state, *inner).truth
    if truth is None:
        state.undecided("arithmetic that is not known")
    else:
        state.known(0 if truth else 1)
    return state
