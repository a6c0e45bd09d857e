"""Kubernetes: plain manifests become targets; ``drafts_from_objects`` is what Helm and Kustomize share with them."""

from __future__ import annotations

from gwaudit.resolve.kubernetes.draft import drafts_from_objects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.model import TargetDraft
    from gwaudit.resolve.workspace import Workspace

__all__ = ["drafts_from_objects", "targets"]


def targets(workspace: Workspace) -> list[TargetDraft]:
    """The deployments that plain manifests describe (see ``grouping`` for which files make one)."""
    from gwaudit.resolve.kubernetes.manifests import plain_targets

    return plain_targets(workspace)
