"""JSON patches (RFC 6902) on spanned trees."""

from __future__ import annotations

from gwaudit.parse.document import Mapping, Node, Scalar, Sequence
from gwaudit.resolve.kustomize.editing import clear_field, copy, set_field, shadowing


class Refused(Exception):
    """An operation that cannot be applied; the message says why."""


def is_patch(root: Node | None) -> bool:
    """Whether a document is a list of operations."""
    return isinstance(root, Sequence) and all(
        isinstance(item, Mapping) and item.get("op") is not None and item.get("path") is not None for item in root.items
    )


def apply(root: Mapping, operations: Sequence) -> None:
    """Apply the operations in order; Refused where one does not fit."""
    for item in operations.items:
        if not isinstance(item, Mapping):
            raise Refused("an operation is not a mapping")
        kind, path = _text(item, "op"), _text(item, "path")
        value = item.get("value")
        if kind == "add":
            _add(root, path, _given(value, path))
        elif kind == "replace":
            _replace(root, path, _given(value, path))
        elif kind == "remove":
            _remove(root, path)
        elif kind in ("move", "copy"):
            start = _text(item, "from")
            found = copy(_find(root, start))
            if kind == "move":
                _remove(root, start)
            _add(root, path, found)
        elif kind == "test":
            if not _equal(_find(root, path), _given(value, path)):
                raise Refused(f"the test of {path} fails")
        else:
            raise Refused(f"unknown operation {kind}")


def _text(item: Mapping, field: str) -> str:
    found = item.get(field)
    if not isinstance(found, Scalar):
        raise Refused(f"an operation lacks {field}")
    return found.text


def _given(value: Node | None, path: str) -> Node:
    if value is None:
        raise Refused(f"the operation on {path} has no value")
    return copy(value)


def _steps(path: str) -> list[str]:
    if path == "":
        return []
    if not path.startswith("/"):
        raise Refused(f"{path} is no JSON pointer")
    return [part.replace("~1", "/").replace("~0", "~") for part in path[1:].split("/")]


def _find(root: Node, path: str) -> Node:
    node = root
    for step in _steps(path):
        node = _child(node, step, path)
    return node


def _child(node: Node, step: str, path: str) -> Node:
    if isinstance(node, Mapping):
        found = node.get(step)
        if found is not None:
            return found
    elif isinstance(node, Sequence):
        index = _index(node, step)
        if index is not None and -len(node.items) <= index < len(node.items):
            return node.items[index]
    raise Refused(f"{path} is not there")


def _index(node: Sequence, step: str) -> int | None:
    if step == "-":
        return len(node.items)
    body = step.removeprefix("-")
    return int(step) if body.isdigit() and len(body) < 7 else None


def _parent(root: Node, path: str) -> tuple[Node, str]:
    steps = _steps(path)
    if not steps:
        raise Refused("the whole object cannot be replaced")
    node = root
    for step in steps[:-1]:
        node = _child(node, step, path)
    return node, steps[-1]


def _add(root: Node, path: str, value: Node) -> None:
    parent, last = _parent(root, path)
    if isinstance(parent, Mapping):
        set_field(parent, last, value)
        return
    if isinstance(parent, Sequence):
        index = _index(parent, last)
        if index is not None and -len(parent.items) <= index <= len(parent.items):
            parent.items.insert(index + len(parent.items) + 1 if index < 0 else index, value)
            return
    raise Refused(f"{path} is not there")


def _replace(root: Node, path: str, value: Node) -> None:
    parent, last = _parent(root, path)
    _child(parent, last, path)
    if isinstance(parent, Mapping):
        set_field(parent, last, value)
    elif isinstance(parent, Sequence):
        index = _index(parent, last) or 0
        parent.items[index] = shadowing(value, parent.items[index])


def _remove(root: Node, path: str) -> None:
    parent, last = _parent(root, path)
    _child(parent, last, path)
    if isinstance(parent, Mapping):
        clear_field(parent, last)
    elif isinstance(parent, Sequence):
        del parent.items[_index(parent, last) or 0]


def _equal(one: Node, other: Node) -> bool:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        left = {key.text: value for key, value in one.entries}
        right = {key.text: value for key, value in other.entries}
        return left.keys() == right.keys() and all(_equal(left[key], right[key]) for key in left)
    if isinstance(one, Sequence) and isinstance(other, Sequence):
        return len(one.items) == len(other.items) and all(map(_equal, one.items, other.items))
    from gwaudit.parse.yaml import value

    return isinstance(one, Scalar) and isinstance(other, Scalar) and value(one) == value(other)
