"""Kustomizations of a tree: their files, what they include, and which of them nobody includes."""

from __future__ import annotations

import posixpath

from gwaudit.parse.document import Mapping, Scalar
from gwaudit.resolve.kubernetes.reading import items

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.workspace import Workspace

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
MAX_DEPTH = 20


def kustomization_of(workspace: Workspace, folder: str) -> str | None:
    """The kustomization file of a folder, None where it has none."""
    for name in NAMES:
        path = posixpath.join(folder, name) if folder else name
        if workspace.tree.is_file(path):
            return path
    return None


def root_of(workspace: Workspace, path: str) -> Mapping | None:
    """The kustomization as a mapping; several documents of one file count as their first."""
    from gwaudit.resolve.kubernetes.objects import without_merge_keys

    document = workspace.document(path, "kustomization")
    return without_merge_keys(document.root) if document is not None and isinstance(document.root, Mapping) else None


def is_remote(text: str) -> bool:
    """Whether a resource is fetched from elsewhere: a URL or a git reference with a host."""
    if "://" in text or text.startswith(("git@", "git::", "github.com/", "gitlab.com/", "bitbucket.org/")):
        return True
    first = text.partition("/")[0]
    return "?ref=" in text or ("." in first and "//" in text and not first.startswith("."))


def inside(folder: str, path: str) -> str | None:
    """A path of a kustomization relative to the root of the tree; None where it leaves it."""
    if path.startswith("/"):
        return None
    joined = posixpath.normpath(posixpath.join(folder, path))
    if joined == ".." or joined.startswith("../"):
        return None
    return "" if joined == "." else joined


def included(root: Mapping) -> list[Scalar]:
    """What a kustomization builds on: resources, bases and components."""
    return [
        node
        for field in ("resources", "bases", "components")
        for node in items(root, field)
        if isinstance(node, Scalar)
    ]


def folders(workspace: Workspace) -> list[str]:
    """The folders with a kustomization, sorted."""
    found = {posixpath.dirname(path) for path in workspace.paths("kustomization")}
    return sorted(folder for folder in found if kustomization_of(workspace, folder) is not None)


def top_folders(workspace: Workspace) -> list[str]:
    """The folders whose kustomization nobody includes and that is no component."""
    every = folders(workspace)
    used: set[str] = set()
    kept = []
    for folder in every:
        path = kustomization_of(workspace, folder)
        root = root_of(workspace, path) if path else None
        if root is None:
            continue
        for node in included(root):
            target = inside(folder, node.text)
            if target is not None and target != folder:
                used.add(target)
        kind = root.get("kind")
        if not (isinstance(kind, Scalar) and kind.text == "Component"):
            kept.append(folder)
    return [folder for folder in kept if folder not in used]
