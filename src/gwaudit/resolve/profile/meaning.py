"""What an application's settings mean together: pools, time limits, streams, logins and modes (``facts`` and ``roles``)."""

from __future__ import annotations

from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from gwaudit.resolve.environment import Environment
    from gwaudit.resolve.profile import Profile

_PROFILE = Source("profile")


def constants(profile: Profile) -> Iterator[Fact]:
    """Facts that hold for every deployment of the application (``facts`` of the profile); none for mere conventions."""
    if profile.name == "generic":
        return
    for name, value in profile.data.get("facts", {}).items():
        yield Fact(name, tuple(value) if isinstance(value, list) else value, _PROFILE)
    yield Fact("app.name", profile.title, _PROFILE)
    yield Fact("app.profile", profile.name, _PROFILE)


def derived(profile: Profile, environment: Environment, facts: dict[str, Fact]) -> Iterator[Fact]:
    """Facts that several settings decide together."""
    roles: dict[str, Any] = profile.data.get("roles", {})
    for role, name in (("debug", "app.debug"), ("logs_sql", "app.logs_sql"), ("tls_off", "tls.verification_off")):
        if role in roles:
            yield _first_switch(profile, environment, name, roles[role])
    if "ssrf_relaxed" in roles:
        yield _switches(profile, environment, "ssrf.relaxed", roles["ssrf_relaxed"])
    if "upstream_timeouts" in roles:
        yield _longest(profile, environment, roles["upstream_timeouts"])
    if "backoff" in roles:
        yield _backoff(profile, environment, facts, roles["backoff"])
    if "keepalive" in roles:
        yield _keepalive(profile, environment, roles["keepalive"])
    if "logins" in roles:
        from gwaudit.resolve.profile.logins import logins

        yield from logins(profile, environment, roles["logins"])
    if "log_files" in roles:
        yield _log_files(profile, environment, roles["log_files"])
    if "identity" in roles:
        yield _identity(profile, environment, roles["identity"])
    if "lifetime" in roles:
        yield from _lifetime(profile, roles["lifetime"])
    if "metrics_directory" in roles:
        yield _is_set(environment, "app.metrics_multiprocess", roles["metrics_directory"])
    if "pool" in profile.data:
        from gwaudit.resolve.profile.pool import pool

        yield from pool(profile, environment, facts)


def _first_switch(profile: Profile, environment: Environment, name: str, wanted: dict[str, Any]) -> Fact:
    """The first variable that has the value; ABSENT where none has, Unknown where one may."""
    inputs = [profile.setting(environment, v) for v in wanted if profile.row(v)]
    for fact in inputs:
        if fact.known and fact.value == wanted[fact.name[4:]]:
            return Fact(name, fact.name[4:], fact.source, fact.shadowed, (fact,))
    unsure = next((fact for fact in inputs if isinstance(fact.value, Unknown)), None)
    if unsure is not None:
        return Fact(name, unsure.value, unsure.source, (), (unsure,))
    return Fact(name, ABSENT, _PROFILE, (), inputs)


def _switches(profile: Profile, environment: Environment, name: str, wanted: dict[str, Any]) -> Fact:
    """All variables that have the value, located by the inputs; ABSENT where none has."""
    inputs = [profile.setting(environment, v) for v in wanted if profile.row(v)]
    found = [fact for fact in inputs if fact.known and fact.value == wanted[fact.name[4:]]]
    if found:
        return Fact(name, tuple(fact.name[4:] for fact in found), found[0].source, (), found)
    unsure = next((fact for fact in inputs if isinstance(fact.value, Unknown)), None)
    if unsure is not None:
        return Fact(name, unsure.value, unsure.source, (), (unsure,))
    return Fact(name, ABSENT, _PROFILE, (), inputs)


