"""Published and exposed ports of a service, short and long form, as container facts and endpoints."""

from __future__ import annotations

from gwaudit.bundle import section
from gwaudit.parse.document import Mapping, Node, Scalar, Sequence
from gwaudit.resolve.compose.tree import known_text, source_of, strings, text_of
from gwaudit.resolve.compose.units import integer_of
from gwaudit.resolve.fact import Fact, Source, Unknown
from gwaudit.resolve.model import Endpoint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.compose.fields import Service
    from gwaudit.resolve.model import Container

MAX_RANGE = 200


class Port:
    """One published port; ``outer`` None where Docker chooses it, ``address`` empty for every interface."""

    __slots__ = ("address", "node", "outer", "protocol", "target")

    def __init__(self, target: int, outer: int | None, address: str, protocol: str, node: Node) -> None:
        self.target = target
        self.outer = outer
        self.address = address
        self.protocol = protocol
        self.node = node

    @property
    def loopback(self) -> bool:
        return self.address.strip("[]").startswith(tuple(section("platforms/compose")["loopback"]))

    def key(self) -> tuple[str, int | None, int, str]:
        """What makes it the same port when files are merged."""
        return (self.address or "0.0.0.0", self.outer, self.target, self.protocol)

    def __str__(self) -> str:
        return f"{self.address or '0.0.0.0'}:{self.outer if self.outer is not None else ''}:{self.target}"


def ports_of(service: Service) -> tuple[list[Port], list[Unknown]]:
    """The published ports, each once, and what is not known of others."""
    node = service.get("ports")
    found: dict[tuple[str, int | None, int, str], Port] = {}
    hidden: list[Unknown] = []
    for item in node.items if isinstance(node, Sequence) else ():
        text = text_of(item)
        if isinstance(text, Unknown):
            hidden.append(text)
            continue
        ports = _long(item) if isinstance(item, Mapping) else _short(text or "", item)
        if ports is None:
            service.project.note(item.location, "a port is not understood")
            hidden.append(Unknown("a port is not understood"))
        for port in ports or ():
            found[port.key()] = port
    return list(found.values()), hidden


def _long(item: Mapping) -> list[Port] | None:
    target = _range(known_text(item.get("target")) or "")
    published = known_text(item.get("published")) or ""
    outer = _range(published) if published.strip("0") else []
    if target is None or outer is None or len(target) != 1:
        return None
    address = known_text(item.get("host_ip")) or ""
    protocol = known_text(item.get("protocol")) or section("platforms/compose")["port_protocol"]
    return [Port(target[0], outer[0] if outer else None, address, protocol, item)]


def _short(text: str, item: Node) -> list[Port] | None:
    """``[[ADDRESS:]PUBLISHED:]TARGET[/PROTOCOL]`` with ranges; an IPv6 address stands in brackets."""
    body, slash, protocol = text.rpartition("/")
    if not slash:
        body, protocol = text, section("platforms/compose")["port_protocol"]
    rest, _, inner = body.rpartition(":")
    address, outer = "", ""
    if rest.startswith("[") and "]" in rest:
        address, _, outer = rest.partition("]")
        address, outer = address[1:], outer.lstrip(":")
    elif ":" in rest:
        address, _, outer = rest.rpartition(":")
    else:
        outer = rest
        if "." in outer:
            address, outer = outer, ""
    targets = _range(inner)
    published = _range(outer) if outer.strip("0") else []  # port 0: Docker chooses one
    if not targets or published is None:
        return None
    if not published:
        return [Port(target, None, address, protocol, item) for target in targets]
    if len(published) == len(targets):
        return [Port(t, p, address, protocol, item) for t, p in zip(targets, published, strict=True)]
    return [Port(targets[0], published[0], address, protocol, item)] if len(targets) == 1 else None


def _range(text: str) -> list[int] | None:
    first, dash, last = text.strip().partition("-")
    low = integer_of(first)
    high = integer_of(last) if dash else low
    if low is None or high is None or not 0 < low <= high <= 65535 or high - low > MAX_RANGE:
        return None
    return list(range(low, high + 1))


def put_ports(container: Container, service: Service) -> list[Endpoint]:
    """The facts about ports, and an endpoint for every published one."""
    ports, hidden = ports_of(service)
    place = service.key_place("ports")
    source = source_of(ports[0].node) if ports else Source("manifest", None, place)
    source = Source("manifest", None, source.location, source.via)
    targets = [port.target for port in ports]
    for node in strings(service.get("expose")):
        targets.extend(_range((known_text(node) or "").partition("/")[0]) or ())
    container.state("container.ports", hidden[0] if hidden else tuple(dict.fromkeys(targets)), source)
    container.state("container.published_ports", hidden[0] if hidden else tuple(str(port) for port in ports), source)
    open_ports = [port for port in ports if not port.loopback]
    shown = next((source_of(port.node) for port in open_ports), source)
    host = known_text(service.get("network_mode")) == "host"
    published: bool | Unknown = bool(open_ports) or host or (hidden[0] if hidden else False)
    network = service.get("network_mode")
    if host and network is not None and not open_ports:
        shown = source_of(network)
    container.put(Fact("container.published", published, Source("manifest", None, shown.location, shown.via)))
    endpoints = []
    for port in ports:
        place = source_of(port.node).location or port.node.location
        endpoint = Endpoint(
            "published-port", service.name, port.target, port.outer, not port.loopback, port.address or None, place
        )
        endpoints.append(endpoint)
    return endpoints


def port_nodes(service: Service) -> list[Scalar]:
    """The scalars of the ports in short form (for hints)."""
    return strings(service.get("ports"))
