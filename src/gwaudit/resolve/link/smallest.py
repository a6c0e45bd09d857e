"""The shortest time limits on the ways to a service: of a whole request, and of the silence within one."""

from __future__ import annotations

from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.link.ways import Samples, Way
    from gwaudit.resolve.service import Service


def smallest_timeouts(service: Service, ways: list[Way], samples: Samples | None) -> None:
    """``http.smallest_timeout`` and ``http.smallest_idle_timeout``, each with its name."""
    server = service.subject
    limits: list[tuple[Fact, str]] = []
    idle: list[tuple[Fact, str]] = []
    unsure = False
    for way in ways:
        if samples is None:
            break
        works, streams = samples.works(way.passage), samples.streams(way.passage, server.fact("app.streams"))
        for hop in way.hops:
            limit = hop.limit()
            if works and limit is not None:
                limits.append((limit, hop.name))
            unsure = unsure or (works and hop.limits_unknown)
            silence = [f for f in (hop.fact("idle_timeout"), hop.fact("request_timeout")) if f.known and f.value > 0]
            if streams is True and silence:
                idle.append((min(silence, key=lambda fact: float(fact.value)), hop.name))
    platform = server.fact("workload.request_timeout")
    if platform.known and platform.value:
        limits.append((platform, "the platform's request timeout"))
        idle.append((platform, "the platform's request timeout"))
    reason = Unknown("a proxy in front may set a limit that nobody can tell")
    for name, found in (("http.smallest_timeout", limits), ("http.smallest_idle_timeout", idle)):
        if found:
            fact, hop_name = min(found, key=lambda item: float(item[0].value))
            source = Source(fact.source.layer, fact.source.raw, fact.source.location, fact.source.via)
            server.put(Fact(name, float(fact.value), source, fact.shadowed, (fact,), f"{hop_name} {fact.value:g} s"))
            server.set(f"{name}_name", hop_name, source)
        else:
            server.set(name, reason if unsure else ABSENT)
            server.set(f"{name}_name", reason if unsure else ABSENT)
