"""Upstreams that name a service of the target on a port its server does not bind."""

from __future__ import annotations

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.link.hop_ends import put_server, put_upstream
from gwaudit.resolve.model import Subject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gwaudit.resolve.link.ways import Map
    from gwaudit.resolve.proxy.model import Passage, Proxy, Upstream
    from gwaudit.resolve.service import Service
    from gwaudit.resolve.targets import Target


def deaf_ports(overview: Map, found: list[Proxy], target: Target) -> None:
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
