"""One ``link`` of kind port per port that something names on a service, beside the port its server binds."""

from __future__ import annotations

from gwaudit.resolve.fact import Fact, Source, Unknown
from gwaudit.resolve.link.names import Directory
from gwaudit.resolve.model import Subject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gwaudit.resolve.service import Service
    from gwaudit.resolve.targets import Target
    from gwaudit.resolve.workspace import Workspace

# An Ingress leads through a Service: where that names the port, the Ingress says nothing of its own about it.
_THROUGH = ("ingress", "route", "gateway")
_SERVICES = ("service", "node-port", "load-balancer")
_PROBES = ("liveness", "readiness", "startup")


def ports(workspace: Workspace, target: Target) -> None:
    """``outer.*`` is who names the port, ``inner.*`` the server that binds; ``link.listening`` whether they agree.

    Only a container whose server is known is asked: in a pod with several containers another one may listen, which makes
    ``link.listening`` Unknown unless every container's ports are known.
    """
    directory = Directory(target)
    for service in target.services:
        bound = service.subject.fact("bind.port")
        if not bound.known:
            continue
        siblings = [s for s in directory.services.get(_parent(service), []) if s is not service]
        for name, fact in _named(service):
            subject = Subject("link", name, service.subject, fact.location)
            subject.set("link.kind", "port", fact.source)
            subject.put(Fact("outer.port", fact.value, fact.source, fact.shadowed, (fact,)))
            subject.set("outer.name", name, fact.source)
            subject.put(bound.renamed("inner.port"))
            subject.set("inner.name", str(service.subject.known("process.server")), bound.source)
            agrees: object = fact.value == bound.value
            if not agrees and siblings:
                agrees = Unknown("another container of the pod may listen on it")
            subject.set("link.listening", agrees, fact.source)
    _endpoints(target, directory)


def _parent(service: Service) -> str:
    return service.subject.parent.name if service.subject.parent is not None else ""


def _named(service: Service) -> Iterator[tuple[str, Fact]]:
    for probe in _PROBES:
        fact = service.subject.fact(f"{probe}.port")
        if fact.known and isinstance(fact.value, int):
            yield f"{probe} probe", fact
    fact = service.subject.fact("healthcheck.port")
    if fact.known:
        yield "health check", fact


def _endpoints(target: Target, directory: Directory) -> None:
    told = {(each.workload, each.port) for each in target.draft.endpoints if each.kind in _SERVICES and each.location}
    for endpoint in target.draft.endpoints:
        if endpoint.kind in _THROUGH and (endpoint.workload, endpoint.port) in told:
            continue
        services = directory.of(endpoint.workload)
        if endpoint.location is None or not isinstance(endpoint.port, int):
            continue
        known = [s for s in services if s.subject.fact("bind.port").known]
        if len(services) != 1 or not known:
            continue
        service = known[0]
        bound = service.subject.fact("bind.port")
        source = Source("manifest", str(endpoint.port), endpoint.location)
        subject = Subject("link", f"{endpoint.kind} {endpoint.workload}", service.subject, endpoint.location)
        subject.set("link.kind", "port", source)
        subject.set("outer.port", endpoint.port, source)
        subject.set("outer.kind", endpoint.kind, source)
        subject.set("outer.name", endpoint.kind.replace("-", " "), source)
        subject.put(bound.renamed("inner.port"))
        subject.set("inner.name", str(service.subject.known("process.server")), bound.source)
        subject.set("link.listening", endpoint.port == bound.value, source)
