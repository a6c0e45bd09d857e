"""What the user's configuration declares: the stage of a deployment, and latency that no load test in the tree tells."""

from __future__ import annotations

from gwaudit.glob import matches
from gwaudit.resolve.fact import Fact, Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.model import TargetDraft
    from gwaudit.resolve.workspace import Workspace


def stage_of(workspace: Workspace, draft: TargetDraft) -> Fact | None:
    """``stage`` of the ``[[tool.gwaudit.target]]`` that names the deployment or one of its files."""
    configuration = workspace.configuration
    for index, entry in enumerate(configuration.targets if configuration is not None else ()):
        named = entry.get("name") == draft.name
        paths = entry.get("paths", ())
        if "stage" in entry and (named or any(matches(pattern, path) for pattern in paths for path in draft.paths)):
            assert configuration is not None
            place = configuration.location_of("target", index, "stage")
            return Fact("stage", entry["stage"], Source("configuration", entry["stage"], place))
    return None


def latency_of(workspace: Workspace, service: str, alone: bool) -> Fact | None:
    """``app.measured_p99`` from ``[tool.gwaudit.latency]``: of the service it names, else of a target's only server."""
    configuration = workspace.configuration
    p99 = configuration.latency.get("p99") if configuration is not None else None
    if configuration is None or p99 is None:
        return None
    if configuration.latency_service != service and not (configuration.latency_service is None and alone):
        return None
    return Fact("app.measured_p99", p99, Source("configuration", str(p99), configuration.location_of("latency", "p99")))
