"""The configuration: ``[tool.gwaudit]`` of the root's pyproject.toml, or the root's gwaudit.toml or .gwaudit.toml.

Root only: the configuration of a sub-directory must not weaken the one above it. Unknown keys and wrong types are errors
with a caret. Nothing in a configuration is executed.
"""

from __future__ import annotations

from gwaudit.errors import ConfigurationError
from gwaudit.source import Location, SourceFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.options import Options
    from gwaudit.tree import Tree

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
        self.latency_service: str | None = None
        self.targets: list[dict[str, Any]] = []
        self.images: dict[str, tuple[str, str]] = {}  # name without tag -> Dockerfile, context
        self.ignored: list[Ignored] = []
        self.bandit = True
        self.baseline: str | None = None

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
    from gwaudit.config_keys import fill

    fill(configuration, data)
    return configuration
