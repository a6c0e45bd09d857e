"""A kustomization built as ``kubectl kustomize`` builds it, on spanned trees.

Order (kusttarget.go): resources, generators, components, then the transformers in kustomize's fixed order (patches,
namespace, prefix, suffix, labels, annotations, JSON patches, replicas, images, replacements); at the end names referred to
are fixed and variables resolved. What cannot be read (a remote base, a plugin, a chart) is noted, and the build is ``open``.
"""

from __future__ import annotations

from gwaudit.parse.document import Document, Mapping, Node, Scalar, Sequence
from gwaudit.resolve.kubernetes.objects import is_object, roots_of, scalar_text, without_merge_keys
from gwaudit.resolve.kubernetes.reading import items
from gwaudit.resolve.kubernetes.rewrite import EmbeddedFile
from gwaudit.resolve.kustomize.config import Fields
from gwaudit.resolve.kustomize.editing import TooLarge, copy
from gwaudit.resolve.kustomize.generate import Generator, absorb
from gwaudit.resolve.kustomize.layout import MAX_DEPTH, inside, is_remote, kustomization_of, root_of
from gwaudit.resolve.kustomize.patches import Patches
from gwaudit.resolve.kustomize.plugins import apply_plugin
from gwaudit.resolve.kustomize.references import fix_references
from gwaudit.resolve.kustomize.replace import apply_replacement
from gwaudit.resolve.kustomize.resource import Resource
from gwaudit.resolve.kustomize.stages import transform
from gwaudit.resolve.kustomize.variables import Variable, find_variables, resolve_variables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.workspace import Workspace
    from gwaudit.source import Location, SourceFile

_UNREAD = {
    "generators": "generator plugins are not run",
    "helmCharts": "the charts of a kustomization are not rendered",
    "helmChartInflationGenerator": "the charts of a kustomization are not rendered",
}
MAX_RESOURCES = 2_000
MAX_LAYERS = 300  # kustomizations in one build, one that is included twice counted twice


