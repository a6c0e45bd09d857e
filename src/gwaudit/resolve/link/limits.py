"""What one server container accepts: from its command, its image's variables and its configuration file, else the defaults.

PostgreSQL takes ``-c name=value`` and ``--name=value``; Redis ``--name value`` and a configuration file; the common PgBouncer
images take one environment variable per setting. Sizes are bytes, times seconds.
"""

from __future__ import annotations

from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.model import Subject
    from gwaudit.resolve.service import Service

_SIZE = {"b": 1, "k": 1000, "kb": 1024, "m": 1000**2, "mb": 1024**2, "g": 1000**3, "gb": 1024**3, "tb": 1024**4}
_TIME = {"us": 1e-6, "ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_SIZES = ("server.work_mem", "server.shared_buffers", "server.maxmemory")
_TIMES = ("server.statement_timeout", "server.idle_session_timeout", "server.idle_in_transaction")


def limits(subject: Subject, service: Service, kind: str, entry: dict[str, Any]) -> None:
    """Put every setting of ``entry`` on the server subject: as set, else the default, Unknown where it may be set unseen."""
    stated = _from_variables(service, entry)
    stated.update(_from_words(service, kind, entry["settings"]))
    unread = _unread(service)
    for setting, name in entry["settings"].items():
        fact = stated.get(setting)
        if fact is not None:
            subject.put(Fact(name, _value(name, fact.value), fact.source, fact.shadowed, (fact,), assumed=fact.assumed))
        elif unread is not None:
            subject.set(name, Unknown(unread), Source("platform", None, service.container.place))
        elif setting in entry["defaults"]:
            subject.set(name, entry["defaults"][setting], Source("platform", None, service.container.place))
        else:
            subject.set(name, ABSENT, Source("platform", None, service.container.place))


def _unread(service: Service) -> str | None:
    """Why settings may be set where nobody looked: a mounted configuration, a command that is not known."""
    for mount in service.container.mounts:
        if mount.path.endswith((".conf", ".ini", ".cnf")) or mount.path.rstrip("/").endswith(("/conf.d", "/etc/redis")):
            return f"{mount.path} is mounted and was not read"
    arguments = service.container.arguments
    if arguments is not None and isinstance(arguments.value, Unknown):
        return arguments.value.reason
    return service.environment.reasons[0] if service.environment.reasons else None


def _from_variables(service: Service, entry: dict[str, Any]) -> dict[str, Fact]:
    found: dict[str, Fact] = {}
    for variable, setting in entry["variables"].items():
        fact = service.environment.get(variable)
        if fact.known or (isinstance(fact.value, Unknown) and variable in service.environment):
            found[setting] = fact
    return found


def _from_words(service: Service, kind: str, settings: dict[str, str]) -> dict[str, Fact]:
    """Settings among the words of the container's entrypoint and arguments (a shell's ``-c`` string included)."""
    found: dict[str, Fact] = {}
    for given in (service.container.entrypoint, service.container.arguments):
        if given is None or not given.known or given.value is None:
            continue
        pairs: list[tuple[str, Fact]] = []
        items = given.inputs if len(given.inputs) == len(given.value) else [given] * len(given.value)
        for word, item in zip(given.value, items, strict=True):
            if isinstance(word, str):
                pairs.extend((part, item) for part in (word.split() if " " in word else [word]))
        for index, (word, item) in enumerate(pairs):
            after = pairs[index + 1][0] if index + 1 < len(pairs) else None
            name, value = _pair(kind, word, after)
            if name in settings and value is not None:
                found[name] = Fact(
                    name, value, Source(item.source.layer, value, item.location, item.source.via), inputs=(item,)
                )
    return found


def _pair(kind: str, word: str, after: str | None) -> tuple[str, str | None]:
    text = word.strip("\"'\\")
    if kind == "redis":
        return (text[2:], after.strip("\"'") if after else None) if text.startswith("--") else ("", None)
    text = text.removeprefix("-c").removeprefix("--")
    name, equals, value = text.partition("=")
    return (name.strip().replace("-", "_"), value.strip("\"'")) if equals else ("", None)


def _value(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = value.strip().lower()
    if name in _SIZES:
        return _scaled(text, _SIZE, 1) if not text.isdigit() or name == "server.maxmemory" else int(text) * 8192
    if name in _TIMES:
        return _scaled(text, _TIME, 0.001)
    try:
        return int(text)
    except ValueError:
        return text or Unknown("empty")


def _scaled(text: str, units: dict[str, Any], bare: float) -> Any:
    number = text.rstrip("abcdefghijklmnopqrstuvwxyz ")
    try:
        amount = float(number)
    except ValueError:
        return Unknown(f"{text!r} is no size or time")
    unit = text[len(number) :].strip()
    if unit and unit not in units:
        return Unknown(f"{text!r} has an unknown unit")
    result = amount * (units[unit] if unit else bare)
    return int(result) if units is _SIZE else result
