"""Truth and comparison as Go templates know them; None as an answer means that it cannot be decided."""

from __future__ import annotations

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.helm.errors import EvaluationError
from gwaudit.resolve.helm.provenance import PLACEHOLDER, Filled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.helm.provenance import Value


def truth(data: Any) -> bool | None:
    """Whether Go's ``if`` takes the value as true."""
    if isinstance(data, Unknown):
        return True if isinstance(data, Filled) else None
    if data.__class__ is str and PLACEHOLDER in data and not data.replace(PLACEHOLDER, ""):
        return None
    if isinstance(data, (dict, list, str, bool, int, float)):
        return bool(data)
    if hasattr(data, "pairs"):
        return bool(data.pairs())
    return data is not None


def is_empty(data: Any) -> bool | None:
    """Whether sprig's ``empty`` takes the value as empty."""
    found = truth(data)
    return None if found is None else not found


def kind(data: Any) -> str:
    """The kind by which values are comparable: bool, int, float, string, other."""
    if isinstance(data, bool):
        return "bool"
    if isinstance(data, int):
        return "int"
    if isinstance(data, float):
        return "float"
    if isinstance(data, str):
        return "string"
    return "other"


def equal(left: Any, right: Any) -> bool:
    """``eq`` of two values; raises where Go finds them incomparable."""
    left_kind, right_kind = kind(left), kind(right)
    if left_kind != right_kind:
        if left is None or right is None:
            return False
        raise EvaluationError("incompatible types for comparison")
    if left_kind == "other" and left is not None and right is not None:
        raise EvaluationError("non-comparable types")
    return bool(left == right)


def less(left: Any, right: Any) -> bool:
    """``lt`` of two values."""
    left_kind = kind(left)
    if left_kind != kind(right):
        raise EvaluationError("incompatible types for comparison")
    if left_kind in ("bool", "other"):
        raise EvaluationError("invalid type for comparison")
    return bool(left < right)


def deep_equal(left: Any, right: Any) -> bool:
    """``reflect.DeepEqual``: kinds count, so 1 and 1.0 differ."""
    stack = [(left, right)]
    budget = 100_000
    while stack:
        a, b = stack.pop()
        budget -= 1
        if budget < 0:
            raise EvaluationError("too large to compare")
        if isinstance(a, dict) and isinstance(b, dict):
            if a.keys() != b.keys():
                return False
            stack.extend((a[k].data, b[k].data) for k in a)
        elif isinstance(a, list) and isinstance(b, list):
            if len(a) != len(b):
                return False
            stack.extend((x.data, y.data) for x, y in zip(a, b, strict=True))
        elif a.__class__ is not b.__class__ or a != b:
            return False
    return True


def unknown_among(values: list[Value]) -> Value | None:
    """The first value that is not known (or is a text with something unknown in it)."""
    for value in values:
        data = value.data
        if isinstance(data, Unknown) or (data.__class__ is str and PLACEHOLDER in data):
            return value
    return None
