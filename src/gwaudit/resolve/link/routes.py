"""Routes and hops: one ``route`` per way from a client to a service, one ``link`` per proxy rule and what it calls.

``link.work_time`` is what the application behind may take for one request that comes this way; locations for single paths,
for files and for streams carry none of it.
"""

from __future__ import annotations

from gwaudit.bundle import section
from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.link.exposure import exposure, way_tls
from gwaudit.resolve.link.names import Directory
from gwaudit.resolve.model import Subject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gwaudit.resolve.link.ways import Hop, Map, Samples, Way
    from gwaudit.resolve.proxy.model import Passage, Proxy, Upstream
    from gwaudit.resolve.service import Service
    from gwaudit.resolve.targets import Target
    from gwaudit.resolve.workspace import Workspace

_REUSING = ("gthread", "gevent", "eventlet", "tornado", "asgi", "uvicorn")  # workers that keep client connections open


def routes(workspace: Workspace, target: Target) -> None:
    """Add the ``route`` and ``link`` subjects of every service, and what the services learn from them."""
    from gwaudit.resolve.proxy import proxies

    found = proxies(workspace, target)
    if not found and not target.draft.endpoints:  # nothing leads anywhere
        for service in target.services:
            if not service.container.is_init:
                exposure(service, [], [], None)
                _smallest(service, [], None)
                _unbuffered(service)
        return
    from gwaudit.resolve.link.ladder import ladder
    from gwaudit.resolve.link.ways import Map, Samples

    directory = Directory(target)
    overview = Map(target.draft, directory, found)
    running = {id(proxy.service) for proxy in found}
    for service in target.services:
        if service.container.is_init:
            continue
        ways = overview.ways(service)
        if id(service) in running:
            exposure(service, ways, found, overview)
            continue
        samples = Samples(service)
        _hops(service, ways, samples)
        for way in ways:
            ladder(_route(service, way, samples), way, samples)
        exposure(service, ways, found, overview)
        _smallest(service, ways, samples)
        _unbuffered(service)
    _listening(overview, found, target)


def _route(service: Service, way: Way, samples: Samples) -> Subject:
    passage = way.passage
    place = (
        passage.location if passage is not None else next((h.endpoint.location for h in way.hops if h.endpoint), None)
    )
    names = tuple(hop.name for hop in way.hops)
    subject = Subject("route", " -> ".join(names), service.subject, place)
    source = Source("derived", None, place)
    owner = service.subject.parent.name if service.subject.parent is not None else service.subject.name
    subject.set("route.name", f"{names[-1]} to {owner}", source)
    subject.set("route.hops", names, source)
    path = passage.path if passage is not None else next((h.endpoint.path for h in way.hops if h.endpoint), None)
    outer = way.hops[0].endpoint
    if outer is not None and outer.outer_port is not None:
        subject.set("route.port", outer.outer_port, source)
    limits = [(fact, hop.name) for hop in way.hops if (fact := hop.limit()) is not None]
    if limits:
        shortest, name = min(limits, key=lambda item: float(item[0].value))
        subject.put(shortest.renamed("route.limit"))
        subject.set("route.limit_name", name, source)
    else:
        subject.set("route.limit", ABSENT, source)
    subject.set("route.path", path or "/", source)
    subject.set("route.public", Unknown("nothing tells who reaches it") if way.public is None else way.public, source)
    tls = way_tls(way, server_scheme(service))
    subject.set("route.tls", Unknown("nothing tells whether it speaks TLS") if tls is None else tls, source)
    asks = [hop.fact("authenticates") for hop in way.hops]
    subject.set("route.authenticated", any(fact.value is True for fact in asks), source)
    subject.set("route.streams", samples.streams(passage, service.subject.fact("app.streams")), source)
    return subject


def _hops(service: Service, ways: list[Way], samples: Samples) -> None:
    """One ``link`` of kind hop per hop that sets limits or speaks to the next one, each passage once."""
    seen: set[tuple[object, ...]] = set()
    for way in ways:
        for index, hop in enumerate(way.hops):
            last = index + 1 == len(way.hops)
            key = (id(hop.passage or hop.endpoint), id(hop.upstream) if last else 0, last)
            if key in seen or (hop.passage is None and not hop.limit() and not hop.limits_unknown):
                continue
            seen.add(key)
            if last and not _understood(service, hop):
                continue
            _link(service, way, hop, way.hops[index + 1] if not last else None, samples)


def _understood(service: Service, hop: Hop) -> bool:
    """Whether the server may speak what the proxy sends: a gunicorn of HTTP is not the one behind ``uwsgi_pass``."""
    scheme = hop.facts.get("hop.scheme")
    if scheme is None or scheme.value not in ("uwsgi", "fastcgi") or service.gunicorn is None:
        return True
    spoken = service.gunicorn.settings.get("protocol")
    return spoken is not None and (not spoken.known or spoken.value == scheme.value)


