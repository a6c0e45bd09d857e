"""Lists, tuples, dicts and sets: items, look-ups, membership, operators and methods."""

from __future__ import annotations

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.python.failure import PROGRAM_ERRORS, Raised
from gwaudit.resolve.python.operators import BINARY, MAX_TEXT, lift, raised, truth
from gwaudit.resolve.python.state import MAX_ITEMS
from gwaudit.resolve.python.value import (
    MISSING,
    NONE,
    REST,
    SCALARS,
    Dotted,
    Module,
    Opaque,
    PathValue,
    Ref,
    Value,
    blur,
    made,
    merge_inputs,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
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


def contains(m: Machine, container: Value, item: Value) -> bool | None:
    data = container.data
    if isinstance(data, Ref) and data.kind == "environ":
        from gwaudit.resolve.python.environ import has

        return has(m, data, item)
    if isinstance(data, str):
        if isinstance(item.data, Unknown) and item.data.choices:
            answers = {str(choice) in data for choice in item.data.choices if isinstance(choice, str)}
            return answers.pop() if len(answers) == 1 else None
        if not isinstance(item.data, str):
            if isinstance(item.data, Unknown):
                return None
            raise Raised("TypeError", "'in <string>' requires string as left operand")
        return item.data in data
    cell = m.state.read(data.address) if isinstance(data, Ref) and data.kind not in ("object", "environ") else None
    if isinstance(cell, dict):
        key = key_of(m, item)
        if key is not MISSING and key in cell:
            return None if cell[key].maybe else True
        return False if key is not MISSING and REST not in cell else None
    if isinstance(cell, set):
        key = key_of(m, item)
        return None if key is MISSING else key in cell
    members = items_of(m, container) if not isinstance(data, Unknown) else None
    if members is None:
        if isinstance(data, Unknown) and data.choices and not isinstance(item.data, Unknown):
            try:
                wanted = m.state.plain(item.data)
                answers = {wanted in choice for choice in data.choices}
            except TypeError:
                return None
            return answers.pop() if len(answers) == 1 else None
        return None
    from gwaudit.resolve.python.operators import compare

    undecided = False
    for member in members:
        m.state.spend()
        equal = truth(m, compare(m, "Eq", item, member))
        if equal:
            return True
        undecided = undecided or equal is None
    return None if undecided else False


def combine(m: Machine, op: str, left: Value, right: Value) -> Value:
    """``left op right`` where one of them is a container."""
    a, b = left.data, right.data
    if isinstance(a, Unknown) or isinstance(b, Unknown):
        m.doubt = m.doubt or "the value is unknown"
        return blur(left, right)
    if op == "Mod" and isinstance(a, str):
        plain = m.state.plain(b)
        if plain is MISSING or isinstance(plain, (list, set)):
            return _mod_unknown(m, left, right)
        return lift_plain(m, lambda: BINARY["Mod"](a, plain), left, right)
    if op == "Add" and type(a) is type(b):
        if isinstance(a, tuple):
            if len(a) + len(b) > MAX_ITEMS:
                return blur(left, right, reason="too many items")
            return made((*a, *b), left, right)
        mine, theirs = items_of(m, left), items_of(m, right)
        if isinstance(a, Ref) and a.kind == b.kind == "list":
            if mine is None or theirs is None:
                return blur(left, right)
            return new_list(m, mine + theirs, left, right)
    if op == "Mult":
        sequence, times = (left, right) if isinstance(a, (tuple, Ref)) else (right, left)
        items = items_of(m, sequence)
        if isinstance(times.data, int) and items is not None:
            if len(items) * max(times.data, 0) > MAX_ITEMS:
                return blur(left, right, reason="too many items")
            repeated = items * times.data
            return new_list(m, repeated, left, right) if isinstance(sequence.data, Ref) else made(tuple(repeated), left)
    if op == "BitOr" and isinstance(a, Ref) and isinstance(b, Ref) and a.kind == b.kind == "dict":
        mine, theirs = m.state.read(a.address), m.state.read(b.address)
        if isinstance(mine, dict) and isinstance(theirs, dict):
            return made(m.state.new("dict", {**mine, **theirs}), left, right)
        return blur(left, right)
    if isinstance(a, Ref) and isinstance(b, Ref) and a.kind == b.kind == "set" and op in ("BitOr", "BitAnd", "Sub"):
        mine, theirs = m.state.read(a.address), m.state.read(b.address)
        if isinstance(mine, set) and isinstance(theirs, set):
            return made(m.state.new("set", BINARY[op](mine, theirs)), left, right)
        return blur(left, right)
    if any(isinstance(data, Ref) and data.kind == "object" for data in (a, b)):
        m.doubt = m.doubt or "an operator of a class"
        return blur(left, right, reason="an operator of a class is not followed")
    raise Raised("TypeError", "unsupported operand types")


def _mod_unknown(m: Machine, left: Value, right: Value) -> Value:
    """``"..." % (known, unknown)``: tried one by one where there are few choices."""
    items = list(right.data) if isinstance(right.data, tuple) else [right]
    if isinstance(right.data, tuple) and all(isinstance(i.data, (Unknown, *SCALARS)) for i in items):
        result = lift(m, lambda *values: BINARY["Mod"](left.data, values), *items, kind="str")
        return made(result.data, left, right, *items)
    m.doubt = m.doubt or "the value is unknown"
    return blur(left, right, *items, kind="str")


def lift_plain(m: Machine, run: Any, *sources: Value) -> Value:
    """A computation over plain data: its errors are the program's."""
    from gwaudit.resolve.python.failure import TooBig

    try:
        result = run()
        if isinstance(result, (str, bytes)) and len(result) > MAX_TEXT:
            raise TooBig
    except PROGRAM_ERRORS as error:
        raise raised(error) from None
    except (TooBig, MemoryError):
        return blur(*sources, reason="the value is too large to compute")
    return m.state.abstract(result, *sources)


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


def store(m: Machine, owner: Value, key: Value, value: Value) -> None:
    """``owner[key] = value``."""
    data = owner.data
    if isinstance(data, Ref) and data.kind == "environ":
        from gwaudit.resolve.python.environ import write

        write(m, data, key, value)
        return
    if not isinstance(data, Ref) or data.kind not in ("dict", "list"):
        m.doubt = m.doubt or "an item of an unknown value is set"
        return
    cell = m.state.write(data.address)
    if isinstance(cell, Opaque):
        return
    if isinstance(cell, dict):
        plain = key_of(m, key)
        if plain is MISSING:
            taint(m, data.address, key)
        elif len(cell) < MAX_ITEMS:
            cell[plain] = Value(value.data, merge_inputs((value, key, *m.controls)), value.place)
            site(m, data.address, plain)
        else:
            taint(m, data.address, key)
    elif isinstance(key.data, int):
        if not -len(cell) <= key.data < len(cell):
            raise Raised("IndexError", "list assignment index out of range")
        cell[key.data] = value
    else:
        m.state.replace(data.address, Opaque("an unknown item of the list was set"))


def site(m: Machine, address: int, key: Any) -> None:
    """Remember the statement that set a name of the module that is asked for."""
    if address == m.main and m.statement is not None:
        m.sites[key] = m.statement


def taint(m: Machine, address: int, cause: Value, handed: bool = False) -> None:
    """Something unknown is put into the dict or scope: its entries may have changed and there may be more.

    Imported modules stay what they are. ``handed``: code that is not read was given the scope. It sets settings there; that
    it would give ``int`` another meaning is not assumed.
    """
    cell = m.state.write(address)
    if isinstance(cell, dict):
        if not handed:
            m.open.add(address)
        why = cause.data if isinstance(cause.data, Unknown) else Opaque("something unknown was put in")
        for name in list(cell):
            old = cell[name]
            if not isinstance(old.data, (Unknown, Module, Dotted)):
                cell[name] = Value(Opaque(why.reason, why.depends_on), merge_inputs((old, cause)), None, old.maybe)
        cell[REST] = Value(Opaque(why.reason, why.depends_on), cause.inputs)
    else:
        m.state.replace(address, Opaque("something unknown was put in"))


def havoc(m: Machine, value: Value, reason: str, depth: int = 0) -> None:
    """Code that is not read may have changed everything that it was given."""
    data = value.data
    if depth > 4:
        return
    if isinstance(data, tuple):
        for item in data:
            havoc(m, item, reason, depth + 1)
    elif isinstance(data, Ref) and data.kind in ("list", "dict", "set", "object"):
        cell = m.state.read(data.address)
        members = cell if isinstance(cell, list) else list(cell.values()) if isinstance(cell, dict) else []
        for item in members[:50]:
            havoc(m, item, reason, depth + 1)
        if isinstance(cell, dict):
            taint(m, data.address, Value(Opaque(reason)), handed=True)
        elif not isinstance(cell, Opaque):
            m.state.replace(data.address, Opaque(reason))


def merge_dict(m: Machine, target: int, source: Value) -> None:
    """``target.update(source)``."""
    cell = m.state.write(target)
    if isinstance(cell, Opaque):
        return
    data = source.data
    theirs = m.state.read(data.address) if isinstance(data, Ref) and data.kind in ("dict", "object") else None
    if isinstance(theirs, dict) and len(theirs) <= MAX_ITEMS:
        m.state.spend(len(theirs))
        for key, item in theirs.items():
            site(m, target, key)
            if key is REST:
                taint(m, target, item)
                cell = m.state.write(target)
            elif item.maybe and key in cell:
                reason = Opaque(item.maybe)
                cell[key] = m.state.join(cell[key], Value(item.data, item.inputs, item.place), reason, item)
            else:
                cell[key] = (
                    item
                    if not source.inputs
                    else Value(item.data, merge_inputs((item, source)), item.place, item.maybe)
                )
        return
    pairs = items_of(m, source) if isinstance(data, (tuple, Ref)) and not isinstance(theirs, Opaque) else None
    if pairs is None:
        if isinstance(data, SCALARS):
            raise Raised("TypeError", "not a mapping")
        taint(m, target, source)
        return
    for pair in pairs:
        parts = items_of(m, pair) if isinstance(pair.data, (tuple, Ref, str)) else None
        if parts is None or len(parts) != 2:
            taint(m, target, source)
            return
        key = key_of(m, parts[0])
        if key is MISSING:
            taint(m, target, parts[0])
            return
        m.state.write(target)[key] = parts[1]
        site(m, target, key)


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


def new_dict(m: Machine, *sources: Value) -> Value:
    return Value(m.state.new("dict", {}), merge_inputs(sources))


__all__ = ["NONE", "combine", "contains", "dict_get", "havoc", "items_of", "key_of", "store", "subscript"]
