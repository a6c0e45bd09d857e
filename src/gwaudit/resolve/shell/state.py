"""What a shell knows at one point of a script: variables, positional parameters, options, directory; and its joins."""

from __future__ import annotations

from gwaudit.resolve.fact import Absent, Source, Unknown
from gwaudit.resolve.shell.text import Filled, Text, join_texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gwaudit.parse.shell.syntax import Node
    from gwaudit.resolve.command import Command
    from gwaudit.resolve.environment import Environment
    from gwaudit.resolve.fact import Fact

MAX_FIELDS = 400
MAX_TABLE = 4_000
NOWHERE = Source("script")


class Field:
    """A word after expansion; ``optional`` is why nobody knows whether it is there, ``many`` that it may be several."""

    __slots__ = ("glob", "many", "optional", "text")

    def __init__(self, text: Text, optional: str | None = None, many: bool = False) -> None:
        self.text = text
        self.glob = False  # an unquoted pattern: file names take its place where there are any
        self.optional = optional
        self.many = many

    def key(self) -> tuple[object, ...]:
        return tuple(p if isinstance(p, str) else id(p) for p in self.text.pieces)


class Variable:
    """``state``: True set, False unset, None undecided; ``items`` for an array; ``exported`` (None: nobody can tell)."""

    __slots__ = ("exported", "items", "state", "text")

    def __init__(
        self,
        text: Text,
        state: bool | None = True,
        exported: bool | None = False,
        items: tuple[Field, ...] | None = None,
    ) -> None:
        self.text = text
        self.state = state
        self.exported = exported
        self.items = items


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

    def known(self, status: int) -> None:
        self.status = status

    def undecided(self, reason: str, depends: Sequence[str] = ()) -> None:
        self.status = None
        self.why = Unknown(reason, depends)


def from_fact(fact: Fact) -> Variable:
    """An environment variable as a shell sees it."""
    source = fact.source if fact.source.location is not None else Source(fact.source.layer, fact.source.raw)
    name = fact.name[4:]
    if isinstance(fact.value, Absent):
        if name in PLATFORM:
            pieces = (PLATFORM[name],)
            return Variable(Text(pieces, source, (fact,)), True, name not in UNEXPORTED)
        return Variable(Text((), source, (fact,)), False, False)
    if isinstance(fact.value, Unknown):
        listed = fact.source.location is not None or fact.source.layer != "default"
        return Variable(Text((fact.value,), source, (fact,)), True if listed else None, True if listed else None)
    return Variable(Text((str(fact.value),), source, (fact,)), True, True)


# Variables that a container's runtime or the shell itself sets where nothing else does.
PLATFORM: dict[str, Unknown] = {
    name: Filled(f"{name} is set by {who}", (f"env.{name}",))
    for name, who in (
        ("PATH", "the image"),
        ("HOME", "the container runtime"),
        ("HOSTNAME", "the container runtime"),
        ("UID", "the shell"),
        ("EUID", "the shell"),
        ("PPID", "the shell"),
        ("SHLVL", "the shell"),
        ("RANDOM", "the shell"),
        ("SECONDS", "the shell"),
        ("LINENO", "the shell"),
        ("OSTYPE", "the shell"),
        ("MACHTYPE", "the shell"),
        ("HOSTTYPE", "the shell"),
        ("BASH", "the shell"),
        ("BASH_VERSION", "the shell"),
        ("BASHPID", "the shell"),
        ("IFS", "the shell"),
    )
}
UNEXPORTED = frozenset(("UID", "EUID", "PPID", "RANDOM", "SECONDS", "LINENO", "BASH", "BASH_VERSION", "BASHPID", "IFS"))


