"""Operators of Python on plain values, with caps on the size of what they make."""

from __future__ import annotations

import operator

from gwaudit.resolve.python.failure import Raised, TooBig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

MAX_BITS = 4096
MAX_TEXT = 200_000


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


def raised(error: Exception) -> Raised:
    """The evaluated program's exception for one that its operation raised here."""
    message = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    return Raised(type(error).__name__, message[:200])
