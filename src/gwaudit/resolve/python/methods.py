"""Methods of lists, dicts and sets."""

from __future__ import annotations

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.python.calls import call
from gwaudit.resolve.python.containers.changes import havoc, merge_dict, store, taint
from gwaudit.resolve.python.containers.items import items_of, key_of, key_value, new_list, sort_items
from gwaudit.resolve.python.containers.subscripts import dict_get
from gwaudit.resolve.python.failure import Raised
from gwaudit.resolve.python.operators import compare, truth
from gwaudit.resolve.python.value import MISSING, NONE, REST, Opaque, Value, blur, made

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.python.machine import Frame, Machine
    from gwaudit.resolve.python.objects import Ref


def container_method(
    m: Machine, owner: Value, name: str, args: list[Value], keywords: dict[str, Value], frame: Frame
) -> Value:
    """``owner.name(...)`` for an object on the heap."""
    ref: Ref = owner.data
    handler = {"list": _list, "dict": _dict, "set": _set, "frozenset": _set}.get(ref.kind)
    cell = m.state.read(ref.address)
    if handler is None or isinstance(cell, Opaque):
        m.doubt = m.doubt or "the object's content is unknown"
        if isinstance(cell, Opaque):
            return made(Opaque(cell.reason, cell.depends_on), owner)
        return blur(owner, *args, reason=f".{name}() of an object is not followed")
    result = handler(m, owner, name, args, keywords, frame)
    if result is None:
        m.doubt = m.doubt or f".{name}() is not followed"
        havoc(m, owner, f".{name}() is not followed")
        return blur(owner, *args, reason=f".{name}() is not followed")
    return result


def _list(
    m: Machine, owner: Value, name: str, args: list[Value], keywords: dict[str, Value], frame: Frame
) -> Value | None:
    address = owner.data.address
    cell = m.state.read(address)
    if name == "append" and len(args) == 1:
        if len(cell) > 4_000:
            m.state.replace(address, Opaque("too many items"))
        else:
            m.state.write(address).append(args[0])
        return NONE
    if name == "extend" and len(args) == 1:
        items = items_of(m, args[0])
        if items is None or len(items) + len(cell) > 4_000:
            m.state.replace(address, Opaque("something unknown was added to the list", _names(args[0])))
        else:
            m.state.write(address).extend(items)
        return NONE
    if name == "insert" and len(args) == 2 and isinstance(args[0].data, int) and len(cell) < 4_000:
        m.state.write(address).insert(args[0].data, args[1])
        return NONE
    if name == "pop" and len(args) <= 1 and all(isinstance(a.data, int) for a in args):
        index = args[0].data if args else -1
        if not -len(cell) <= index < len(cell):
            raise Raised("IndexError", "pop index out of range", m.here)
        popped: Value = m.state.write(address).pop(index)
        return popped
    if name == "clear":
        m.state.write(address).clear()
        return NONE
    if name == "copy":
        return new_list(m, list(cell), owner)
    if name == "reverse":
        m.state.write(address).reverse()
        return NONE
    if name == "sort":
        key = keywords.get("key")
        keys = list(cell) if key is None else [call(m, key, [item], {}, frame) for item in cell]
        ordered = sort_items(m, list(cell), keys, keywords.get("reverse", Value(False)))
        m.state.replace(address, ordered if ordered is not None else Opaque("the order is not known"))
        return NONE
    if name in ("index", "count", "remove") and len(args) == 1:
        matches = [truth(m, compare(m, "Eq", item, args[0])) for item in cell]
        if None in matches:
            return None
        if name == "count":
            return made(sum(bool(match) for match in matches), owner, args[0])
        if True not in matches:
            raise Raised("ValueError", "not in list", m.here)
        at = matches.index(True)
        if name == "index":
            return made(at, owner, args[0])
        m.state.write(address).pop(at)
        return NONE
    return None


def _names(value: Value) -> tuple[str, ...]:
    return value.data.depends_on if isinstance(value.data, Unknown) else ()


def _dict(
    m: Machine, owner: Value, name: str, args: list[Value], keywords: dict[str, Value], frame: Frame
) -> Value | None:
    address = owner.data.address
    cell = m.state.read(address)
    whole = REST not in cell and not any(value.maybe for value in cell.values())
    if name == "get" and 1 <= len(args) <= 2:
        return dict_get(m, owner, args[0], args[1] if len(args) > 1 else NONE)
    if name in ("items", "keys", "values") and not args:
        if not whole:
            return blur(owner, reason="the dict's content is not known as a whole")
        m.state.spend(len(cell))
        pairs = [(Value(key_value(key)), value) for key, value in cell.items()]
        picked = [Value((key, value)) if name == "items" else key if name == "keys" else value for key, value in pairs]
        return new_list(m, picked, owner)
    if name == "update":
        for source in args:
            merge_dict(m, address, source)
        for key, value in keywords.items():
            store(m, owner, Value(key), value)
        return NONE
    if name == "setdefault" and args:
        key = key_of(m, args[0])
        if key is MISSING or (key not in cell and REST in cell) or (key in cell and cell[key].maybe):
            return None
        if key not in cell:
            store(m, owner, args[0], args[1] if len(args) > 1 else NONE)
        return dict_get(m, owner, args[0], None)
    if name == "pop" and args:
        value = dict_get(m, owner, args[0], args[1] if len(args) > 1 else None)
        key = key_of(m, args[0])
        if key is MISSING:
            taint(m, address, args[0])
        else:
            m.state.write(address).pop(key, None)
        return value
    if name == "copy":
        return made(m.state.new("dict", dict(cell)), owner)
    if name == "clear":
        m.state.write(address).clear()
        return NONE
    return None


def _set(
    m: Machine, owner: Value, name: str, args: list[Value], keywords: dict[str, Value], frame: Frame
) -> Value | None:
    address = owner.data.address
    if name in ("add", "discard", "remove") and len(args) == 1 and owner.data.kind == "set":
        key = key_of(m, args[0])
        if key is MISSING:
            m.state.replace(address, Opaque("something unknown was put into the set"))
            return NONE
        cell = m.state.write(address)
        if name == "remove" and key not in cell:
            raise Raised("KeyError", str(key)[:80], m.here)
        if name == "add":
            cell.add(key)
        else:
            cell.discard(key)
        return NONE
    if name in ("union", "intersection", "difference", "issubset", "issuperset", "copy"):
        others = [m.state.plain(arg.data) for arg in args]
        if any(other is MISSING for other in others):
            return None
        result = getattr(m.state.read(address), name)(*(list(other) for other in others))
        return m.state.abstract(result, owner, *args)
    if name == "update" and owner.data.kind == "set":
        for arg in args:
            items = items_of(m, arg)
            keys = [key_of(m, item) for item in items] if items is not None else [MISSING]
            if any(key is MISSING for key in keys):
                m.state.replace(address, Opaque("something unknown was put into the set"))
                return NONE
            m.state.write(address).update(keys)
        return NONE
    return None
