"""Fly.io: a fly.toml as a target, a workload for each process group."""

from __future__ import annotations

import posixpath

from gwaudit.bundle import section
from gwaudit.parse.document import Mapping, Scalar
from gwaudit.resolve.fact import Source
from gwaudit.resolve.fly.machine import put_machine, put_mounts
from gwaudit.resolve.fly.services import put_services
from gwaudit.resolve.fly.start import put_command, put_environment, put_experimental, put_image, put_stop
from gwaudit.resolve.model import Container, TargetDraft, Workload

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.workspace import Workspace


def targets(workspace: Workspace) -> list[TargetDraft]:
    """One draft per fly.toml that says anything of an application."""
    found = []
    for path in workspace.paths("fly"):
        document = workspace.document(path, "fly")
        if document is not None and isinstance(document.root, Mapping) and document.root.entries:
            found.append(_draft(workspace, path, document.root))
    return found


def _draft(workspace: Workspace, path: str, root: Mapping) -> TargetDraft:
    data = section("platforms/fly")
    app = root.get("app")
    name = app.text if isinstance(app, Scalar) and app.text else posixpath.dirname(path) or path
    place = app.location if app is not None else root.entries[0][0].location
    draft = TargetDraft(path, "fly", place, (path,))
    platform = Source("platform", None, place)
    draft.state("target.micro_vm", True, platform)
    processes = root.get("processes")
    groups = processes.entries if isinstance(processes, Mapping) and processes.entries else [(None, None)]
    for key, command in groups:
        group = key.text if key is not None else "app"
        workload = Workload(group if key is not None else name, "process", key.location if key is not None else place)
        workload.aliases |= {name, f"{name}.internal", f"{group}.process.{name}.internal"}
        container = Container(workload.name, workload.place)
        put_experimental(container, root)
        if isinstance(command, Scalar):
            put_command(container, command)
        put_stop(workload, root, data)
        put_image(workspace, container, root, path)
        put_environment(container, root)
        put_machine(container, root, group, data)
        put_mounts(container, root, group)
        put_services(draft, workload, container, root, group, data)
        workload.state("workload.is_job", False, platform)
        container.absent("liveness.kind", "readiness.kind", location=workload.place)
        workload.containers.append(container)
        draft.workloads.append(workload)
    return draft
