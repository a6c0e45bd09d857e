"""Operators on plain values with caps, on bounds, and the truth of abstract values."""

from __future__ import annotations

import math
import operator

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.python.failure import PROGRAM_ERRORS, Raised, TooBig
from gwaudit.resolve.python.value import (
    MAX_CHOICES,
    REST,
    SCALARS,
    Bound,
    ClassType,
    Dotted,
    Function,
    Module,
    Opaque,
    PathValue,
    Ref,
    Value,
    blur,
    made,
    same,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gwaudit.resolve.python.machine import Machine

MAX_BITS = 4096
MAX_TEXT = 200_000
MAX_COMBINATIONS = 32
FLIPPED = {"Lt": "Gt", "Gt": "Lt", "LtE": "GtE", "GtE": "LtE", "Eq": "Eq", "NotEq": "NotEq"}


def checked(result: Any) -> Any:
    """The result of plain arithmetic, refused where it is too large to keep."""
    if isinstance(result, int) and not isinstance(result, bool) and result.bit_length() > MAX_BITS:
        raise TooBig
    if isinstance(result, (str, bytes)) and len(result) > MAX_TEXT:
        raise TooBig
    return result


def _multiply(left: Any, right: Any) -> Any:
    for text, times in ((left, right), (right, left)):
        if isinstance(text, (str, bytes)) and isinstance(times, int) and len(text) * times > MAX_TEXT:
            raise TooBig
    return left * right


def _power(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int):
        if right > 0 and left.bit_length() * right > MAX_BITS:
            raise TooBig
    elif isinstance(left, complex) or isinstance(right, complex):
        raise TooBig
    return left**right


def _shift(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int) and left.bit_length() + right > MAX_BITS:
        raise TooBig
    return left << right


def _modulo(left: Any, right: Any) -> Any:
    if isinstance(left, (str, bytes)):
        from gwaudit.resolve.python.strings import safe_format

        safe_format(left if isinstance(left, str) else "")
        if isinstance(left, bytes):
            raise TooBig
        if "*" in left:
            raise TooBig
    return left % right


BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "Add": operator.add,
    "Sub": operator.sub,
    "Mult": _multiply,
    "Div": operator.truediv,
    "FloorDiv": operator.floordiv,
    "Mod": _modulo,
    "Pow": _power,
    "LShift": _shift,
    "RShift": operator.rshift,
    "BitOr": operator.or_,
    "BitAnd": operator.and_,
    "BitXor": operator.xor,
}
COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "Eq": operator.eq,
    "NotEq": operator.ne,
    "Lt": operator.lt,
    "LtE": operator.le,
    "Gt": operator.gt,
    "GtE": operator.ge,
}


