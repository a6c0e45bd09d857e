"""How an application's database pool comes out: its class, the sizes it caps, and whether connections are tested.

The rules are those of ``mcpgateway/db.py`` (``build_engine``), with the words of the profile's ``pool``.
"""

from __future__ import annotations

from gwaudit.resolve.fact import Fact, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from gwaudit.resolve.environment import Environment
    from gwaudit.resolve.profile import Profile


def pool(profile: Profile, environment: Environment, facts: dict[str, Fact]) -> Iterator[Fact]:
    rule: dict[str, Any] = profile.data["pool"]
    url = facts.get("database.url")
    kind = profile.setting(environment, rule["class"])
    ping = profile.setting(environment, rule["pre_ping"])
    if url is None:
        return
    text = url.value if isinstance(url.value, str) else None
    sqlite = text is not None and text.startswith("sqlite")
    pooler = text is not None and rule["pooler_mark"] in text.lower()
    pooled = _pooled(url, kind, sqlite, pooler)
    yield pooled
    if sqlite:
        for name in ("database.pool_size", "database.max_overflow"):
            yield from _capped(facts.get(name), int(rule["sqlite_caps"][name]))
        yield Fact("database.pool_pre_ping", True, kind.source, (), (url,), "always with SQLite")
    elif ping.value in ("true", "false"):
        yield Fact("database.pool_pre_ping", ping.value == "true", ping.source, ping.shadowed, (ping,))
    elif ping.known and pooled.known and text is not None:
        tested = pooled.value is True and not pooler
        yield Fact("database.pool_pre_ping", tested, ping.source, (), (ping, url), "auto")
    else:
        reason = Unknown("it follows the kind of pool and the URL", (ping.name, "database.url"))
        yield Fact("database.pool_pre_ping", reason, ping.source, (), (ping, url))


def _pooled(url: Fact, kind: Fact, sqlite: bool, pooler: bool) -> Fact:
    name = "database.pooled"
    if sqlite:
        return Fact(name, True, url.source, (), (url,), "SQLite always has a pool")
    if kind.value in ("null", "queue"):
        return Fact(name, kind.value == "queue", kind.source, kind.shadowed, (kind,))
    if not kind.known:
        return Fact(name, Unknown("the class of the pool is not known", (kind.name,)), kind.source, (), (kind,))
    if not isinstance(url.value, str):
        return Fact(name, Unknown("it follows the URL, which is not known", ("database.url",)), kind.source, (), (url,))
    return Fact(name, not pooler, kind.source, (), (kind, url), "auto: no pool when the URL names pgbouncer")


def _capped(fact: Fact | None, cap: int) -> Iterator[Fact]:
    if fact is not None and fact.known and isinstance(fact.value, int) and fact.value > cap:
        text = f"{fact.value}, capped at {cap} with SQLite"
        yield Fact(fact.name, cap, fact.source, fact.shadowed, (fact,), text)
