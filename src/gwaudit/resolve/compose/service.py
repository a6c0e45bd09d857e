"""One Compose service as a workload with one container: what it states, nothing more."""

from __future__ import annotations

from gwaudit.bundle import section
from gwaudit.parse.document import Mapping, Scalar, Sequence
from gwaudit.resolve.compose.environment import fill, passed_on, value_text
from gwaudit.resolve.compose.fields import itself, key_value
from gwaudit.resolve.compose.health import put_health
from gwaudit.resolve.compose.load import inside
from gwaudit.resolve.compose.mounts import build_context, put_mounts
from gwaudit.resolve.compose.ports import put_ports
from gwaudit.resolve.compose.resources import put_resources, put_scale
from gwaudit.resolve.compose.tree import flag, inputs_of, is_null, known_text, source_of, strings
from gwaudit.resolve.compose.words import command
from gwaudit.resolve.fact import Fact, Source
from gwaudit.resolve.model import Build, Container, Workload

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.compose.fields import Service
    from gwaudit.resolve.model import Endpoint


def workload_of(service: Service) -> tuple[Workload, list[Endpoint]]:
    """The service as a workload, and its published ports."""
    workload = Workload(service.name, "service", service.place)
    put_scale(workload, service)
    _network(workload, service)
    profiles = strings(service.get("profiles"))
    names = tuple(text for node in profiles if (text := known_text(node)))
    place = service.key_place("profiles")
    workload.state("workload.profiles", names, Source("manifest", None, place))
    labels = [*key_value(service.get("deploy", "labels")), *key_value(service.get("labels"))]
    for key, node in labels:
        workload.labels[key.text] = known_text(node) or ""
    container, endpoints = _container(service, workload)
    workload.containers.append(container)
    return workload, endpoints


def _network(workload: Workload, service: Service) -> None:
    """Host networking and the names by which other services reach this one."""
    mode = service.get("network_mode")
    host = known_text(mode) == "host"
    source = source_of(mode) if mode is not None else service.platform("", None).source
    workload.put(Fact("workload.host_network", host, source))
    for field in ("container_name", "hostname"):
        name = known_text(service.get(field))
        if name:
            workload.aliases.add(name)
    for _, network in key_value(service.get("networks")):
        aliases = network.get("aliases") if isinstance(network, Mapping) else None
        workload.aliases.update(text for node in strings(aliases) if (text := known_text(node)))


def _container(service: Service, workload: Workload) -> tuple[Container, list[Endpoint]]:
    container = Container(service.name, service.place)
    container.env_place = service.key_place("environment")
    container.state("container.name", service.name, Source("manifest", None, service.place))
    container.image = service.stated("container.image", itself, "image")
    build = service.get("build")
    if not is_null(build):
        container.build = _build(service)
    builds_at = service.key_place("build" if container.build is not None else "image")
    container.state("container.builds_locally", container.build is not None, Source("manifest", None, builds_at))
    container.entrypoint = command("container.entrypoint", service.get("entrypoint"), service.project.note)
    container.arguments = command("container.arguments", service.get("command"), service.project.note)
    container.working_dir = service.stated("container.working_dir", itself, "working_dir")
    put_resources(container, service)
    put_health(container, service)
    _security(container, service)
    put_mounts(container, service)
    fill(container.environment, service)
    endpoints = put_ports(container, service)
    signal = workload.facts.get("workload.stop_signal")
    if signal is not None:
        container.put(signal.renamed("container.stop_signal"))
    return container, endpoints


def _build(service: Service) -> Build | None:
    """The build, where its context lies inside the tree."""
    context = build_context(service)
    if context is None:
        return None
    arguments: dict[str, Fact] = {}
    for key, node in key_value(service.get("build", "args")):
        if is_null(node):
            arguments[key.text] = passed_on(key, service).renamed(f"arg.{key.text}")
        else:
            arguments[key.text] = Fact(f"arg.{key.text}", value_text(node), source_of(node), inputs=inputs_of(node))
    dockerfile = known_text(service.get("build", "dockerfile"))
    if dockerfile is not None:
        dockerfile = inside(context, dockerfile)
    stage = known_text(service.get("build", "target"))
    return Build(context, dockerfile, stage, arguments, service.key_place("build"))


def _security(container: Container, service: Service) -> None:
    """User, privileges, capabilities, read-only root and init."""
    user = service.stated("container.user", itself, "user")
    if user is not None:
        container.put(user)
    for name, field in (
        ("container.privileged", "privileged"),
        ("container.read_only_root", "read_only"),
        ("container.init", "init"),
    ):
        container.put(service.flag(name, field) or service.platform(name, False))
    dropped = strings(service.get("cap_drop"))
    everything = [node for node in dropped if node.text.upper() == "ALL"]
    source = source_of(everything[0]) if everything else Source("manifest", None, service.key_place("cap_drop"))
    container.put(Fact("container.drops_all_capabilities", bool(everything), source))
    options = service.get("security_opt")
    guards = [
        item
        for item in (options.items if isinstance(options, Sequence) else ())
        if isinstance(item, Scalar) and _no_new_privileges(item)
    ]
    source = source_of(guards[0]) if guards else Source("platform", None, service.key_place("security_opt"))
    container.put(Fact("container.allow_privilege_escalation", not guards, source))


def _no_new_privileges(item: Scalar) -> bool:
    name, _, value = item.text.replace("=", ":").partition(":")
    return name.strip() == "no-new-privileges" and value.strip().lower() != "false"


def depends_on(service: Service) -> list[tuple[Scalar, str, bool]]:
    """The services it waits for: name, condition, required; links and shared namespaces count too."""
    found: dict[str, tuple[Scalar, str, bool]] = {}
    for key, node in key_value(service.get("depends_on")):
        condition = known_text(node.get("condition")) if isinstance(node, Mapping) else None
        required = not (isinstance(node, Mapping) and flag(node.get("required")) is False)
        found[key.text] = (key, condition or "service_started", required)
    for node in [*strings(service.get("links")), *strings(service.get("volumes_from"))]:
        name = node.text.partition(":")[0]
        if name and name != "container":
            found.setdefault(name, (node, "service_started", True))
    for field in ("network_mode", "ipc", "pid"):
        shared = service.get(field)
        text = known_text(shared) or ""
        if text.startswith("service:") and isinstance(shared, Scalar):
            found.setdefault(text[8:], (shared, "service_started", True))
    return list(found.values())


def link_aliases(service: Service) -> list[tuple[str, str]]:
    """(service, alias) for each ``links: [SERVICE:ALIAS]``."""
    pairs = [node.text.partition(":") for node in strings(service.get("links"))]
    return [(name, alias) for name, _, alias in pairs if alias]


def loopback_only(container: Container) -> bool:
    """Whether it publishes ports, and all of them on the loopback interface."""
    ports = container.facts["container.published_ports"].value
    loopback = tuple(section("platforms/compose")["loopback"])
    return isinstance(ports, tuple) and bool(ports) and all(port.startswith(loopback) for port in ports)
