"""Functions on maps. Maps are shared and changed in place, as in Go (``set``, ``merge``)."""

from __future__ import annotations

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.helm.errors import EvaluationError
from gwaudit.resolve.helm.functions.signature import as_text, check, expect, text, unknown
from gwaudit.resolve.helm.provenance import Value, blend, mark_of, reason
from gwaudit.resolve.helm.reading import copy
from gwaudit.resolve.helm.truth import is_empty

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gwaudit.resolve.helm.machine import Machine, Native

MAX_DEPTH = 60


def _guarded(least: int, most: int | None, body: Callable[[list[Value]], Value]) -> Native:
    """A function on maps and keys; an unknown key or map makes the result unknown, unknown items stay items."""

    def call(machine: Machine, args: list[Value]) -> Value:
        expect(args, least, most)
        machine.spend()
        return body(args)

    return call


def _hidden(args: list[Value]) -> Value | None:
    found = next((value for value in args if isinstance(value.data, Unknown)), None)
    return unknown(reason(found) or "not known", args) if found is not None else None


def _dict(args: list[Value]) -> Value:
    table: dict[str, Value] = {}
    for index in range(0, len(args), 2):
        table[as_text(args[index]).data] = args[index + 1] if index + 1 < len(args) else Value("")
    return Value(table)


def _get(args: list[Value]) -> Value:
    return _hidden(args) or check(args[0], "m").get(text(args[1])) or Value("")


def _set(args: list[Value]) -> Value:
    hidden = _hidden(args[:2])
    if hidden is not None:
        return hidden
    check(args[0], "m")[text(args[1])] = args[2]
    return args[0]


def _unset(args: list[Value]) -> Value:
    hidden = _hidden(args)
    if hidden is not None:
        return hidden
    check(args[0], "m").pop(text(args[1]), None)
    return args[0]


def _has_key(args: list[Value]) -> Value:
    return _hidden(args) or Value(text(args[1]) in check(args[0], "m"), mark_of(args[0]))


def _pluck(args: list[Value]) -> Value:
    key = text(args[0])
    return _hidden(args) or Value([table[key] for table in (check(v, "m") for v in args[1:]) if key in table])


def _keys(args: list[Value]) -> Value:
    hidden = _hidden(args)
    if hidden is not None:
        return hidden
    found: list[Value] = []
    for value in args:
        table: dict[str, Value] = check(value, "m")
        found.extend(Value(name, table[name].key or mark_of(table[name])) for name in sorted(table))
    return Value(found, blend(args))


def _values(args: list[Value]) -> Value:
    table = check(args[0], "m") if not isinstance(args[0].data, Unknown) else {}
    return _hidden(args) or Value([table[name] for name in sorted(table)], mark_of(args[0]))


def _pick(args: list[Value]) -> Value:
    hidden = _hidden(args)
    if hidden is not None:
        return hidden
    table = check(args[0], "m")
    names = [text(value) for value in args[1:]]
    return Value({name: table[name] for name in names if name in table}, mark_of(args[0]))


def _omit(args: list[Value]) -> Value:
    hidden = _hidden(args)
    if hidden is not None:
        return hidden
    names = {text(value) for value in args[1:]}
    return Value({k: v for k, v in check(args[0], "m").items() if k not in names}, mark_of(args[0]))


def _merging(overwrite: bool) -> Callable[[list[Value]], Value]:
    def call(args: list[Value]) -> Value:
        hidden = _hidden(args)
        if hidden is not None:
            return hidden
        for source in args[1:]:
            merge(check(args[0], "m"), check(source, "m"), overwrite)
        return args[0]

    return call


def merge(target: dict[str, Value], source: dict[str, Value], overwrite: bool, depth: int = 0) -> None:
    """Merge ``source`` into ``target``; an empty value of the target (also false, 0) gives way in any case."""
    if depth > MAX_DEPTH:
        raise EvaluationError("maps nested too deep to merge")
    for name, value in source.items():
        old = target.get(name)
        if value.data is None:
            if overwrite:
                target[name] = value
            continue
        if old is None:
            target[name] = value
        elif isinstance(value.data, dict) and isinstance(old.data, dict) and old.data:
            merge(old.data, value.data, overwrite, depth + 1)
        elif overwrite or is_empty(old.data):
            target[name] = _over(value, old)


def _over(value: Value, old: Value) -> Value:
    mark, lower = value.trace, mark_of(old)
    if lower is None or lower.node is None or mark is None or isinstance(mark, tuple) or mark.node is None:
        return value
    return Value(value.data, mark.over(lower), value.key)


def _dig(args: list[Value]) -> Value:
    hidden = _hidden([*args[:-2], args[-1]])
    if hidden is not None:
        return hidden
    value = args[-1]
    for key in args[:-2]:
        found: Value | None = check(value, "m").get(text(key))
        if found is None:
            return args[-2]
        value = found
        if isinstance(value.data, Unknown):
            return value
    return value


_MERGE, _OVERWRITE = _guarded(1, None, _merging(False)), _guarded(1, None, _merging(True))
_COPY = _guarded(1, 1, lambda args: copy(args[0]))

FUNCTIONS: dict[str, Native] = {
    "dict": _guarded(0, None, _dict),
    "get": _guarded(2, 2, _get),
    "set": _guarded(3, 3, _set),
    "unset": _guarded(2, 2, _unset),
    "hasKey": _guarded(2, 2, _has_key),
    "pluck": _guarded(1, None, _pluck),
    "keys": _guarded(0, None, _keys),
    "values": _guarded(1, 1, _values),
    "pick": _guarded(1, None, _pick),
    "omit": _guarded(1, None, _omit),
    "merge": _MERGE,
    "mustMerge": _MERGE,
    "mergeOverwrite": _OVERWRITE,
    "mustMergeOverwrite": _OVERWRITE,
    "deepCopy": _COPY,
    "mustDeepCopy": _COPY,
    "dig": _guarded(3, None, _dig),
}
