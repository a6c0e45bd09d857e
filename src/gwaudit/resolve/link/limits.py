"""What one server container accepts: from its command, its image's variables and its configuration file, else the defaults.

PostgreSQL takes ``-c name=value`` and ``--name=value``; Redis ``--name value`` and a configuration file; the common
PgBouncer images take one environment variable per setting. Sizes are bytes, times seconds. A value that the server refuses
to start with is Unknown. Sources: PostgreSQL's guc.c ``parse_int`` (C notation, so hexadecimal and octal too; a number with
a fraction or an exponent is rounded), redis' config.c ``numericConfigSet`` (decimal digits only).
"""

from __future__ import annotations

import math

from gwaudit.pattern import regex
from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.model import Subject
    from gwaudit.resolve.service import Service

_SIZE = {"b": 1, "k": 1000, "kb": 1024, "m": 1000**2, "mb": 1024**2, "g": 1000**3, "gb": 1024**3, "tb": 1024**4}
_TIME = {"us": 1e-6, "ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_INTEGER = regex(r"[+-]?[0-9]{1,18}")
_C_INTEGER = regex(r"[+-]?(?:0[xX][0-9a-fA-F]{1,15}|[0-9]{1,18})")
_C_NUMBER = regex(r"[+-]?(?:[0-9]{1,18}\.?[0-9]{0,18}|\.[0-9]{1,18})(?:[eE][+-]?[0-9]{1,3})?")
_WORDS = ("server.pool_mode", "server.eviction_policy")
_SIZES = ("server.work_mem", "server.shared_buffers", "server.maxmemory")
_SECONDS = ("server.client_idle_timeout", "server.query_wait_timeout")  # with a fraction, without a unit
_TIMES = ("server.statement_timeout", "server.idle_session_timeout", "server.idle_in_transaction")


def limits(subject: Subject, service: Service, kind: str, entry: dict[str, Any]) -> None:
    """Put every setting of ``entry`` on the server subject: as set, else the default, Unknown where it may be set unseen."""
    stated = _from_variables(service, entry)
    stated.update(_from_words(service, kind, entry["settings"]))
    unread = _unread(service)
    for setting, name in entry["settings"].items():
        fact = stated.get(setting)
        if fact is not None:
            value = _value(name, fact.value, kind, entry.get("ranges", {}).get(setting))
            subject.put(Fact(name, value, fact.source, fact.shadowed, (fact,), assumed=fact.assumed))
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


def _value(name: str, value: Any, kind: str, allowed: list[int] | None) -> Any:
    """The value of one setting as the server reads it; ``allowed`` are its least and its greatest."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return value if isinstance(value, Unknown) else Unknown("no number")
    text = str(value).strip().lower()
    if name in _WORDS:
        return text or Unknown("empty")
    if name in _SECONDS:
        seconds = _scaled(text, {}, 1.0)
        return int(seconds) if isinstance(seconds, float) and seconds.is_integer() else seconds
    if name in _TIMES:
        return _scaled(text, _TIME, 0.001)
    if name in _SIZES:
        bare = 1 if name == "server.maxmemory" else 1024 if name == "server.work_mem" else 8192
        return _scaled(text, _SIZE, bare)
    number = _integer(text, kind == "postgresql")
    if number is None:
        return Unknown(f"{kind} takes a whole number here, and something else is written")
    if allowed is not None and not allowed[0] <= number <= allowed[1]:
        return Unknown(f"{kind} takes {allowed[0]} to {allowed[1]} here, not {number}")
    return number


def _integer(text: str, c_notation: bool) -> int | None:
    """A whole number, None where the server reads none."""
    if not c_notation:
        return int(text) if _INTEGER.fullmatch(text) else None
    if _C_INTEGER.fullmatch(text):
        digits = text.lstrip("+-")
        base = 16 if digits[:2] in ("0x", "0X") else 8 if digits[0] == "0" else 10
        try:
            number = int(digits, base)
        except ValueError:  # 08: C stops before the 8, and PostgreSQL refuses the rest
            return None
        return -number if text[0] == "-" else number
    if not _C_NUMBER.fullmatch(text):
        return None
    amount = float(text)
    return round(amount) if math.isfinite(amount) else None


def _scaled(text: str, units: dict[str, Any], bare: float) -> Any:
    digits = text.rstrip("abcdefghijklmnopqrstuvwxyz ")
    amount = float(digits) if _C_NUMBER.fullmatch(digits) else math.nan
    if not (math.isfinite(amount) and amount >= 0):
        return Unknown("what is written is no size or time")
    unit = text[len(digits) :].strip()
    if unit and unit not in units:
        return Unknown("what is written has an unknown unit")
    result = amount * (units[unit] if unit else bare)
    return int(result) if units is _SIZE else result
