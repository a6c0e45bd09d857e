"""Redis as one service uses it."""

from __future__ import annotations

from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.service import Service

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def cache(service: Service) -> None:
    """``redis.*`` from the URL in effect."""
    subject = service.subject
    url = subject.fact("redis.url")
    kind = subject.fact("cache.kind")
    if kind.known:
        subject.put(Fact("redis.used", kind.value == "redis", kind.source, inputs=(kind,), assumed=kind.assumed))
    if isinstance(url.value, Unknown) or url.value is ABSENT:
        return
    source = Source(url.source.layer, None, url.source.location, url.source.via)

    def put(name: str, value: Any) -> None:
        subject.put(Fact(f"redis.{name}", value, source, url.shadowed, (url,), assumed=url.assumed))

    from urllib.parse import urlsplit

    try:
        parts = urlsplit(str(url.value))
        host = parts.hostname
    except ValueError:
        return
    put("host", host or ABSENT)
    put("tls", parts.scheme == "rediss")
    put(
        "remote",
        bool(host) and host not in _LOOPBACK and "." in str(host) and not str(host).endswith((".local", ".svc")),
    )
