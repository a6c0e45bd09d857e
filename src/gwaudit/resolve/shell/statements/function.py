"""Function calls: parameters of their own, locals that are restored, ``return``."""

from __future__ import annotations

from gwaudit.parse.shell import syntax
from gwaudit.resolve.shell.join import join_states
from gwaudit.resolve.shell.statements.assignment import assign

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.shell.interpreter import Interpreter
    from gwaudit.resolve.shell.state import State
    from gwaudit.resolve.shell.variable import Field


def define(shell: Interpreter, node: syntax.Function, state: State) -> State:
    """A definition; the script that holds it is kept with it, for its offsets."""
    state.functions[node.name] = node
    shell.functions[node.name] = shell.script
    return state.done()


def call(shell: Interpreter, node: syntax.Simple, name: str, words: list[Field], state: State) -> State | None:
    """A function call: its own parameters, locals restored afterwards, ``return`` ends it."""
    function = state.functions[name]
    script = shell.functions.get(name, shell.script)
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
        place = shell.place(node.start, node.start)
        after = join_states(other, after, f"{name} returns early, decided at run time at {place.path}:{place.line}")
    if after is None:
        return None
    after.restore(after.locals.pop())
    after.restore(saved)
    after.args = args
    return after
