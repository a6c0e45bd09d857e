"""Logins of an application that are open with a published password, and those that are closed."""

from __future__ import annotations

from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from gwaudit.resolve.environment import Environment
    from gwaudit.resolve.profile import Profile

_PROFILE = Source("profile")


def logins(profile: Profile, environment: Environment, rows: list[dict[str, Any]]) -> Iterator[Fact]:
    """``auth.default_login``, ``auth.default_login_forced`` and ``auth.closed_logins``.

    A row names the variable of the password, the switches of which ``any`` opens the login, and those that ``force`` whoever
    logs in with a default password to choose another one when all of them are on. Of several logins with a published
    password the first that nothing forces is told, else the first.
    """
    weak = frozenset(profile.data.get("weak_secrets", ()))
    unsure: Fact | None = None
    open_ones: list[tuple[Fact, Fact]] = []
    closed: list[str] = []
    for row in rows:
        found = profile.row(row["password"])
        if found is None:
            continue
        gates = _settings(profile, environment, row.get("any", ()))
        if gates and not any(gate.value is True for gate in gates):
            doubtful = next((gate for gate in gates if isinstance(gate.value, Unknown)), None)
            unsure = doubtful or unsure
            if doubtful is None:
                closed.append(row["password"])
            continue
        fact = profile.setting(environment, row["password"])
        if isinstance(fact.value, Unknown):
            unsure = unsure or fact
        elif isinstance(fact.value, str) and fact.value.lower() in (weak | set(found[1].get("weak_values", ()))):
            # A secret among the inputs would make this a secret too, and it only names a variable.
            inputs = tuple(gate for gate in gates if gate.value is True and not gate.secret)
            login = Fact("auth.default_login", row["password"], fact.source, (), inputs)
            open_ones.append((login, _forced(_settings(profile, environment, row.get("force", ())))))
    yield Fact("auth.closed_logins", tuple(closed), _PROFILE)
    if open_ones:
        yield from next((pair for pair in open_ones if pair[1].value is False), open_ones[0])
    elif unsure is not None:
        reason = Unknown(f"{unsure.name[4:]} is not known", (unsure.name,))
        yield Fact("auth.default_login", reason, unsure.source, (), (unsure,))
    else:
        yield Fact("auth.default_login", ABSENT, _PROFILE)


def _settings(profile: Profile, environment: Environment, names: Iterable[str]) -> list[Fact]:
    """The variables among ``names`` that this release of the application has."""
    return [profile.setting(environment, name) for name in names if profile.row(name)]


def _forced(switches: list[Fact]) -> Fact:
    """Whether all switches are on. A release that has none of them forces nothing."""
    off = next((fact for fact in switches if fact.value is False), None)
    name = "auth.default_login_forced"
    if off is not None or not switches:
        return Fact(name, False, off.source if off is not None else _PROFILE, (), (off,) if off is not None else ())
    doubtful = next((fact for fact in switches if isinstance(fact.value, Unknown)), None)
    if doubtful is not None:
        reason = Unknown(f"{doubtful.name[4:]} is not known", (doubtful.name,))
        return Fact(name, reason, doubtful.source, (), (doubtful,))
    return Fact(name, True, switches[0].source, (), tuple(switches))
