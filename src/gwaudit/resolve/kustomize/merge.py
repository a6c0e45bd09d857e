"""Strategic merge patches as kustomize applies them (kyaml merge2): maps merge, lists with a merge key merge by element.

New elements of a list go before the old ones; ``$patch: delete`` and ``$patch: replace`` are directives; a null removes a
field. Which lists merge is told by the kind's schema (rules/platforms/kustomize.yaml); without one, lists are replaced.
"""

from __future__ import annotations

from gwaudit.parse.document import Mapping, Node, Scalar, Sequence
from gwaudit.resolve.kubernetes.platform import kustomize
from gwaudit.resolve.kustomize.editing import TooLarge, clear_field, copy, is_nil, shadowing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Keys = dict[str, list[str]]


MAX_PAIRS = 1_000_000  # of elements compared in one list


class Mismatch(Exception):
    """A patch has another shape than what it patches; ``node`` is the patch's."""

    def __init__(self, node: Node) -> None:
        super().__init__("the patch has another shape than what it patches")
        self.node = node


def schema_of(api_version: str, kind: str) -> Keys | None:
    """Merge keys by path (``spec/template/spec/containers``); None for a kind without a schema."""
    data: dict[str, Any] = kustomize()["merge"]
    name = f"{api_version}|{kind}"
    pod = data["pod_kinds"].get(name)
    own = data["kinds"].get(name)
    if pod is None and own is None and name not in data["plain"]:
        return None
    keys: Keys = dict(data["any"])
    keys.update(own or {})
    if pod is not None:
        for field, by in data["pod"].items():
            keys[f"{pod}/{field}"] = by
        for group in ("containers", "initContainers", "ephemeralContainers"):
            for field, by in data["container"].items():
                keys[f"{pod}/{group}/{field}"] = by
        if pod.endswith("template/spec"):
            template = pod.rpartition("/")[0]
            keys[f"{template}/metadata/finalizers"] = []
    return keys


def merge(target: Node, patch: Node, keys: Keys | None, path: str = "") -> Node | None:
    """``target`` with ``patch`` applied (``target`` is changed); None where the patch deletes it."""
    return _walk(target, copy(patch), keys, path)


def _walk(target: Node | None, patch: Node | None, keys: Keys | None, path: str) -> Node | None:
    shape = next((node for node in (target, patch) if not is_nil(node)), None)
    if isinstance(shape, Mapping) or shape is None:
        return _mapping(target, patch, keys, path)
    for node in (target, patch):
        if node is not None and not is_nil(node) and type(node) is not type(shape):
            raise Mismatch(patch or shape)
    if isinstance(shape, Sequence):
        by = keys.get(path) if keys is not None else None
        if by is None:
            return target if patch is None else shadowed(patch, target)
        return _sequence(target, patch, by, keys, path)
    return target if patch is None else shadowed(patch, target)


def shadowed(new: Node, old: Node | None) -> Node:
    return shadowing(new, old) if old is not None and not is_nil(old) else new


def _directive(patch: Node | None) -> str:
    if not isinstance(patch, Mapping):
        return "merge"
    found = patch.get("$patch")
    clear_field(patch, "$patch")
    return found.text if isinstance(found, Scalar) and found.text in ("delete", "replace") else "merge"


def _mapping(target: Node | None, patch: Node | None, keys: Keys | None, path: str) -> Node | None:
    for node in (target, patch):
        if node is not None and not is_nil(node) and not isinstance(node, Mapping):
            raise Mismatch(patch or node)
    if is_nil(target):
        if patch is None:
            return target  # a null that is written stays
        if _directive(patch) == "delete" or is_nil(patch):
            return None
        return _cleaned(patch, keys, path)
    if patch is None:
        return target
    if is_nil(patch):
        return None
    assert isinstance(target, Mapping)
    assert isinstance(patch, Mapping)
    directive = _directive(patch)
    if directive == "delete":
        return None
    if directive == "replace":
        replacement = _cleaned(patch, keys, path)
        return shadowed(replacement, target) if replacement is not None else None
    last = {key.text: (key, value) for key, value in patch.entries}
    for name, (key, value) in last.items():
        position = next((i for i in range(len(target.entries) - 1, -1, -1) if target.entries[i][0].text == name), None)
        old = target.entries[position][1] if position is not None else None
        below = f"{path}/{name}" if path else name
        new = _walk(old, value, keys, below)
        if is_nil(value) or new is None or (is_nil(new) and old is None):
            clear_field(target, name)
        elif position is not None:
            target.entries[position] = (target.entries[position][0], new)
        else:
            target.entries.append((key, new))
    return target


