"""Subscripts: one item of a sequence, a slice of it, a dict's value of a key."""

from __future__ import annotations

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.python.arithmetic import raised
from gwaudit.resolve.python.choices import lift
from gwaudit.resolve.python.containers.items import items_of, key_of, lift_plain, new_list
from gwaudit.resolve.python.failure import PROGRAM_ERRORS, Raised
from gwaudit.resolve.python.objects import Ref
from gwaudit.resolve.python.value import MISSING, REST, Opaque, Value, blur, made, merge_inputs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from gwaudit.resolve.python.machine import Machine


def subscript(m: Machine, owner: Value, index: Value) -> Value:
    """``owner[index]``."""
    data = owner.data
    if isinstance(data, Ref) and data.kind == "environ":
        from gwaudit.resolve.python.environ import read

        return read(m, data, index, None, required=True)
    if isinstance(data, Ref) and data.kind == "dict":
        return dict_get(m, owner, index, None)
    if isinstance(data, Unknown) or isinstance(index.data, Unknown):
        m.doubt = m.doubt or "the value is unknown"
        if isinstance(data, str) or (isinstance(data, Unknown) and data.choices):
            return lift(m, lambda a, b: a[b] if isinstance(a, (str, tuple)) else _refuse(), owner, index)
        return blur(owner, index)
    if isinstance(data, (str, bytes, range)):
        return lift_plain(m, lambda: data[index.data], owner, index)
    items = items_of(m, owner) if isinstance(data, (tuple, Ref)) else None
    if items is None or (isinstance(data, Ref) and data.kind != "list"):
        if isinstance(data, (int, float, type(None))):
            raise Raised("TypeError", f"'{type(data).__name__}' object is not subscriptable")
        m.doubt = m.doubt or "the value is unknown"
        return blur(owner, index, reason="an item of an unknown value")
    if not isinstance(index.data, int):
        raise Raised("TypeError", "indices must be integers")
    if not -len(items) <= index.data < len(items):
        raise Raised("IndexError", "index out of range")
    found = items[index.data]
    return Value(found.data, merge_inputs((found, index)), found.place)


def _refuse() -> Any:
    raise TypeError("not text")


def sliced(m: Machine, owner: Value, low: Value, high: Value, step: Value) -> Value:
    """``owner[low:high:step]``."""
    bounds = (low, high, step)
    if any(isinstance(b.data, Unknown) for b in bounds) or isinstance(owner.data, Unknown):
        if isinstance(owner.data, (str, Unknown)):
            return lift(
                m, lambda s, a, b, c: s[slice(a, b, c)] if isinstance(s, (str, tuple)) else _refuse(), owner, *bounds
            )
        return blur(owner, *bounds)
    cut = slice(*(b.data for b in bounds))
    if isinstance(owner.data, (str, bytes)):
        return lift_plain(m, lambda: owner.data[cut], owner, *bounds)
    items = items_of(m, owner) if isinstance(owner.data, (tuple, Ref, range)) else None
    if items is None:
        return blur(owner, *bounds, reason="a slice of an unknown value")
    try:
        part = items[cut]
    except PROGRAM_ERRORS as error:
        raise raised(error) from None
    return made(tuple(part), owner) if isinstance(owner.data, tuple) else new_list(m, part, owner)


def dict_get(m: Machine, owner: Value, key: Value, default: Value | None) -> Value:
    """``owner[key]`` (``default`` None) or ``owner.get(key, default)``."""
    cell = m.state.read(owner.data.address)
    plain = key_of(m, key)
    if isinstance(cell, Opaque):
        m.doubt = m.doubt or "the dict's content is unknown"
        return made(Opaque(cell.reason, cell.depends_on), owner, key)
    if plain is MISSING:
        m.doubt = m.doubt or "the key is unknown"
        return _any_of(m, [*cell.values(), *([default] if default is not None else [])], key)
    found = cell.get(plain)
    if found is None and REST in cell:
        m.doubt = m.doubt or "the dict may have more keys"
        return blur(cell[REST], key)
    if found is None:
        if default is None:
            raise Raised("KeyError", str(plain)[:80])
        return Value(default.data, merge_inputs((default, key)), default.place)
    if found.maybe:
        m.doubt = m.doubt or found.maybe
        if default is not None:
            cause = Opaque(found.maybe, found.data.depends_on if isinstance(found.data, Unknown) else ())
            joined = m.state.join(Value(found.data, found.inputs, found.place), default, cause, key)
            return joined
    return Value(found.data, merge_inputs((found, key)), found.place)


def _any_of(m: Machine, values: Sequence[Value], cause: Value) -> Value:
    """One of several values, and nobody knows which."""
    reason = cause.data if isinstance(cause.data, Opaque) else Opaque("the key is unknown")
    if not values or len(values) > 20:
        return blur(cause, *values)
    joined = values[0]
    for value in values[1:]:
        joined = m.state.join(joined, value, reason, cause)
    if len(values) == 1 or not isinstance(joined.data, Unknown):
        return Value(joined.data, merge_inputs((joined, cause)))
    return joined
