"""The fields of a fly.toml: what one states, and which sections are for a process group."""

from __future__ import annotations

from gwaudit.parse.document import Mapping, Scalar, Sequence
from gwaudit.resolve.fact import Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gwaudit.parse.document import Node


def source(node: Node) -> Source:
    """The place of a field, with its text."""
    return Source("manifest", node.text if isinstance(node, Scalar) else None, node.location)


def fact(name: str, node: Node, convert: Callable[[str], Any]) -> Fact:
    """The fact that a field states; ``convert`` gives None for a text that is no such value."""
    value = convert(node.text) if isinstance(node, Scalar) else None
    return Fact(name, value if value is not None else Unknown("not a valid value", (name,)), source(node))


def is_for(node: Node, group: str) -> bool:
    """Whether a section is for a process group: it lists it, or lists none."""
    listed = node.get("processes") if isinstance(node, Mapping) else None
    names = [item.text for item in listed.items if isinstance(item, Scalar)] if isinstance(listed, Sequence) else []
    return not names or group in names


def tables(root: Mapping, name: str, group: str) -> list[Mapping]:
    """The tables of a name for a process group, whether written once or as an array."""
    found = root.get(name)
    items = found.items if isinstance(found, Sequence) else [found]
    return [item for item in items if isinstance(item, Mapping) and is_for(item, group)]
