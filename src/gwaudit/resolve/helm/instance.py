"""A chart with the sub-charts that a set of values switches on: conditions, tags, aliases and imported values."""

from __future__ import annotations

from gwaudit.parse.document import Mapping, Scalar
from gwaudit.resolve.helm.coalesce import coalesce, merge_all, tables
from gwaudit.resolve.helm.errors import EvaluationError
from gwaudit.resolve.helm.functions.versions import Version, satisfies
from gwaudit.resolve.helm.provenance import Value
from gwaudit.resolve.helm.reading import copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.helm.chart import Chart, Dependency
    from gwaudit.source import Location


class Instance:
    """A chart under a name (its own or an alias) with the sub-charts that are switched on."""

    __slots__ = ("chart", "children", "defaults", "dependencies", "name")

    def __init__(self, chart: Chart, name: str) -> None:
        self.chart = chart
        self.name = name
        self.defaults = chart.defaults
        self.children: list[Instance] = []
        self.dependencies: dict[str, Dependency] = {}

    @classmethod
    def whole(cls, chart: Chart, name: str, depth: int = 0) -> Instance:
        """The chart with every vendored sub-chart, those with an alias once for each."""
        found = cls(chart, name)
        if depth > 8:
            return found
        declared = [(dependency, _vendored(chart, dependency)) for dependency in chart.declared]
        taken = {id(sub) for _, sub in declared if sub is not None}
        for sub in chart.charts:
            if id(sub) not in taken:
                found.children.append(cls.whole(sub, sub.name, depth + 1))
        for dependency, vendored in declared:
            if vendored is not None:
                child = cls.whole(vendored, dependency.alias or dependency.name, depth + 1)
                found.dependencies[child.name] = dependency
                found.children.append(child)
        return found


def _vendored(chart: Chart, dependency: Dependency) -> Chart | None:
    for sub in chart.charts:
        if sub.name == dependency.name:
            version = sub.root.get("version") if isinstance(sub.root, Mapping) else None
            if not dependency.version or not isinstance(version, Scalar):
                return sub
            try:
                if satisfies(dependency.version, Version(version.text)):
                    return sub
            except EvaluationError:
                return sub
    return None


def instantiate(chart: Chart, values: dict[str, Value]) -> tuple[Instance, dict[str, Value]]:
    """The chart as these values make it, and its effective values."""
    root = Instance.whole(chart, chart.name)
    _switch(root, values, "")
    _import(root)
    return root, coalesce(root, values)


def missing(chart: Chart, values: dict[str, Value]) -> list[tuple[Location, str]]:
    """Sub-charts that are declared, not switched off by these values, and not vendored."""
    found: list[tuple[Location, str]] = []
    for dependency in chart.declared:
        if _vendored(chart, dependency) is None and _wanted(dependency, values, ""):
            name = dependency.alias or dependency.name
            found.append(
                (dependency.node.location, f"the sub-chart {name} is not in the tree: its objects are not known")
            )
    return found


def _switch(instance: Instance, values: dict[str, Value], path: str) -> None:
    if not instance.chart.declared:
        return
    tagged = "tags" in values or "tags" in instance.defaults
    if not any(each.condition or (tagged and each.tags) for each in instance.dependencies.values()) and not any(
        child.chart.declared for child in instance.children
    ):
        return
    effective = coalesce(instance, values)
    off = {name for name, dependency in instance.dependencies.items() if not _wanted(dependency, effective, path)}
    instance.children = [child for child in instance.children if child.name not in off]
    for child in instance.children:
        _switch(child, effective, f"{path}{child.name}.")


def _wanted(dependency: Dependency, values: dict[str, Value], path: str) -> bool:
    """Tags first (on where any is on, off where all that are set are off), then the first condition that is a bool."""
    enabled = True
    tags = values.get("tags")
    if tags is not None and isinstance(tags.data, dict):
        given = [tags.data[tag].data for tag in dependency.tags if tag in tags.data]
        given = [value for value in given if isinstance(value, bool)]
        enabled = any(given) or not given
    for condition in dependency.condition.strip().split(","):
        found = at(values, path + condition.strip()) if condition else None
        if found is not None and isinstance(found.data, bool):
            return found.data
    return enabled


def at(values: dict[str, Value], path: str) -> Value | None:
    """The value at a dotted path."""
    table: object = values
    found: Value | None = None
    for step in path.split("."):
        if not isinstance(table, dict):
            return None
        found = table.get(step)
        if found is None:
            return None
        table = found.data
    return found


def _import(instance: Instance) -> None:
    """Values that a chart takes over from its sub-charts become defaults of its own, below those that it has."""
    for child in instance.children:
        _import(child)
    if not any(dependency.imports for dependency in instance.dependencies.values()):
        return
    merged = merge_all(instance)
    imported: dict[str, Value] = {}
    for name, dependency in instance.dependencies.items():
        for item in dependency.imports:
            if isinstance(item, Scalar):
                source, target = f"exports.{item.text}", "."
            elif isinstance(item, Mapping):
                child_path, parent_path = item.get("child"), item.get("parent")
                if not isinstance(child_path, Scalar) or not isinstance(parent_path, Scalar):
                    continue
                source, target = child_path.text, parent_path.text
            else:
                continue
            found = at(merged, f"{name}.{source}")
            if found is not None and isinstance(found.data, dict):
                tables(imported, _nested(target, copy(found)), True)
    tables(merged, imported, True)
    instance.defaults = merged


def _nested(path: str, value: Value) -> dict[str, Value]:
    if path == ".":
        table: dict[str, Value] = value.data
        return table
    for step in reversed(path.split(".")[:50]):
        value = Value({step: value})
    found: dict[str, Value] = value.data
    return found
