"""The service that a load test was run against, by the host or the port of its URL, and whether that is of its work."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.loadtest.result import LoadTest
    from gwaudit.resolve.service import Service
    from gwaudit.resolve.targets import Target

_LOCAL = ("localhost", "127.0.0.1", "0.0.0.0", "::1", "host.docker.internal")
_HEALTH = ("health", "ready", "live", "ping", "metrics", "favicon")  # in the last part of a path that nobody waits for


def servers_of(target: Target) -> list[Service]:
    """The services whose process answers requests."""
    others = (None, "other", "celery")
    return [service for service in target.services if service.subject.known("process.server") not in others]


def service_of(test: LoadTest, target: Target, servers: list[Service]) -> Service | None:
    """The service of a result: the only one, or the one its URL leads to."""
    if len(servers) == 1:
        return servers[0]
    return service_at(test.url, target, servers)


def service_at(url: str | None, target: Target, servers: list[Service], near: bool = False) -> Service | None:
    """The server behind an address of the target, None where it leads to none or to several.

    ``near``: a port tells the service only where the host is the machine itself.
    """
    if not url:
        return None
    from urllib.parse import urlsplit

    from gwaudit.resolve.link.names import Directory

    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    named = [service for service in Directory(target).of(host or "") if service in servers]
    if len(named) == 1:
        return named[0]
    if port is None or (near and host not in _LOCAL):
        return None
    behind = {e.workload for e in target.draft.endpoints if e.outer_port == port}
    found = [s for s in servers if s.subject.known("bind.port") == port]
    found = found or [s for s in servers if s.subject.parent is not None and s.subject.parent.name in behind]
    # Behind a proxy that publishes the port, as far as the ways were joined.
    found = found or [s for s in servers if any(r.known("route.port") == port for r in s.subject.walk("route"))]
    return found[0] if len(found) == 1 else None


def is_work(url: str | None) -> bool:
    """Whether an address is no health check, which nobody waits for."""
    return not any(word in (url or "").lower().rsplit("/", 1)[-1] for word in _HEALTH)
