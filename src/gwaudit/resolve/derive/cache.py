"""Redis as one service uses it."""

from __future__ import annotations

from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.service import Service

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def cache(service: Service) -> None:
    """``redis.*`` from the URL in effect; ``limiter.backend`` and ``sessions.backend`` from common extensions' variables."""
    subject = service.subject
    _backends(service)
    url = subject.fact("redis.url")
    kind = subject.fact("cache.kind")
    if kind.known:
        subject.put(Fact("redis.used", kind.value == "redis", kind.source, inputs=(kind,), assumed=kind.assumed))
    elif url.known and url.location is not None and service.profile is not None and not service.profile.complete:
        subject.put(Fact("redis.used", True, url.source, inputs=(url,), assumed=url.assumed))  # who names it uses it
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


def _backends(service: Service) -> None:
    """Where Flask-Limiter and Flask-Session keep what they count and remember, as their variables say."""
    from gwaudit.bundle import section

    for fact_name, entry in section("platforms/frameworks")["backends"].items():
        for variable in entry["variables"]:
            fact = service.environment.get(variable)
            if not fact.known or service.subject.fact(fact_name).known:
                continue
            text = str(fact.value).lower()
            kind = next((kind for kind, marks in entry["kinds"].items() if text.startswith(tuple(marks))), None)
            if kind is not None:
                service.subject.put(Fact(fact_name, kind, fact.source, fact.shadowed, (fact,), assumed=fact.assumed))
