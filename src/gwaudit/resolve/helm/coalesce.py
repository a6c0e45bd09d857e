"""How values files, a chart's defaults and its sub-charts become one tree of values (Helm's rules of coalescing).

The tree that stands higher wins; maps are merged, everything else is replaced, and a null given from above removes a
default. A value that wins remembers what it overrode. Destinations are changed in place, sources are copied before.
"""

from __future__ import annotations

from gwaudit.resolve.helm.provenance import Mark, Value
from gwaudit.resolve.helm.reading import copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from gwaudit.resolve.helm.instance import Instance

    Table: TypeAlias = dict[str, Value]

GLOBAL = "global"


def coalesce(instance: Instance, values: Table) -> Table:
    """The effective values of a chart with those of its sub-charts below their names; ``values`` is left alone."""
    table: Table = copy(Value(values)).data
    _chart(instance, table, False)
    return table


def merge_all(instance: Instance) -> Table:
    """The defaults of a chart and its sub-charts, nulls kept (for what a parent imports from them)."""
    table: Table = {}
    _chart(instance, table, True)
    return table


def _chart(instance: Instance, table: Table, merge: bool) -> None:
    _defaults(instance, table, merge)
    for child in instance.children:
        found = table.get(child.name)
        if found is None or found.data is None:
            found = table[child.name] = Value({})
        elif not isinstance(found.data, dict):
            continue
        _globals(found.data, table)
        _chart(child, found.data, merge)


def _globals(target: Table, source: Table) -> None:
    """Pass the parent's globals down; they win over those of the sub-chart."""
    own = target.get(GLOBAL)
    if own is None:
        own = target[GLOBAL] = Value({})
    given = source.get(GLOBAL)
    if not isinstance(own.data, dict) or given is None or not isinstance(given.data, dict):
        return
    table: Table = own.data
    for name, value in given.data.items():
        old = table.get(name)
        if isinstance(value.data, dict):
            if old is None:
                table[name] = Value(dict(value.data), value.trace, value.key)
            elif isinstance(old.data, dict):
                top = dict(value.data)
                tables(top, old.data, True)
                table[name] = Value(top, value.trace, value.key)
        elif old is None or not isinstance(old.data, dict):
            table[name] = value if old is None else over(value, old)


def _defaults(instance: Instance, table: Table, merge: bool) -> None:
    names = {child.name for child in instance.children}
    defaults: Table = copy(Value(instance.defaults)).data
    for name, value in defaults.items():
        given = table.get(name)
        if given is not None:
            if given.data is None and not merge:
                del table[name]
            elif isinstance(given.data, dict):
                if isinstance(value.data, dict):
                    tables(given.data, value.data, merge or name in names)
            else:
                table[name] = over(given, value)
        else:
            table[name] = value


def tables(target: Table, source: Table, merge: bool) -> None:
    """Merge ``source`` below ``target``, which wins."""
    given = {name for name, value in source.items() if value.data is not None}
    for name, value in target.items():
        if value.data is None:
            source[name] = value
    for name, value in source.items():
        own = target.get(name)
        if own is None:
            target[name] = value
        elif own.data is None and not merge and name in given:
            del target[name]
        elif isinstance(own.data, dict):
            if isinstance(value.data, dict):
                tables(own.data, value.data, merge)
        elif own is not value and not isinstance(value.data, dict):
            target[name] = over(own, value)


def maps(base: Table, top: Table) -> Table:
    """Two values files given one after the other: ``top`` is the later one and wins, its nulls stay."""
    found = dict(base)
    for name, value in top.items():
        old = found.get(name)
        if old is not None and isinstance(old.data, dict) and isinstance(value.data, dict):
            found[name] = Value(maps(old.data, value.data), value.trace, value.key)
        else:
            found[name] = value if old is None else over(value, old)
    return found


def over(value: Value, lower: Value) -> Value:
    """``value`` with the place of ``lower`` among what it overrode."""
    mark, other = value.trace, lower.trace
    if isinstance(mark, Mark) and isinstance(other, Mark) and not isinstance(value.data, dict):
        return Value(value.data, mark.over(other), value.key)
    return value
