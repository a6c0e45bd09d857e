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
    _prepared(service)


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
    mode: Any = next((query[name][0] for name in ("sslmode", "ssl_mode", "ssl") if query.get(name)), None)
    variable = service.environment.get("PGSSLMODE")  # libpq's own
    if mode is None and kind == "postgresql" and variable.value is not ABSENT:
        mode = variable.value if "PGSSLMODE" in service.environment else None
    put("sslmode", mode or ABSENT)
    put("tls", mode if isinstance(mode, Unknown) else mode in _STRICT_TLS or str(mode).lower() == "true")
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
    if service.container.directory is not None:
        return
    if file.startswith("/"):
        put("storage", storage_of(service, file))
    elif service.command is not None or not service.container.mounts:
        put("storage", storage_of(service, f"{service_directory(service).rstrip('/')}/{file}"))
    else:
        put("storage", Unknown("the directory that the relative path starts in is not known"))


_CLUSTERS = ("kubernetes", "helm", "kustomize", "knative")


def _remote(service: Service, host: str | None) -> bool | Unknown:
    """Neither loopback, a socket, a service of the target nor a cluster-local name."""
    if not host or host in ("localhost", "127.0.0.1", "::1") or host.startswith("/"):
        return False
    if host.endswith((".svc", ".svc.cluster.local", ".cluster.local", ".internal", ".local")):
        return False
    if host.count(".") == 1 and service.subject.known("target.kind") in _CLUSTERS:
        return Unknown(f"{host} may be a Service of another namespace")
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


def _prepared(service: Service) -> None:
    """``database.prepares_statements`` where the profile says what decides it; code may switch it off anywhere else."""
    rule = service.profile.data.get("prepared_statements") if service.profile is not None else None
    kind = service.subject.known("database.kind")
    if service.profile is None or rule is None or kind != "postgresql":
        return
    threshold = service.profile.setting(service.environment, rule["threshold"])
    value: Any = threshold.value if not threshold.known else int(threshold.value) > 0
    place = Source(threshold.source.layer, None, threshold.location, threshold.source.via)
    service.subject.put(
        Fact(
            "database.prepares_statements",
            value,
            place,
            threshold.shadowed,
            (threshold,),
            f"{rule['threshold']} {number(threshold)}",
        )
    )