class Build:
    """The outcome: ``resources`` in order, ``notes``, the files read, whether something unread may add or change objects."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.resources: list[Resource] = []
        self.notes: list[tuple[Location, str]] = []
        self.paths: list[str] = []
        self.open = False
        self.layers = 0
        self.patches = 0
        self.generated_files: dict[str, str] = {}

    def note(self, location: Location, message: str) -> None:
        if (location, message) not in self.notes:
            self.notes.append((location, message))

    def read(self, path: str) -> SourceFile | None:
        """A file that the build needs; None where there is none inside the root."""
        if not self.workspace.tree.is_file(path):
            return None
        if path not in self.paths:
            self.paths.append(path)
        return self.workspace.source(path)

    def roots(self, path: str) -> list[Node]:
        """The documents of a YAML or JSON file."""
        if self.read(path) is None:
            # A file that is there and cannot be read (too large, binary) is among the workspace's failures.
            self.open = True
            return []
        format = "json" if path.endswith(".json") else "yaml"
        return [document.root for document in self.workspace.documents(path, format)]

    def objects(self, path: str) -> list[Node]:
        """The Kubernetes objects of a file."""
        if self.read(path) is None:
            self.open = True
            return []
        return roots_of(self.workspace, path) or []


class _Layer:
    """What one kustomization accumulates: resources, fields and variables."""

    def __init__(self, fields: Fields) -> None:
        self.resources: list[Resource] = []
        self.fields = fields
        self.variables: list[Variable] = []
        self.keys: set[tuple[str, ...]] = set()  # of the resources as they were added


def build(workspace: Workspace, folder: str) -> Build:
    """Build the kustomization of a folder."""
    made = Build(workspace)
    layer = _Layer(Fields.standard())
    try:
        _accumulate(made, folder, layer, ())
        fix_references(layer.resources, layer.fields)
        resolve_variables(layer.resources, layer.variables, layer.fields, made.note)
    except TooLarge:
        path = kustomization_of(workspace, folder) or folder
        from gwaudit.source import Location

        made.note(Location(path), "not built: it unfolds to too many objects or nodes")
        made.open = True
        return made
    local = "config.kubernetes.io/local-config"
    made.resources = [each for each in layer.resources if each.strings("metadata", "annotations").get(local) != "true"]
    return made


def _accumulate(made: Build, folder: str, layer: _Layer, above: tuple[str, ...]) -> None:
    """Add what the kustomization of ``folder`` says to ``layer``."""
    made.layers += 1
    if made.layers > MAX_LAYERS:
        raise TooLarge
    path = kustomization_of(made.workspace, folder)
    root = root_of(made.workspace, path) if path is not None else None
    if path is None or root is None:
        made.open = True
        return
    if path not in made.paths:
        made.paths.append(path)
    above = (*above, folder)
    for field in ("resources", "bases"):
        for node in items(root, field):
            if isinstance(node, Scalar):
                _resource(made, folder, node, layer, above)
    for node in items(root, "configurations"):
        target = inside(folder, scalar_text(node))
        for each in made.roots(target) if target else []:
            layer.fields.add(each)
    for node in items(root, "crds"):
        target = inside(folder, scalar_text(node))
        if target:
            made.read(target)
    for field, message in _UNREAD.items():
        given = root.get(field)
        if given is not None and items(root, field):
            made.note(given.location, message)
            made.open = True
    _generate(made, folder, root, layer)
    for node in items(root, "components"):
        target = inside(folder, scalar_text(node))
        if target is None or is_remote(scalar_text(node)):
            made.note(node.location, f"{scalar_text(node)} is not read: it lies outside the audited tree")
            made.open = True
        elif target in above or len(above) > MAX_DEPTH:
            made.note(node.location, f"{scalar_text(node)} includes itself")
        else:
            _accumulate(made, target, layer, above)
    patches = Patches(made, folder, layer.resources)
    transform(root, layer.resources, layer.fields, patches, made.note)
    for node in items(root, "replacements"):
        _replacement(made, folder, node, layer)
    for node in items(root, "transformers"):
        if isinstance(node, Scalar):
            _plugins(made, folder, node, layer, above)
    layer.variables += find_variables(layer.resources, root)


def _resource(made: Build, folder: str, node: Scalar, layer: _Layer, above: tuple[str, ...]) -> None:
    """One entry of ``resources``: a file, or a folder with a kustomization."""
    target = inside(folder, node.text)
    if is_remote(node.text) and (target is None or not made.workspace.tree.exists(target)):
        made.note(node.location, f"{node.text} is not read: it is fetched from elsewhere")
        made.open = True
        return
    if target is None or not made.workspace.tree.exists(target):
        made.note(node.location, f"{node.text} is not there")
        made.open = True
        return
    if made.workspace.tree.is_file(target):
        for root in made.objects(target):
            for each in _objects(root):
                _append(made, layer, Resource(each), node)
        return
    if target in above or len(above) > MAX_DEPTH:
        made.note(node.location, f"{node.text} includes itself")
        return
    if kustomization_of(made.workspace, target) is None:
        made.note(node.location, f"{node.text} has no kustomization")
        made.open = True
        return
    below = _Layer(Fields.standard())
    _accumulate(made, target, below, above)
    for resource in below.resources:
        _append(made, layer, resource, node)
    layer.fields.joined(below.fields)
    layer.variables += below.variables


def _objects(root: Node) -> list[Mapping]:
    """Copies of the objects of a document; lists are taken apart."""
    if not isinstance(root, Mapping) or not is_object(root):
        return []
    root = without_merge_keys(root)
    if scalar_text(root.get("kind")).endswith("List") and isinstance(root.get("items"), Sequence):
        return [found for item in items(root, "items") for found in _objects(item)]
    made = copy(root)
    assert isinstance(made, Mapping)
    return [made]


def _append(made: Build, layer: _Layer, resource: Resource, by: Node) -> None:
    key = resource.identity().key()
    if key in layer.keys:
        made.note(by.location, f"{resource.kind} {resource.name} is there twice")
        return
    if len(layer.resources) >= MAX_RESOURCES:
        raise TooLarge
    layer.keys.add(key)
    layer.resources.append(resource)


def _generate(made: Build, folder: str, root: Mapping, layer: _Layer) -> None:
    def read(path: str) -> SourceFile | None:
        target = inside(folder, path)
        return made.read(target) if target is not None else None

    generator = Generator(read, made.note)
    for resource in generator.generate(root):
        problem = absorb(layer.resources, resource)
        if problem is not None:
            made.note(resource.node.location, problem)
    made.generated_files.update(generator.files)


def _plugins(made: Build, folder: str, node: Scalar, layer: _Layer, above: tuple[str, ...]) -> None:
    """One entry of ``transformers``: a file or folder of kustomize's own transformers, or their text."""
    configurations = _Layer(Fields.standard())
    if "\n" in node.text:
        from gwaudit.parse.yaml import parse_documents

        for document in parse_documents(EmbeddedFile(node)):
            if isinstance(document, Document):
                configurations.resources += [Resource(each) for each in _objects(document.root)]
    else:
        _resource(made, folder, node, configurations, above)
    for resource in configurations.resources:
        if not apply_plugin(resource, layer.resources, Patches(made, folder, layer.resources)):
            made.note(resource.node.location, f"the transformer {resource.kind} is not run")
            made.open = True


def _replacement(made: Build, folder: str, node: Node, layer: _Layer) -> None:
    path = node.get("path") if isinstance(node, Mapping) else None
    if not isinstance(path, Scalar):
        apply_replacement(layer.resources, node, made.note)
        return
    target = inside(folder, path.text)
    roots = made.roots(target) if target is not None else []
    if not roots:
        made.note(path.location, f"{path.text} is not there")
    for root in roots:
        for each in root.items if isinstance(root, Sequence) else [root]:
            apply_replacement(layer.resources, each, made.note)
