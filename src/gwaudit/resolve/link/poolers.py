"""Poolers between services and their database: what they open themselves, and what they mean for their clients.

Sources: PgBouncer doc/config.md (pools exist for each pair of database and user; ``max_db_connections`` caps them;
prepared statements in transaction mode from 1.21 with ``max_prepared_statements`` above 0, by default 200 from 1.24).
"""

from __future__ import annotations

from gwaudit.resolve.derive.arithmetic import combine, number
from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.gunicorn.settings import parse_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.link.names import Directory
    from gwaudit.resolve.link.servers import Server
    from gwaudit.resolve.model import Subject
    from gwaudit.resolve.service import Service

_SHARED_MODES = ("transaction", "statement")


def poolers(found: dict[str, Server], directory: Directory, data: dict[str, Any]) -> None:
    """``server.server_connections`` and ``backend_usable_connections`` of poolers; ``database.*`` facts of clients."""
    for server in found.values():
        backend = _backend(server, found, directory, data) if server.kind == "pgbouncer" else None
        if server.kind == "pgbouncer":
            _opened(server.subject)
            if backend is not None:
                usable = backend.subject.fact("server.usable_connections")
                server.subject.put(usable.renamed("server.backend_usable_connections"))
        for client in server.clients:
            if client.role == "database":
                _client(client.service, server, backend)
    for server in found.values():
        if server.kind == "postgresql":
            _sessions(server, [s for s in found.values() if s.kind == "pgbouncer"])


def _backend(server: Server, found: dict[str, Server], directory: Directory, data: dict[str, Any]) -> Server | None:
    """The database of the target that the pooler's own variables name; the only one where they name none."""
    if server.service is None:
        return None
    for variable in data["servers"]["pgbouncer"].get("backend_variables", ()):
        fact = server.service.environment.get(variable)
        if fact.known and fact.value:
            host = _host(str(fact.value))
            workload = directory.workload(host) if host else None
            return found.get(workload.name) if workload is not None else None
    return None


def _host(text: str) -> str | None:
    if "://" not in text:
        return text
    from urllib.parse import urlsplit

    try:
        return urlsplit(text).hostname
    except ValueError:
        return None


def _opened(subject: Subject) -> None:
    """Server connections for one pair of database and user: the pool and its reserve, within ``max_db_connections``."""
    size, reserve = subject.fact("server.default_pool_size"), subject.fact("server.reserve_pool_size")
    cap = subject.fact("server.max_db_connections")
    text = f"{number(size)} + {number(reserve)} reserve"
    if cap.known and cap.value:
        text += f", at most {number(cap)}"
    total = combine(
        "server.server_connections", [size, reserve, cap], lambda s, r, c: min(s + r, c) if c else s + r, text, False
    )
    subject.put(total)


def _sessions(server: Server, in_front: list[Server]) -> None:
    """``server.sessions_max``: its own limit, or what the poolers that all clients use may open."""
    subject = server.subject
    limit = subject.fact("server.max_connections")
    if subject.known("server.behind_pooler") is not True or not in_front:
        subject.put(limit.renamed("server.sessions_max"))
        return
    caps = [pooler.subject.fact("server.max_db_connections") for pooler in in_front]
    if limit.known and all(cap.known and cap.value for cap in caps):
        value = min(int(limit.value), sum(int(cap.value) for cap in caps))
        subject.put(Fact("server.sessions_max", value, limit.source, inputs=(limit, *caps)))
    else:
        subject.set("server.sessions_max", Unknown("the pooler in front bounds the sessions"))


def _client(service: Service, server: Server, backend: Server | None) -> None:
    """What closes an idle connection of this client, and whether its statements may be prepared."""
    subject = service.subject
    places = [
        server.subject.fact(
            "server.client_idle_timeout" if server.kind == "pgbouncer" else "server.idle_session_timeout"
        )
    ]
    limits = [fact for fact in places if fact.known and fact.value]
    if limits:
        subject.put(limits[0].renamed("database.idle_limit"))
    elif all(fact.known or fact.value is ABSENT for fact in places):
        subject.set("database.idle_limit", ABSENT)
    asked = backend if server.kind == "pgbouncer" else server
    if asked is not None and asked.kind == "postgresql":
        limit = asked.subject.fact("server.statement_timeout")
        value = limit.value if not limit.known or limit.value else ABSENT
        allowed = Fact("database.statement_timeout", value, limit.source, limit.shadowed, (limit,))
        subject.put(allowed)
        if subject.known("app.database_blocks_loop") is True:
            subject.put(allowed.renamed("app.longest_blocking"))
    if server.kind != "pgbouncer":
        subject.set("database.pooler_mode", ABSENT)
        return
    mode = server.subject.fact("server.pool_mode")
    subject.put(mode.renamed("database.pooler_mode"))
    subject.put(_tracked(server.subject, mode))


def _tracked(pooler: Subject, mode: Fact) -> Fact:
    """Whether prepared statements outlive the transaction that made them."""
    name = "database.pooler_tracks_statements"
    if not mode.known:
        return Fact(name, Unknown("the mode of the pooler is not known"), mode.source)
    if mode.value not in _SHARED_MODES:
        return Fact(name, True, mode.source, inputs=(mode,))
    version, kept = pooler.fact("server.version"), pooler.fact("server.max_prepared_statements")
    place = Source("derived", None, mode.location, mode.source.via)
    inputs = (mode, version, kept)
    if kept.known and kept.value == 0:
        return Fact(name, False, place, inputs=inputs)
    if not isinstance(version.value, str):
        return Fact(name, Unknown("the version of the pooler is not known"), place, inputs=inputs)
    running = parse_version(version.value)
    if running < (1, 21, 0):
        return Fact(name, False, place, inputs=inputs)
    if isinstance(kept.value, Unknown):
        return Fact(name, kept.value, place, inputs=inputs)
    return Fact(name, bool(kept.value) if kept.known else running >= (1, 24, 0), place, inputs=inputs)
