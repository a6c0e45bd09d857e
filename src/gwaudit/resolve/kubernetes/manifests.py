"""Plain manifests: YAML and JSON files with Kubernetes objects that no Helm chart and no kustomization uses."""

from __future__ import annotations

import posixpath

from gwaudit.resolve.kubernetes.draft import drafts_from_objects
from gwaudit.resolve.kubernetes.grouping import groups as grouped
from gwaudit.resolve.kubernetes.objects import objects_of, roots_of, scalar_text
from gwaudit.resolve.kubernetes.platform import kubernetes
from gwaudit.resolve.kubernetes.workloads import pod_of
from gwaudit.source import Location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.document import Node
    from gwaudit.resolve.kubernetes.objects import Object
    from gwaudit.resolve.model import TargetDraft
    from gwaudit.resolve.workspace import Workspace


def plain_targets(workspace: Workspace) -> list[TargetDraft]:
    """A draft for each group of manifests in which something runs."""
    used = _used_by_kustomize(workspace)
    roots: dict[str, list[Node]] = {}
    objects: dict[str, list[Object]] = {}
    for path in manifest_paths(workspace):
        if path in used:
            continue
        found = object_roots(workspace, path)
        if found:
            roots[path] = found
            objects[path] = objects_of(found)
    known = kubernetes()["operators"]
    runs = {path for path, each in objects.items() if any(pod_of(item) or item.kind in known for item in each)}
    drafts: list[TargetDraft] = []
    for group in grouped(objects, runs):
        nodes = [node for path in group.paths for node in roots[path]]
        main = next((path for path in group.paths if path in runs), group.paths[0])
        paths = [main, *(path for path in group.paths if path != main)]
        name = group.name or posixpath.basename(main)
        drafts += drafts_from_objects(nodes, name, "kubernetes", Location(main), paths)
    return drafts


def manifest_paths(workspace: Workspace) -> list[str]:
    """YAML and JSON files that may hold Kubernetes objects and belong to no chart."""
    charts = {posixpath.dirname(path) for path in workspace.paths("helm-chart")}
    skipped = set(kubernetes()["skipped_folders"])
    found = []
    for path in workspace.paths("yaml", "json", "helm-template"):
        if not path.lower().endswith((".yaml", ".yml", ".json")) or _in_chart(path, charts):
            continue
        if skipped.intersection(path.split("/")[:-1]):
            continue
        found.append(path)
    return sorted(found)


def _in_chart(path: str, charts: set[str]) -> bool:
    """Whether a chart renders or installs the file: its templates, CRDs, sub-charts, tests and values."""
    parts = path.split("/")
    for count in range(len(parts)):
        folder = "/".join(parts[:count])
        if folder in charts and (count == len(parts) - 1 or parts[count] in kubernetes()["chart_folders"]):
            return True
    return False


def object_roots(workspace: Workspace, path: str) -> list[Node]:
    """The root nodes of a file's Kubernetes objects; empty where it holds none."""
    ignored, groups = set(kubernetes()["ignored_kinds"]), set(kubernetes()["ignored_groups"])
    found = []
    for root in roots_of(workspace, path) or []:
        kind, version = root.get("kind"), root.get("apiVersion")  # type: ignore[attr-defined]
        if scalar_text(kind) not in ignored and scalar_text(version).rpartition("/")[0] not in groups:
            found.append(root)
    return found


def _used_by_kustomize(workspace: Workspace) -> frozenset[str]:
    if not workspace.paths("kustomization"):
        return frozenset()
    from gwaudit.resolve.kustomize import consumed

    return consumed(workspace)
