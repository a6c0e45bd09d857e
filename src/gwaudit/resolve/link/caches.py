"""Redis as the services of one target reach and use it."""

from __future__ import annotations

from gwaudit.resolve.fact import Fact, Source, Unknown
from gwaudit.resolve.link.names import Directory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.service import Service
    from gwaudit.resolve.targets import Target
    from gwaudit.resolve.workspace import Workspace

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_STATE = (("leader.backend", "leader election"), ("limiter.backend", "rate limits"), ("sessions.backend", "sessions"))


def caches(workspace: Workspace, target: Target) -> None:
    """``redis.reachable`` of services, ``server.holds_state`` and ``server.state`` of Redis servers."""
    directory = Directory(target)
    for service in target.services:
        if service.subject.fact("redis.host").known:
            _reachable(service, target, directory)
    for server in target.subject.children:
        if server.kind == "server" and server.known("server.kind") == "redis":
            clients = [s for s in target.services if _uses(s, server.name, directory)]
            inputs = [fact for client in clients for fact, _ in _kept(client)]
            words = tuple(dict.fromkeys(word for client in clients for _, word in _kept(client)))
            source = Source("derived", None, inputs[0].location, inputs[0].source.via) if inputs else Source("derived")
            server.put(Fact("server.holds_state", bool(words), source, inputs=inputs))
            server.put(Fact("server.state", words, source, inputs=inputs))


def _uses(service: Service, name: str, directory: Directory) -> bool:
    host = service.subject.fact("redis.host")
    workload = directory.workload(str(host.value)) if host.known else None
    return workload is not None and workload.name == name


def _kept(service: Service) -> list[tuple[Fact, str]]:
    """What a service keeps in Redis that is no cache."""
    found = []
    for name, word in _STATE:
        fact = service.subject.fact(name)
        if fact.known and fact.value == "redis":
            found.append((fact, word))
    affinity = service.subject.fact("sessions.affinity")
    if affinity.known and affinity.value is True:
        found.append((affinity, "session affinity"))
    return found


def _reachable(service: Service, target: Target, directory: Directory) -> None:
    """False for the container's own loopback and for a bare name that no service of a Compose project has."""
    subject = service.subject
    host = subject.fact("redis.host")
    name = str(host.value)
    value: object = Unknown(f"{name} may be defined outside the target")
    if name in _LOOPBACK:
        shared = subject.fact("workload.host_network")
        beside = [
            s for s in directory.services.get(_parent(service), []) if s is not service and not s.container.is_init
        ]
        if subject.known("container.runs_in_container") is True and shared.value is False and not beside:
            value = False if service.server not in (None, "other") else Unknown("Redis may run in the same container")
    elif directory.workload(name) is not None:
        value = True
    elif target.draft.kind == "compose" and "." not in name and not _outside(target):
        value = False
    subject.put(Fact("redis.reachable", value, host.source, host.shadowed, (host,), assumed=host.assumed))


def _parent(service: Service) -> str:
    return service.subject.parent.name if service.subject.parent is not None else ""


def _outside(target: Target) -> bool:
    """Whether services may be defined elsewhere: named networks may be external, and an overlay is only a part."""
    overlay = any(s.container.image is None and s.container.build is None for s in target.services)
    return overlay or any(reference.kind == "network" for reference in target.draft.references)
