"""Helm charts: templates are evaluated statically, and every rendered field leads back to the line of the values file."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.model import TargetDraft
    from gwaudit.resolve.workspace import Workspace


def targets(workspace: Workspace) -> list[TargetDraft]:
    """A deployment for each chart with its default values and with each values file that belongs to it."""
    from gwaudit.resolve.helm.releases import chart_targets

    return chart_targets(workspace)
