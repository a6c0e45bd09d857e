"""``os.environ`` as the evaluated code sees it: the process environment below, the code's own changes on top."""

from __future__ import annotations

from gwaudit.resolve.fact import ABSENT, Absent, Unknown
from gwaudit.resolve.python.failure import Raised
from gwaudit.resolve.python.objects import Dotted, Ref
from gwaudit.resolve.python.value import DELETED, MISSING, NONE, REST, Opaque, Place, Value, blur, merge_inputs

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast

    from gwaudit.resolve.python.machine import Frame, Machine


def environ(m: Machine) -> Value:
    return Value(m.overlay)


def lookup(m: Machine, ref: Ref, name: str) -> Value:
    """The variable: its value, or data ``MISSING`` where it is unset (assumed, in an open environment)."""
    cell = m.state.read(ref.address)
    if isinstance(cell, Opaque):
        return Value(Opaque(cell.reason, (f"env.{name}",), kind="str"))
    changed = cell.get(name)
    below = _below(m, name)
    if changed is None:
        if REST in cell:
            return blur(cell[REST], below, kind=None)
        return below
    if changed.maybe:
        cause = Opaque(changed.maybe, changed.data.depends_on if isinstance(changed.data, Unknown) else ())
        return m.state.join(Value(changed.data, changed.inputs, changed.place), below, cause, changed)
    if changed.data is DELETED:
        return Value(MISSING, changed.inputs)
    return Value(changed.data, changed.inputs, changed.place)


def _below(m: Machine, name: str) -> Value:
    fact = m.environment.get(name)
    if isinstance(fact.value, Unknown):
        choices = [choice for choice in fact.value.choices if choice is not ABSENT]
        whole = choices if len(choices) == len(fact.value.choices) else []
        kind = "str" if name in m.environment else None
        names = fact.value.depends_on or (fact.name,)
        return Value(Opaque(fact.value.reason, names, None, None, whole, kind), (fact,))
    if isinstance(fact.value, Absent):
        return Value(MISSING, (fact,))
    return Value(str(fact.value), (fact,))


def read(
    m: Machine,
    ref: Ref,
    name: Value,
    default: Value | None,
    required: bool = False,
    frame: Frame | None = None,
    node: ast.AST | None = None,
) -> Value:
    """``os.environ.get(name, default)``; ``required`` for ``os.environ[name]``."""
    if not isinstance(name.data, str):
        if name.data is None or isinstance(name.data, (int, float)):
            raise Raised("TypeError", "str expected")
        m.doubt = m.doubt or "the variable's name is unknown"
        options = _each(m, ref, name, default)
        return options if options is not None else blur(name, kind=None)
    place = Place(frame.file, node) if frame is not None and node is not None else m.here
    if place is not None and len(m.reads) < 2_000:
        m.reads.append((name.data, place))
    found = lookup(m, ref, name.data)
    if found.data is MISSING:
        if not required:
            chosen = default if default is not None else NONE
            return Value(chosen.data, merge_inputs((chosen, found, name)), chosen.place)
        closed = m.environment.sealed or any(fact.source.layer != "default" for fact in found.inputs)
        if closed or m.tries:
            raise Raised("KeyError", name.data, place)
        m.note("missing-variable", name.data, place)
        m.doubt = m.doubt or "a required variable is not set here"
        reason = f"{name.data} is required, and nothing that was read sets it"
        return Value(Opaque(reason, (f"env.{name.data}",), kind="str"), found.inputs)
    if isinstance(found.data, Unknown):
        m.doubt = m.doubt or found.data.reason
        return Value(found.data, merge_inputs((found, name)), found.place)
    fact = next((one for one in found.inputs if one.name == f"env.{name.data}"), None)
    if fact is not None and place is not None and found.place is None:
        return Value(found.data, merge_inputs((found, name)), Place(place.file, place.node, fact))
    return Value(found.data, merge_inputs((found, name)), found.place)


def _each(m: Machine, ref: Ref, name: Value, default: Value | None) -> Value | None:
    """A look-up of one of several names."""
    if not isinstance(name.data, Unknown) or not name.data.choices or not isinstance(name.data, Opaque):
        return None
    joined: Value | None = None
    for choice in name.data.choices:
        if not isinstance(choice, str):
            return None
        found = read(m, ref, Value(choice), default)
        joined = found if joined is None else m.state.join(joined, found, name.data, name)
    return joined


def has(m: Machine, ref: Ref, name: Value) -> bool | None:
    if not isinstance(name.data, str):
        return None
    place = m.here
    if place is not None:
        m.reads.append((name.data, place))
    found = lookup(m, ref, name.data)
    if found.inputs:
        m.touched.extend(found.inputs)
    if found.data is MISSING:
        return False
    if isinstance(found.data, Opaque):
        return True if found.data.kind == "str" else None
    return True


def write(m: Machine, ref: Ref, name: Value, value: Value) -> None:
    cell = m.state.write(ref.address)
    if isinstance(cell, Opaque):
        return
    if not isinstance(name.data, str):
        m.doubt = m.doubt or "the variable's name is unknown"
        cell[REST] = blur(name, reason="a variable of unknown name was set")
        return
    if not isinstance(value.data, (str, Unknown, Dotted)) and value.data is not DELETED:
        raise Raised("TypeError", f"str expected, not {type(value.data).__name__}")
    data = Opaque(f"{value.data.name} is not read", kind="str") if isinstance(value.data, Dotted) else value.data
    cell[name.data] = Value(data, value.inputs, value.place)


def names(m: Machine, ref: Ref) -> list[str] | None:
    """The variables that are surely set; None where others may be."""
    cell = m.state.read(ref.address)
    if isinstance(cell, Opaque) or REST in cell or m.environment.reasons:
        return None
    found = [fact.name[4:] for fact in m.environment if not isinstance(fact.value, Absent)]
    found += [name for name in cell if name not in found]
    present = []
    for name in found:
        value = lookup(m, ref, name)
        if isinstance(value.data, Unknown) and (name in cell and cell[name].maybe):
            return None
        if value.data is not MISSING:
            present.append(name)
    return present


def facts(m: Machine) -> list[tuple[str, Value | None]]:
    """What the code changed in the environment: name and value, None for a deleted one."""
    cell = m.state.read(m.overlay.address)
    if not isinstance(cell, dict):
        return []
    return [(key, None if value.data is DELETED else value) for key, value in cell.items() if key is not REST]
