"""Releases that a repository declares: Argo CD applications, helmfiles and commands that name a chart of the tree.

Only what is plain is read: a chart by a path inside the tree, values files by name, values written in place. Helmfile
templates, application sets, parameters and charts from elsewhere are left alone.
"""

from __future__ import annotations

import posixpath

from gwaudit.parse.document import Mapping, ParseFailure, Scalar, Sequence
from gwaudit.parse.yaml import parse_documents
from gwaudit.resolve.helm.chart import read_values
from gwaudit.resolve.helm.coalesce import maps
from gwaudit.resolve.helm.errors import EvaluationError
from gwaudit.resolve.helm.reading import Reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.document import Node
    from gwaudit.resolve.fact import Fact
    from gwaudit.resolve.helm.provenance import Value
    from gwaudit.resolve.workspace import Workspace
    from gwaudit.source import Location


class Declared:
    """One declared release: the chart's folder, the values files in order, and what is written in place above them."""

    __slots__ = ("files", "folder", "inline", "label", "name", "namespace", "place", "role", "source", "stage")

    def __init__(self, folder: str, name: str, namespace: str, place: Location, source: str) -> None:
        self.folder = folder
        self.name = name
        self.namespace = namespace
        self.place = place
        self.source = source  # the file that declares it
        self.files: list[str] = []
        self.inline: Node | None = None
        self.label: str | None = None  # the target of a Makefile that makes it
        self.role: str | None = None  # what it is there for, where the path of its main file does not tell
        self.stage: Fact | None = None  # what is said of it outright

    @property
    def title(self) -> str:
        """The release and where it is declared."""
        return f"{self.name} ({self.source}: {self.label})" if self.label else f"{self.name} ({self.source})"

    def values(self, workspace: Workspace) -> dict[str, Value] | None:
        """The values on top of the chart's own; None where a file that is named cannot be read."""
        found: dict[str, Value] = {}
        for path in self.files:
            file = workspace.source(path)
            if file is None:
                return None
            values, note = read_values(file)
            if note is not None:
                return None
            found = maps(found, values)
        if isinstance(self.inline, Mapping):
            try:
                found = maps(found, Reader().value(self.inline).data)
            except (EvaluationError, RecursionError):
                return None
        return found


def declared(workspace: Workspace, folders: frozenset[str]) -> list[Declared]:
    """The releases of charts in ``folders`` that YAML files declare."""
    found: list[Declared] = []
    for path in workspace.paths("yaml"):
        source = workspace.source(path)
        if source is None:
            continue
        text = source.text
        if "argoproj.io/" in text and "Application" in text:
            roots = _roots(workspace, path)
            found += [each for root in roots for each in _applications(root, path, folders)]
        elif posixpath.basename(path).startswith("helmfile") and "releases" in text and "{{" not in text:
            found += [each for root in _roots(workspace, path) for each in _helmfile(root, path, folders)]
    from gwaudit.resolve.helm.commanded import commanded

    found += commanded(workspace, folders)
    return [each for each in found if all(workspace.tree.is_file(file) for file in each.files)]


def _roots(workspace: Workspace, path: str) -> list[Mapping]:
    source = workspace.source(path)
    documents = parse_documents(source) if source is not None and "{{" not in source.text else []
    return [d.root for d in documents if not isinstance(d, ParseFailure) and isinstance(d.root, Mapping)]


def _applications(root: Mapping, path: str, folders: frozenset[str]) -> list[Declared]:
    if _text(root, "kind") != "Application":
        return []
    sources = root.get("spec", "sources")
    one = root.get("spec", "source")
    found: list[Declared] = []
    for source in sources.items if isinstance(sources, Sequence) else [one]:
        folder = posixpath.normpath(_text(source, "path") or ".")
        if not isinstance(source, Mapping) or folder not in folders or source.get("helm") is None:
            continue
        name = _text(source, "helm", "releaseName") or _text(root, "metadata", "name") or ""
        namespace = _text(root, "spec", "destination", "namespace") or "default"
        each = Declared(folder, name, namespace, source.location, path)
        each.files = [_inside(folder, file) for file in _texts(source.get("helm", "valueFiles"))]
        each.inline = source.get("helm", "valuesObject")
        if name and source.get("helm", "values") is None and (each.files or each.inline is not None):
            found.append(each)
    return found


def _inside(folder: str, file: str) -> str:
    """A values file relative to the chart, or to the repository where it begins with ``$ref/`` or a slash."""
    if file.startswith(("$", "/")):
        return posixpath.normpath(file.partition("/")[2])
    return posixpath.normpath(posixpath.join(folder, file))


def _helmfile(root: Mapping, path: str, folders: frozenset[str]) -> list[Declared]:
    base = posixpath.dirname(path)
    releases = root.get("releases")
    found: list[Declared] = []
    for release in releases.items if isinstance(releases, Sequence) else []:
        chart, name = _text(release, "chart"), _text(release, "name")
        if not isinstance(release, Mapping) or not chart or not name or not chart.startswith("."):
            continue
        folder = posixpath.normpath(posixpath.join(base, chart))
        values = release.get("values")
        if folder not in folders or not isinstance(values, Sequence):
            continue
        each = Declared(folder, name, _text(release, "namespace") or "default", release.location, path)
        each.files = [posixpath.normpath(posixpath.join(base, item)) for item in _texts(values)]
        inline = [item for item in values.items if isinstance(item, Mapping)]
        each.inline = inline[-1] if inline else None
        if len(inline) <= 1:
            found.append(each)
    return found


def _text(node: Node | None, *path: str) -> str | None:
    found = node.get(*path) if isinstance(node, Mapping) else None
    return found.text if isinstance(found, Scalar) else None


def _texts(node: Node | None) -> list[str]:
    return [item.text for item in node.items if isinstance(item, Scalar)] if isinstance(node, Sequence) else []