def lift(m: Machine, function: Callable[..., Any], *values: Value, kind: str | None = None) -> Value:
    """Apply a pure function of plain values; unknown arguments with few choices are tried one by one.

    The function's Python errors are the program's: they become ``Raised``.
    """
    unknowns = [value for value in values if isinstance(value.data, Unknown)]
    if not unknowns:
        if not all(isinstance(value.data, SCALARS) for value in values):
            m.doubt = m.doubt or "a call that is not read"
            return blur(*values, kind=kind)
        try:
            result = checked(function(*(value.data for value in values)))
            if isinstance(result, (str, bytes)):
                m.state.spend(len(result) // 128)
            return made(result, *values)
        except PROGRAM_ERRORS as error:
            raise raised(error) from None
        except (TooBig, MemoryError):
            return blur(*values, reason="the value is too large to compute", kind=kind)
    m.doubt = m.doubt or "the value is unknown"
    combinations = 1
    for value in unknowns:
        combinations *= len(value.data.choices) or MAX_COMBINATIONS + 1
    if combinations > MAX_COMBINATIONS or not all(isinstance(v.data, (Unknown, *SCALARS)) for v in values):
        return blur(*values, kind=kind)
    m.state.spend(combinations)
    rows: list[tuple[Any, ...]] = [()]
    for value in values:
        options = value.data.choices if isinstance(value.data, Unknown) else (value.data,)
        rows = [(*row, option) for row in rows for option in options]
    found: list[Any] = []
    for row in rows:
        try:
            result = checked(function(*row))
        except PROGRAM_ERRORS:
            continue
        except (TooBig, MemoryError):
            return blur(*values, kind=kind)
        if not any(same(result, other) for other in found):
            found.append(result)
    return among(found, *values, kind=kind)


def among(found: list[Any], *values: Value, kind: str | None = None) -> Value:
    """A value that is one of the plain values ``found``."""
    if len(found) == 1:
        return made(found[0], *values)
    low = high = None
    if found and all(isinstance(item, (int, float)) and not isinstance(item, bool) for item in found):
        low, high = min(found), max(found)
    kinds = {type(item).__name__ for item in found}
    return blur(
        *values,
        kind=kinds.pop() if len(kinds) == 1 else kind,
        low=low,
        high=high,
        choices=found if len(found) <= MAX_CHOICES else (),
    )


def raised(error: Exception) -> Raised:
    """The evaluated program's exception for one that its operation raised here."""
    message = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    return Raised(type(error).__name__, message[:200])


def numeric(data: Any) -> bool:
    if isinstance(data, Opaque):
        return data.kind in ("int", "float", "number", "bool") or data.low is not None or data.high is not None
    return isinstance(data, (int, float))


def bounds(data: Any) -> tuple[float | None, float | None]:
    if isinstance(data, Unknown):
        return data.low, data.high
    if isinstance(data, int) or (isinstance(data, float) and not math.isnan(data)):
        return data, data
    return None, None


def interval(op: str, left: Any, right: Any) -> tuple[float | None, float | None]:
    """Bounds of an arithmetic result from the bounds of its operands."""
    (a, b), (c, d) = bounds(left), bounds(right)
    try:
        if op == "Add":
            return (None if a is None or c is None else a + c, None if b is None or d is None else b + d)
        if op == "Sub":
            return (None if a is None or d is None else a - d, None if b is None or c is None else b - c)
        if op == "Mult":
            if None not in (a, b, c, d):
                corners = [x * y for x in (a, b) for y in (c, d) if x is not None and y is not None]
                return min(corners), max(corners)
            if a is not None and c is not None and a >= 0 and c >= 0:
                return a * c, None
        if op in ("Div", "FloorDiv") and a is not None and a >= 0 and c is not None and c > 0:
            divide = operator.truediv if op == "Div" else operator.floordiv
            return (divide(a, d) if d is not None else 0, divide(b, c) if b is not None else None)
        if op == "Mod" and c is not None and c > 0 and d is not None:
            return 0, d
    except (OverflowError, ZeroDivisionError):
        pass
    return None, None


def arithmetic_kind(op: str, left: Any, right: Any) -> str | None:
    def kind(data: Any) -> str | None:
        name = data.kind if isinstance(data, Opaque) else type(data).__name__
        return "int" if name == "bool" else name

    a, b = kind(left), kind(right)
    if op == "Div" and a in ("int", "float", "number") and b in ("int", "float", "number"):
        return "float"
    if a == b == "int":
        return "int" if op != "Pow" else "number"
    if "float" in (a, b) and a in ("int", "float", "number") and b in ("int", "float", "number"):
        return "float"
    if a == b == "str" and op == "Add":
        return "str"
    if a == "str" and op == "Mod":
        return "str"
    return None


def binary(m: Machine, op: str, left: Value, right: Value) -> Value:
    """``left op right``."""
    a, b = left.data, right.data
    if isinstance(a, PathValue) or isinstance(b, PathValue):
        from gwaudit.resolve.python.paths import join_paths

        if op == "Div":
            return join_paths(m, left, right)
    if isinstance(a, (Ref, tuple)) or isinstance(b, (Ref, tuple)):
        from gwaudit.resolve.python.containers.operators import combine

        return combine(m, op, left, right)
    known = lift(m, BINARY.get(op, _refuse), left, right, kind=arithmetic_kind(op, a, b))
    if isinstance(known.data, Opaque) and not known.data.choices and numeric(a) and numeric(b):
        known.data.low, known.data.high = interval(op, a, b)
    return known


def _refuse(*_: Any) -> Any:
    raise TooBig


def truth(m: Machine, value: Value) -> bool | None:
    """Whether the value is true; None where nobody can tell."""
    data = value.data
    if isinstance(data, Unknown):
        if data.choices:
            answers = {bool(choice) for choice in data.choices}
            return answers.pop() if len(answers) == 1 else None
        if (data.low is not None and data.low > 0) or (data.high is not None and data.high < 0):
            return True
        return None
    if isinstance(data, SCALARS):
        return bool(data)
    if isinstance(data, (tuple, range)):
        return len(data) > 0
    if isinstance(data, Ref):
        if data.kind == "object":
            return None if data.cls is not None and m.loader.has_method(m, data.cls, ("__bool__", "__len__")) else True
        if data.kind == "environ":
            return True
        cell = m.state.read(data.address)
        if isinstance(cell, Opaque):
            return None
        if isinstance(cell, dict) and any(key is REST or item.maybe for key, item in cell.items()):
            return True if any(key is not REST and not item.maybe for key, item in cell.items()) else None
        return len(cell) > 0
    if isinstance(data, (Function, ClassType, Bound, Module, PathValue)):
        return True
    if isinstance(data, Dotted):
        from gwaudit.resolve.python.library import is_known_name

        return True if is_known_name(data.name) else None
    return None


def compare(m: Machine, op: str, left: Value, right: Value) -> Value:
    """``left op right`` for comparisons, ``is`` and ``in``."""
    a, b = left.data, right.data
    if op in ("In", "NotIn"):
        from gwaudit.resolve.python.containers.operators import contains

        found = contains(m, right, left)
        return made(found if op == "In" else not found, left, right) if found is not None else _bool(left, right)
    if op in ("Is", "IsNot"):
        answer = _identical(a, b)
        return _bool(left, right) if answer is None else made(answer == (op == "Is"), left, right)
    if isinstance(a, SCALARS) and isinstance(b, SCALARS):
        return lift(m, COMPARE[op], left, right, kind="bool")
    if isinstance(a, Unknown) or isinstance(b, Unknown):
        if op in ("Eq", "NotEq") and _never_equal(a, b):
            return made(op == "NotEq", left, right)
        one, other = (a, b) if isinstance(a, Unknown) else (b, a)
        if isinstance(other, tuple) and one.choices:
            return _by_choices(m, op, left, right)
        known = lift(m, COMPARE[op], left, right, kind="bool")
        if isinstance(known.data, Unknown) and not known.data.choices:
            decided = _by_bounds(op, a, b)
            return _bool(left, right) if decided is None else made(decided, left, right)
        return known
    plain = [m.state.plain(data) if not isinstance(data, PathValue) else data for data in (a, b)]
    if all(isinstance(item, (*SCALARS, tuple, list, dict, set, PathValue)) for item in plain):
        try:
            return made(bool(COMPARE[op](*plain)), left, right)
        except TypeError as error:
            raise raised(error) from None
    if op in ("Eq", "NotEq") and (a is None or b is None) and not isinstance(a, Dotted) and not isinstance(b, Dotted):
        return made(op == "NotEq", left, right)
    return _bool(left, right)


def _by_choices(m: Machine, op: str, left: Value, right: Value) -> Value:
    """A comparison of tuples, one of which is one of several."""
    sides: list[tuple[Any, ...]] = []
    for side in (left, right):
        plain = m.state.plain(side.data) if not isinstance(side.data, Unknown) else None
        sides.append(side.data.choices if isinstance(side.data, Unknown) else (plain,))
    try:
        answers = {bool(COMPARE[op](x, y)) for x in sides[0] for y in sides[1]}
    except TypeError:
        return _bool(left, right)
    return made(answers.pop(), left, right) if len(answers) == 1 else _bool(left, right)


def _bool(*values: Value) -> Value:
    return blur(*values, kind="bool")


def _never_equal(a: Any, b: Any) -> bool:
    for one, other in ((a, b), (b, a)):
        if isinstance(one, Opaque) and other is None and one.kind in ("int", "float", "str", "bool", "number"):
            return True
        if isinstance(one, Opaque) and one.kind in ("int", "float", "number") and isinstance(other, str):
            return True
        if isinstance(one, Opaque) and one.kind == "str" and isinstance(other, (int, float)):
            return True
    return False


def _identical(a: Any, b: Any) -> bool | None:
    if isinstance(a, Unknown) or isinstance(b, Unknown):
        one, other = (a, b) if isinstance(a, Unknown) else (b, a)
        if one.choices and (other is None or isinstance(other, bool)):
            answers = {choice is other for choice in one.choices}
            return answers.pop() if len(answers) == 1 else None
        if other is None and isinstance(one, Opaque) and one.kind is not None:
            return False
        return None
    if a is None or b is None or isinstance(a, bool) or isinstance(b, bool):
        return None if isinstance(a, Dotted) or isinstance(b, Dotted) else a is b
    if isinstance(a, Ref) and isinstance(b, Ref):
        return a.address == b.address
    return None


def _by_bounds(op: str, a: Any, b: Any) -> bool | None:
    if not (numeric(a) and numeric(b)):
        return None
    (low, high), (other_low, other_high) = bounds(a), bounds(b)
    if op in ("Gt", "GtE"):
        return _by_bounds("Lt" if op == "Gt" else "LtE", b, a)
    if op == "Lt":
        if high is not None and other_low is not None and high < other_low:
            return True
        return False if low is not None and other_high is not None and low >= other_high else None
    if op == "LtE":
        if high is not None and other_low is not None and high <= other_low:
            return True
        return False if low is not None and other_high is not None and low > other_high else None
    apart = (high is not None and other_low is not None and high < other_low) or (
        low is not None and other_high is not None and low > other_high
    )
    return (op == "NotEq") if apart else None