def _link(service: Service, way: Way, hop: Hop, inner: Hop | None, samples: Samples) -> None:
    passage = way.passage
    place = hop.passage.location if hop.passage is not None else (hop.endpoint.location if hop.endpoint else None)
    subject = Subject("link", hop.name, service.subject, place)
    source = Source("derived", None, place)
    subject.set("link.kind", "hop", source)
    for name, fact in hop.facts.items():
        subject.put(fact.renamed(f"outer.{name[4:]}"))
    subject.set("outer.name", hop.name, source)
    subject.set("outer.program", hop.program, source)
    subject.facts.setdefault("outer.kind", Fact("outer.kind", hop.kind, source))
    shorter = hop.limit()
    subject.put(Fact("outer.limit", ABSENT, source) if shorter is None else _limit(shorter))
    if hop.upstream is not None:
        put_upstream(subject, hop.upstream)
    if inner is None:
        put_server(subject, service)
        subject.set("link.listening", True, source)
    else:
        subject.set("inner.name", inner.name, source)
        subject.set("inner.kind", inner.kind, source)
    subject.set("link.to_application", inner is None, source)
    subject.set("link.streams", samples.streams(passage, service.subject.fact("app.streams")), source)
    subject.set("link.names_stream", passage is not None and samples.names_stream(passage), source)
    subject.put(_work_time(service, way, samples, source))


def _limit(fact: Fact) -> Fact:
    return Fact("outer.limit", fact.value, fact.source, fact.shadowed, fact.inputs)


def put_upstream(subject: Subject, upstream: Upstream) -> None:
    source = upstream.fact.source
    inputs = (upstream.fact,)
    host: object = upstream.host if upstream.host is not None else Unknown("the address depends on the request")
    subject.put(Fact("outer.host", host, source, inputs=inputs))
    port: object = upstream.port if upstream.port is not None else Unknown("the port is not known")
    subject.put(Fact("outer.port", ABSENT if upstream.scheme == "unix" else port, source, inputs=inputs))
    stated = subject.facts.get("outer.scheme")  # of the rule, whose place is the better one where both agree
    if stated is None or (stated.known and stated.value != upstream.scheme):
        subject.put(Fact("outer.scheme", upstream.scheme, source))
    subject.put(Fact("outer.proxy_protocol", upstream.proxy_protocol, source))


def put_server(subject: Subject, service: Service) -> None:
    """What the server of a service is for the hop before it."""
    server = service.subject
    place = server.fact("process.argv").source
    kind = server.known("process.server")
    owner = server.parent.name if server.parent is not None else server.name
    subject.set("inner.kind", "gunicorn" if kind == "gunicorn" else "application", place)
    subject.set("inner.name", owner, place)
    subject.put(server.fact("bind.port").renamed("inner.port"))
    subject.put(server_scheme(service))
    worker = server.fact("gunicorn.worker_kind")
    if kind == "gunicorn" and worker.known:
        keeps = worker.value in _REUSING
        fact = server.fact("gunicorn.keepalive")
        if keeps and fact.location is None:  # the default: where the service would set it
            source = Source(fact.source.layer, fact.source.raw, server.place, fact.source.via)
            subject.put(Fact("inner.keepalive", fact.value, source, fact.shadowed, fact.inputs, fact.derivation))
        else:
            subject.put(fact.renamed("inner.keepalive") if keeps else Fact("inner.keepalive", ABSENT, worker.source))
    protocol = server.fact("gunicorn.proxy_protocol")
    if kind == "gunicorn" and protocol.known:
        expects = protocol.value not in (False, "off", "", None)
        subject.put(Fact("inner.proxy_protocol", expects, protocol.source, protocol.shadowed, (protocol,)))


def server_scheme(service: Service) -> Fact:
    """``inner.scheme``: https where the server has a certificate, http where it surely has none."""
    name, server = "inner.scheme", service.subject
    if service.gunicorn is None:
        return Fact(name, Unknown("nothing tells whether the server speaks TLS"), server.fact("process.argv").source)
    facts = [server.fact("gunicorn.certfile"), server.fact("gunicorn.keyfile")]
    chosen = next((fact for fact in facts if fact.known and fact.value), None)
    if chosen is not None:
        return Fact(name, "https", chosen.source, chosen.shadowed, (chosen,))
    unsure = next((fact for fact in facts if isinstance(fact.value, Unknown)), None)
    if unsure is not None:
        return Fact(name, unsure.value, unsure.source, (), (unsure,))
    return Fact(name, "http", server.fact("process.argv").source, (), (server.fact("process.argv"),))


def _work_time(service: Service, way: Way, samples: Samples, source: Source) -> Fact:
    """The longest of: calls that the application makes, the measured p99, the time a sync worker may take (where set)."""
    name, server = "link.work_time", service.subject
    if not samples.works(way.passage):
        return Fact(name, ABSENT, source)
    candidates = []
    upstream = server.fact("app.longest_upstream")
    if upstream.known:
        candidates.append((float(upstream.value), upstream, f"waits {upstream.derivation} for what it calls"))
    measured = server.fact("app.measured_p99")
    if measured.known:
        candidates.append((float(measured.value), measured, f"took {measured.value:g} s (p99) under load"))
    timeout = server.fact("gunicorn.timeout")
    if server.known("gunicorn.worker_kind") == "sync" and timeout.known and timeout.source.layer != "default":
        # At an equal value the worker is killed when the proxy gives up.
        worker = float(timeout.value) - 0.5
        candidates.append((worker, timeout, f"lets a worker take {timeout.value:g} s (gunicorn timeout)"))
    if not candidates:
        return Fact(name, Unknown("nothing tells how long a request may take"), source)
    value, fact, text = max(candidates, key=lambda item: item[0])
    place = Source(fact.source.layer, fact.source.raw, fact.source.location, fact.source.via)
    rounded = value + 0.5 if fact is timeout else value
    return Fact(name, rounded, place, fact.shadowed, (fact,), text)


