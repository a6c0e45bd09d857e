"""Kustomize: overlays are built as ``kubectl kustomize`` builds them, and become targets."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.workspace import Workspace


def consumed(workspace: Workspace) -> frozenset[str]:
    """The files that kustomizations read: they are no manifests of their own."""
    return frozenset()