def _longest(profile: Profile, environment: Environment, names: list[str]) -> Fact:
    """The longest time limit of a call that the application makes."""
    inputs = [profile.setting(environment, v) for v in names if profile.row(v)]
    known = [fact for fact in inputs if fact.known]
    unsure = next((fact for fact in inputs if isinstance(fact.value, Unknown)), None)
    if not known:
        return Fact("app.longest_upstream", ABSENT if unsure is None else unsure.value, _PROFILE, (), inputs)
    longest = max(known, key=lambda fact: float(fact.value))
    if unsure is not None:
        value = Unknown(f"{unsure.name[4:]} is not known", (unsure.name,), float(longest.value))
        return Fact("app.longest_upstream", value, longest.source, (), inputs)
    text = f"{longest.name[4:]} {longest.value:g} s"
    return Fact("app.longest_upstream", float(longest.value), longest.source, longest.shadowed, (longest,), text)


def _backoff(profile: Profile, environment: Environment, facts: dict[str, Fact], role: dict[str, str]) -> Fact:
    """Waits between attempts: base x 2^n, each at most the cap, without jitter."""
    retries = facts.get("app.max_retries")
    base, cap = (profile.setting(environment, role[key]) for key in ("base", "cap"))
    inputs = [fact for fact in (retries, base, cap) if fact is not None]
    if retries is None or not all(fact.known for fact in inputs):
        return Fact("app.retry_backoff", Unknown("the waits between attempts are not known"), _PROFILE, (), inputs)
    count = min(int(retries.value), 1000)
    waits = [min(float(base.value) * 2.0 ** min(n, 60), float(cap.value)) for n in range(count)]
    return Fact("app.retry_backoff", sum(waits), base.source, (), inputs, " + ".join(f"{wait:g}" for wait in waits[:8]))


def _keepalive(profile: Profile, environment: Environment, role: dict[str, str]) -> Fact:
    enabled, interval = (profile.setting(environment, role[key]) for key in ("enabled", "interval"))
    name = "app.stream_keepalive"
    if enabled.value is False:
        return Fact(name, ABSENT, enabled.source, enabled.shadowed, (enabled,))
    if not enabled.known:
        return Fact(name, Unknown(f"{role['enabled']} is not known", (enabled.name,)), enabled.source, (), (enabled,))
    return Fact(name, interval.value, interval.source, interval.shadowed, (interval, enabled))


def _log_files(profile: Profile, environment: Environment, role: dict[str, str]) -> Fact:
    enabled = profile.setting(environment, role["enabled"])
    file, folder = (profile.setting(environment, role[key]) for key in ("file", "folder"))
    if enabled.value is False or file.value is ABSENT:
        decisive = enabled if enabled.value is False else file
        return Fact("app.log_files", ABSENT, decisive.source, decisive.shadowed, (decisive,))
    if not enabled.known or not file.known:
        return Fact(
            "app.log_files", Unknown("where logs are written is not known"), enabled.source, (), (enabled, file)
        )
    path = f"{folder.value}/{file.value}" if folder.known and folder.value else str(file.value)
    return Fact("app.log_files", (path,), file.source, file.shadowed, (enabled, file, folder))


def _identity(profile: Profile, environment: Environment, names: list[str]) -> Fact:
    """Whether audience and issuer are the application's defaults."""
    inputs = [profile.setting(environment, name) for name in names if profile.row(name)]
    defaults = {name: profile.row(name) for name in names}
    if any(not fact.known for fact in inputs):
        return Fact("jwt.identity_is_default", Unknown("audience or issuer are not known"), _PROFILE, (), inputs)
    same = all(
        row is not None and fact.value == row[1].get("default")
        for fact, row in zip(inputs, defaults.values(), strict=False)
    )
    source = next((fact.source for fact in inputs if fact.location is not None), _PROFILE)
    return Fact("jwt.identity_is_default", same, source, (), inputs)


def _is_set(environment: Environment, name: str, variable: str) -> Fact:
    fact = environment.get(variable)
    value = fact.value if isinstance(fact.value, Unknown) else fact.value not in (ABSENT, "")
    return Fact(name, value, fact.source, fact.shadowed, (fact,), assumed=fact.assumed)


def _lifetime(profile: Profile, name: str) -> Iterator[Fact]:
    found = profile.row(name)
    if found is not None and found[1].get("maximum") is not None:
        longest = float(found[1]["maximum"] * found[1].get("scale", 1))
        yield Fact("auth.token_lifetime_max", longest, _PROFILE)