def _smallest(service: Service, ways: list[Way], samples: Samples | None) -> None:
    """``http.smallest_timeout`` and ``http.smallest_idle_timeout``, each with its name."""
    server = service.subject
    limits: list[tuple[Fact, str]] = []
    idle: list[tuple[Fact, str]] = []
    unsure = False
    for way in ways:
        if samples is None:
            break
        works, streams = samples.works(way.passage), samples.streams(way.passage, server.fact("app.streams"))
        for hop in way.hops:
            limit = hop.limit()
            if works and limit is not None:
                limits.append((limit, hop.name))
            unsure = unsure or (works and hop.limits_unknown)
            silence = [f for f in (hop.fact("idle_timeout"), hop.fact("request_timeout")) if f.known and f.value > 0]
            if streams is True and silence:
                idle.append((min(silence, key=lambda fact: float(fact.value)), hop.name))
    platform = server.fact("workload.request_timeout")
    if platform.known and platform.value:
        limits.append((platform, "the platform's request timeout"))
        idle.append((platform, "the platform's request timeout"))
    reason = Unknown("a proxy in front may set a limit that nobody can tell")
    for name, found in (("http.smallest_timeout", limits), ("http.smallest_idle_timeout", idle)):
        if found:
            fact, hop_name = min(found, key=lambda item: float(item[0].value))
            source = Source(fact.source.layer, fact.source.raw, fact.source.location, fact.source.via)
            server.put(Fact(name, float(fact.value), source, fact.shadowed, (fact,), f"{hop_name} {fact.value:g} s"))
            server.set(f"{name}_name", hop_name, source)
        else:
            server.set(name, reason if unsure else ABSENT)
            server.set(f"{name}_name", reason if unsure else ABSENT)


def _listening(overview: Map, found: list[Proxy], target: Target) -> None:
    """One ``link`` of kind hop per upstream that names a service of the target on a port its server does not bind."""
    for service in target.services:
        bound = service.subject.fact("bind.port")
        if service.container.is_init or not bound.known:
            continue
        seen: set[str] = set()
        for proxy, passage, upstream in _upstreams(found):
            port = overview.port_behind(upstream)
            if not isinstance(port, int) or port == bound.value or not overview.names(proxy, upstream, service):
                continue
            key = str(upstream.fact.location)
            if key not in seen:
                seen.add(key)
                _deaf(service, passage, upstream, overview.alone(service) and not _mentioned(service, port))


def _upstreams(found: list[Proxy]) -> Iterator[tuple[Proxy, Passage, Upstream]]:
    for proxy in found:
        for passage in proxy.passages:
            for upstream in passage.upstreams:
                yield proxy, passage, upstream


def _deaf(service: Service, passage: Passage, upstream: Upstream, sure: bool) -> None:
    subject = Subject("link", passage.name, service.subject, upstream.fact.location)
    source = upstream.fact.source
    subject.set("link.kind", "hop", source)
    subject.set("outer.name", passage.name, source)
    subject.set("outer.kind", "proxy", source)
    put_upstream(subject, upstream)
    put_server(subject, service)
    unknown = Unknown("another process of the service may listen on it")
    subject.set("link.listening", False if sure else unknown, source)
    subject.set("link.to_application", False, source)


def _mentioned(service: Service, port: int) -> bool:
    """Whether the container names the port anywhere else: exposed, in a variable, in its command.

    On a loopback address it does not count: nobody outside the container reaches that.
    """
    text = str(port)
    exposed = service.image.ports if service.image is not None else ()
    if port in (service.subject.known("container.ports") or ()) or any(fact.value == port for fact in exposed):
        return True
    near = tuple(f"{host}:{text}" for host in ("127.0.0.1", "localhost", "[::1]"))
    values = [fact.value for fact in service.environment if isinstance(fact.value, str) and text in fact.value]
    if any(text in _without(value, near) for value in values):
        return True
    words = service.subject.known("process.argv") or ()
    return any(text in str(word) for word in words)


def _without(value: str, parts: tuple[str, ...]) -> str:
    for part in parts:
        value = value.replace(part, "")
    return value


def _unbuffered(service: Service) -> None:
    """``app.disables_buffering``: it tells nginx with every stream not to buffer it (X-Accel-Buffering: no)."""
    subject = service.subject
    if "app.disables_buffering" in subject.facts:
        return
    records = service.installation.records if service.installation is not None else {}
    package = next((name for name in section("platforms/proxies")["unbuffered_packages"] if name in records), None)
    subject.set("app.disables_buffering", package is not None)
