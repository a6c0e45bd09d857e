"""Built-in functions that ask what an object is or has: isinstance, type, getattr, callable."""

from __future__ import annotations

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.python.attributes import attribute, has_attribute, set_attribute
from gwaudit.resolve.python.containers.changes import havoc
from gwaudit.resolve.python.failure import Raised
from gwaudit.resolve.python.objects import Bound, ClassType, Dotted, Function, Ref
from gwaudit.resolve.python.value import NONE, Opaque, Value, blur, made, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.python.machine import Builtin, Frame, Machine

TYPES = {"int": int, "str": str, "float": float, "bool": bool, "bytes": bytes, "complex": complex}


def _isinstance(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    if len(args) != 2:
        raise Raised("TypeError", "isinstance expected 2 arguments")
    value, wanted = args
    names = wanted.data if isinstance(wanted.data, tuple) else (wanted,)
    answers = [_is_a(m, value.data, name.data) for name in names]
    if True in answers:
        return made(True, value)
    return blur(value, kind="bool") if None in answers else made(False, value)


def _is_a(m: Machine, data: object, wanted: object) -> bool | None:
    if not isinstance(wanted, Dotted):
        if isinstance(wanted, ClassType) and isinstance(data, Ref) and data.kind == "object" and data.cls is not None:
            return True if data.cls is wanted else None
        return False if isinstance(wanted, ClassType) and isinstance(data, (str, int, float, type(None))) else None
    name = wanted.name.removeprefix("builtins.")
    if isinstance(data, Opaque):
        if data.kind is None or name not in TYPES:
            return None
        return None if data.kind == "number" else data.kind == name or (data.kind == "bool" and name == "int")
    if name in TYPES:
        return isinstance(data, TYPES[name]) if not isinstance(data, (Unknown, Dotted)) else None
    if name in ("list", "dict", "set", "frozenset") and not isinstance(data, (Unknown, Dotted)):
        return isinstance(data, Ref) and data.kind == name
    if name == "tuple" and not isinstance(data, (Unknown, Dotted)):
        return isinstance(data, tuple)
    return None


def _getattr(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    if len(args) < 2 or not isinstance(args[1].data, str):
        return blur(*args, reason="the attribute's name is not known")
    if len(args) == 2:
        return attribute(m, args[0], args[1].data, frame)
    present = has_attribute(m, args[0], args[1].data, frame)
    if present is False:
        return args[2]
    if present:
        return attribute(m, args[0], args[1].data, frame)
    m.doubt = m.doubt or "the attribute may be missing"
    return blur(args[0], args[2])


def _hasattr(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    known = has_attribute(m, args[0], args[1].data, frame) if isinstance(args[1].data, str) else None
    return blur(*args, kind="bool") if known is None else made(known, *args)


def _setattr(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    if len(args) == 3 and isinstance(args[1].data, str):
        set_attribute(m, args[0], args[1].data, args[2])
    elif args:
        havoc(m, args[0], "an attribute of unknown name was set")
    return NONE


def _type(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    data = args[0].data if args else None
    if isinstance(data, Ref) and data.kind == "object" and data.cls is not None:
        return Value(data.cls)
    if len(args) == 1 and isinstance(data, (str, int, float, bool)):
        return Value(Dotted(f"builtins.{type(data).__name__}"))
    return unknown("a type is not followed")


def _callable(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    data = args[0].data
    if isinstance(data, (Function, ClassType, Bound)):
        return Value(True)
    return Value(False) if isinstance(data, (str, int, float, tuple, type(None))) else blur(args[0], kind="bool")


FUNCTIONS: dict[str, Builtin] = {
    "isinstance": _isinstance,
    "getattr": _getattr,
    "hasattr": _hasattr,
    "setattr": _setattr,
    "type": _type,
    "callable": _callable,
}
