"""Kustomize: overlays are built as ``kubectl kustomize`` builds them, and become targets."""

from __future__ import annotations

from gwaudit.resolve.kustomize.layout import top_folders

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.kustomize.build import Build
    from gwaudit.resolve.model import TargetDraft
    from gwaudit.resolve.workspace import Workspace

__all__ = ["consumed", "targets"]


def targets(workspace: Workspace) -> list[TargetDraft]:
    """One target for each kustomization that no other one includes (a component is never one)."""
    from gwaudit.resolve.kustomize.drafts import drafts_of

    return [draft for folder, build in _builds(workspace) for draft in drafts_of(folder, build)]


def consumed(workspace: Workspace) -> frozenset[str]:
    """The files that kustomizations read (resources, patches, generator sources): they are no manifests of their own."""
    from gwaudit.resolve.kustomize.drafts import components

    used = {path for _, build in _builds(workspace) for path in build.paths}
    return frozenset(used | components(workspace))


def _builds(workspace: Workspace) -> list[tuple[str, Build]]:
    """The builds of a workspace, made once."""
    from gwaudit.resolve.kustomize.build import build

    known: list[tuple[str, Build]] | None = workspace.cache.get("kustomize")
    if known is None:
        known = workspace.cache["kustomize"] = [(folder, build(workspace, folder)) for folder in top_folders(workspace)]
    return known
