"""Bounds and types of arithmetic on values of which only the bounds are known."""

from __future__ import annotations

import math
import operator

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.python.value import Opaque

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


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


def by_bounds(op: str, a: Any, b: Any) -> bool | None:
    if not (numeric(a) and numeric(b)):
        return None
    (low, high), (other_low, other_high) = bounds(a), bounds(b)
    if op in ("Gt", "GtE"):
        return by_bounds("Lt" if op == "Gt" else "LtE", b, a)
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
