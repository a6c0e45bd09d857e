"""Hops: one ``link`` per proxy rule and what it calls.

``link.work_time`` is what the application behind may take for one request that comes this way; locations for single paths,
for files and for streams carry none of it.
"""

from __future__ import annotations

from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.link.hop_ends import put_server, put_upstream
from gwaudit.resolve.model import Subject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.link.ways import Hop, Samples, Way
    from gwaudit.resolve.service import Service


def hops(service: Service, ways: list[Way], samples: Samples) -> None:
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
