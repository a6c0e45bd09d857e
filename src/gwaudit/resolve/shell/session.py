"""What one evaluation shares between its scripts: budget, files, and everything that was found out."""

from __future__ import annotations

import posixpath
from time import process_time

from gwaudit.resolve.fact import Source, Unknown
from gwaudit.resolve.shell.text import Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gwaudit.resolve.command import Command
    from gwaudit.resolve.filesystem import Filesystem
    from gwaudit.resolve.shell.chain import Chain
    from gwaudit.resolve.shell.interpreter import Interpreter
    from gwaudit.resolve.shell.state import State
    from gwaudit.resolve.shell.variable import Field
    from gwaudit.resolve.workspace import Workspace
    from gwaudit.source import Location

    Outcome = tuple[bool, tuple[Command, ...]]  # whether it serves (does not end), and the last programs that it ran
    Starter = Callable[["Session", list[Field], State, Chain, Interpreter | None, bool], Outcome]

FUEL = 120_000
SECONDS = 1.2  # of processor time for one launch chain; the fuel ends sooner on any ordinary machine
MAX_DEPTH = 90
MAX_COMMANDS = 64


class OutOfFuel(Exception):
    """The script needs more work than an audit gives it."""


class Session:
    """``sh`` is the shell behind ``/bin/sh`` (dash, bash, ash) or None; ``reads`` are the variables that scripts look up."""

    def __init__(
        self, workspace: Workspace | None, filesystem: Filesystem | None, sh: str | None, start: Starter
    ) -> None:
        self.workspace = workspace
        self.filesystem = filesystem
        self.sh = sh
        self.start = start  # follows a process; the scripts that it runs start processes in their turn
        self.fuel = FUEL
        self.deadline = process_time() + SECONDS
        self.checks = 0
        self.depth = 0
        self.silent = False
        self.final: list[Command] = []
        self.companions: list[Command] = []  # servers beside it: proxies, databases, and what leaves the foreground
        self.running: list[tuple[str, tuple[object, ...]]] = []  # scripts under way, with their parameters
        self.exits: list[tuple[Location, int | None]] = []  # where scripts end by themselves, and with which status
        self.steps: list[Command] = []
        self.reads: dict[str, list[Location]] = {}
        self.scripts: list[str] = []
        self.problems: list[tuple[Location, str]] = []

    def spend(self, amount: int) -> None:
        self.fuel -= amount
        self.checks += 1
        if self.fuel < 0 or (self.checks % 64 == 0 and process_time() > self.deadline):
            raise OutOfFuel

    def read(self, name: str, location: Location | None) -> None:
        if location is None:
            return
        places = self.reads.setdefault(name, [])
        if len(places) < 20 and location not in places:
            places.append(location)

    def problem(self, location: Location | None, message: str) -> None:
        from gwaudit.source import Location as Place

        found = (location or Place("."), message)
        if not self.silent and len(self.problems) < 100 and found not in self.problems:
            self.problems.append(found)

    # -- files, as the scripts left them

    def path(self, state: State, path: str) -> str | None:
        if path.startswith("/"):
            return posixpath.normpath(path)
        return None if state.directory is None else posixpath.normpath(posixpath.join(state.directory, path))

    def locate(self, state: State, path: str) -> str | Unknown | None:
        """The repository path of a file."""
        if self.filesystem is None:
            return Unknown("no file system is known")
        return self.filesystem.locate(path, state.directory)

    def exists(self, state: State, path: str, kind: str) -> tuple[bool | None, Unknown | None]:
        """Whether a path exists as that kind (file, directory, any)."""
        absolute = self.path(state, path)
        if absolute is not None and absolute in state.files:
            written = state.files[absolute]
            return (False, None) if written is False else (kind != "directory", None)
        if absolute in ("/", "/tmp", "/dev", "/etc", "/proc"):
            return kind != "file", None
        if absolute == "/dev/null":
            return kind == "any", None
        found = self.locate(state, path)
        if isinstance(found, Unknown):
            return None, Unknown(f"whether {path} exists: {found.reason}", found.depends_on)
        if found is None:
            return False, None
        tree = self.filesystem.tree if self.filesystem is not None else None
        if kind == "any" or tree is None:
            return True, None
        return (tree.is_file(found) if kind == "file" else tree.is_directory(found)), None

    def content(self, state: State, path: str) -> Text | Unknown | None:
        """The text of a file; None where it surely does not exist."""
        absolute = self.path(state, path)
        if absolute is not None and absolute in state.files:
            written = state.files[absolute]
            if isinstance(written, Text):
                return written
            return None if written is False else Unknown(f"what was written to {path}")
        if absolute == "/dev/null":
            return Text((), Source("script"))
        found = self.locate(state, path)
        if found is None or isinstance(found, Unknown):
            return found
        file = self.workspace.source(found) if self.workspace is not None else None
        if file is None:
            return Unknown(f"{found} cannot be read")
        return Text((file.text,), Source("script", None, file.location(0, 0)))
