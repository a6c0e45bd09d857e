"""Kubernetes objects in a stream of documents: kinds, names, namespaces; lists and merge keys taken apart."""

from __future__ import annotations

from gwaudit.parse.document import Mapping, Node, Scalar, Sequence
from gwaudit.resolve.kubernetes.reading import at, items, strings, text_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gwaudit.source import Location


class Object:
    """One Kubernetes object: ``node`` is its mapping; ``group`` is the API group (empty for core)."""

    __slots__ = ("group", "kind", "name", "namespace", "node")

    def __init__(self, node: Mapping) -> None:
        self.node = node
        self.kind = scalar_text(node.get("kind"))
        version = scalar_text(node.get("apiVersion"))
        self.group = version.rpartition("/")[0]
        metadata = node.get("metadata")
        # A name that only the run time knows keeps its placeholder: two objects of the same expression still match.
        self.name = scalar_text(at(metadata, "name")) or scalar_text(at(metadata, "generateName"))
        self.namespace = text_at(metadata, "namespace")

    @property
    def place(self) -> Location:
        """Where the object is named: the place of what it lacks."""
        name = at(self.node, "metadata", "name")
        kind = self.node.get("kind")
        return (name or kind or self.node).location

    @property
    def annotations(self) -> dict[str, str]:
        return strings(self.node, "metadata", "annotations")

    def key(self) -> tuple[str, str, str, str]:
        """The identity that the API server knows it by (the version of the group does not count)."""
        return (self.group, self.kind, self.namespace or "", self.name)

    def __repr__(self) -> str:
        return f"Object({self.kind}/{self.name})"


def scalar_text(node: Node | None) -> str:
    return node.text if isinstance(node, Scalar) else ""


def is_object(node: Node | None) -> bool:
    """A mapping with ``apiVersion`` and ``kind``: what every Kubernetes object states."""
    return isinstance(node, Mapping) and bool(scalar_text(node.get("apiVersion")) and scalar_text(node.get("kind")))


def objects_of(roots: Iterable[Node]) -> list[Object]:
    """The objects of a stream in order; ``List`` objects and OpenShift templates give the objects inside them."""
    found: list[Object] = []
    for root in roots:
        _collect(root, found, 0)
    return found


def _collect(root: Node, found: list[Object], depth: int) -> None:
    if not isinstance(root, Mapping) or not is_object(root) or depth > 3:
        return
    root = without_merge_keys(root)
    kind = scalar_text(root.get("kind"))
    if kind.endswith("List") and isinstance(root.get("items"), Sequence):
        for item in items(root, "items"):
            _collect(item, found, depth + 1)
        return
    if kind == "Template" and isinstance(root.get("objects"), Sequence):
        from gwaudit.resolve.kubernetes.openshift import processed

        for item in processed(root):
            _collect(item, found, depth + 1)
        return
    found.append(Object(root))


def without_merge_keys(root: Mapping) -> Mapping:
    """``root`` with every YAML merge key below it resolved; the same node where it has none."""
    if "<<" not in root.file.text:
        return root
    from gwaudit.parse.yaml import merged

    budget = [100_000]
    done: dict[int, Node] = {}

    def resolve(node: Node) -> Node:
        known = done.get(id(node))
        if known is not None:
            return known
        result = node
        if isinstance(node, Mapping):
            flat = merged(node, budget)
            assert isinstance(flat, Mapping)
            result = Mapping(node.file, node.start, node.end, [(k, resolve(v)) for k, v in flat.entries], node.tag)
            result.shadowed = node.shadowed
        elif isinstance(node, Sequence):
            result = Sequence(node.file, node.start, node.end, [resolve(item) for item in node.items], node.tag)
        done[id(node)] = result
        return result

    found = resolve(root)
    assert isinstance(found, Mapping)
    return found
