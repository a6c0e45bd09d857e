"""Databases, poolers and caches of a target with the clients that the target gives them.

A server is a container whose image is one of the known servers, or a managed service that a client's host name tells.
Its budget is the sum over its clients at full scale: replicas x processes x connections of one process.
"""

from __future__ import annotations

from gwaudit.bundle import section
from gwaudit.resolve.derive.arithmetic import combine
from gwaudit.resolve.fact import ABSENT, Fact, Source
from gwaudit.resolve.link.budget import Client, budget
from gwaudit.resolve.link.names import Directory
from gwaudit.resolve.model import Subject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.service import Service
    from gwaudit.resolve.targets import Target
    from gwaudit.resolve.workspace import Workspace


class Server:
    """A server subject with the container it runs in (None: managed) and its clients."""

    __slots__ = ("clients", "kind", "service", "subject")

    def __init__(self, subject: Subject, kind: str, service: Service | None) -> None:
        self.subject = subject
        self.kind = kind
        self.service = service
        self.clients: list[Client] = []


def servers(workspace: Workspace, target: Target) -> None:
    """Add ``server`` subjects below the target and give each its budget."""
    directory = Directory(target)
    data = section("platforms/databases")
    found: dict[str, Server] = {}
    for service in target.services:
        kind = _kind(service, data)
        if kind is not None:
            from gwaudit.resolve.link.limits import limits

            name = service.subject.parent.name if service.subject.parent is not None else service.subject.name
            found[name] = server = _server(target, name, kind, service)
            limits(server.subject, service, kind, data["servers"][kind])
            _usable(server)
    for service in target.services:
        for prefix, connections in (
            ("database", "database.connections_per_process"),
            ("redis", "redis.max_connections"),
        ):
            host = service.subject.fact(f"{prefix}.host")
            used = service.subject.fact(f"{prefix}.used")
            if not host.known or (used.known and used.value is False):
                continue
            workload = directory.workload(str(host.value))
            client = found.get(workload.name) if workload is not None else _managed(target, found, host, data)
            if client is not None:
                client.clients.append(Client(service, service.subject.fact(connections), prefix))
    for server in found.values():
        budget(server, found, directory, data)
    if found:
        from gwaudit.resolve.link.poolers import poolers

        poolers(found, directory, data)


def _kind(service: Service, data: dict[str, Any]) -> str | None:
    name = service.subject.known("container.image_name")
    if not isinstance(name, str):
        return None
    last = name.rsplit("/", 1)[-1].lower()
    return next((str(kind) for kind, entry in data["servers"].items() if last in entry["images"]), None)


def _server(target: Target, name: str, kind: str, service: Service | None, host: Fact | None = None) -> Server:
    place = service.container.place if service is not None else (host.location if host is not None else None)
    subject = Subject("server", name, target.subject, place)
    source = Source("manifest", name, place)
    subject.set("server.name", name, source)
    subject.set("server.kind", kind, source)
    subject.set("server.managed", service is None, source)
    if service is not None:
        tag = service.subject.fact("container.image_tag")
        version = str(tag.value).split("-", 1)[0].lstrip("v") if tag.known else ""
        if version[:1].isdigit():
            subject.set("server.version", version, tag.source)
        subject.put(service.subject.fact("container.memory_limit").renamed("server.memory_limit"))
    return Server(subject, kind, service)


def _managed(target: Target, found: dict[str, Server], host: Fact, data: dict[str, Any]) -> Server | None:
    """The managed service that a host name tells, made when its first client is met."""
    name = str(host.value)
    if name in found:
        return found[name]
    entry = next((item for item in data["managed"] if name.endswith(item["suffix"])), None)
    if entry is None or "kind" not in entry:
        return None
    server = found[name] = _server(target, name, str(entry["kind"]), None, host)
    source = Source("platform", None, host.location)
    server.subject.set("server.provider", entry["provider"], source)
    if "max_connections" in entry:
        server.subject.set("server.max_connections", entry["max_connections"], source)
        server.subject.set("server.reserved_connections", entry["reserved"], source)
        usable = entry["max_connections"] - entry["reserved"]
        text = f"{entry['max_connections']} - {entry['reserved']} reserved = {usable}"
        server.subject.set("server.usable_connections", usable, source, derivation=text)
    return server


def _usable(server: Server) -> None:
    """``server.usable_connections`` = accepted less reserved ones, with the arithmetic as its derivation."""
    subject = server.subject
    accepted = subject.fact("server.max_connections")
    if server.kind != "postgresql":
        usable = accepted.renamed("server.usable_connections")
        if usable.known:
            usable.derivation = str(usable.value)
        subject.put(usable)
        return
    first, second = subject.fact("server.superuser_reserved"), subject.fact("server.reserved_extra")
    subject.put(combine("server.reserved_connections", [first, second], lambda a, b: a + b))
    reserved = subject.fact("server.reserved_connections")
    both = accepted.known and reserved.known
    text = f"{accepted.value} - {reserved.value} reserved = {accepted.value - reserved.value}" if both else None
    usable = combine("server.usable_connections", [accepted, reserved], lambda a, r: a - r, text, rising=False)
    subject.put(usable)
    if accepted.value is ABSENT:
        subject.put(Fact("server.usable_connections", ABSENT, accepted.source))