def join_states(first: State | None, second: State | None, reason: str, depends: Sequence[str] = ()) -> State | None:
    """The state after two branches of which nobody knows which ran; a branch that ended (None) does not count."""
    if first is None or second is None:
        return first if second is None else second
    joined = first
    for name in sorted(set(first.variables) | set(second.variables)):
        one, two = first.variables.get(name), second.variables.get(name)
        if one is not two:
            joined.variables[name] = join_variables(
                one or first.lookup(name), two or second.lookup(name), reason, depends
            )
    for one_frame, two_frame in zip(first.locals, second.locals, strict=False):
        for name, saved in two_frame.items():
            one_frame.setdefault(name, saved)
    for name, function in second.functions.items():
        first.functions.setdefault(name, function)
    for path in set(first.files) | set(second.files):
        if first.files.get(path, 0) is not second.files.get(path, 0):
            joined.files[path] = None
    if first.args != second.args:
        joined.args = join_fields(first.args, second.args, reason, depends)
    joined.last = tuple(dict.fromkeys((*first.last, *second.last)))[:8]
    if first.directory != second.directory:
        joined.directory = None
    joined.errexit = first.errexit and second.errexit
    joined.nounset = first.nounset and second.nounset
    joined.allexport = first.allexport and second.allexport
    joined.noglob = first.noglob and second.noglob
    if first.status != second.status:
        joined.undecided(reason, depends)
    if first.out is not None and second.out is not None:
        joined.out = join_texts(first.out, second.out, reason, depends)
    return joined


def join_variables(first: Variable, second: Variable, reason: str, depends: Sequence[str]) -> Variable:
    exported = first.exported if first.exported == second.exported else None
    if first.state is False and second.state is False:
        return first
    state = first.state if first.state == second.state else None
    items: tuple[Field, ...] | None = None
    if first.items is not None or second.items is not None:
        items = join_fields(as_items(first), as_items(second), reason, depends)
    if first.state is False or second.state is False:
        text = second.text if first.state is False else first.text
        unset = (first if first.state is False else second).text
        text = Text(text.pieces, text.source, tuple(dict.fromkeys((*text.inputs, *unset.inputs))))
    else:
        text = join_texts(first.text, second.text, reason, depends)
    return Variable(text, state, exported, items)


def as_items(variable: Variable) -> tuple[Field, ...]:
    if variable.items is not None:
        return variable.items
    return () if variable.state is False else (Field(variable.text),)


def join_fields(
    first: Sequence[Field], second: Sequence[Field], reason: str, depends: Sequence[str] = ()
) -> tuple[Field, ...]:
    """Two word lists aligned by their longest common part; what only one of them has is optional."""
    if len(first) > MAX_FIELDS or len(second) > MAX_FIELDS:
        return (Field(Text((Unknown("too many words"),), NOWHERE), "too many words", True),)
    head = 0
    while head < min(len(first), len(second)) and alike(first[head], second[head]):
        head += 1
    tail = 0
    while tail < min(len(first), len(second)) - head and alike(first[-1 - tail], second[-1 - tail]):
        tail += 1
    front, back = tuple(first[:head]), tuple(first[len(first) - tail :])
    first, second = first[head : len(first) - tail], second[head : len(second) - tail]
    if not first and not second:
        return (*front, *back)
    if len(first) * len(second) > MAX_TABLE:
        return (*front, Field(Text((Unknown("too many words"),), NOWHERE), "too many words", True), *back)
    return (*front, *_aligned(first, second, reason, depends), *back)


def alike(first: Field, second: Field) -> bool:
    return first is second or (
        first.optional == second.optional and first.many == second.many and first.key() == second.key()
    )


def _aligned(first: Sequence[Field], second: Sequence[Field], reason: str, depends: Sequence[str]) -> tuple[Field, ...]:
    one, two = [f.key() for f in first], [f.key() for f in second]
    table = [[0] * (len(two) + 1) for _ in range(len(one) + 1)]
    for i in range(len(one) - 1, -1, -1):
        for j in range(len(two) - 1, -1, -1):
            table[i][j] = table[i + 1][j + 1] + 1 if one[i] == two[j] else max(table[i + 1][j], table[i][j + 1])
    found: list[Field] = []
    i = j = 0
    left: list[Field] = []
    right: list[Field] = []

    def flush() -> None:
        if len(left) == len(right):
            for a, b in zip(left, right, strict=True):
                text = join_texts(a.text, b.text, reason, depends)
                found.append(Field(text, a.optional or b.optional, a.many or b.many))
        else:
            found.extend(Field(f.text, f.optional or reason, f.many) for f in (*left, *right))
        left.clear()
        right.clear()

    while i < len(one) and j < len(two):
        if one[i] == two[j]:
            flush()
            a, b = first[i], second[j]
            found.append(Field(a.text, a.optional or b.optional, a.many or b.many))
            i, j = i + 1, j + 1
        elif table[i + 1][j] >= table[i][j + 1]:
            left.append(first[i])
            i += 1
        else:
            right.append(second[j])
            j += 1
    left.extend(first[i:])
    right.extend(second[j:])
    flush()
    return tuple(found)
