"""Words and variables of a shell: how sure it is that they are there, and where an environment variable comes from."""

from __future__ import annotations

from gwaudit.resolve.fact import Absent, Source, Unknown
from gwaudit.resolve.shell.text import Filled, Text, number_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.fact import Fact


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


def as_items(variable: Variable) -> tuple[Field, ...]:
    """The elements of an array; a plain variable is an array of one."""
    if variable.items is not None:
        return variable.items
    return () if variable.state is False else (Field(variable.text),)


def number_at(words: list[Field], index: int, default: int) -> int | None:
    """The number that one of a builtin's words is, ``default`` where the word is missing; None where it is not known."""
    if len(words) <= index:
        return default
    known = words[index].text.known
    return number_of(known) if known is not None else None


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
