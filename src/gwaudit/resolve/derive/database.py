"""The database as one service uses it, from its URL, its profile and SQLAlchemy's conventions."""

from __future__ import annotations

from gwaudit.bundle import section
from gwaudit.resolve.derive.arithmetic import combine, number
from gwaudit.resolve.derive.storage import service_directory, storage_of
from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.service import Service

_STRICT_TLS = ("require", "verify-ca", "verify-full")


def database(service: Service) -> None:
    """``database.*`` facts; nothing where the service names no database."""
    url = service.subject.fact("database.url")
    if isinstance(url.value, Unknown) or url.value is ABSENT:
        return
    _from_url(service, url, str(url.value))
    _pool(service)


def _from_url(service: Service, url: Fact, text: str) -> None:
    subject = service.subject
    source = Source(url.source.layer, None, url.source.location, url.source.via)

    def put(name: str, value: Any) -> None:
        subject.put(Fact(f"database.{name}", value, source, url.shadowed, (url,), assumed=url.assumed))

    from urllib.parse import parse_qs, urlsplit  # slow to import, and most services have no URL of a database

    try:
        parts = urlsplit(text)
        host, port, query = parts.hostname, parts.port, parse_qs(parts.query)
    except ValueError:
        put("kind", Unknown("the URL cannot be parsed"))
        return
    kinds = section("platforms/databases")["schemes"]
    scheme = parts.scheme.lower()
    entry = kinds.get(scheme) or kinds.get(scheme.split("+", 1)[0]) or {}
    kind = entry.get("kind", "other")
    put("scheme", scheme)
    put("kind", kind if scheme else Unknown("the URL has no scheme"))
    put("driver", entry.get("driver") or ABSENT)
    put("is_async", bool(entry.get("async", False)))
    put("host", query["host"][0] if query.get("host") else host or ABSENT)
    put("port", port or entry.get("port") or ABSENT)
    if kind == "sqlite":
        _sqlite(service, put, parts.path, parts.netloc, query)
        return
    mode = next((query[name][0] for name in ("sslmode", "ssl_mode", "ssl") if query.get(name)), None)
    put("sslmode", mode or ABSENT)
    put("tls", mode in _STRICT_TLS or str(mode).lower() == "true")
    put("remote", _remote(service, host))


def _sqlite(service: Service, put: Any, path: str, netloc: str, query: dict[str, list[str]]) -> None:
    """SQLAlchemy: ``sqlite:///relative``, ``sqlite:////absolute``, ``sqlite://`` in memory; ``file:`` URIs with a query."""
    from urllib.parse import unquote

    file = unquote(path)[1:] if path.startswith("/") else unquote(path)
    file = file.removeprefix("file:")
    put("remote", False)
    put("read_only", query.get("mode") == ["ro"] or query.get("immutable") == ["1"])
    if file in ("", ":memory:") or query.get("mode") == ["memory"]:
        put("path", ":memory:")
        put("storage", "memory")
        return
    put("path", file)
    absolute = file if file.startswith("/") else f"{service_directory(service).rstrip('/')}/{file}"
    if service.container.directory is None:
        put("storage", storage_of(service, absolute))


def _remote(service: Service, host: str | None) -> bool | Unknown:
    """Neither loopback, a socket, a service of the target nor a cluster-local name."""
    if not host or host in ("localhost", "127.0.0.1", "::1") or host.startswith("/"):
        return False
    if host.endswith((".svc", ".svc.cluster.local", ".cluster.local", ".internal", ".local")):
        return False
    return "." in host  # a bare name is resolved inside the target


def _pool(service: Service) -> None:
    """Connections of one process and at full scale; a NullPool holds none that a budget could count."""
    subject = service.subject
    size, overflow = subject.fact("database.pool_size"), subject.fact("database.max_overflow")
    if not size.known and size.value is not ABSENT:
        return
    pooled = subject.fact("database.pooled")
    if pooled.known and pooled.value is False:
        return
    if subject.known("database.kind") == "sqlite":
        return
    text = f"({number(size)} + {number(overflow)})"
    subject.put(combine("database.connections_per_process", [size, overflow], lambda s, o: max(s, 0) + max(o, 0), text))
