"""What one service states, field by field, as facts with their places and what they replaced."""

from __future__ import annotations

from gwaudit.parse.document import Mapping, Node, Scalar
from gwaudit.resolve.compose.tree import Text, flag, inputs_of, source_of, text_of
from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gwaudit.resolve.compose.load import Project
    from gwaudit.source import Location


class Service:
    """One service of a loaded project: its name, its mapping, and where its key stands."""

    __slots__ = ("_fields", "name", "node", "place", "project")

    def __init__(self, project: Project, name: str, node: Mapping, place: Location) -> None:
        self.project = project
        self.name = name
        self.node = node
        self.place = place
        self._fields = {key.text: value for key, value in node.entries}

    def get(self, *path: str) -> Node | None:
        node = self._fields.get(path[0])
        if len(path) == 1:
            return node
        return node.get(*path[1:]) if isinstance(node, Mapping) else None

    def key_place(self, name: str) -> Location:
        """Where a key of the service stands; the service itself where it is not there."""
        key = self.node.key(name)
        return key.location if key is not None else self.place

    def stated(self, name: str, read: Callable[[str], Any], *path: str) -> Fact | None:
        """The fact that a scalar field states; None where it is not there. What cannot be read is noted and Unknown."""
        node = self.get(*path)
        return fact_of(self.project, name, node, read) if node is not None else None

    def first(self, name: str, read: Callable[[str], Any], *paths: tuple[str, ...]) -> Fact | None:
        """The fact of the first of several fields that state the same thing."""
        return next((fact for path in paths if (fact := self.stated(name, read, *path)) is not None), None)

    def flag(self, name: str, *path: str) -> Fact | None:
        """The fact that a truth value states."""
        node = self.get(*path)
        found = flag(node)
        if node is None or found is None:
            return None
        return Fact(name, found, source_of(node), inputs=inputs_of(node))

    def absent(self, name: str) -> Fact:
        return Fact(name, ABSENT, Source("manifest", None, self.place))

    def platform(self, name: str, value: Any) -> Fact:
        """A default of the platform; it would be changed at the service."""
        return Fact(name, value, Source("platform", None, self.place))


def fact_of(project: Project, name: str, node: Node, read: Callable[[str], Any]) -> Fact | None:
    """The fact that a scalar states, over the facts of the scalars that it replaced; None for null."""
    text = text_of(node)
    if text is None:
        return None
    value: Any = text
    if isinstance(text, str):
        value = read(text)
        if value is None:
            project.note(node.location, f"{name.rsplit('.', 1)[-1]} is not understood")
            value = Unknown("the value is not understood")
    below = [lower for each in node.shadowed if (lower := _shadowed(name, each, read)) is not None]
    raw_inputs = inputs_of(node)
    return Fact(name, value, source_of(node), below, raw_inputs)


def _shadowed(name: str, node: Node, read: Callable[[str], Any]) -> Fact | None:
    text = text_of(node)
    if text is None:
        return None
    value = read(text) if isinstance(text, str) else text
    return None if value is None else Fact(name, value, source_of(node), inputs=inputs_of(node))


def itself(text: str) -> str:
    return text


def key_value(node: Node | None) -> list[tuple[Scalar, Node]]:
    """The entries of a mapping, the last of a repeated key; empty for anything else."""
    if not isinstance(node, Mapping):
        return []
    return list({key.text: (key, value) for key, value in node.entries}.values())


def written(node: Scalar) -> str:
    """The text as written, for a hint that must survive interpolation (``${PWD}``)."""
    raw = node.raw
    return raw[1:-1] if isinstance(node, Text) and node.style in ("single", "double") else raw
