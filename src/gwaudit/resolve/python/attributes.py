"""Attributes: of modules read and not read, objects, classes, paths and plain values."""

from __future__ import annotations

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.python.containers.subscripts import subscript
from gwaudit.resolve.python.failure import Raised
from gwaudit.resolve.python.functions import call_function
from gwaudit.resolve.python.objects import Bound, ClassType, Dotted, Function, Module, PathValue, Reader, Ref
from gwaudit.resolve.python.value import MISSING, REST, Opaque, Value, blur, made, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast

    from gwaudit.resolve.python.machine import Frame, Machine

ALWAYS = frozenset(
    ("environ", "getenv", "cpu_count", "sched_getaffinity", "fork", "getuid", "version_info", "SO_REUSEPORT")
)
VERSION_PARTS = {"major": 0, "minor": 1, "micro": 2}  # of sys.version_info


def attribute(m: Machine, owner: Value, name: str, frame: Frame, node: ast.AST | None = None) -> Value:
    """``owner.name``."""
    data = owner.data
    if isinstance(data, Dotted):
        return _of_dotted(m, owner, name, frame)
    if isinstance(data, Module):
        return m.loader.attribute(m, data, name, frame)
    if isinstance(data, Ref) and data.kind == "object":
        return _of_object(m, owner, data, name, frame)
    if isinstance(data, ClassType):
        return _of_class(m, owner, data, name)
    if isinstance(data, PathValue):
        from gwaudit.resolve.python.paths import path_attribute

        return path_attribute(m, owner, name)
    if isinstance(data, Reader):
        from gwaudit.resolve.python.readers import reader_attribute

        return reader_attribute(m, owner, name, frame)
    if name in VERSION_PARTS and (isinstance(data, tuple) or (isinstance(data, Opaque) and data.kind == "tuple")):
        return subscript(m, owner, Value(VERSION_PARTS[name]))
    if isinstance(data, Unknown):
        if isinstance(data, Opaque) and (data.kind or data.choices):
            return Value(Bound(owner, name), owner.inputs)
        m.doubt = m.doubt or "the value is unknown"
        return blur(owner)
    if isinstance(data, Function):
        if name in ("__name__", "__qualname__"):
            return Value(data.name)
        m.doubt = m.doubt or "an attribute of a function"
        return unknown("an attribute of a function is not followed")
    if data is None or (isinstance(data, (int, float, str, bytes)) and not hasattr(data, name)):
        raise Raised("AttributeError", f"'{type(data).__name__}' object has no attribute '{name}'", m.here)
    if isinstance(data, (int, float)) and name in ("real", "imag", "numerator", "denominator"):
        return made(getattr(data, name), owner)
    return Value(Bound(owner, name), owner.inputs)


def _of_dotted(m: Machine, owner: Value, name: str, frame: Frame) -> Value:
    from gwaudit.resolve.python.library.constants import constant

    full = f"{owner.data.name}.{name}"
    known = constant(m, full)
    if known is not None:
        return known
    described = m.loader.described(m, full, frame)
    if described is not None:
        return described
    return Value(Dotted(full), owner.inputs)


def _of_object(m: Machine, owner: Value, data: Ref, name: str, frame: Frame) -> Value:
    cell = m.state.read(data.address)
    if isinstance(cell, Opaque):
        return made(Opaque(cell.reason, cell.depends_on), owner)
    found = cell.get(name)
    if found is not None:
        if found.maybe:
            m.doubt = m.doubt or found.maybe
        return Value(found.data, found.inputs, found.place)
    if name == "__dict__":
        return Value(Ref(data.address, "dict"))
    if name == "__class__" and data.cls is not None:
        return Value(data.cls)
    if data.cls is not None:
        member = class_member(m, data.cls, name)
        if member is not None:
            return bind(m, member, owner, data.cls, frame)
        if REST in cell or not closed(m, data.cls) or class_member(m, data.cls, "__getattr__") is not None:
            m.doubt = m.doubt or "the attribute is not read"
            return (
                blur(cell[REST])
                if REST in cell
                else unknown(f"{data.cls.name}.{name} comes from code that is not read")
            )
    elif REST in cell:
        return blur(cell[REST])
    raise Raised("AttributeError", f"no attribute '{name}'", m.here)


