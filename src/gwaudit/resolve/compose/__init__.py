"""Docker Compose: every project of the tree as a target, as ``docker compose config`` would show it."""

from __future__ import annotations

from gwaudit.bundle import section
from gwaudit.parse.document import Mapping, Scalar
from gwaudit.resolve.compose.fields import Service, key_value
from gwaudit.resolve.compose.files import projects
from gwaudit.resolve.compose.load import load
from gwaudit.resolve.compose.service import depends_on, link_aliases, loopback_only, workload_of
from gwaudit.resolve.compose.traefik import routes
from gwaudit.resolve.fact import Source
from gwaudit.resolve.model import Reference, TargetDraft
from gwaudit.source import Location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.compose.load import Parsed, Project
    from gwaudit.resolve.model import Workload
    from gwaudit.resolve.workspace import Workspace


def targets(workspace: Workspace) -> list[TargetDraft]:
    """One draft per Compose project, in the order of their files."""
    found = []
    parts: set[str] = set()  # files that others include or extend
    parsed: Parsed = {}
    for paths in projects(workspace):
        draft = _draft(load(workspace, paths, parsed), paths)
        if draft is not None:
            parts.update(draft.paths[len(paths) :])
            found.append((paths, draft))
    bases = section("platforms/compose")["base_files"]
    return [draft for paths, draft in found if paths[-1] not in parts or paths[-1].rsplit("/", 1)[-1] in bases]


def _draft(project: Project, paths: tuple[str, ...]) -> TargetDraft | None:
    entries = [(key, node) for key, node in project.section("services") if isinstance(node, Mapping)]
    if not entries and not project.notes:
        return None
    root = project.root
    services_key = root.key("services") if isinstance(root, Mapping) else None
    place = services_key.location if services_key is not None else Location(paths[0])
    name = "+".join([paths[0], *(path.rsplit("/", 1)[-1] for path in paths[1:])])
    draft = TargetDraft(name, "compose", place, tuple(dict.fromkeys([*paths, *project.paths])))
    services = [Service(project, key.text, node, key.location) for key, node in entries]
    for service in services:
        workload, endpoints = workload_of(service)
        draft.workloads.append(workload)
        draft.endpoints.extend(endpoints)
        draft.endpoints.extend(routes(service))
    _joined(project, draft, services)
    _hints(draft, services)
    draft.references = project.references
    draft.notes = project.notes
    return draft


def _joined(project: Project, draft: TargetDraft, services: list[Service]) -> None:
    """What services say of one another: dependencies, link aliases, networks; and which of them run to completion."""
    by_name = {workload.name: workload for workload in draft.workloads}
    waited: dict[str, tuple[str, Scalar]] = {}
    networks = {key.text for key, _ in project.section("networks")} | {"default"}
    for service in services:
        for node, condition, required in depends_on(service):
            name = node.text.removeprefix("service:").partition(":")[0]
            reference = Reference("service", name, name in by_name, not required, node.location, service.name)
            project.references.append(reference)
            by_name[service.name].depends_on.append(name)
            if condition == "service_completed_successfully" or name not in waited:
                waited[name] = (condition, node)
        for name, alias in link_aliases(service):
            if name in by_name:
                by_name[name].aliases.add(alias)
        for key, _ in key_value(service.get("networks")):
            project.references.append(
                Reference("network", key.text, key.text in networks, False, key.location, service.name)
            )
    for name, workload in by_name.items():
        if "workload.is_job" in workload.facts:
            continue
        condition, waits = waited.get(name, ("", None))
        if condition == "service_completed_successfully" and waits is not None:
            workload.state("workload.is_job", True, Source("manifest", None, waits.location))
        elif _serves(workload) or condition == "service_healthy":
            workload.state("workload.is_job", False, Source("manifest", None, workload.place))


def _serves(workload: Workload) -> bool:
    """Whether something shows that the service is meant to stay up: a restart policy, ports, a health check, instances."""
    facts = workload.containers[0].facts
    restart = workload.facts["workload.restart"]
    stays = restart.source.layer != "platform" and restart.value != "no"
    ports = facts["container.ports"].value
    return stays or (isinstance(ports, tuple) and bool(ports)) or "healthcheck.interval" in facts


def _hints(draft: TargetDraft, services: list[Service]) -> None:
    """What the services say of the stage, each kind once: profiles, mounted sources, loopback ports, restart policies."""
    data = section("platforms/stage")
    development, configuration = data["names"]["development"], tuple(data["configuration_folders"])
    profiles = [service_profiles(workload) for workload in draft.workloads]
    found: dict[str, tuple[int, str, Location | None]] = {}
    published = []
    for service, workload in zip(services, draft.workloads, strict=True):
        container = workload.containers[0]
        context = container.build.context if container.build is not None else None
        for mount in container.mounts:
            if (
                context is not None
                and mount.kind == "bind"
                and mount.source is not None
                and not mount.path.startswith(configuration)
                and _is_source(mount.source, context)
            ):
                found.setdefault("sources", (-2, f"{service.name} runs mounted sources", mount.location))
        if container.facts["container.published_ports"].value:
            published.append((loopback_only(container), service))
        restart = workload.facts["workload.restart"]
        if restart.value in ("always", "unless-stopped"):
            found.setdefault("restart", (1, f"restart: {restart.value}", restart.location))
    if published and all(loopback for loopback, _ in published):
        place = published[0][1].key_place("ports")
        found["loopback"] = (-2, "ports are published on the loopback interface only", place)
    if profiles and all(names and names <= set(development) for names in profiles):
        place = services[0].key_place("profiles")
        found["profiles"] = (-4, "every service needs a development profile", place)
    draft.stage_hints.extend(found.values())


def service_profiles(workload: Workload) -> set[str]:
    return set(workload.facts["workload.profiles"].value)


def _is_source(source: str, context: str) -> bool:
    """Whether a mounted folder is the build context, lies above it or is a top folder of it (data folders are not)."""
    return source == context or context.startswith(source + "/") or source == "."
