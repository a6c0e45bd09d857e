"""What is in a list, tuple, dict or set: its items in order, its keys as plain data, lists made from items."""

from __future__ import annotations

from gwaudit.resolve.python.arithmetic import MAX_TEXT, raised
from gwaudit.resolve.python.failure import PROGRAM_ERRORS, Raised, TooBig
from gwaudit.resolve.python.objects import PathValue, Ref
from gwaudit.resolve.python.state import MAX_ITEMS
from gwaudit.resolve.python.value import MISSING, REST, SCALARS, Value, blur, made

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.python.machine import Machine


def items_of(m: Machine, value: Value) -> list[Value] | None:
    """What iterating over the value yields, None where it is not known."""
    data = value.data
    if isinstance(data, tuple):
        return list(data)
    if isinstance(data, PathValue) and type(data) is not PathValue:  # an open file
        return [made(line, value) for line in data.text.splitlines(keepends=True)[:MAX_ITEMS]]
    if isinstance(data, range):
        if len(data) > MAX_ITEMS:
            return None
        m.state.spend(len(data))
        return [made(number, value) for number in data]
    if isinstance(data, str):
        if len(data) > MAX_ITEMS:
            return None
        m.state.spend(len(data))
        return [made(char, value) for char in data]
    if isinstance(data, Ref):
        if data.kind == "environ":
            from gwaudit.resolve.python.environ import names

            listed = names(m, data)
            return None if listed is None else [Value(name) for name in listed]
        if data.kind == "object":
            return None
        cell = m.state.read(data.address)
        if isinstance(cell, list):
            m.state.spend(len(cell))
            return list(cell)
        if isinstance(cell, dict) and REST not in cell and not any(item.maybe for item in cell.values()):
            m.state.spend(len(cell))
            return [made(key_value(key), value) for key in cell]
        if isinstance(cell, set):
            try:
                return [made(item, value) for item in sorted(cell)]
            except TypeError:
                return None
        return None
    if isinstance(data, (*SCALARS, PathValue)) and not isinstance(data, bytes):
        raise Raised("TypeError", f"'{type(data).__name__}' object is not iterable")
    return None


def key_value(key: Any) -> Any:
    """A dict key as abstract data."""
    return tuple(Value(key_value(part)) for part in key) if isinstance(key, tuple) else key


def key_of(m: Machine, value: Value) -> Any:
    """The plain key of a dict or set, MISSING where it is unknown."""
    if isinstance(value.data, PathValue):
        return value.data
    plain = m.state.plain(value.data)
    if isinstance(plain, (list, dict, set)):
        raise Raised("TypeError", f"unhashable type: '{type(plain).__name__}'")
    return plain


def new_list(m: Machine, items: list[Value], *sources: Value) -> Value:
    if len(items) > MAX_ITEMS:
        return blur(*sources, reason="too many items")
    m.state.spend(len(items))
    return made(m.state.new("list", items), *sources) if sources else Value(m.state.new("list", items))


def lift_plain(m: Machine, run: Any, *sources: Value) -> Value:
    """A computation over plain data: its errors are the program's."""
    try:
        result = run()
        if isinstance(result, (str, bytes)) and len(result) > MAX_TEXT:
            raise TooBig
    except PROGRAM_ERRORS as error:
        raise raised(error) from None
    except (TooBig, MemoryError):
        return blur(*sources, reason="the value is too large to compute")
    return m.state.abstract(result, *sources)


def sort_items(m: Machine, items: list[Value], keys: list[Value], reverse: Value) -> list[Value] | None:
    """Sorted by plain keys; None where a key is unknown."""
    plain = [m.state.plain(key.data) for key in keys]
    if any(key is MISSING for key in plain) or not isinstance(reverse.data, (bool, int)):
        return None
    try:
        order = sorted(range(len(items)), key=lambda index: plain[index], reverse=bool(reverse.data))
    except TypeError as error:
        raise raised(error) from None
    return [items[index] for index in order]
