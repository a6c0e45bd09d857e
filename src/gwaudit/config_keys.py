"""The keys of the configuration: one reader each, which checks the type and keeps the value."""

from __future__ import annotations

import posixpath

from gwaudit.assume import STAGES
from gwaudit.config import Configuration, Ignored
from gwaudit.errors import near
from gwaudit.finding import SEVERITIES
from gwaudit.source import Location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def fill(to: Configuration, data: dict[str, Any]) -> None:
    """Read every key of the table into the configuration; the first mistake is raised as an error that points at it."""
    for key, value in data.items():
        read = _KEYS.get(key)
        if read is None:
            hint = near(key, _KEYS) or "known: " + ", ".join(_KEYS)
            if key == "tool" and isinstance(value, dict) and "gwaudit" in value:
                name = to.file.path if to.file is not None else "gwaudit.toml"
                hint = f"in {name} the keys stand at the top, without tool.gwaudit: [severity], not [tool.gwaudit.severity]"
            raise to.error(f"unknown key {key!r}", key, hint=hint)
        read(to, value, key)


def _strings(to: Configuration, value: Any, *path: str | int) -> list[str]:
    if not isinstance(value, list):
        raise to.error(f"expected a list of strings, not {_kind(value)}", *path)
    for index, item in enumerate(value):
        if not isinstance(item, str):
            raise to.error(f"expected a string, not {_kind(item)}", *path, index)
    return list(value)


def _string(to: Configuration, value: Any, *path: str | int) -> str:
    if not isinstance(value, str):
        raise to.error(f"expected a string, not {_kind(value)}", *path)
    return value


def _table(to: Configuration, value: Any, *path: str | int) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise to.error(f"expected a table, not {_kind(value)}", *path)
    return value


def _known(to: Configuration, table: dict[str, Any], keys: tuple[str, ...], *path: str | int) -> None:
    for key in table:
        if key not in keys:
            raise to.error(f"unknown key {key!r}", *path, key, hint=near(key, keys) or "known: " + ", ".join(keys))


def _select(to: Configuration, value: Any, key: str) -> None:
    to.select = _strings(to, value, key)


def _extend_select(to: Configuration, value: Any, key: str) -> None:
    to.extend_select = _strings(to, value, key)


def _exclude(to: Configuration, value: Any, key: str) -> None:
    to.exclude = _strings(to, value, key)


def _severity(to: Configuration, value: Any, key: str) -> None:
    for rule, severity in _table(to, value, key).items():
        if severity not in SEVERITIES:
            hint = near(str(severity), SEVERITIES)
            raise to.error(f"expected one of {', '.join(SEVERITIES)}, not {severity!r}", key, rule, hint=hint)
        to.severity[rule] = severity


def _per_file_ignores(to: Configuration, value: Any, key: str) -> None:
    for pattern, rules in _table(to, value, key).items():
        to.per_file_ignores[pattern] = _strings(to, rules, key, pattern)


def _rules(to: Configuration, value: Any, key: str) -> None:
    """``rules = ["policy/"]``, or a table: ``paths`` and one table of parameters a rule."""
    if isinstance(value, list):
        to.rule_paths = _strings(to, value, key)
        return
    for name, parameters in _table(to, value, key).items():
        if name == "paths":
            to.rule_paths = _strings(to, parameters, key, name)
        else:
            to.parameters[name] = _table(to, parameters, key, name)


def _latency(to: Configuration, value: Any, key: str) -> None:
    """Measured or promised latency in seconds, ``p99 = 41.5``, where no load test in the tree tells it."""
    table = _table(to, value, key)
    _known(to, table, ("p99", "service"), key)
    for name, item in table.items():
        if name == "service":
            to.latency_service = _string(to, item, key, name)
        else:
            measured = _seconds(item)
            if measured is None or not 0 < measured < 1e6:
                raise to.error(
                    f"expected seconds as a positive number, or a text such as '45s', not {item!r}", key, name
                )
            to.latency[name] = measured


def _seconds(value: Any) -> float | None:
    """``41.5``, ``"45s"``, ``"1500ms"``, ``"2m"`` in seconds."""
    if isinstance(value, str):
        from gwaudit.parse.loadtest.result import seconds

        return seconds(value)
    return None if isinstance(value, bool) or not isinstance(value, (int, float)) else float(value)


