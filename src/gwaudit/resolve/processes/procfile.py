"""A Procfile: one workload a process type, run through a shell, stopped as Heroku stops a dyno."""

from __future__ import annotations

import posixpath

from gwaudit.resolve.fact import Fact, Source, Unknown
from gwaudit.resolve.model import Container, Endpoint, TargetDraft, Workload
from gwaudit.resolve.processes.common import defaults

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.workspace import Workspace


def procfile(workspace: Workspace, path: str) -> list[TargetDraft]:
    """The target of one Procfile; none where it holds no process."""
    document = workspace.document(path, "procfile")
    if document is None or not document.root:
        return []
    row = defaults("procfile")
    folder = posixpath.dirname(path)
    place = document.root[0][0].location
    draft = TargetDraft(folder or path, "procfile", place, (path,))
    heroku = any(
        workspace.tree.is_file(posixpath.join(folder, name)) for name in ("app.json", "heroku.yml", ".slugignore")
    )
    platform = Source("platform")
    for name, command in document.root:
        workload = Workload(name.text, "process", name.location)
        workload.state("workload.kind", "process", Source("manifest", None, name.location))
        workload.state("workload.is_job", name.text in row["jobs"], Source("manifest", name.text, name.location))
        grace: float | Unknown = float(row["grace_period"])
        if not heroku:
            grace = Unknown("which platform runs the Procfile is not known")
        workload.state("workload.grace_period", grace, platform)
        workload.state("workload.stop_signal", row["stop_signal"], platform)
        container = Container(name.text, command.location)
        container.directory = folder or "."
        container.shell = Fact("container.arguments", command.text, Source("manifest", command.text, command.location))
        container.absent(
            "container.cpu_limit",
            "container.memory_limit",
            "liveness.kind",
            "readiness.kind",
            location=command.location,
        )
        for variable, who in row["sets"].items():
            reason = f"{variable} is set by {who}"
            container.environment.set(variable, Unknown(reason, (f"env.{variable}",)), platform)
        workload.containers.append(container)
        draft.workloads.append(workload)
        if name.text == "web":
            endpoint = Endpoint("route", name.text, None, 443, True, location=name.location)
            if heroku:
                endpoint.facts["hop.name"] = Fact("hop.name", "Heroku's router", platform)
                for fact, key in (("hop.read_timeout", "router_timeout"), ("hop.idle_timeout", "idle_timeout")):
                    endpoint.facts[fact] = Fact(fact, float(row[key]), platform)
            draft.endpoints.append(endpoint)
    if heroku:
        draft.stage_hints.append((2, "app.json or heroku.yml beside the Procfile", place))
    return [draft]
