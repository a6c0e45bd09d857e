"""Connection budgets: what a server's clients open at full scale, against what it accepts.

A client process holds at most ``pool_size + max_overflow`` connections; a service runs ``replicas x workers`` processes
(SQLAlchemy's QueuePool and gunicorn's process model). A pool opens a connection only for a request in work, so a sync worker
needs one and a gthread worker one for each thread. The sum is an upper bound and says every term in its derivation.
"""

from __future__ import annotations

from gwaudit.resolve.derive.arithmetic import counted, number
from gwaudit.resolve.fact import Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.link.names import Directory
    from gwaudit.resolve.link.servers import Server
    from gwaudit.resolve.model import Subject
    from gwaudit.resolve.service import Service


_UNWRITTEN = ("default", "platform", "profile")


class Client:
    """One service that connects to a server, with the terms of its budget."""

    __slots__ = ("connections", "instances", "least", "name", "processes", "role", "service", "surge")

    def __init__(self, service: Service, connections: Fact, role: str = "database") -> None:
        subject = service.subject
        self.service = service
        self.role = role  # database or redis
        self.name = subject.parent.name if subject.parent is not None else subject.name
        self.connections = _in_work(subject, connections) if role == "database" else connections  # of one process
        self.instances = subject.fact("workload.replicas_max")
        self.least = subject.fact("workload.replicas_min")
        self.processes = subject.fact("process.workers")
        self.surge = subject.fact("workload.surge")

    def terms(self, instances: Fact) -> tuple[Fact, Fact, Fact]:
        return (instances, self.processes, self.connections)

    def derivation(self, instances: Fact) -> str:
        each = self.connections.derivation or number(self.connections)
        return f"{counted(instances, 'replica')} x {counted(self.processes, 'worker')} x {each}"


def _in_work(subject: Subject, connections: Fact) -> Fact:
    """The connections that one process can have open: those of its pool, but no more than requests it works on at a time."""
    kind = subject.known("gunicorn.worker_kind")
    if kind not in ("sync", "gthread") or subject.known("app.interface") == "asgi" or not connections.known:
        return connections
    threads = subject.fact("gunicorn.threads")
    if not threads.known or int(threads.value) >= int(connections.value):
        return connections
    text = f"{threads.value} (one a request)"
    return Fact(
        connections.name, int(threads.value), connections.source, inputs=(connections, threads), derivation=text
    )


def budget(server: Server, found: dict[str, Server], directory: Directory, data: dict[str, Any]) -> None:
    """``server.client_connections`` (and ``_min``, ``surge_``), the names of the clients, and what would fit."""
    clients = [client for client in server.clients if "process.workers" in client.service.subject.facts]
    subject = server.subject
    names = tuple(dict.fromkeys(client.name for client in server.clients))
    subject.set("server.clients", names, Source("derived"))
    pooler = next((s for s in found.values() if s.kind == "pgbouncer"), None)
    behind = pooler is not None and server.kind == "postgresql" and not clients
    subject.set("server.behind_pooler", behind, Source("derived"))
    if not clients:
        return
    _sum(server, "server.client_connections", clients, lambda client: client.instances)
    _sum(server, "server.client_connections_min", clients, lambda client: client.least)
    _surge(server, clients)
    _fitting(server, clients)


def _sum(server: Server, name: str, clients: list[Client], instances: Any) -> None:
    """The sum over clients of instances x processes x connections; bounds where a term is unknown."""
    inputs: list[Fact] = []
    total = low = 0.0
    high: float | None = 0.0
    unknown: Unknown | None = None
    texts = []
    for client in clients:
        terms = client.terms(instances(client))
        inputs.extend(terms)
        texts.append(client.derivation(instances(client)))
        value, least, most = 1.0, 1.0, 1.0
        for term in terms:
            if term.known and isinstance(term.value, (int, float)):
                value, least, most = value * term.value, least * term.value, most * term.value
            else:
                bounds = term.value if isinstance(term.value, Unknown) else Unknown("not stated")
                unknown = unknown or bounds
                least *= bounds.low if bounds.low is not None else 0
                most = most * bounds.high if bounds.high is not None else float("inf")
        total, low = total + value, low + least
        high = high + most if high is not None and most != float("inf") else None
    located = [fact for fact in inputs if fact.location is not None]
    first = next((fact for fact in located if fact.source.layer not in _UNWRITTEN), (located or inputs)[0])
    source = Source("derived", None, first.location, first.source.via)
    result: Any = int(total)
    if unknown is not None:
        result = Unknown(unknown.reason, unknown.depends_on, low, high)
    server.subject.put(Fact(name, result, source, inputs=inputs, derivation=" + ".join(texts)))


def _surge(server: Server, clients: list[Client]) -> None:
    """The peak during a rolling update: a share of the instances more, rounded up as Kubernetes does (maxSurge)."""
    if len(clients) != 1:
        return
    client = clients[0]
    terms = client.terms(client.instances)
    if not client.surge.known or not all(term.known for term in terms):
        return
    instances = int(client.instances.value)
    more = int(-(-instances * float(client.surge.value) // 1))
    if not more:
        return
    value = (instances + more) * int(client.processes.value) * int(client.connections.value)
    rest = client.derivation(client.instances).split(" x ", 1)[1]
    text = f"({instances} + {more} surge) replicas x {rest}"
    inputs = (server.subject.fact("server.client_connections"), client.surge)
    server.subject.put(Fact("server.surge_connections", value, client.surge.source, inputs=inputs, derivation=text))


def _fitting(server: Server, clients: list[Client]) -> None:
    """Connections of one process with which 80 % of the usable ones suffice, rounded down."""
    subject = server.subject
    usable = subject.fact("server.usable_connections")
    processes = 0
    for client in clients:
        if not (client.instances.known and client.processes.known):
            return
        processes += int(client.instances.value) * int(client.processes.value)
    subject.set("server.client_processes", processes, Source("derived"))
    largest = max(clients, key=lambda client: client.connections.value if client.connections.known else 0)
    subject.put(largest.connections.renamed("server.connections_per_process"))
    if usable.known and processes:
        fitting = int(usable.value * 0.8) // processes
        subject.put(Fact("server.fitting_pool", fitting, usable.source, inputs=(usable,)))
