"""What a shell knows at one point of a script: variables, positional parameters, options, directory."""

from __future__ import annotations

from gwaudit.resolve.fact import Source, Unknown
from gwaudit.resolve.shell.text import Text
from gwaudit.resolve.shell.variable import Field, Variable, from_fact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gwaudit.parse.shell.syntax import Node
    from gwaudit.resolve.command import Command
    from gwaudit.resolve.environment import Environment

NOWHERE = Source("script")


class State:
    """One point of execution. Copied at a branch that cannot be decided, joined where the branches meet."""

    __slots__ = (
        "allexport",
        "args",
        "directory",
        "env",
        "errexit",
        "files",
        "functions",
        "last",
        "locals",
        "noglob",
        "nounset",
        "out",
        "pipefail",
        "root",
        "status",
        "stdin",
        "variables",
        "why",
    )  # fmt: skip

    def __init__(self, env: Environment, directory: str | None, args: Sequence[Field] = ()) -> None:
        self.env = env
        self.directory = directory
        self.args = tuple(args)
        self.variables: dict[str, Variable] = {}
        self.functions: dict[str, Node] = {}
        self.locals: list[dict[str, Variable | None]] = []
        self.files: dict[str, Text | bool | None] = {}  # written here: content, None unknown content, False removed
        self.errexit = False
        self.nounset = False
        self.allexport = False
        self.noglob = False
        self.pipefail = False
        self.root: bool | None = None  # whether the process runs as root
        self.last: tuple[Command, ...] = ()  # the programs that ran last (several where a branch was not decided)
        self.status: int | None = 0
        self.why = Unknown("the exit status of a program is not known")  # why status is None
        self.out: Text | None = None  # what was printed, where someone captures it
        self.stdin: Text | None = None

    def copy(self) -> State:
        other = State.__new__(State)
        for name in State.__slots__:
            setattr(other, name, getattr(self, name))
        other.variables = dict(self.variables)
        other.functions = dict(self.functions)
        other.locals = [dict(frame) for frame in self.locals]
        other.files = dict(self.files)
        return other

    def lookup(self, name: str) -> Variable:
        """The variable of that name, from this shell or from the environment it was started with."""
        found = self.variables.get(name)
        return found if found is not None else from_fact(self.env.get(name))

    def assign(self, name: str, text: Text, items: tuple[Field, ...] | None = None) -> None:
        old = self.lookup(name)
        exported: bool | None = True if self.allexport else old.exported
        if old.state is None and name not in self.variables and not self.allexport:
            exported = None
        self.variables[name] = Variable(text, True, exported, items)

    def unset(self, name: str) -> None:
        self.variables[name] = Variable(Text((), NOWHERE), False, False)

    def restore(self, saved: dict[str, Variable | None]) -> None:
        """Variables as they were before (None: not set in this shell)."""
        for name, variable in saved.items():
            if variable is None:
                self.variables.pop(name, None)
            else:
                self.variables[name] = variable

    def known(self, status: int) -> None:
        self.status = status

    def undecided(self, reason: str, depends: Sequence[str] = ()) -> None:
        self.status = None
        self.why = Unknown(reason, depends)

    def emit(self, text: Text) -> None:
        """Print, where someone captures it."""
        if self.out is not None:
            source = self.out.source if self.out.source.location is not None and self.out.pieces else text.source
            self.out = Text(
                (*self.out.pieces, *text.pieces), source, tuple(dict.fromkeys((*self.out.inputs, *text.inputs)))
            )

    def done(self, status: int = 0) -> State:
        """This state, after a command that ended with ``status``."""
        self.status = status
        return self
