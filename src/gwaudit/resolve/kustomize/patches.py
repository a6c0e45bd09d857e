"""Patches of a kustomization: strategic merge and JSON, inline and by file, with and without a target."""

from __future__ import annotations

from gwaudit.parse.document import Mapping, Node, ParseFailure, Scalar, Sequence
from gwaudit.resolve.kubernetes.objects import is_object, scalar_text, without_merge_keys
from gwaudit.resolve.kubernetes.reading import items, text_at
from gwaudit.resolve.kubernetes.rewrite import EmbeddedFile
from gwaudit.resolve.kustomize import jsonpatch
from gwaudit.resolve.kustomize.editing import TooLarge, copy, set_field
from gwaudit.resolve.kustomize.layout import inside, is_remote
from gwaudit.resolve.kustomize.merge import Mismatch, merge, schema_of
from gwaudit.resolve.kustomize.resource import Resource, Selector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.kustomize.build import Build


MAX_PATCHES = 1_000  # of one build


class Patches:
    """Applies patches to the resources of one kustomization (the list is changed in place)."""

    def __init__(self, made: Build, folder: str, resources: list[Resource]) -> None:
        self.made = made
        self.folder = folder
        self.resources = resources

    def strategic(self, root: Mapping) -> None:
        """``patchesStrategicMerge``: files, or inline text for legacy reasons."""
        for node in items(root, "patchesStrategicMerge"):
            if not isinstance(node, Scalar):
                continue
            inline = "\n" in node.text or "apiVersion" in node.text
            for patch in self._parsed(node) if inline else self._read(node):
                if isinstance(patch, Mapping):
                    self._to_named(patch, node)

    def modern(self, root: Mapping) -> None:
        """``patches``: either kind of patch, inline or by file, for a target or for the object it names."""
        for entry in items(root, "patches"):
            if isinstance(entry, Mapping):
                self.one(entry)

    def json(self, root: Mapping) -> None:
        """``patchesJson6902``."""
        for entry in items(root, "patchesJson6902"):
            if isinstance(entry, Mapping):
                self.one(entry)

    def one(self, entry: Mapping) -> None:
        """One patch: its text or path, for a target or for the object it names."""
        self.made.patches += 1
        if self.made.patches > MAX_PATCHES:
            raise TooLarge
        inline, path = entry.get("patch"), entry.get("path")
        if isinstance(inline, Scalar) and inline.text.strip():
            documents, place = self._parsed(inline), inline
        elif isinstance(path, Scalar):
            documents, place = self._read(path), path
        else:
            self.made.note(entry.location, "a patch without text and path")
            return
        target = entry.get("target")
        for document in documents:
            if jsonpatch.is_patch(document):
                self._json(document, target, place)
            elif isinstance(document, Mapping):
                if target is None:
                    self._to_named(document, place, entry.get("options"))
                else:
                    self._to_selected(document, target, entry.get("options"), place)

    def _parsed(self, node: Scalar) -> list[Node]:
        from gwaudit.parse.yaml import parse_documents

        found: list[Node] = []
        for document in parse_documents(EmbeddedFile(node)):
            if isinstance(document, ParseFailure):
                self.made.note(node.location, f"the patch is not read: {document.message}")
            else:
                found.append(_flat(document.root))
        return found

    def _read(self, node: Scalar) -> list[Node]:
        target = inside(self.folder, node.text)
        if target is None or is_remote(node.text) or not self.made.workspace.tree.is_file(target):
            self.made.note(node.location, f"the patch {node.text} is not there")
            return []
        return [_flat(root) for root in self.made.roots(target)]

    def _to_named(self, patch: Mapping, place: Node, options: Node | None = None) -> None:
        """Patch the object of the same kind, name and namespace (now or before)."""
        if not is_object(patch):
            self.made.note(place.location, "a patch names no object and has no target")
            return
        if scalar_text(patch.get("kind")).endswith("List") and isinstance(patch.get("items"), Sequence):
            for each in items(patch, "items"):
                if isinstance(each, Mapping):
                    self._to_named(each, place, options)
            return
        if scalar_text(patch.get("kind")) == "CustomResourceDefinition":
            return  # they are not read: nothing that runs depends on them
        key = Resource(patch).identity().key()
        found = [each for each in self.resources if any(i.key() == key for i in each.identities())]
        if len(found) != 1:
            if not self.made.open or len(found) > 1:
                name = f"{scalar_text(patch.get('kind'))} {scalar_text(patch.get('metadata', 'name'))}"
                self.made.note(place.location, f"the patch finds {'no' if not found else 'more than one'} {name}")
            return
        self._merge(found[0], patch, options, place)

    def _to_selected(self, patch: Mapping, target: Node, options: Node | None, place: Node) -> None:
        selector = Selector(target)
        for resource in list(self.resources):
            if selector.selects(resource):
                self._merge(resource, patch, options, place)
        self._odd(selector, target)

    def _merge(self, resource: Resource, patch: Mapping, options: Node | None, place: Node) -> None:
        keeps: dict[tuple[str, ...], Node | None] = {}
        if text_at(options, "allowKindChange") != "true":
            keeps[("kind",)] = resource.node.get("kind")
        if text_at(options, "allowNameChange") != "true":
            keeps[("metadata", "name")] = resource.node.get("metadata", "name")
        if len(keeps) < 2:
            resource.remember()
        keeps[("metadata", "namespace")] = resource.node.get("metadata", "namespace")
        keeps[("apiVersion",)] = resource.node.get("apiVersion")
        own = copy(patch)
        assert isinstance(own, Mapping)
        for path in keeps:
            parent = own.get(*path[:-1]) if len(path) > 1 else own
            if isinstance(parent, Mapping):
                parent.entries[:] = [(key, value) for key, value in parent.entries if key.text != path[-1]]
        try:
            result = merge(resource.node, own, schema_of(resource.api_version, resource.kind))
        except Mismatch as problem:
            self.made.note(problem.node.location, str(problem))
            return
        if result is None:
            self.resources.remove(resource)
            return
        for path, value in keeps.items():
            parent = resource.node.get(*path[:-1]) if len(path) > 1 else resource.node
            if value is not None and isinstance(parent, Mapping) and parent.get(path[-1]) is None:
                set_field(parent, path[-1], value)

    def _json(self, document: Node, target: Node | None, place: Node) -> None:
        if target is None:
            self.made.note(place.location, "a JSON patch without a target")
            return
        selector = Selector(target)
        for resource in self.resources:
            if selector.selects(resource) and isinstance(document, Sequence):
                resource.remember()
                try:
                    jsonpatch.apply(resource.node, document)
                except jsonpatch.Refused as problem:
                    self.made.note(place.location, f"the patch of {resource.kind} {resource.name} fails: {problem}")
        self._odd(selector, target)

    def _odd(self, selector: Selector, target: Node) -> None:
        if selector.odd:
            self.made.note(target.location, "the target's pattern is not evaluated: it may take too long")
            self.made.open = True


def _flat(root: Node) -> Node:
    return without_merge_keys(root) if isinstance(root, Mapping) else root
