"""Numbers out of other values (``int``, ``float``, ``min``, ``max``, ``sum``, ``round``), with bounds where unknown."""

from __future__ import annotations

import math

from gwaudit.resolve.fact import Absent, Unknown
from gwaudit.resolve.python.calls import call
from gwaudit.resolve.python.choices import lift
from gwaudit.resolve.python.containers.items import items_of, sort_items
from gwaudit.resolve.python.failure import TooBig
from gwaudit.resolve.python.intervals import bounds, numeric
from gwaudit.resolve.python.operators import binary
from gwaudit.resolve.python.value import Opaque, Value, blur, made

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.python.machine import Frame, Machine


def _to_int(text: Any, *base: Any) -> Any:
    if isinstance(text, str) and len(text) > 1000:
        raise TooBig
    return int(text, *base)


def quantity(m: Machine, kind: str, args: list[Value], keywords: dict[str, Value]) -> Value:
    """``int(...)`` or ``float(...)``."""
    args = [*args, *keywords.values()]
    if not args:
        return Value(0 if kind == "int" else 0.0)
    value = args[0]
    if value.data is None and not m.tries and any(isinstance(f.value, Absent) and f.assumed for f in value.inputs):
        fact = next(f for f in value.inputs if isinstance(f.value, Absent))
        m.note("missing-variable", fact.name[4:], m.here)
        m.doubt = m.doubt or "a required variable is not set here"
        reason = f"{fact.name[4:]} is required, and nothing that was read sets it"
        return made(Opaque(reason, (fact.name,), kind=kind), value)
    result = lift(m, _to_int if kind == "int" else float, *args, kind=kind)
    if isinstance(result.data, Opaque):
        result.data.kind = kind
        if not result.data.choices and isinstance(value.data, Unknown) and numeric(value.data):
            low, high = bounds(value.data)
            result.data.low = math.trunc(low) if low is not None and kind == "int" and math.isfinite(low) else low
            result.data.high = math.trunc(high) if high is not None and kind == "int" and math.isfinite(high) else high
    return result


def extreme(m: Machine, name: str, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    """``min(...)`` or ``max(...)``."""
    items = items_of(m, args[0]) if len(args) == 1 else args
    key = keywords.get("key")
    if items is None:
        return blur(*args)
    if not items:
        if "default" in keywords:
            return keywords["default"]
        items = []
    if key is not None and key.data is not None:
        keys = [call(m, key, [item], {}, frame) for item in items]
        ordered = sort_items(m, items, keys, Value(name == "max"))
        return blur(*items, reason="the order is not known") if not ordered else ordered[0]
    if any(isinstance(item.data, tuple) for item in items):
        return blur(*items)
    pick = min if name == "min" else max
    if not items:
        return lift(m, lambda: pick([]))
    if len(items) == 1:
        return items[0]
    result = lift(m, lambda *values: pick(values), *items)
    if not isinstance(result.data, Opaque) or result.data.choices or not all(numeric(item.data) for item in items):
        return result
    lows, highs = zip(*(bounds(item.data) for item in items), strict=True)
    known_lows = [low for low in lows if low is not None]
    known_highs = [high for high in highs if high is not None]
    data = result.data
    if name == "min":
        data.low = min(known_lows) if len(known_lows) == len(lows) else None
        data.high = min(known_highs) if known_highs else None
    else:
        data.low = max(known_lows) if known_lows else None
        data.high = max(known_highs) if len(known_highs) == len(highs) else None
    kinds = {"int" if _kind(item) in ("int", "bool") else _kind(item) for item in items}
    data.kind = kinds.pop() if len(kinds) == 1 else "number"
    if data.low is not None and data.low == data.high and data.kind == "int":
        return made(int(data.low), *items)
    return result


def _kind(value: Value) -> str | None:
    return value.data.kind if isinstance(value.data, Opaque) else type(value.data).__name__


def total(m: Machine, args: list[Value], keywords: dict[str, Value]) -> Value:
    """``sum(...)``."""
    items = items_of(m, args[0])
    if items is None:
        return blur(*args)
    value = args[1] if len(args) > 1 else keywords.get("start", Value(0))
    for item in items:
        value = binary(m, "Add", value, item)
    return value


def rounded(m: Machine, args: list[Value], keywords: dict[str, Value]) -> Value:
    """``round(...)``."""
    values = [*args, *keywords.values()]
    result = lift(m, round, *values, kind="int" if len(values) == 1 else None)
    return shifted(result, values[0], round)


def shifted(result: Value, source: Value, step: Any) -> Value:
    """Give an unknown result the source's bounds, moved by a function that never falls (round, ceil, floor)."""
    if isinstance(result.data, Opaque) and not result.data.choices:
        low, high = bounds(source.data)
        result.data.low = step(low) if low is not None and math.isfinite(low) else None
        result.data.high = step(high) if high is not None and math.isfinite(high) else None
    return result
