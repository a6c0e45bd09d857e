"""Editing spanned trees: copies, fields set and cleared, paths walked as kustomize walks them.

Trees that are built are copies, so that several overlays may change one base. A node that replaces another one shadows it.
"""

from __future__ import annotations

from gwaudit.parse.document import Mapping, Node, Scalar, Sequence
from gwaudit.resolve.kubernetes.rewrite import scalar_from
from gwaudit.source import Origin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

MAX_NODES = 300_000  # of one copied tree: shared nodes (aliases) may unfold to any size
MAX_TEXT = 1_000_000  # characters of one value


class TooLarge(Exception):
    """A tree unfolds to more nodes than anybody writes."""


def copy(node: Node, budget: list[int] | None = None) -> Node:
    """An independent copy with the same places; TooLarge where aliases unfold without end."""
    budget = budget if budget is not None else [MAX_NODES]
    budget[0] -= 1
    if budget[0] < 0:
        raise TooLarge
    made: Node
    if isinstance(node, Mapping):
        pairs = [(key, copy(value, budget)) for key, value in node.entries]
        made = Mapping(node.file, node.start, node.end, pairs, node.tag)
    elif isinstance(node, Sequence):
        children = [copy(item, budget) for item in node.items]
        made = Sequence(node.file, node.start, node.end, children, node.tag)
    elif isinstance(node, Scalar):
        made = Scalar(node.file, node.start, node.end, node.text, node.style, node.tag)
    else:
        made = node
    made.shadowed = node.shadowed
    return made


def shadowing(new: Node, old: Node | None) -> Node:
    """``new`` in the place of ``old``."""
    if old is not None and old is not new:
        new.shadowed = (*new.shadowed, old, *old.shadowed)
    return new


def replaced(old: Scalar, text: str, by: Node | None, style: str | None = None) -> Scalar:
    """A scalar with another text where ``old`` stood.

    ``by`` is the node that decides the new text (a tag in ``images:``): it is where a person edits it. Without one, the
    place stays the old one's.
    """
    origin = old.origin if by is None else Origin(by.location, (old.location,), by.origin.unknown)
    made = scalar_from(text, origin, style or ("double" if old.style == "plain" and by is not None else old.style))
    if by is not None:
        shadowing(made, old)
    else:
        made.shadowed = old.shadowed
    return made


def set_field(mapping: Mapping, name: str, value: Node, key: Node | None = None) -> None:
    """Set a field; what stood there is shadowed."""
    for index in range(len(mapping.entries) - 1, -1, -1):
        old_key, old = mapping.entries[index]
        if old_key.text == name:
            mapping.entries[index] = (old_key, shadowing(value, old))
            return
    where = key if isinstance(key, Scalar) else value
    mapping.entries.append((scalar_from(name, where.origin), value))


def clear_field(mapping: Mapping, name: str) -> None:
    mapping.entries[:] = [(key, value) for key, value in mapping.entries if key.text != name]


def is_nil(node: Node | None) -> bool:
    """Missing or null, as kustomize tells it: an unquoted empty scalar, ``~`` or ``null``."""
    if node is None:
        return True
    return (
        isinstance(node, Scalar)
        and node.style == "plain"
        and node.tag is None
        and node.text in ("", "~", "null", "Null", "NULL")
        and node.origin.unknown is None
    )


def is_text(node: Node) -> bool:
    """Whether a scalar is a YAML string (quoted, or plain and nothing else)."""
    if not isinstance(node, Scalar):
        return False
    from gwaudit.parse.yaml import value

    return isinstance(value(node), str)


def empty_mapping(like: Node) -> Mapping:
    return Mapping(like.file, like.start, like.end, [])


def split_path(path: str, delimiter: str = "/") -> list[str]:
    """The steps of a path; a backslash before the delimiter keeps it in the step."""
    parts = path.split(delimiter)
    if len(parts) > 1 and parts[0] == "":
        parts = parts[1:]
    found = [parts[0]]
    for part in parts[1:]:
        if found[-1].endswith("\\"):
            found[-1] = found[-1][:-1] + delimiter + part
        else:
            found.append(part)
    return found


def visit(
    node: Node,
    steps: list[str],
    change: Callable[[Node, Callable[[Node], None]], None],
    create: bool = False,
    leaf: Callable[[Node], Node] | None = None,
    put: Callable[[Node], None] | None = None,
) -> None:
    """Call ``change(node, put)`` on every node at the end of ``steps``; lists on the way are entered element by element.

    ``put`` replaces the node where it stands. Missing mappings are made when ``create`` is set, the last field by ``leaf``;
    a step that ends in ``[]`` is never made.
    """
    if not steps:
        if put is not None:
            change(node, put)
        return
    if isinstance(node, Sequence):
        for index in range(len(node.items)):
            visit(node.items[index], steps, change, create, leaf, _item_setter(node, index))
        return
    if not isinstance(node, Mapping):
        return
    step = steps[0]
    name = step.removesuffix("[]")
    position = next((i for i in range(len(node.entries) - 1, -1, -1) if node.entries[i][0].text == name), None)
    makes = create and leaf is not None and not step.endswith("[]")
    if position is None or (is_nil(node.entries[position][1]) and makes):
        if not makes or leaf is None:
            return
        made = leaf(node) if len(steps) == 1 else empty_mapping(node)
        if position is None:
            node.entries.append((scalar_from(name, Origin(node.location)), made))
            position = len(node.entries) - 1
        else:
            node.entries[position] = (node.entries[position][0], made)
    visit(node.entries[position][1], steps[1:], change, create, leaf, _field_setter(node, position))


def _item_setter(node: Sequence, index: int) -> Callable[[Node], None]:
    def put(new: Node) -> None:
        node.items[index] = new

    return put


def _field_setter(node: Mapping, index: int) -> Callable[[Node], None]:
    def put(new: Node) -> None:
        node.entries[index] = (node.entries[index][0], new)

    return put


def plain_fields(node: Node | None) -> dict[str, Any]:
    """A mapping as a dict of nodes, the last of a repeated key."""
    return {key.text: value for key, value in node.entries} if isinstance(node, Mapping) else {}


def texts(nodes: Iterable[Node]) -> list[str]:
    return [node.text for node in nodes if isinstance(node, Scalar)]