def _cleaned(patch: Node, keys: Keys | None, path: str) -> Node | None:
    """A patch that is added as a whole: without directives and nulls of its own."""
    if not isinstance(patch, Mapping):
        return patch
    kept = []
    for key, value in patch.entries:
        below = f"{path}/{key.text}" if path else key.text
        new = _walk(None, value, keys, below)
        if new is not None and not is_nil(new):
            kept.append((key, new))
    patch.entries[:] = kept
    return patch


def _sequence(target: Node | None, patch: Node | None, by: list[str], keys: Keys | None, path: str) -> Node | None:
    if patch is None:
        return target
    if is_nil(patch):
        return None
    assert isinstance(patch, Sequence)
    directive = "merge"
    for item in patch.items:
        if isinstance(item, Mapping) and len(item.entries) == 1 and item.entries[0][0].text == "$patch":
            value = item.entries[0][1]
            directive = value.text if isinstance(value, Scalar) else "merge"
            patch.items.remove(item)
            break
    if directive == "delete":
        return None
    old = target if isinstance(target, Sequence) and directive != "replace" else None
    if old is None:
        base = Sequence(patch.file, patch.start, patch.end, [])
        found = _elements(base, patch, by, keys, path)
        return shadowed(found, target) if target is not None else found
    found = _elements(old, patch, by, keys, path)
    return found if found.items else None


def _elements(old: Sequence, patch: Sequence, by: list[str], keys: Keys | None, path: str) -> Sequence:
    if not by:
        texts = {item.text for item in patch.items if isinstance(item, Scalar)}
        kept = [item for item in old.items if not (isinstance(item, Scalar) and item.text in texts)]
        old.items[:] = [*patch.items, *kept]
        return old
    if len(patch.items) * len(old.items) > MAX_PAIRS:
        raise TooLarge
    used = _usable(by, [*patch.items, *old.items])
    remaining: list[tuple[tuple[str, ...], Node]] = [(_key(item, used), item) for item in old.items]
    front: list[Node] = []
    moved: set[int] = set()
    for item in patch.items:
        wanted = _key(item, used)
        position = next((i for i, (key, _) in enumerate(remaining) if i not in moved and _same(key, wanted)), None)
        if not any(wanted):
            position = None
        before = remaining[position][1] if position is not None else None
        result = _walk(before, item, keys, path)
        if position is not None:
            moved.add(position)
        if result is None or (isinstance(result, Mapping) and not result.entries):
            continue
        if position is not None and len(used) > 1:
            # With more than one key an element that is there keeps its place.
            remaining[position] = (remaining[position][0], result)
            moved.discard(position)
            moved.add(-1 - position)
            continue
        front.append(result)
    rest = [item for index, (_, item) in enumerate(remaining) if index not in moved]
    old.items[:] = [*front, *rest]
    return old


def _usable(by: list[str], elements: list[Node]) -> list[str]:
    """The merge keys that any element states; the first where none does."""
    found = [key for key in by if any(_field(item, key) for item in elements)]
    return found or by[:1]


def _field(item: Node, key: str) -> str:
    value = item.get(key) if isinstance(item, Mapping) else None
    return value.text if isinstance(value, Scalar) and not is_nil(value) else ""


def _key(item: Node, by: list[str]) -> tuple[str, ...]:
    return tuple(_field(item, key) for key in by)


def _same(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Equal, or equal where both state a part, with at least one part in common."""
    common = False
    for left, right in zip(one, other, strict=True):
        if left == right:
            common = common or bool(left)
        elif left and right:
            return False
    return common