def bind(m: Machine, member: Value, owner: Value, cls: ClassType, frame: Frame) -> Value:
    function = member.data
    if isinstance(function, Function):
        if function.is_property:
            return call_function(m, function, [owner], {}, frame)
        if function.static == "static":
            return member
        return Value(Bound(Value(cls) if function.static == "class" else owner, function.name, function))
    return member


def _of_class(m: Machine, owner: Value, data: ClassType, name: str) -> Value:
    if name in ("__name__", "__qualname__"):
        return Value(data.name)
    member = class_member(m, data, name)
    if member is not None:
        function = member.data
        if isinstance(function, Function) and function.static == "class":
            return Value(Bound(owner, function.name, function))
        return member
    if not closed(m, data):
        m.doubt = m.doubt or "the attribute is not read"
        return unknown(f"{data.name}.{name} comes from code that is not read")
    raise Raised("AttributeError", f"type object '{data.name}' has no attribute '{name}'", m.here)


def class_member(m: Machine, cls: ClassType, name: str, depth: int = 0) -> Value | None:
    """The attribute of a class or of its bases that are read."""
    cell = m.state.read(cls.address)
    if isinstance(cell, Opaque):
        return Value(Opaque(cell.reason))
    found: Value | None = cell.get(name)
    if found is not None:
        return Value(found.data, found.inputs, found.place) if found.maybe else found
    if depth < 10:
        for base in cls.bases:
            if isinstance(base.data, ClassType):
                inherited = class_member(m, base.data, name, depth + 1)
                if inherited is not None:
                    return inherited
    return None


def closed(m: Machine, cls: ClassType, depth: int = 0) -> bool:
    """Whether every base of the class is read, so that an attribute not found is not there."""
    if depth > 10:
        return False
    for base in cls.bases:
        if isinstance(base.data, ClassType):
            if not closed(m, base.data, depth + 1):
                return False
        elif not (isinstance(base.data, Dotted) and base.data.name in ("builtins.object", "abc.ABC")):
            return False
    return True


def set_attribute(m: Machine, owner: Value, name: str, value: Value) -> None:
    """``owner.name = value``."""
    data = owner.data
    if (isinstance(data, Ref) and data.kind == "object") or isinstance(data, (ClassType, Module)):
        cell = m.state.write(data.address)
        if isinstance(cell, dict):
            cell[name] = value
    elif isinstance(data, Dotted):
        m.loader.patched[f"{data.name}.{name}"] = True


def delete_attribute(m: Machine, owner: Value, name: str) -> None:
    data = owner.data
    if isinstance(data, Ref) and data.kind == "object":
        cell = m.state.write(data.address)
        if isinstance(cell, dict):
            cell.pop(name, None)


def has_attribute(m: Machine, owner: Value, name: str, frame: Frame) -> bool | None:
    """``hasattr(owner, name)``; None where nobody can tell."""
    if isinstance(owner.data, Dotted):
        if owner.data.name == "sys" and name.startswith("pypy_"):
            return False  # CPython
        return True if owner.data.name in ("os", "sys", "socket", "signal") and name in ALWAYS else None
    if isinstance(owner.data, (Unknown, Function)):
        return None
    doubt, m.doubt = m.doubt, None
    try:
        found = attribute(m, owner, name, frame)
        if isinstance(found.data, Bound) and found.data.function is None and not isinstance(found.data.owner.data, str):
            return None
        return None if m.doubt or found.data is MISSING else True
    except Raised:
        return False
    finally:
        m.doubt = m.doubt or doubt
