"""The configuration: ``[tool.gwaudit]`` of the root's pyproject.toml, or the root's gwaudit.toml or .gwaudit.toml.

Root only: the configuration of a sub-directory must not weaken the one above it. Unknown keys and wrong types are errors
with a caret. Nothing in a configuration is executed.
"""

from __future__ import annotations

from gwaudit.errors import ConfigurationError, near
from gwaudit.finding import SEVERITIES
from gwaudit.source import Location, SourceFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gwaudit.options import Options
    from gwaudit.tree import Tree

    Path = tuple[str | int, ...]

NAMES = ("gwaudit.toml", ".gwaudit.toml", "pyproject.toml")


class Ignored:
    """One entry of ``[[tool.gwaudit.ignore]]``: a rule that is not reported for these files or services, and why."""

    __slots__ = ("location", "path", "reason", "rule", "service", "until", "used")

    def __init__(
        self, rule: str, path: str | None, service: str | None, reason: str, until: str | None, location: Location
    ) -> None:
        self.rule = rule
        self.path = path
        self.service = service
        self.reason = reason
        self.until = until
        self.location = location
        self.used = False


class Configuration:
    """What the file says. ``location_of`` names the place of a key, for messages about its value."""

    def __init__(self, file: SourceFile | None = None, table: tuple[str, ...] = ()) -> None:
        self.file = file
        self._table = table
        self.select: list[str] | None = None
        self.ignore: list[str] = []
        self.extend_select: list[str] = []
        self.severity: dict[str, str] = {}
        self.per_file_ignores: dict[str, list[str]] = {}
        self.exclude: list[str] = []
        self.rule_paths: list[str] = []
        self.parameters: dict[str, dict[str, Any]] = {}
        self.latency: dict[str, float] = {}
        self.targets: list[dict[str, Any]] = []
        self.ignored: list[Ignored] = []

    def location_of(self, *path: str | int) -> Location | None:
        """The place of a key, ``("severity", "weak-secret")``; else of what encloses it; None without a file."""
        if self.file is None:
            return None
        from gwaudit.parse.document import Mapping, Sequence
        from gwaudit.parse.toml import parse_documents

        documents = [d for d in parse_documents(self.file) if hasattr(d, "root")]
        node: Any = documents[0].root if documents else None
        place: Location | None = None
        for step in (*self._table, *path):
            if isinstance(node, Mapping) and isinstance(step, str):
                key = node.key(step)
                node = node.get(step)
                if key is not None:
                    place = key.location
            elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
                node = node.items[step]
                place = node.location
            else:
                break
        return place or Location(self.file.path)

    def error(self, message: str, *path: str | int, hint: str | None = None) -> ConfigurationError:
        """An error that points at a key."""
        location = self.location_of(*path)
        text = self.file.line_text(location.line) if self.file is not None and location and location.span else None
        return ConfigurationError(message, location, text, hint)


def load(tree: Tree, options: Options) -> Configuration:
    """The configuration of the root, or the one that ``--config`` names; an empty one with ``--isolated``."""
    if options.isolated:
        return Configuration()
    if options.config is not None:
        return _read(_outside(options.config), required=True) or Configuration()
    found = [c for name in NAMES if (file := tree.source(name)) is not None and (c := _read(file, required=False))]
    if len(found) > 1:
        names = " and ".join(c.file.path for c in found if c.file)
        raise ConfigurationError(f"two configurations in the root: {names}", hint="keep one of them")
    return found[0] if found else Configuration()


def _outside(path: str) -> SourceFile:
    try:
        with open(path, "rb") as stream:
            return SourceFile(path, stream.read(2_000_000).decode("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"--config {path}: {getattr(error, 'strerror', None) or error}") from None


def _read(file: SourceFile, required: bool) -> Configuration | None:
    """The file's configuration; None for a pyproject.toml that has none."""
    in_project = file.path.rsplit("/", 1)[-1] == "pyproject.toml"
    if in_project and "gwaudit" not in file.text and not required:
        return None
    import tomli

    try:
        data = tomli.loads(file.text)
    except (tomli.TOMLDecodeError, RecursionError, ValueError) as error:
        if in_project and not required and "tool.gwaudit" not in file.text:
            return None
        line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
        offset = min(file.starts()[min(line, len(file.starts())) - 1] + column - 1, len(file.text))
        message = f"not valid TOML: {getattr(error, 'msg', None) or error}"
        raise ConfigurationError(message, file.location(offset, offset), file.line_text(line)) from None
    table: tuple[str, ...] = ()
    if in_project:
        tool = data.get("tool")
        if not isinstance(tool, dict) or "gwaudit" not in tool:
            return None
        data, table = tool["gwaudit"], ("tool", "gwaudit")
    configuration = Configuration(file, table)
    if not isinstance(data, dict):
        raise configuration.error("expected a table")
    _fill(configuration, data)
    return configuration


def _fill(to: Configuration, data: dict[str, Any]) -> None:
    for key, value in data.items():
        fill = _KEYS.get(key)
        if fill is None:
            raise to.error(f"unknown key {key!r}", key, hint=near(key, _KEYS) or "known: " + ", ".join(_KEYS))
        fill(to, value, key)


def _strings(to: Configuration, value: Any, *path: str | int) -> list[str]:
    if not isinstance(value, list):
        raise to.error(f"expected a list of strings, not {_kind(value)}", *path)
    for index, item in enumerate(value):
        if not isinstance(item, str):
            raise to.error(f"expected a string, not {_kind(item)}", *path, index)
    return list(value)


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
    """Measured or promised latency in seconds, ``p99 = 41.5``, for services without a load test in the tree."""
    table = _table(to, value, key)
    _known(to, table, ("p50", "p90", "p95", "p99", "max"), key)
    for name, seconds in table.items():
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 < seconds < 1e6:
            raise to.error(f"expected seconds as a positive number, not {seconds!r}", key, name)
        to.latency[name] = float(seconds)


_TARGET = {"name": str, "paths": list, "stage": str, "service": str, "gunicorn": str, "loadtest": str}


def _target(to: Configuration, value: Any, key: str) -> None:
    """What belongs together where it cannot be inferred: the paths of one deployment, its stage, its gunicorn file."""
    if not isinstance(value, list):
        raise to.error("expected an array of tables: [[tool.gwaudit.target]]", key)
    for index, entry in enumerate(value):
        table = _table(to, entry, key, index)
        _known(to, table, tuple(_TARGET), key, index)
        for name, item in table.items():
            if name == "paths":
                _strings(to, item, key, index, name)
            elif not isinstance(item, str):
                raise to.error(f"expected a string, not {_kind(item)}", key, index, name)
        to.targets.append(dict(table))


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
            if not isinstance(item, str):
                raise to.error(f"expected a string, not {_kind(item)}", key, index, name)
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
}
