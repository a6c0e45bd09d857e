"""Built-in functions that make or walk collections: list, dict, range, zip, sorted, any, next."""

from __future__ import annotations

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.python.calls import call
from gwaudit.resolve.python.choices import lift
from gwaudit.resolve.python.containers.changes import merge_dict, store
from gwaudit.resolve.python.containers.items import items_of, new_list, sort_items
from gwaudit.resolve.python.displays import make_set
from gwaudit.resolve.python.environ_methods import environ_method
from gwaudit.resolve.python.failure import Raised
from gwaudit.resolve.python.objects import Ref
from gwaudit.resolve.python.operators import truth
from gwaudit.resolve.python.value import Opaque, Value, blur, made, merge_inputs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gwaudit.resolve.python.machine import Builtin, Frame, Machine


def _len(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    value = args[0]
    if isinstance(value.data, Opaque) and value.data.kind == "cpu-set":
        from gwaudit.resolve.python.library.processors import cpus

        return cpus(m)
    if isinstance(value.data, str):
        return made(len(value.data), value)
    if isinstance(value.data, Unknown):
        return lift(m, len, value, kind="int")
    items = items_of(m, value)
    if items is None:
        return blur(value, kind="int", low=0)
    return made(len(items), value)


def _list(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    items = items_of(m, args[0]) if args else []
    if items is None:
        return blur(*args, reason=None if isinstance(args[0].data, Unknown) else "an unknown value is iterated")
    return new_list(m, items, *args)


def _tuple(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    items = items_of(m, args[0]) if args else []
    return blur(*args) if items is None else made(tuple(items), *args) if args else Value(())


def _set(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    items = items_of(m, args[0]) if args else []
    return blur(*args) if items is None else make_set(m, items)


def _dict(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    if args and isinstance(args[0].data, Ref) and args[0].data.kind == "environ":
        return environ_method(m, args[0], "copy", [])
    result = Value(m.state.new("dict", {}), merge_inputs(args))
    for arg in args:
        merge_dict(m, result.data.address, arg)
    for key, value in keywords.items():
        store(m, result, Value(key), value)
    return result


def _range(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    if not all(isinstance(arg.data, int) for arg in args):
        return blur(*args)
    return _computed(lambda: range(*(arg.data for arg in args)), args)


def _computed(run: Callable[[], object], args: list[Value]) -> Value:
    try:
        return made(run(), *args)
    except (TypeError, ValueError) as error:
        raise Raised(type(error).__name__, str(error)) from None


def _enumerate(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    items = items_of(m, args[0])
    start = args[1] if len(args) > 1 else keywords.get("start", Value(0))
    if items is None or not isinstance(start.data, int):
        return blur(*args)
    return new_list(m, [Value((Value(start.data + i), item)) for i, item in enumerate(items)])


def _zip(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    rows = [items_of(m, arg) for arg in args]
    whole = [row for row in rows if row is not None]
    if len(whole) < len(rows):
        return blur(*args)
    return new_list(m, [Value(tuple(row)) for row in zip(*whole, strict=False)])


def _map(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    items = items_of(m, args[1]) if len(args) == 2 else None
    if items is None:
        return blur(*args)
    return new_list(m, [call(m, args[0], [item], {}, frame) for item in items])


def _filter(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    items = items_of(m, args[1]) if len(args) == 2 else None
    if items is None:
        return blur(*args)
    kept = []
    for item in items:
        answer = truth(m, item if args[0].data is None else call(m, args[0], [item], {}, frame))
        if answer is None:
            return blur(item, reason="a condition is not decided here")
        if answer:
            kept.append(item)
    return new_list(m, kept)


def _reversed(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    items = items_of(m, args[0])
    return blur(*args) if items is None else new_list(m, items[::-1])


def _sorted(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    items = items_of(m, args[0])
    if items is None:
        return blur(*args)
    key = keywords.get("key")
    keys = items if key is None or key.data is None else [call(m, key, [item], {}, frame) for item in items]
    ordered = sort_items(m, items, keys, keywords.get("reverse", Value(False)))
    return blur(*items, reason="the order is not known") if ordered is None else new_list(m, ordered)


def _any_all(wanted: bool) -> Builtin:
    def run(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
        items = items_of(m, args[0])
        if items is None:
            return blur(*args, kind="bool")
        answers = [truth(m, item) for item in items]
        if wanted in answers:
            return made(wanted, *items) if items else Value(wanted)
        if None in answers:
            return blur(*items, kind="bool")
        return made(not wanted, *items) if items else Value(not wanted)

    return run


def _next(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    ref = args[0].data
    items = items_of(m, args[0])
    if items is None:
        return blur(*args)
    if not items:
        if len(args) > 1:
            return args[1]
        raise Raised("StopIteration", "")
    if isinstance(ref, Ref) and ref.kind == "list":
        m.state.write(ref.address).pop(0)
    return items[0]


def _iter(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    return _list(m, args, keywords, frame)


FUNCTIONS: dict[str, Builtin] = {
    "len": _len,
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
    "iter": _iter,
    "next": _next,
}
