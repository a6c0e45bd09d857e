"""Comparison, defaults, flow and questions about types."""

from __future__ import annotations

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.helm.errors import EvaluationError, TemplateFailed
from gwaudit.resolve.helm.functions.signature import as_text, expect, made, plain, text, unknown
from gwaudit.resolve.helm.provenance import NIL, Value, mark_of, reason
from gwaudit.resolve.helm.truth import deep_equal, equal, is_empty, less, truth, unknown_among
from gwaudit.resolve.helm.verbs import go_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gwaudit.resolve.helm.machine import Machine, Native


def _comparison(compare: Callable[..., bool], high: int | None = 2) -> Native:
    def call(machine: Machine, args: list[Value]) -> Value:
        expect(args, 2, high)
        hidden = unknown_among(args)
        if hidden is not None:
            return unknown(reason(hidden) or "not known", args)
        return made(compare(*[value.data for value in args]), args)

    return call


def _eq(first: Any, *others: Any) -> bool:
    return any(equal(first, other) for other in others)


def _not(machine: Machine, args: list[Value]) -> Value:
    expect(args, 1, 1)
    decided = truth(args[0].data)
    return unknown(reason(args[0]) or "not known", args) if decided is None else Value(not decided, mark_of(args[0]))


def _default(machine: Machine, args: list[Value]) -> Value:
    expect(args, 1)
    if len(args) == 1:
        return args[0]
    empty = is_empty(args[1].data)
    if empty is None:
        return args[1]
    return args[0] if empty else args[1]


def _empty(machine: Machine, args: list[Value]) -> Value:
    expect(args, 1, 1)
    empty = is_empty(args[0].data)
    return unknown(reason(args[0]) or "not known", args) if empty is None else Value(empty, mark_of(args[0]))


def _coalesce(machine: Machine, args: list[Value]) -> Value:
    for value in args:
        if is_empty(value.data) is not True:
            return value
    return NIL


def _all(wanted: bool) -> Native:
    def call(machine: Machine, args: list[Value]) -> Value:
        for value in args:
            empty = is_empty(value.data)
            if empty is None:
                return unknown(reason(value) or "not known", args)
            if empty is wanted:
                return Value(not wanted, mark_of(value))
        return Value(wanted)

    return call


def _ternary(machine: Machine, args: list[Value]) -> Value:
    expect(args, 3, 3)
    chosen = args[2].data
    if isinstance(chosen, Unknown):
        return unknown(chosen.reason, args)
    if chosen.__class__ is not bool:
        raise EvaluationError(f"wrong type for value; expected bool; got {go_type(chosen)}")
    picked = args[0] if chosen else args[1]
    # a literal chosen by a value is decided where the value stands
    return picked if picked.trace is not None else Value(picked.data, mark_of(args[2]))


def _required(machine: Machine, args: list[Value]) -> Value:
    expect(args, 2, 2)
    if args[1].data is None or args[1].data == "":
        return unknown(f"a required value is not set: {text(args[0])[:200]}", args)
    return args[1]


def _fail(machine: Machine, args: list[Value]) -> Value:
    message = str(as_text(args[0]).data)[:300] if args else ""
    raise TemplateFailed(f"the chart refuses these values: {message.strip()}")


def _kind_of(data: Any) -> str:
    if isinstance(data, dict):
        return "map"
    if isinstance(data, list):
        return "slice"
    if data is None:
        return "invalid"
    return getattr(data, "kind_name", None) or go_type(data)


def _type_is_like(name: str, data: Any) -> bool:
    return go_type(data) in (name, "*" + name)


FUNCTIONS: dict[str, Native] = {
    "eq": _comparison(_eq, None),
    "ne": _comparison(lambda left, right: not equal(left, right)),
    "lt": _comparison(less),
    "le": _comparison(lambda left, right: less(left, right) or equal(left, right)),
    "gt": _comparison(lambda left, right: less(right, left)),
    "ge": _comparison(lambda left, right: less(right, left) or equal(left, right)),
    "not": _not,
    "default": _default,
    "empty": _empty,
    "coalesce": _coalesce,
    "all": _all(True),
    "any": _all(False),
    "ternary": _ternary,
    "required": _required,
    "fail": _fail,
    "typeOf": plain(go_type, "a"),
    "typeIs": plain(lambda name, data: go_type(data) == name, "sa"),
    "typeIsLike": plain(_type_is_like, "sa"),
    "kindOf": plain(_kind_of, "a"),
    "kindIs": plain(lambda name, data: _kind_of(data) == name, "sa"),
    "deepEqual": plain(deep_equal, "aa"),
}