def _bandit(to: Configuration, value: Any, key: str) -> None:
    """``bandit = false``: do not run bandit on Python that configures services."""
    if not isinstance(value, bool):
        raise to.error(f"expected true or false, not {_kind(value)}", key)
    to.bandit = value


def _baseline(to: Configuration, value: Any, key: str) -> None:
    """The file of known findings, relative to the root; ``--baseline`` goes before it."""
    path = _string(to, value, key)
    if not _is_below(path):
        raise to.error("expected a path below the root", key)  # a run with --update-baseline writes there
    to.baseline = path


def _target(to: Configuration, value: Any, key: str) -> None:
    """What cannot be inferred of one deployment, which is named by its name or by its files: its stage."""
    if not isinstance(value, list):
        raise to.error("expected an array of tables: [[tool.gwaudit.target]]", key)
    for index, entry in enumerate(value):
        table = _table(to, entry, key, index)
        _known(to, table, ("name", "paths", "stage"), key, index)
        for name, item in table.items():
            if name == "paths":
                _strings(to, item, key, index, name)
            elif name == "stage" and item not in STAGES:
                raise to.error(f"expected one of {', '.join(STAGES)}, not {item!r}", key, index, name)
            else:
                _string(to, item, key, index, name)
        if not table.keys() & {"name", "paths"}:
            raise to.error("a target needs 'name' or 'paths'", key, index)
        to.targets.append(dict(table))


def _images(to: Configuration, value: Any, key: str) -> None:
    """Which Dockerfile builds an image, by the image's name without tag: a path, or a table with the context as well."""
    for name, item in _table(to, value, key).items():
        if "@" in name or ":" in name.rpartition("/")[2] or not name.rpartition("/")[2]:
            raise to.error(f"expected the name of an image without tag and digest, not {name!r}", key, name)
        if isinstance(item, str):
            item = {"dockerfile": item}
        table = _table(to, item, key, name)
        _known(to, table, ("dockerfile", "context"), key, name)
        if "dockerfile" not in table:
            raise to.error("an image needs 'dockerfile'", key, name)
        for part, path in table.items():
            if not _is_below(_string(to, path, key, name, part)):
                raise to.error("expected a path below the root", key, name, part)
        dockerfile = posixpath.normpath(table["dockerfile"])
        to.images[name] = dockerfile, posixpath.normpath(table.get("context") or posixpath.dirname(dockerfile))


def _is_below(path: str) -> bool:
    return bool(path) and not path.startswith(("/", "\\")) and ".." not in path.split("/")


def _ignore(to: Configuration, value: Any, key: str) -> None:
    """Rule names, or tables that say where, why and until when; both may stand in one list."""
    if not isinstance(value, list):
        raise to.error(f"expected a list, not {_kind(value)}", key)
    for index, entry in enumerate(value):
        if isinstance(entry, str):
            to.ignore.append(entry)
            continue
        table = _table(to, entry, key, index)
        keys = ("rule", "path", "service", "reason", "until")
        _known(to, table, keys, key, index)
        for name, item in table.items():
            if name == "until" and hasattr(item, "isoformat"):
                table[name] = item = item.isoformat()[:10]
            _string(to, item, key, index, name)
        for name in ("rule", "reason"):
            if not table.get(name):
                raise to.error(f"an ignore needs {name!r}", key, index)
        until = table.get("until")
        if until is not None and not _is_date(until):
            raise to.error(f"expected a date such as 2026-12-31, not {until!r}", key, index, "until")
        location = to.location_of(key, index) or Location("")
        to.ignored.append(
            Ignored(table["rule"], table.get("path"), table.get("service"), table["reason"], until, location)
        )


def _is_date(text: str) -> bool:
    import datetime

    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _kind(value: Any) -> str:
    names = {bool: "a boolean", int: "an integer", float: "a float", str: "a string", list: "an array", dict: "a table"}
    return names.get(type(value), "a date")


_KEYS: dict[str, Callable[[Configuration, Any, str], None]] = {
    "select": _select,
    "ignore": _ignore,
    "extend-select": _extend_select,
    "severity": _severity,
    "per-file-ignores": _per_file_ignores,
    "exclude": _exclude,
    "rules": _rules,
    "latency": _latency,
    "target": _target,
    "images": _images,
    "bandit": _bandit,
    "baseline": _baseline,
}
