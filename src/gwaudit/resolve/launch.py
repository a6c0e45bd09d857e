"""Which command really runs: from ENTRYPOINT and CMD through wrappers and launch scripts to the final words.

Nothing is executed: scripts are evaluated in the abstract (see ``shell``), and what cannot be decided stays Unknown with
its reason, or a word stays optional.
"""

from __future__ import annotations

from gwaudit.resolve.fact import Source, Step, Unknown
from gwaudit.source import Location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gwaudit.resolve.command import Command, Word
    from gwaudit.resolve.environment import Environment
    from gwaudit.resolve.fact import Fact
    from gwaudit.resolve.filesystem import Filesystem
    from gwaudit.resolve.workspace import Workspace


class Launch:
    """``commands``: every command that may be the service, in the order in which the scripts reach them; ``steps``: the
    other programs that ran on the way (migrations, waits); ``reads``: the variables that scripts look up and where;
    ``scripts``: repository paths of the scripts that were followed; ``problems``: (place, message) for what was not understood.
    """

    __slots__ = ("commands", "problems", "reads", "scripts", "steps")

    def __init__(
        self,
        commands: Iterable[Command] = (),
        steps: Iterable[Command] = (),
        reads: dict[str, tuple[Location, ...]] | None = None,
        scripts: Iterable[str] = (),
        problems: Iterable[tuple[Location, str]] = (),
    ) -> None:
        self.commands = tuple(commands)
        self.steps = tuple(steps)
        self.reads = reads or {}
        self.scripts = tuple(scripts)
        self.problems = tuple(problems)

    @property
    def server(self) -> Command | None:
        """The first command that is a known server, else the first of all."""
        return next((c for c in self.commands if server_of(c) not in (None, "other")), next(iter(self.commands), None))


def follow(
    workspace: Workspace,
    words: Sequence[Word],
    environment: Environment,
    directory: str | None,
    filesystem: Filesystem | None,
    *,
    via: Iterable[Step] = (),
    shell_form: bool = False,
    init: bool = False,
    sh: str | None = None,
) -> Launch:
    """Follow the first process of a container (its effective ENTRYPOINT and CMD) to what really runs.

    ``sh`` is the shell behind ``/bin/sh`` (dash, bash, ash), None where it is unknown. ``init`` says that the platform puts
    an init in front (``docker run --init``).
    """
    from gwaudit.resolve.shell.session import OutOfFuel, Session
    from gwaudit.resolve.shell.start import Chain, start
    from gwaudit.resolve.shell.state import Field, State
    from gwaudit.resolve.shell.text import Text

    session = Session(workspace, filesystem, sh)
    fields = [
        Field(
            Text(w.pieces or (w.value,), w.source, w.inputs),
            w.optional,
            w.optional is not None and isinstance(w.value, Unknown),
        )
        for w in words
    ]
    place = next((w.source.location for w in words if w.source.location is not None), None)
    chain = Chain(True, init, shell_form, tuple(via), place)
    commands: tuple[Command, ...] = ()
    try:
        _, commands = start(session, fields, State(environment.copy(), directory), chain, None, True)
    except (OutOfFuel, RecursionError):
        session.problem(place, "the launch scripts need more work than an audit gives them; followed in part")
    except _TooMuch():
        session.problem(place, "a pattern in a launch script is too expensive to match; followed in part")
    found = session.final or list(commands)
    reads = {name: tuple(places) for name, places in session.reads.items()}
    return Launch(found, session.steps, reads, session.scripts, session.problems)


def _TooMuch() -> type[Exception]:
    from gwaudit.resolve.shell.pattern import TooMuchWork

    return TooMuchWork


def follow_line(
    workspace: Workspace,
    line: str,
    source: Source,
    environment: Environment,
    directory: str | None,
    filesystem: Filesystem | None,
    *,
    shell: str = "sh",
    inputs: Iterable[Fact] = (),
    shell_form: bool = False,
    via: Iterable[Step] = (),
    sh: str | None = None,
) -> Launch:
    """Follow a command line that the platform hands to a shell (CMD in shell form, a Procfile line)."""
    from gwaudit.resolve.command import Word

    words = [Word(shell, source), Word("-c", source), Word(line, source, inputs)]
    return follow(workspace, words, environment, directory, filesystem, via=via, shell_form=shell_form, sh=sh)


def server_of(command: Command) -> str | None:
    """``process.server`` of a command: gunicorn, uvicorn, ..., other; None where the program is unknown."""
    from gwaudit.resolve.shell.state import Field
    from gwaudit.resolve.shell.text import Text
    from gwaudit.resolve.shell.wrappers import server_of as lookup

    if command.program is None:
        return None
    fields = [Field(Text((w.value,), w.source), w.optional) for w in command.words[:4]]
    return lookup(fields) or "other"
