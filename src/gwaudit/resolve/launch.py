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
    from gwaudit.resolve.image import Image
    from gwaudit.resolve.shell.session import Session
    from gwaudit.resolve.workspace import Workspace


class Launch:
    """``commands``: every command that may be the service, application servers first, then servers
    beside it (a proxy); ``steps``: the other programs that ran on the way (migrations, waits); ``reads``: (variable, place)
    of what scripts look up; ``scripts``: repository paths of the scripts that were followed; ``problems``: (place, message).
    """

    __slots__ = ("_places", "commands", "problems", "reads", "scripts", "steps")

    def __init__(
        self,
        commands: Iterable[Command] = (),
        steps: Iterable[Command] = (),
        reads: Iterable[tuple[str, Location]] = (),
        scripts: Iterable[str] = (),
        problems: Iterable[tuple[Location, str]] = (),
    ) -> None:
        self.commands = tuple(commands)
        self.steps = tuple(steps)
        self.reads = tuple(reads)
        self.scripts = tuple(scripts)
        self.problems = tuple(problems)
        self._places: dict[str, list[Location]] | None = None

    def places(self, name: str) -> list[Location]:
        """Where scripts look a variable up."""
        if self._places is None:
            self._places = {}
            for read, place in self.reads:
                self._places.setdefault(read, []).append(place)
        return self._places.get(name, [])

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
    image: Image | None = None,
    root: bool | None = None,
) -> Launch:
    """Follow the first process of a container (its effective ENTRYPOINT and CMD) to what really runs.

    ``sh`` is the shell behind ``/bin/sh`` (dash, bash, ash), None where it is unknown; an ``image`` tells it, and brings the
    files that its Dockerfile holds itself. ``init`` says that the platform puts an init in front (``docker run --init``);
    ``root`` whether it starts the process as root (by default, as the image says).
    """
    from gwaudit.parse.shell.scan import ShellSyntaxError
    from gwaudit.resolve.shell.chain import Chain
    from gwaudit.resolve.shell.pattern import TooMuchWork
    from gwaudit.resolve.shell.session import OutOfFuel, Session
    from gwaudit.resolve.shell.start import start
    from gwaudit.resolve.shell.state import State
    from gwaudit.resolve.shell.text import Text
    from gwaudit.resolve.shell.variable import Field

    session = Session(workspace, filesystem, sh or (image.sh if image is not None else None), start)
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
        state = State(environment.copy(), directory)
        state.root = root if root is not None or image is None else image.runs_as_root
        for path, (content, where) in (image.texts if image is not None else {}).items():
            state.files[path] = Text((content,), Source("script", None, where))
        _, commands = start(session, fields, state, chain, None, True)
    except (OutOfFuel, RecursionError):
        session.problem(place, "the launch scripts need more work than an audit gives them; followed in part")
    except TooMuchWork:
        session.problem(place, "a pattern in a launch script is too expensive to match; followed in part")
    except ShellSyntaxError as error:
        session.problem(place, f"a launch script is followed in part: {error.message}")
    found = _possible(session, commands)
    reads = [(name, place) for name, places in session.reads.items() for place in places]
    return Launch(found, session.steps, reads, session.scripts, session.problems)


def _possible(session: Session, last: tuple[Command, ...]) -> list[Command]:
    """The commands that may be the service: what replaced the first process or serves, else what ran last."""
    found = list(session.final)
    if not any(server_of(command) not in (None, "other") for command in found):
        found.extend(command for command in last if command not in found)
    found.extend(session.companions)
    if not found:
        for place, status in session.exits[-3:]:
            session.problem(place, f"the launch script ends here with status {'?' if status is None else status}")
    return found


def follow_shell(
    workspace: Workspace,
    line: Fact,
    environment: Environment,
    directory: str | None,
    filesystem: Filesystem | None,
    *,
    via: Iterable[Step] = (),
    sh: str | None = None,
    image: Image | None = None,
) -> Launch:
    """Follow a command line that the platform hands to a shell (a Procfile's line, a Makefile's recipe)."""
    from gwaudit.resolve.command import Word

    value = line.value if isinstance(line.value, (str, Unknown)) else Unknown("a command line that is not known")
    words = [Word("sh", line.source), Word("-c", line.source), Word(value, line.source, line.inputs)]
    return follow(workspace, words, environment, directory, filesystem, via=via, shell_form=True, sh=sh, image=image)


def server_of(command: Command) -> str | None:
    """``process.server`` of a command: gunicorn, uvicorn, ..., other; None where the program is unknown."""
    from gwaudit.resolve.shell.text import Text
    from gwaudit.resolve.shell.variable import Field
    from gwaudit.resolve.shell.wrappers import server_of as lookup

    if command.program is None:
        return None
    fields = [Field(Text((w.value,), w.source), w.optional) for w in command.words[:4]]
    return lookup(fields) or "other"
