"""Who reaches a service: clients outside the target, a proxy beside it; through TLS or not, and where that ends."""

from __future__ import annotations

from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.link.hop_ends import server_scheme

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.link.ways import Hop, Map, Way
    from gwaudit.resolve.proxy.model import Proxy
    from gwaudit.resolve.service import Service

_TLS_PLATFORMS = ("knative", "code-engine", "cloud-run", "container-apps", "fly", "procfile")
_DIRECT = ("published-port", "node-port", "load-balancer")


def exposure(service: Service, ways: list[Way], proxies: list[Proxy], overview: Map | None) -> None:
    """``workload.public``, ``http.reached_from_outside``, ``.has_sidecar_proxy``, ``.local_proxy`` and ``http.tls*``."""
    subject = service.subject
    beside = [
        (proxy, passage, upstream)
        for proxy in proxies
        if overview is not None and proxy.service is not service
        for passage in proxy.passages
        for upstream in passage.upstreams
        if upstream.host in ("127.0.0.1", "localhost", "::1") and overview.names(proxy, upstream, service)
    ]
    subject.set("http.has_sidecar_proxy", any(proxy.service is not None for proxy, _, _ in beside))
    local = next((item for item in beside), None)
    if local is not None:
        subject.set("http.local_proxy", local[1].name, local[2].fact.source)
    else:
        subject.set("http.local_proxy", ABSENT)
    _public(service, ways)
    _trust(service)
    outside = [way for way in ways if way.hops[-1].kind != "proxy" or _from_elsewhere(way.hops[-1], service)]
    place = next((hop.endpoint.location for way in outside for hop in way.hops if hop.endpoint is not None), None)
    probed = any(
        subject.known(f"{probe}.kind") in ("http", "tcp", "grpc") for probe in ("liveness", "readiness", "startup")
    )
    if outside or probed:
        subject.set("http.reached_from_outside", True, Source("manifest", None, place))
    else:
        subject.set("http.reached_from_outside", False, Source("manifest", None, service.container.place))
    _tls(service, [way for way in ways if way.public is not False])


def _from_elsewhere(hop: Hop, service: Service) -> bool:
    """Whether a proxy reaches the service over the network: not by a socket, not within its pod."""
    if hop.upstream is None or hop.upstream.scheme == "unix":
        return False
    return hop.upstream.host not in ("127.0.0.1", "localhost", "::1")


def _public(service: Service, ways: list[Way]) -> None:
    subject = service.subject
    name = "workload.public"
    open_ways = [way for way in ways if way.public]
    if open_ways:
        hop = open_ways[0].hops[0]
        source = Source("manifest", hop.name, hop.endpoint.location if hop.endpoint is not None else None)
        subject.put(Fact(name, True, source))
    elif any(way.public is None for way in ways):
        subject.set(name, Unknown("nothing tells who reaches it"))
    else:
        subject.set(name, False, Source("manifest", None, service.container.place))


def _tls(service: Service, ways: list[Way]) -> None:
    """``http.tls``: some client outside gets TLS; False only where every way from outside is known to have none."""
    subject = service.subject
    if subject.known("target.kind") in _TLS_PLATFORMS:
        subject.set("http.tls", True, Source("platform"))
        subject.set("http.tls_ends_at", "the platform's router", Source("platform"))
        subject.set("http.tls_proxy_is_local", False, Source("platform"))
        return
    scheme = server_scheme(service)
    answers: list[bool | None] = []
    ends: Hop | None = None  # the first hop that ends TLS, of the first way that has one
    last: Hop | None = None
    for way in ways:
        answers.append(way_tls(way, scheme))
        ending = next((hop for hop in way.hops if hop.tls), None)
        if ending is not None:
            ends, last = ends or ending, last or way.hops[-1]
    subject.put(Fact("http.server_tls", scheme.value == "https" if scheme.known else scheme.value, scheme.source))
    if True in answers:
        source = _place(ends) if ends is not None else scheme.source
        subject.set("http.tls", True, source)
    elif answers and None not in answers:
        hop = ways[0].hops[0]
        subject.set("http.tls", False, _place(hop))
    else:
        subject.set("http.tls", Unknown("nothing tells whether clients reach it through TLS"))
    if ends is not None and last is not None:
        subject.set("http.tls_ends_at", ends.program, _place(ends))
        local = last.upstream is not None and not _from_elsewhere(last, service)
        subject.set("http.tls_proxy_is_local", local, _place(last))
    else:
        subject.set("http.tls_ends_at", ABSENT if None not in answers else Unknown("nothing tells where TLS ends"))
        subject.set("http.tls_proxy_is_local", ABSENT)


def _trust(service: Service) -> None:
    """``http.trusts_all_forwarded`` and ``http.trusts_default_forwarded``, of gunicorn's or uvicorn's setting."""
    subject = service.subject
    fact = subject.fact(
        "gunicorn.forwarded_allow_ips" if service.gunicorn is not None else "uvicorn.forwarded_allow_ips"
    )
    if isinstance(fact.value, str):
        parts = tuple(part.strip() for part in fact.value.split(","))
    elif isinstance(fact.value, (list, tuple)):
        parts = tuple(str(part).strip() for part in fact.value)
    else:
        unknown = fact.value if isinstance(fact.value, Unknown) else Unknown("which proxies it trusts is not known")
        for name in ("http.trusts_all_forwarded", "http.trusts_default_forwarded"):
            subject.set(name, unknown, fact.source)
        return
    everyone, only_local = "*" in parts, set(parts) <= {"127.0.0.1", "::1", "localhost", ""}
    subject.put(Fact("http.trusts_all_forwarded", everyone, fact.source, fact.shadowed, (fact,)))
    subject.put(Fact("http.trusts_default_forwarded", only_local, fact.source, fact.shadowed, (fact,)))


def way_tls(way: Way, server: Fact) -> bool | None:
    """Whether clients get TLS on this way; ``server`` is the scheme of the service's own server. None: not known."""
    if any(hop.tls for hop in way.hops):
        return True
    if any(hop.tls is None for hop in way.hops):
        return None
    if all(hop.kind in _DIRECT for hop in way.hops):
        return server.value == "https" if server.known else None
    return False


def _place(hop: Hop) -> Source:
    if hop.endpoint is not None:
        fact = hop.endpoint.facts.get("hop.tls")
        if fact is not None and fact.location is not None:
            return fact.source
        return Source("manifest", None, hop.endpoint.location)
    if hop.passage is not None:
        listener = next((each for each in hop.passage.listeners if each.tls), None)
        listener = listener or (hop.passage.listeners[0] if hop.passage.listeners else None)
        if listener is not None:
            return listener.fact.source
        return Source("config-file", None, hop.passage.location)
    return Source("derived")
