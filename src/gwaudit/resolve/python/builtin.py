"""The built-in names of Python."""

from __future__ import annotations

import builtins

from gwaudit.resolve.fact import Absent, Unknown
from gwaudit.resolve.python import containers
from gwaudit.resolve.python.attributes import attribute, has_attribute, set_attribute
from gwaudit.resolve.python.failure import Raised
from gwaudit.resolve.python.numbers import extreme, quantity, rounded, total
from gwaudit.resolve.python.operators import binary, lift, truth
from gwaudit.resolve.python.strings import plain_text
from gwaudit.resolve.python.value import (
    MISSING,
    NONE,
    REST,
    Bound,
    ClassType,
    Dotted,
    Function,
    Opaque,
    Ref,
    Value,
    blur,
    made,
    merge_inputs,
    unknown,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gwaudit.resolve.python.machine import Frame, Machine

    Builtin = Callable[[Machine, list[Value], dict[str, Value], Frame], Value]


def name_of(m: Machine, name: str) -> Value | None:
    """What a built-in name stands for; None where there is none."""
    if name == "__debug__":
        return Value(True)
    return Value(Dotted(f"builtins.{name}")) if hasattr(builtins, name) or name in ("WindowsError",) else None


def _str(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    if not args:
        return Value("")
    value = args[0]
    if isinstance(value.data, Unknown):
        return lift(m, str, value, kind="str")
    plain = plain_text(m, value)
    if plain is MISSING:
        m.doubt = m.doubt or "str() of an unknown value"
        return blur(value, kind="str")
    return containers.lift_plain(m, lambda: str(plain), value)


def _bool(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    if not args:
        return Value(False)
    answer = truth(m, args[0])
    return blur(args[0], kind="bool") if answer is None else made(answer, args[0])


def _len(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    value = args[0]
    if isinstance(value.data, Opaque) and value.data.kind == "cpu-set":
        from gwaudit.resolve.python.library import cpus

        return cpus(m)
    if isinstance(value.data, str):
        return made(len(value.data), value)
    if isinstance(value.data, Unknown):
        return lift(m, len, value, kind="int")
    items = containers.items_of(m, value)
    if items is None:
        return blur(value, kind="int", low=0)
    return made(len(items), value)


def _list(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    items = containers.items_of(m, args[0]) if args else []
    if items is None:
        return blur(*args, reason=None if isinstance(args[0].data, Unknown) else "an unknown value is iterated")
    return containers.new_list(m, items, *args)


def _tuple(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    items = containers.items_of(m, args[0]) if args else []
    return blur(*args) if items is None else made(tuple(items), *args) if args else Value(())


def _set(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    from gwaudit.resolve.python.expressions import make_set

    items = containers.items_of(m, args[0]) if args else []
    return blur(*args) if items is None else make_set(m, items)


def _dict(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    if args and isinstance(args[0].data, Ref) and args[0].data.kind == "environ":
        from gwaudit.resolve.python.environ import method

        return method(m, args[0], "copy", [])
    result = Value(m.state.new("dict", {}), merge_inputs(args))
    for arg in args:
        containers.merge_dict(m, result.data.address, arg)
    for key, value in keywords.items():
        containers.store(m, result, Value(key), value)
    return result


def _range(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    if not all(isinstance(arg.data, int) for arg in args):
        return blur(*args)
    return containers_plain(lambda: range(*(arg.data for arg in args)), args)


def containers_plain(run: Callable[[], object], args: list[Value]) -> Value:
    try:
        return made(run(), *args)
    except (TypeError, ValueError) as error:
        raise Raised(type(error).__name__, str(error)) from None


def _enumerate(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    items = containers.items_of(m, args[0])
    start = args[1] if len(args) > 1 else keywords.get("start", Value(0))
    if items is None or not isinstance(start.data, int):
        return blur(*args)
    return containers.new_list(m, [Value((Value(start.data + i), item)) for i, item in enumerate(items)])


def _zip(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    rows = [containers.items_of(m, arg) for arg in args]
    whole = [row for row in rows if row is not None]
    if len(whole) < len(rows):
        return blur(*args)
    return containers.new_list(m, [Value(tuple(row)) for row in zip(*whole, strict=False)])


def _map(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    from gwaudit.resolve.python.calls import call

    items = containers.items_of(m, args[1]) if len(args) == 2 else None
    if items is None:
        return blur(*args)
    return containers.new_list(m, [call(m, args[0], [item], {}, frame) for item in items])


def _filter(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    from gwaudit.resolve.python.calls import call

    items = containers.items_of(m, args[1]) if len(args) == 2 else None
    if items is None:
        return blur(*args)
    kept = []
    for item in items:
        answer = truth(m, item if args[0].data is None else call(m, args[0], [item], {}, frame))
        if answer is None:
            return blur(item, reason="a condition is not decided here")
        if answer:
            kept.append(item)
    return containers.new_list(m, kept)


def _reversed(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    items = containers.items_of(m, args[0])
    return blur(*args) if items is None else containers.new_list(m, items[::-1])


def _sorted(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    from gwaudit.resolve.python.calls import call

    items = containers.items_of(m, args[0])
    if items is None:
        return blur(*args)
    key = keywords.get("key")
    keys = items if key is None or key.data is None else [call(m, key, [item], {}, frame) for item in items]
    ordered = containers.sort_items(m, items, keys, keywords.get("reverse", Value(False)))
    return blur(*items, reason="the order is not known") if ordered is None else containers.new_list(m, ordered)


def _any_all(wanted: bool) -> Builtin:
    def run(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
        items = containers.items_of(m, args[0])
        if items is None:
            return blur(*args, kind="bool")
        answers = [truth(m, item) for item in items]
        if wanted in answers:
            return made(wanted, *items) if items else Value(wanted)
        if None in answers:
            return blur(*items, kind="bool")
        return made(not wanted, *items) if items else Value(not wanted)

    return run


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
        containers.havoc(m, args[0], "an attribute of unknown name was set")
    return NONE


def _type(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    data = args[0].data if args else None
    if isinstance(data, Ref) and data.kind == "object" and data.cls is not None:
        return Value(data.cls)
    if len(args) == 1 and isinstance(data, (str, int, float, bool)):
        return Value(Dotted(f"builtins.{type(data).__name__}"))
    return unknown("a type is not followed")


def _next(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    ref = args[0].data
    items = containers.items_of(m, args[0])
    if items is None:
        return blur(*args)
    if not items:
        if len(args) > 1:
            return args[1]
        raise Raised("StopIteration", "")
    if isinstance(ref, Ref) and ref.kind == "list":
        m.state.write(ref.address).pop(0)
    return items[0]


def _open(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    from gwaudit.resolve.python.paths import open_file

    return open_file(m, args, keywords)


def _globals(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    return Value(Ref(frame.scopes[-1], "dict"))


def _locals(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    if len(frame.scopes) == 1:
        return Value(Ref(frame.scopes[0], "dict"))
    cell = m.state.read(frame.scopes[0])
    if isinstance(cell, Opaque):
        return Value(Opaque(cell.reason))
    return Value(m.state.new("dict", dict(cell)))


def _vars(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    if not args:
        return _locals(m, args, keywords, frame)
    return attribute(m, args[0], "__dict__", frame)


def _exec(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    from gwaudit.resolve.python.modules import run_text

    if len(args) == 1 and isinstance(args[0].data, str):
        run_text(m, args[0].data, frame, args[0])
        return NONE
    m.doubt = m.doubt or "exec() of unknown text"
    if len(args) == 1:
        containers.taint(m, frame.scopes[0], blur(*args, reason="exec() of text that is not known"))
    for arg in args[1:]:
        containers.havoc(m, arg, "exec() may have changed it")
    return NONE


def _eval(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    from gwaudit.resolve.python.modules import evaluate_text

    if len(args) == 1 and isinstance(args[0].data, str):
        return evaluate_text(m, args[0].data, frame, args[0])
    m.doubt = m.doubt or "eval() of unknown text"
    return blur(*args, reason="eval() of text that is not known")


def _exit(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    raise Raised("SystemExit", str(args[0].data) if args and isinstance(args[0].data, (str, int)) else "", m.here)


def _print(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    return NONE


def _callable(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    data = args[0].data
    if isinstance(data, (Function, ClassType, Bound)):
        return Value(True)
    return Value(False) if isinstance(data, (str, int, float, tuple, type(None))) else blur(args[0], kind="bool")


def _plain(name: str) -> Builtin:
    function = getattr(builtins, name)

    def run(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
        return lift(m, function, *args, kind="str" if name in ("chr", "hex", "oct", "bin", "ascii") else None)

    return run


def _pow(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    return binary(m, "Pow", *args) if len(args) == 2 else blur(*args)


def _repr(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    plain = m.state.plain(args[0].data)
    return blur(*args, kind="str") if plain is MISSING else containers.lift_plain(m, lambda: repr(plain), args[0])


def _format(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    from gwaudit.resolve.python.strings import f_string

    return f_string(m, [(args[0], -1, args[1] if len(args) > 1 else None)])


def _import(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    if args and isinstance(args[0].data, str):
        return m.loader.module(m, args[0].data.split(".")[0], frame)
    return blur(*args, reason="the module's name is not known")


def _iter(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    return _list(m, args, keywords, frame)


def _divmod(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    return Value((binary(m, "FloorDiv", *args), binary(m, "Mod", *args)))


def absent_number(value: Value) -> bool:
    """Whether a None stands for a variable that is only assumed to be unset."""
    return value.data is None and any(isinstance(fact.value, Absent) and fact.assumed for fact in value.inputs)


FUNCTIONS: dict[str, Builtin] = {
    "int": lambda m, a, k, f: quantity(m, "int", a, k),
    "float": lambda m, a, k, f: quantity(m, "float", a, k),
    "str": _str,
    "bool": _bool,
    "len": _len,
    "min": lambda m, a, k, f: extreme(m, "min", a, k, f),
    "max": lambda m, a, k, f: extreme(m, "max", a, k, f),
    "sum": lambda m, a, k, f: total(m, a, k),
    "round": lambda m, a, k, f: rounded(m, a, k),
    "abs": _plain("abs"),
    "ord": _plain("ord"),
    "chr": _plain("chr"),
    "hex": _plain("hex"),
    "oct": _plain("oct"),
    "bin": _plain("bin"),
    "ascii": _plain("ascii"),
    "pow": _pow,
    "divmod": _divmod,
    "repr": _repr,
    "format": _format,
    "list": _list,
    "tuple": _tuple,
    "set": _set,
    "frozenset": _set,
    "dict": _dict,
    "range": _range,
    "enumerate": _enumerate,
    "zip": _zip,
    "map": _map,
    "filter": _filter,
    "reversed": _reversed,
    "sorted": _sorted,
    "any": _any_all(True),
    "all": _any_all(False),
    "isinstance": _isinstance,
    "getattr": _getattr,
    "hasattr": _hasattr,
    "setattr": _setattr,
    "type": _type,
    "iter": _iter,
    "next": _next,
    "open": _open,
    "globals": _globals,
    "locals": _locals,
    "vars": _vars,
    "exec": _exec,
    "eval": _eval,
    "exit": _exit,
    "quit": _exit,
    "print": _print,
    "callable": _callable,
    "__import__": _import,
}

__all__ = ["FUNCTIONS", "REST", "name_of"]
