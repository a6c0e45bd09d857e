"""The ways from a client to a service: endpoints of the platform, proxies of the target, one behind the other.

A way is a list of hops, outermost first; each hop has facts ``hop.*``. Internal ways (a ClusterIP Service) are not listed:
they lead from services, not from clients.
"""

from __future__ import annotations

from gwaudit.bundle import section
from gwaudit.resolve.fact import Fact, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gwaudit.resolve.link.names import Directory
    from gwaudit.resolve.model import Endpoint, TargetDraft
    from gwaudit.resolve.proxy.model import Passage, Proxy, Upstream
    from gwaudit.resolve.service import Service

MAX_CHAIN = 4  # proxies one behind the other
MAX_WAYS = 120  # of one service
_LOOPBACK = ("127.0.0.1", "localhost", "::1", "0.0.0.0")
_TLS_PLATFORMS = ("code-engine", "cloud-run", "container-apps")


class Hop:
    """One hop: an endpoint of the platform, or a passage through a proxy (with the upstream it takes from there)."""

    __slots__ = ("endpoint", "facts", "kind", "name", "passage", "proxy", "tls", "upstream")

    def __init__(self, name: str, kind: str, facts: dict[str, Fact]) -> None:
        self.name = name
        self.kind = kind
        self.facts = facts
        self.endpoint: Endpoint | None = None
        self.passage: Passage | None = None
        self.proxy: Proxy | None = None
        self.upstream: Upstream | None = None
        self.tls: bool | None = None  # whether clients of this hop speak TLS to it; None: not known

    def fact(self, name: str) -> Fact:
        return self.facts.get(f"hop.{name}") or Fact(f"hop.{name}", Unknown(f"{self.name} does not tell it"))

    def limit(self) -> Fact | None:
        """The shorter of the limits that it sets for one request; None where it surely sets none or says nothing."""
        stated = [self.facts.get(name) for name in ("hop.request_timeout", "hop.read_timeout")]
        known = [fact for fact in stated if fact is not None and fact.known and fact.value > 0]
        return min(known, key=lambda fact: float(fact.value)) if known else None

    @property
    def program(self) -> str:
        """The proxy's or endpoint's own name, without the rule of its configuration."""
        name = self.name
        for rule in (" location ", " backend ", " router ", " reverse_proxy ", " server "):
            name = name.partition(rule)[0]
        return name

    @property
    def limits_unknown(self) -> bool:
        """Whether it may set a limit that nobody can tell."""
        if self.kind not in ("ingress", "gateway", "route", "load-balancer") or self.limit() is not None:
            return False
        stated = [self.facts[name] for name in ("hop.request_timeout", "hop.read_timeout") if name in self.facts]
        if any(isinstance(fact.value, Unknown) for fact in stated):
            return True
        return "hop.product" not in self.facts or not self.facts["hop.product"].known


class Way:
    """Hops from a client to a service; ``public`` whether it starts outside the target (None: not known)."""

    __slots__ = ("hops", "public", "service")

    def __init__(self, service: Service, hops: list[Hop], public: bool | None) -> None:
        self.service = service
        self.hops = hops
        self.public = public

    @property
    def passage(self) -> Passage | None:
        """The innermost passage through a proxy."""
        return next((hop.passage for hop in reversed(self.hops) if hop.passage is not None), None)


