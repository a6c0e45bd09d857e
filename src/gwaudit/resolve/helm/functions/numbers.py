"""Functions on numbers: conversions keep the place of what they convert."""

from __future__ import annotations

import math

from gwaudit.resolve.helm.errors import EvaluationError
from gwaudit.resolve.helm.functions.signature import MAX_LIST, plain
from gwaudit.resolve.helm.provenance import Long
from gwaudit.resolve.helm.scalars import long

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.helm.machine import Native


def to_int(data: Any) -> int:
    """``int`` and ``int64``: texts in base 10, 0x, 0o, 0b or with a leading zero; what is no number is 0."""
    if isinstance(data, bool):
        return int(data)
    if isinstance(data, int):
        return int(data)
    if isinstance(data, float):
        return int(data) if math.isfinite(data) and abs(data) < 2**63 else -(2**63)
    if isinstance(data, str):
        return _parse_int(data)
    return 0


def _parse_int(text: str) -> int:
    body = text[:64]
    if "." in body and body.rstrip("0").endswith("."):
        body = body.rstrip("0")[:-1]  # "8.0" reads as 8
    sign = -1 if body[:1] == "-" else 1
    digits = body[1:] if body[:1] in ("+", "-") else body
    if not digits.isascii() or not digits.isalnum():
        return 0
    try:
        if len(digits) > 1 and digits[0] == "0" and digits.isdigit():
            return sign * int(digits, 8)
        found = sign * int(digits, 0)
    except ValueError:
        return 0
    return found if abs(found) < 2**63 else 0


def to_float(data: Any) -> float:
    """``float64``; what is no number is 0."""
    if isinstance(data, (bool, int, float)):
        return float(data)
    if isinstance(data, str):
        try:
            return float(data[:64]) if "_" not in data and data.strip() == data else 0.0
        except ValueError:
            return 0.0
    return 0.0


def _divide(left: Any, right: Any) -> Long:
    divisor = to_int(right)
    if divisor == 0:
        raise EvaluationError("integer divide by zero")
    dividend = to_int(left)
    return long(abs(dividend) // abs(divisor) * (1 if (dividend < 0) == (divisor < 0) else -1))


def _modulo(left: Any, right: Any) -> Long:
    divisor = to_int(right)
    if divisor == 0:
        raise EvaluationError("integer divide by zero")
    return long(math.fmod(to_int(left), divisor)) if abs(to_int(left)) < 2**52 else long(to_int(left) % divisor)


def _fold(operate: Any) -> Any:
    def call(first: Any, *others: Any) -> float:
        from decimal import Decimal, DivisionByZero, InvalidOperation

        total = Decimal(repr(to_float(first)))
        for other in others:
            try:
                total = operate(total, Decimal(repr(to_float(other))))
            except (DivisionByZero, InvalidOperation):
                raise EvaluationError("division by 0") from None
        return float(total)

    return call


def _round(data: Any, places: Any, point: Any = 0.5) -> float:
    power = 10.0 ** min(max(to_int(places), -300), 300)
    scaled = to_float(data) * power
    if not math.isfinite(scaled):
        return scaled
    return float((math.ceil if scaled - math.trunc(scaled) >= to_float(point) else math.floor)(scaled)) / power


def _until(count: int) -> list[int]:
    return _until_step(0, count, 1 if count >= 0 else -1)


def _until_step(start: int, stop: int, step: int) -> list[int]:
    if step == 0 or (step > 0) != (stop > start):
        return []
    found = range(start, stop, step)
    if len(found) > MAX_LIST:
        raise EvaluationError(f"a list of more than {MAX_LIST:,} items")
    return list(found)


def _seq(*given: int) -> str:
    if not given or len(given) > 3:
        return ""
    start, step, stop = 1, None, given[-1]
    if len(given) > 1:
        start = given[0]
    if len(given) == 3:
        step = given[1]
    if step is None:
        step = 1 if stop >= start else -1
    if step == 0:
        return ""
    found = range(start, stop + (1 if step > 0 else -1), step)
    if len(found) > MAX_LIST:
        raise EvaluationError(f"a list of more than {MAX_LIST:,} items")
    return " ".join(map(str, found))


def _atoi(body: str) -> int:
    digits = body[1:] if body[:1] in ("+", "-") else body
    return int(body) if digits.isascii() and digits.isdigit() and len(digits) < 19 else 0


def _product(first: Any, *others: Any) -> Long:
    total = to_int(first)
    for other in others:
        total = long(total * to_int(other))
    return long(total)


FUNCTIONS: dict[str, Native] = {
    "int": plain(to_int, "a"),
    "int64": plain(lambda data: long(to_int(data)), "a"),
    "float64": plain(to_float, "a"),
    "atoi": plain(_atoi, "s"),
    "toDecimal": plain(
        lambda data: (
            long(int(str(data), 8)) if str(data)[:20].isdigit() and not set(str(data)) & set("89") else long(0)
        ),
        "a",
    ),
    "add": plain(lambda *given: long(sum(map(to_int, given))), "a*"),
    "add1": plain(lambda data: long(to_int(data) + 1), "a"),
    "sub": plain(lambda left, right: long(to_int(left) - to_int(right)), "aa"),
    "mul": plain(_product, "aa*"),
    "div": plain(_divide, "aa"),
    "mod": plain(_modulo, "aa"),
    "addf": plain(lambda *given: _fold(lambda a, b: a + b)(0, *given), "a*"),
    "add1f": plain(lambda data: _fold(lambda a, b: a + b)(data, 1), "a"),
    "subf": plain(_fold(lambda a, b: a - b), "aa*"),
    "mulf": plain(_fold(lambda a, b: a * b), "aa*"),
    "divf": plain(_fold(lambda a, b: a / b), "aa*"),
    "max": plain(lambda *given: long(max(map(to_int, given))), "aa*"),
    "biggest": plain(lambda *given: long(max(map(to_int, given))), "aa*"),
    "min": plain(lambda *given: long(min(map(to_int, given))), "aa*"),
    "maxf": plain(lambda *given: max(map(to_float, given)), "aa*"),
    "minf": plain(lambda *given: min(map(to_float, given)), "aa*"),
    "ceil": plain(lambda data: float(math.ceil(to_float(data))), "a"),
    "floor": plain(lambda data: float(math.floor(to_float(data))), "a"),
    "round": plain(_round, "aaa?"),
    "until": plain(_until, "i"),
    "untilStep": plain(_until_step, "iii"),
    "seq": plain(_seq, "i*"),
}
