"""What changes a container: an item set, a dict merged in, and changes by code that is not read."""

from __future__ import annotations

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.python.containers.items import items_of, key_of
from gwaudit.resolve.python.failure import Raised
from gwaudit.resolve.python.objects import Dotted, Module, Ref
from gwaudit.resolve.python.state import MAX_ITEMS
from gwaudit.resolve.python.value import MISSING, REST, SCALARS, Opaque, Value, merge_inputs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.python.machine import Machine


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
