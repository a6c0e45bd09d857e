"""The paths of replacements: how kustomize names one field, or several, of an object."""

from __future__ import annotations

from gwaudit.parse.document import Mapping, Node, Scalar, Sequence
from gwaudit.resolve.kubernetes.rewrite import scalar_from
from gwaudit.resolve.kustomize.editing import copy, split_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Put = Callable[[Node], None]


def follow(node: Node, steps: list[str], change: Callable[[Node, Put], None], create: bool, value: Node) -> None:
    """Walk a replacement's path: fields, ``[key=value]`` elements, indexes and ``*``."""

    def go(here: Node, rest: list[str], put: Put | None) -> None:
        if not rest:
            if put is not None:
                change(here, put)
            return
        step = rest[0]
        if isinstance(here, Sequence):
            for index in _matching(here, step, create, value if len(rest) == 1 else None):
                go(here.items[index], rest[1:], _item(here, index))
            return
        if not isinstance(here, Mapping):
            return
        names = [key.text for key, _ in here.entries] if step == "*" else [step]
        for name in names:
            position = next((i for i in range(len(here.entries) - 1, -1, -1) if here.entries[i][0].text == name), None)
            if position is None:
                if not create:
                    continue
                made = _made(rest[1:], value)
                here.entries.append((scalar_from(name, value.origin), made))
                position = len(here.entries) - 1
            go(here.entries[position][1], rest[1:], _entry(here, position))

    go(node, steps, None)


def _made(rest: list[str], value: Node) -> Node:
    if not rest:
        return scalar_from("", value.origin, "plain") if isinstance(value, Scalar) else copy(value)
    if rest[0].startswith("[") or rest[0].isdigit():
        return Sequence(value.file, value.start, value.end, [])
    return Mapping(value.file, value.start, value.end, [])


def _matching(here: Sequence, step: str, create: bool, value: Node | None) -> list[int]:
    if step == "*":
        return list(range(len(here.items)))
    if step.isdigit():
        index = int(step) if len(step) < 7 else len(here.items)
        return [index] if index < len(here.items) else []
    if step == "-":
        return [len(here.items) - 1] if here.items else []
    if step.startswith("[") and step.endswith("]"):
        key, _, wanted = step[1:-1].partition("=")
        found = []
        for index, item in enumerate(here.items):
            if key in ("", "."):
                if isinstance(item, Scalar) and item.text == wanted:
                    found.append(index)
                continue
            field = item.get(key) if isinstance(item, Mapping) else None
            if isinstance(field, Scalar) and field.text == wanted:
                found.append(index)
        if not found and create and key:
            like = value if value is not None else here
            pair: list[tuple[Scalar, Node]] = [(scalar_from(key, like.origin), scalar_from(wanted, like.origin))]
            here.items.append(Mapping(like.file, like.start, like.end, pair))
            found = [len(here.items) - 1]
        return found
    return []


def _item(node: Sequence, index: int) -> Put:
    def put(new: Node) -> None:
        node.items[index] = new

    return put


def _entry(node: Mapping, index: int) -> Put:
    def put(new: Node) -> None:
        node.entries[index] = (node.entries[index][0], new)

    return put


def lookup(node: Node | None, steps: list[str]) -> Node | None:
    """The one node at a path, None where there is none."""
    for step in steps:
        if isinstance(node, Mapping):
            node = node.get(step)
        elif isinstance(node, Sequence):
            found = _matching(node, step, False, None)
            node = node.items[found[0]] if found else None
        else:
            return None
    return node


def smart_path(path: str) -> list[str]:
    """A dotted path; ``[name=a.b]`` and ``[a.b/c]`` stay one step, the brackets of the second are dropped."""
    parts = split_path(path, ".")
    found: list[str] = []
    index = 0
    while index < len(parts):
        part = parts[index]
        if part.startswith("[") and not part.endswith("]"):
            joined = [part]
            while index < len(parts) - 1:
                index += 1
                joined.append(parts[index])
                if parts[index].endswith("]"):
                    break
            text = ".".join(joined)
            found.append(text if "=" in text else text.strip("[]"))
        else:
            found.append(part)
        index += 1
    return found
