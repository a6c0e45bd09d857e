"""Builtins of control: statuses, tests, ``exit`` and ``return``, ``break`` and ``continue``, traps."""

from __future__ import annotations

from gwaudit.resolve.shell.condition.decide import test_command
from gwaudit.resolve.shell.condition.truth import settle
from gwaudit.resolve.shell.variable import Field, number_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.shell import syntax
    from gwaudit.resolve.shell.interpreter import Interpreter
    from gwaudit.resolve.shell.state import State
    from gwaudit.resolve.shell.variable import Field


def colon(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State:
    """Succeeds: ``:``, ``true``, and what changes nothing that is followed."""
    return state.done()


def false(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State:
    """Fails."""
    return state.done(1)


def test(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State:
    """``[`` and ``test``."""
    settle(state, test_command(shell, node, state))
    return state


def exit_(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> None:
    """The script ends here."""
    status = number_at(words, 1, state.status if state.status is not None else -1)
    shell.session.exits.append((shell.place(node.start, node.end), None if status == -1 else status))
    shell.ended(state, None if status == -1 else status)


def return_(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State | None:
    """A function or a sourced script ends here."""
    status = number_at(words, 1, state.status if state.status is not None else -1)
    if status is None or status == -1:
        state.undecided("the status of a return")
    else:
        state.known(status)
    if shell.returns:
        shell.returns[-1].append(state)
        return None
    state.known(1)  # outside of a function and a sourced script, return is an error and the script goes on
    return state


def leave(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State | None:
    """break and continue."""
    count = number_at(words, 1, 1) or 1
    if not shell.loops:
        return state.done()
    loop = shell.loops[-min(count, len(shell.loops))]
    if words[0].text.known == "break" or count > 1:
        (loop.breaks if words[0].text.known == "break" else loop.continues).append(state)
    else:
        loop.continues.append(state)
    return None


def trap(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State:
    """From here on the shell waits for signals itself."""
    if len(words) > 2 and words[1].text.known not in ("-", ""):
        shell.traps = True
    return state.done()


def wait(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State:
    """Background commands end with a status that nobody knows."""
    state.undecided("the exit status of a background command")
    return state
