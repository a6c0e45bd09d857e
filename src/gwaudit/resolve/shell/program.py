"""A program that a script runs: its output where someone captures it, the process it becomes, and what follows from that."""

from __future__ import annotations

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.shell.child import child_of, note_files
from gwaudit.resolve.shell.output import printed
from gwaudit.resolve.shell.text import Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.shell.interpreter import Interpreter
    from gwaudit.resolve.shell.state import State
    from gwaudit.resolve.shell.variable import Field
    from gwaudit.source import Location


def program(
    shell: Interpreter, state: State, words: list[Field], location: Location, replace: bool = False
) -> State | None:
    """A program that a script runs; ``replace`` after ``exec``."""
    chain = shell.chain.through(location, "runs")
    if not replace and not (shell.implicit_exec and not shell.traps):
        chain.foreground = None if shell.traps and chain.foreground else False
        chain.tail = False
    elif shell.implicit_exec and not replace:
        chain.foreground = {"bash": chain.foreground, "ash": chain.foreground, "dash": False}.get(
            shell.shell or "", None if chain.foreground else False
        )
    session = shell.session
    if state.out is not None and not replace:
        known = printed(shell, state, words, location)
        if known is not None:
            text, status = known
            state.emit(text)
            if status is None:
                state.undecided("the exit status of a program is not known")
            else:
                state.known(status)
            return state
        name = words[0].text.known or "a program"
        state.emit(Text([Unknown(f"the output of {name.rsplit('/', 1)[-1]} is not known")], shell.source_at(location)))
    serves, state.last = session.start(session, words, child_of(state), chain, shell, replace)
    note_files(session, state, words)
    if serves or replace:
        if not chain.tail and not serves:
            shell.lasts.extend(state.last)
        return None
    name = (words[0].text.known or "a program").rsplit("/", 1)[-1]
    state.undecided(f"whether {name} succeeds")
    return state
