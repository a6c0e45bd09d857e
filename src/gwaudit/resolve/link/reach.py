"""What of a service stands open on the network: on the host's interfaces or through published ports."""

from __future__ import annotations

from gwaudit.bundle import section
from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.link.names import Directory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.model import Endpoint
    from gwaudit.resolve.service import Service
    from gwaudit.resolve.targets import Target
    from gwaudit.resolve.workspace import Workspace

_HOSTS = ("systemd", "supervisor")  # platforms that run processes on a host
_DIRECT = ("published-port", "node-port", "load-balancer")


def reach(workspace: Workspace, target: Target) -> None:
    """``http.on_host``, ``container.published`` where the platform module said nothing, ``http.data_ports_published``."""
    directory = Directory(target)
    direct: dict[int, list[Endpoint]] = {}
    for endpoint in target.draft.endpoints:
        if endpoint.kind in _DIRECT and endpoint.public is not False:
            for service in directory.of(endpoint.workload):
                direct.setdefault(id(service), []).append(endpoint)
    for service in target.services:
        subject = service.subject
        network = subject.fact("workload.host_network")
        on_host = target.draft.kind in _HOSTS or network.value is True
        source = network.source if network.value is True else Source("manifest")
        subject.set("http.on_host", on_host, source)
        endpoints = direct.get(id(service), [])
        if "container.published" not in subject.facts:
            _published(service, endpoints, on_host)
        _data(service, endpoints)


def _published(service: Service, endpoints: list[Endpoint], on_host: bool) -> None:
    subject = service.subject
    if endpoints:
        subject.set("container.published", True, Source("manifest", endpoints[0].kind, endpoints[0].location))
    elif on_host:
        every = subject.fact("bind.all_interfaces")
        value = every.value if every.known or isinstance(every.value, Unknown) else False
        subject.put(Fact("container.published", value, every.source, inputs=(every,)))
    else:
        subject.set("container.published", False, Source("manifest", None, service.container.place))


def _data(service: Service, endpoints: list[Endpoint]) -> None:
    """Ports of data stores that are open on every interface, or through a node port or load balancer."""
    data = section("platforms/exposure")
    name = _program(service)
    holds = any(word in name for word in data["stores"])
    found: list[Fact] = []
    for endpoint in endpoints:
        if not holds or data["ports"].get(endpoint.port) is None:
            continue
        if endpoint.kind == "published-port" and endpoint.outer_port is None:
            continue  # another port at each start, which nobody can point a client at: most often meant as `expose`
        outer = f"{endpoint.outer_port}:" if endpoint.outer_port is not None else ""
        text = f"{endpoint.host or '0.0.0.0'}:{outer}{endpoint.port}"
        place = Source("manifest", None, endpoint.location)
        found.append(Fact("http.data_ports_published", text, place))
    if not found:
        service.subject.set("http.data_ports_published", ABSENT)
        return
    texts = tuple(dict.fromkeys(str(fact.value) for fact in found))
    first = found[0].source
    service.subject.put(Fact("http.data_ports_published", texts, first, inputs=found[1:]))


def _program(service: Service) -> str:
    """What runs there, as far as a name tells: of the image, of the base of one that is built here, or of the workload."""
    name = service.subject.known("container.image_name")
    base = service.image.base if service.image is not None else None
    if not name and base is not None and base.known:
        name = str(base.value)
    if not name:
        name = service.subject.parent.name if service.subject.parent is not None else service.subject.name
    return str(name).rsplit("/", 1)[-1].lower()
