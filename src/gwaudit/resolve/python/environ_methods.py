"""Methods of ``os.environ``: get, setdefault, pop, update, copy and its views."""

from __future__ import annotations

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.python.environ import has, lookup, names, read, write
from gwaudit.resolve.python.objects import Ref
from gwaudit.resolve.python.value import DELETED, NONE, REST, Opaque, Place, Value, blur, made

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gwaudit.resolve.python.machine import Machine


def environ_method(m: Machine, owner: Value, name: str, args: Sequence[Value]) -> Value:
    """``os.environ.name(...)``."""
    ref: Ref = owner.data
    first = args[0] if args else NONE
    default = args[1] if len(args) > 1 else None
    if name == "get":
        return read(m, ref, first, default)
    if name == "__contains__":
        found = has(m, ref, first)
        return blur(first, kind="bool") if found is None else made(found, first)
    if name == "setdefault":
        present = has(m, ref, first)
        if present is False:
            write(m, ref, first, default or NONE)
        elif present is None and isinstance(first.data, str) and default is not None:
            before = lookup(m, ref, first.data)
            write(m, ref, first, m.state.join(before, default, Opaque("the variable may be set"), before))
        return read(m, ref, first, default)
    if name == "pop":
        value = read(m, ref, first, default, required=default is None)
        if isinstance(first.data, str):
            write(m, ref, first, Value(DELETED))
        return value
    if name == "update":
        update(m, ref, first)
        return NONE
    if name == "copy":
        cell = m.state.read(ref.address)
        return Value(m.state.new("environ", cell if isinstance(cell, Opaque) else dict(cell)))
    listed = names(m, ref)
    if listed is None:
        return blur(reason="the environment is not known as a whole")
    pairs = [(Value(one), lookup(m, ref, one)) for one in listed]
    for key, value in pairs:
        if m.here is not None and value.inputs and value.place is None and not isinstance(value.data, Unknown):
            value.place = Place(m.here.file, m.here.node, value.inputs[0])
        key.inputs = ()
    if name == "items":
        return Value(m.state.new("list", [Value(pair) for pair in pairs]))
    return Value(m.state.new("list", [pair[0 if name == "keys" else 1] for pair in pairs]))


def update(m: Machine, ref: Ref, source: Value) -> None:
    data = source.data
    cell = m.state.read(data.address) if isinstance(data, Ref) and data.kind == "dict" else None
    if not isinstance(cell, dict) or REST in cell:
        overlay = m.state.write(ref.address)
        if isinstance(overlay, dict):
            m.state.replace(ref.address, Opaque("something unknown was put into the environment"))
        return
    for key, value in cell.items():
        write(m, ref, Value(key), value)
