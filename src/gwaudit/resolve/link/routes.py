"""Routes: one ``route`` per way from a client to a service, and what the services learn from the ways to them."""

from __future__ import annotations

from gwaudit.bundle import section
from gwaudit.resolve.fact import ABSENT, Source, Unknown
from gwaudit.resolve.link.exposure import exposure, way_tls
from gwaudit.resolve.link.hop_ends import server_scheme
from gwaudit.resolve.link.names import Directory
from gwaudit.resolve.link.smallest import smallest_timeouts
from gwaudit.resolve.model import Subject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.link.ways import Samples, Way
    from gwaudit.resolve.service import Service
    from gwaudit.resolve.targets import Target
    from gwaudit.resolve.workspace import Workspace


def routes(workspace: Workspace, target: Target) -> None:
    """Add the ``route`` and ``link`` subjects of every service, and what the services learn from them."""
    from gwaudit.resolve.proxy import proxies

    found = proxies(workspace, target)
    if not found and not target.draft.endpoints:  # nothing leads anywhere
        for service in target.services:
            if not service.container.is_init:
                exposure(service, [], [], None)
                smallest_timeouts(service, [], None)
                _unbuffered(service)
        return
    from gwaudit.resolve.link.deaf_ports import deaf_ports
    from gwaudit.resolve.link.hops import hops
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
        hops(service, ways, samples)
        for way in ways:
            ladder(_route(service, way, samples), way, samples)
        exposure(service, ways, found, overview)
        smallest_timeouts(service, ways, samples)
        _unbuffered(service)
    deaf_ports(overview, found, target)


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


def _unbuffered(service: Service) -> None:
    """``app.disables_buffering``: it tells nginx with every stream not to buffer it (X-Accel-Buffering: no)."""
    subject = service.subject
    if "app.disables_buffering" in subject.facts:
        return
    records = service.installation.records if service.installation is not None else {}
    package = next((name for name in section("platforms/proxies")["unbuffered_packages"] if name in records), None)
    subject.set("app.disables_buffering", package is not None)
