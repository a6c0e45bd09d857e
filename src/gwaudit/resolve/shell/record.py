"""The note of a program that runs: with its words, its environment and its place among the commands of the launch."""

from __future__ import annotations

from gwaudit.resolve.command import Command, Word
from gwaudit.resolve.fact import Fact
from gwaudit.resolve.shell.child import environment_of
from gwaudit.resolve.shell.session import MAX_COMMANDS
from gwaudit.resolve.shell.wrappers import is_companion, is_server

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.shell.chain import Chain
    from gwaudit.resolve.shell.interpreter import Interpreter
    from gwaudit.resolve.shell.session import Outcome, Session
    from gwaudit.resolve.shell.state import State
    from gwaudit.resolve.shell.variable import Field
    from gwaudit.source import Location


def record(
    session: Session,
    words: list[Field],
    state: State,
    chain: Chain,
    location: Location | None,
    shell: Interpreter | None,
    replace: bool,
) -> Outcome:
    """Note a program that runs: as a final command where it replaces the first process or is a server, else as a step."""
    found = Command(
        [word_of(field) for field in words],
        environment_of(state) if state.variables else state.env,
        state.directory,
        location,
        chain.via,
        chain.foreground,
        chain.shell_form,
        bool(shell is not None and shell.piped),
        chain.init,
    )
    serves = is_server(words)
    if serves or (chain.tail and (replace or shell is None)):
        target = session.final
    else:
        target = session.companions if is_companion(words) else session.steps
    if not session.silent and len(target) < MAX_COMMANDS and not any(same(found, other) for other in target):
        target.append(found)
    return serves, () if target is session.companions else (found,)


def same(first: Command, second: Command) -> bool:
    """Whether two notes are of one command at one place."""
    return first.location == second.location and [w.value for w in first.words] == [w.value for w in second.words]


def word_of(field: Field) -> Word:
    """A word as the rest of the program sees it."""
    value = field.text.value()
    facts = [fact for fact in field.text.inputs if isinstance(fact, Fact)]
    if isinstance(value, str) or len(field.text.pieces) == 1:
        return Word(value, field.text.source, facts, field.optional)
    return Word(value, field.text.source, facts, field.optional, field.text.pieces)
