"""The two ends of a hop: the upstream that a proxy names (``outer.*``) and the server behind it (``inner.*``)."""

from __future__ import annotations

from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.model import Subject
    from gwaudit.resolve.proxy.model import Upstream
    from gwaudit.resolve.service import Service

_REUSING = ("gthread", "gevent", "eventlet", "tornado", "asgi", "uvicorn")  # workers that keep client connections open


def put_upstream(subject: Subject, upstream: Upstream) -> None:
    """The address that a proxy passes requests on to."""
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
