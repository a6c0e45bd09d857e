"""Values made from values: chained, copied, cast, and the functions of ``math``."""

from __future__ import annotations

import math

from gwaudit.resolve.python.builtin import FUNCTIONS as BUILTINS
from gwaudit.resolve.python.choices import lift
from gwaudit.resolve.python.containers.items import items_of, new_list
from gwaudit.resolve.python.numbers import shifted
from gwaudit.resolve.python.operators import binary
from gwaudit.resolve.python.value import MISSING, Value, blur

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.python.machine import Builtin, Frame, Machine

MATH = frozenset(
    ["ceil", "floor", "sqrt", "log", "log2", "log10", "trunc", "pow", "fabs", "gcd", "exp", "isnan", "isinf"]
)


def math_function(m: Machine, name: str, args: list[Value]) -> Value:
    if name == "pow":
        return binary(m, "Pow", *args) if len(args) == 2 else blur(*args)
    result = lift(m, getattr(math, name), *args, kind="int" if name in ("ceil", "floor", "trunc") else None)
    return shifted(result, args[0], getattr(math, name)) if name in ("ceil", "floor", "trunc") else result


def _chain(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    rows = [items_of(m, arg) for arg in args]
    if any(row is None for row in rows):
        return blur(*args)
    return new_list(m, [item for row in rows if row is not None for item in row])


def _cast(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    return args[1]


def _copy(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    plain = m.state.plain(args[0].data)
    return blur(*args, reason="a copy of something unknown") if plain is MISSING else m.state.abstract(plain, args[0])


def _dict(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    return BUILTINS["dict"](m, args, keywords, frame)


FUNCTIONS: dict[str, Builtin] = {
    "itertools.chain": _chain,
    "typing.cast": _cast,
    "copy.copy": _copy,
    "copy.deepcopy": _copy,
    "collections.OrderedDict": _dict,
}
