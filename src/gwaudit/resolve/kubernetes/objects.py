"""Kubernetes objects in a stream of documents: kinds, names, namespaces; lists and merge keys taken apart."""

from __future__ import annotations

import re

from gwaudit.parse.document import Mapping, Node, ParseFailure, Scalar, Sequence
from gwaudit.pattern import regex
from gwaudit.resolve.kubernetes.platform import kubernetes
from gwaudit.resolve.kubernetes.reading import at, items, strings, text_at
from gwaudit.source import SourceFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gwaudit.resolve.workspace import Workspace
    from gwaudit.source import Location


_KEY = regex(r"^[ \t]{0,8}[\"']?apiVersion[\"']?[ \t]*:", re.M)
_JSON_KEY = regex(r"[\"']?(?:apiVersion|kind)[\"']?\s{0,9}:")
_DEFINITION = regex(r"^kind:[ \t]*[\"']?CustomResourceDefinition\b", re.M)
_MARKER = regex(r"(^---[^\n]*\n)", re.M)


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
    if kind == "ClowdApp" and scalar_text(root.get("apiVersion")).startswith("cloud.redhat.com/"):
        from gwaudit.resolve.kubernetes.clowder import deployed

        found.extend(Object(made) for made in deployed(root))


def roots_of(workspace: Workspace, path: str) -> list[Node] | None:
    """The root nodes of a file's documents that state ``apiVersion`` and ``kind``; None where it cannot be read.

    Files that show no such key are not parsed at all, and CustomResourceDefinitions are passed over unparsed: they are
    by far the biggest objects, and nothing that runs depends on them.
    """
    found: dict[str, list[Node] | None] = workspace.cache.setdefault("kubernetes.roots", {})
    if path not in found:
        found[path] = _roots(workspace, path)
    return found[path]


def _roots(workspace: Workspace, path: str) -> list[Node] | None:
    source = workspace.source(path)
    if source is None:
        return None
    json = source.text.lstrip()[:1] in ("{", "[")
    head = source.text[:2000] if json else source.text
    if not (_JSON_KEY if json else _KEY).search(head):
        return []
    if not json and _DEFINITION.search(source.text):
        from gwaudit.parse.yaml import parse_documents

        roots = []
        for each in parse_documents(_without_definitions(source)):
            if isinstance(each, ParseFailure):
                workspace.note(each)
            else:
                roots.append(each.root)
    else:
        roots = [document.root for document in workspace.documents(path, "json" if json else "yaml")]
    found = [root for root in roots if is_object(root)]
    for root in found:
        if scalar_text(root.get("kind")) in kubernetes()["chart_kinds"]:
            item = Object(root)
            if workspace.role_of(path) == "deployment":
                workspace.remark(item.place, f"{item.kind} {item.name} installs a chart: its objects are not known")
    return found


def _without_definitions(source: SourceFile) -> SourceFile:
    """The same text, its CustomResourceDefinitions blanked: every place stays what it is."""
    parts = _MARKER.split(source.text)
    kept = [_blank(part) if _DEFINITION.search(part) else part for part in parts]
    made = SourceFile(source.path, "".join(kept), source.tracked, source.referred)
    return made


def _blank(text: str) -> str:
    return "\n".join([" " * len(line) for line in text.split("\n")])


def without_merge_keys(root: Mapping) -> Mapping:
    """``root`` with every YAML merge key below it resolved; the same node where it has none."""
    if root.file.text.find("<<", root.start, root.end) < 0:
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