class Map:
    """All services of a target with the proxies in front of them."""

    __slots__ = ("_directory", "_draft", "_host", "_kind", "proxies")

    def __init__(self, draft: TargetDraft, directory: Directory, proxies: list[Proxy]) -> None:
        self._draft = draft
        self._directory = directory
        self.proxies = proxies
        self._kind = draft.kind

    def ways(self, service: Service) -> list[Way]:
        found: list[Way] = []
        for hops, public in self._to(service, service.subject.known("bind.port"), 0):
            found.append(Way(service, hops, public))
            if len(found) >= MAX_WAYS:
                break
        return found

    def _to(self, service: Service, port: object, depth: int) -> Iterator[tuple[list[Hop], bool | None]]:
        for endpoint in self._draft.endpoints:
            if endpoint.kind != "service" and self._leads(endpoint, service, port):
                yield [_of_endpoint(endpoint, self._kind)], endpoint.public
        if depth >= MAX_CHAIN:
            return
        for proxy in self.proxies:
            if proxy.service is service:
                continue
            for passage in proxy.passages:
                for upstream in passage.upstreams:
                    if self.reaches(proxy, upstream, service, port):
                        yield from self._through(proxy, passage, upstream, depth)

    def _through(
        self, proxy: Proxy, passage: Passage, upstream: Upstream, depth: int
    ) -> Iterator[tuple[list[Hop], bool | None]]:
        """Every way to the proxy's listeners, continued through the passage."""
        met = False
        ports = {listener.port for listener in passage.listeners}
        for port in sorted(ports, key=str):
            if proxy.service is None or port is None:
                continue
            for hops, public in self._to(proxy.service, port, depth + 1):
                met = True
                yield [*hops, _of_passage(proxy, passage, upstream, port)], public
        if not met:
            port = next(iter(ports)) if len(ports) == 1 else None
            yield [_of_passage(proxy, passage, upstream, port)], True if proxy.service is None else None

    def _leads(self, endpoint: Endpoint, service: Service, port: object) -> bool:
        parent = service.subject.parent
        workload = self._directory.workload(endpoint.workload)
        if parent is None or workload is None or workload.name != parent.name:
            return False
        if isinstance(endpoint.port, int) and isinstance(port, int):
            return endpoint.port == port
        return self.alone(service)

    def alone(self, service: Service) -> bool:
        parent = service.subject.parent
        beside = self._directory.services.get(parent.name, []) if parent is not None else []
        return not any(other is not service and not other.container.is_init for other in beside)

    def reaches(self, proxy: Proxy, upstream: Upstream, service: Service, port: object) -> bool:
        """Whether an upstream leads to the service's server (to another port of its container: no)."""
        if not self.names(proxy, upstream, service):
            return False
        if upstream.scheme == "unix":
            return True
        wanted = self.port_behind(upstream)
        if isinstance(wanted, int) and isinstance(port, int):
            return wanted == port
        return self.alone(service)

    def names(self, proxy: Proxy, upstream: Upstream, service: Service) -> bool:
        """Whether the address of an upstream is that of the service's workload."""
        if upstream.host is None:
            return False
        parent = service.subject.parent
        if upstream.scheme == "unix":
            bind = service.subject.known("gunicorn.bind") or ()
            return any(str(item) == f"unix:{upstream.host}" for item in bind)
        if upstream.host in _LOOPBACK:
            if proxy.service is None:
                return not service.subject.known("container.image")
            return proxy.service.subject.parent is parent or bool(
                proxy.service.subject.known("workload.host_network") and service.subject.known("workload.host_network")
            )
        workload = self._directory.workload(upstream.host)
        return workload is not None and parent is not None and workload.name == parent.name

    def port_behind(self, upstream: Upstream) -> int | str | None:
        """The container's port behind an address: a Kubernetes Service may lead to another one than it names."""
        host = (upstream.host or "").lower().partition(".")[0]
        for endpoint in self._draft.endpoints:
            if endpoint.kind not in ("service", "node-port", "load-balancer") or endpoint.outer_port != upstream.port:
                continue
            if (endpoint.host or "").lower() == host:
                return endpoint.port
        return upstream.port


def _of_endpoint(endpoint: Endpoint, kind: str) -> Hop:
    name = endpoint.facts.get("hop.name")
    shown = str(name.value) if name is not None and name.known else endpoint.kind.replace("-", " ")
    if endpoint.kind == "published-port" and endpoint.outer_port is not None:
        shown = f"published port {endpoint.outer_port}"
    product = endpoint.facts.get("hop.product")
    if product is not None and product.known and endpoint.kind in ("ingress", "route"):
        shown = f"{shown} ({product.value})"
    hop = Hop(shown, endpoint.kind, dict(endpoint.facts))
    hop.endpoint = endpoint
    tls = endpoint.facts.get("hop.tls")
    if tls is not None:
        hop.tls = tls.value if isinstance(tls.value, bool) else None
    elif kind in _TLS_PLATFORMS:
        hop.tls = True
    elif endpoint.kind in ("published-port", "node-port"):
        hop.tls = False  # the port is passed on as it is: whatever listens decides
    return hop


def _of_passage(proxy: Proxy, passage: Passage, upstream: Upstream, port: int | None) -> Hop:
    hop = Hop(passage.name, "proxy", dict(passage.facts))
    hop.passage, hop.proxy, hop.upstream = passage, proxy, upstream
    chosen = [listener for listener in passage.listeners if port is None or listener.port == port]
    kinds = {listener.tls for listener in chosen}
    hop.tls = kinds.pop() if len(kinds) == 1 else None
    return hop


class Samples:
    """Which passages of a service carry its long work, and which its streams, told by sample paths.

    An application's profile names the paths (``app.work_paths``, ``app.stream_paths``); without one, a path that no location
    can mean on purpose tells which passage takes whatever is not listed.
    """

    __slots__ = ("_streams", "_words", "_work")

    def __init__(self, service: Service) -> None:
        self._work = tuple(service.subject.known("app.work_paths") or ())
        self._streams = tuple(service.subject.known("app.stream_paths") or ())
        self._words = frozenset(section("platforms/proxies")["streams"])

    def works(self, passage: Passage | None) -> bool:
        """Whether requests that may take the application's time come through here."""
        if passage is None:
            return True
        if passage.static:
            return False
        if self._work:
            return any(passage.serves(path) for path in self._work)
        return not passage.exact and not self.names_stream(passage)

    def streams(self, passage: Passage | None, application: Fact) -> bool | Unknown:
        """Whether streams come through here."""
        if self._streams and application.value is not False:
            return passage is None or any(passage.serves(path) for path in self._streams)
        if passage is None:
            return application.value if isinstance(application.value, (bool, Unknown)) else False
        return self.names_stream(passage) or passage.upgrades

    def names_stream(self, passage: Passage) -> bool:
        words = "".join(char if char.isalnum() or char == "." else " " for char in passage.path.lower()).split()
        return any(word in self._words for word in words)
