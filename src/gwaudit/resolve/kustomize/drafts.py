"""Builds become targets; what no build reads and a component does is used as well."""

from __future__ import annotations

import posixpath

from gwaudit.parse.document import Mapping, Scalar
from gwaudit.resolve.kubernetes import drafts_from_objects
from gwaudit.resolve.kubernetes.reading import items
from gwaudit.resolve.kustomize.layout import folders, included, inside, kustomization_of, root_of
from gwaudit.source import Location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.kustomize.build import Build
    from gwaudit.resolve.model import TargetDraft
    from gwaudit.resolve.workspace import Workspace

_FILES = ("patchesStrategicMerge", "configurations", "crds")
_PATHS = ("patches", "patchesJson6902", "replacements")


def drafts_of(folder: str, build: Build) -> list[TargetDraft]:
    """The target of a build; none where nothing in it runs."""
    main = build.paths[0] if build.paths else folder
    name = folder or posixpath.basename(build.workspace.tree.root)
    drafts = drafts_from_objects(
        [resource.node for resource in build.resources],
        name,
        "kustomize",
        Location(main),
        build.paths,
        complete=not build.open,
        notes=build.notes,
    )
    if not drafts and build.workspace.role_of(main) == "deployment":
        for note in build.notes:
            build.workspace.remark(*note)
    for draft in drafts:
        for workload in draft.workloads:
            for container in workload.containers:
                for path, node in container.texts.items():
                    # A generated key that is a whole file of the tree stands in the container as that file.
                    if node.start == 0 and node.end == len(node.file.text) and node.file.path in build.paths:
                        container.files[path] = node.file.path
    return drafts


def components(workspace: Workspace) -> set[str]:
    """The files of every kustomization, components that no build includes among them."""
    used: set[str] = set()
    for folder in folders(workspace):
        path = kustomization_of(workspace, folder)
        root = root_of(workspace, path) if path is not None else None
        if path is None or root is None:
            continue
        used.add(path)
        named = [node.text for node in included(root)]
        for field in _FILES:
            named += [node.text for node in items(root, field) if isinstance(node, Scalar)]
        for field in _PATHS:
            for entry in items(root, field):
                node = entry.get("path") if isinstance(entry, Mapping) else None
                if isinstance(node, Scalar):
                    named.append(node.text)
        for text in named:
            target = inside(folder, text) if "\n" not in text else None
            if target is not None and workspace.tree.is_file(target):
                used.add(target)
    return used
