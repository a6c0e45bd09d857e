"""Values of which only bounds or choices are known: what comparing and computing with them still tells.

``compare`` and ``arithmetic`` take plain values and ``Unknown``s and answer one of both. An Unknown condition that may turn
out either way, as its bounds or choices show, has the choices ``MAYBE``; one of which nothing is known has none.
"""

from __future__ import annotations

from gwaudit.resolve.fact import Unknown
from gwaudit.rules.functions import MONOTONIC, has

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

MAX_CHOICES = 64
MAYBE = (True, False)


def bounds(value: Any) -> tuple[float | None, float | None]:
    """The smallest and largest number a value may be; None where nothing is known."""
    if isinstance(value, Unknown):
        low, high = value.low, value.high
        if value.choices and all(isinstance(one, (int, float)) for one in value.choices):
            low = min(value.choices) if low is None else low
            high = max(value.choices) if high is None else high
        return low, high
    if isinstance(value, (int, float)):
        return value, value
    return None, None


def _doubt(left: Any, right: Any, maybe: bool = False) -> Unknown:
    source = left if isinstance(left, Unknown) else right
    return Unknown(source.reason, source.depends_on, choices=MAYBE if maybe else ())


def compare(sign: str, left: Any, right: Any) -> Any:
    """A comparison of two values; with Unknown operands what their bounds and choices prove."""
    if sign == "not in":
        found = compare("in", left, right)
        return found if isinstance(found, Unknown) else not found
    unknown = isinstance(left, Unknown) or isinstance(right, Unknown)
    if sign in ("<", "<=", ">", ">="):
        if not unknown:
            return _ordered(sign, left, right)
        if sign[0] == ">":
            left, right, sign = right, left, "<" + sign[1:]
        (low, high), (other_low, other_high) = bounds(left), bounds(right)
        if high is not None and other_low is not None and _ordered(sign, high, other_low) is True:
            return True
        if low is not None and other_high is not None and _ordered(sign, low, other_high) is False:
            return False
        maybe = low is not None and other_high is not None and _ordered(sign, low, other_high) is True
        return _doubt(left, right, maybe)
    if not unknown:
        if sign == "in":
            return _within(left, right)
        return _same(left, right) == (sign == "==")
    chosen = _lifted(lambda a, b: compare(sign, a, b), [left, right])
    if chosen is not None:
        return chosen
    if sign in ("==", "!="):
        (low, high), (other_low, other_high) = bounds(left), bounds(right)
        apart = (high is not None and other_low is not None and high < other_low) or (
            low is not None and other_high is not None and low > other_high
        )
        if apart:
            return sign == "!="
    elif isinstance(right, tuple) and isinstance(left, Unknown):
        low, high = bounds(left)
        numbers = [item for item in right if isinstance(item, (int, float))]
        outside = (low is not None and all(item < low for item in numbers)) or (
            high is not None and all(item > high for item in numbers)
        )
        if outside and len(numbers) == len(right):
            return False
    return _doubt(left, right)


def _ordered(sign: str, left: Any, right: Any) -> Any:
    try:
        match sign:
            case "<":
                return left < right
            case "<=":
                return left <= right
            case ">":
                return left > right
            case _:
                return left >= right
    except TypeError:
        return Unknown("two values of different kinds have no order")


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, list):
        left = tuple(left)
    if isinstance(right, list):
        right = tuple(right)
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    return bool(left == right)


def _within(item: Any, items: Any) -> Any:
    if not isinstance(items, (str, tuple, list)):
        return Unknown("this is no list")
    return has(items, item)


def _lifted(function: Callable[..., Any], arguments: list[Any]) -> Any:
    """The result over every choice of the Unknown arguments; None where one of them has no choices, or too many."""
    combinations: list[list[Any]] = [[]]
    unknown: Unknown | None = None
    for argument in arguments:
        values: tuple[Any, ...] = (argument,)
        if isinstance(argument, Unknown):
            if not argument.choices:
                return None
            values = argument.choices
            unknown = unknown or argument
        combinations = [[*head, value] for head in combinations for value in values]
        if len(combinations) > MAX_CHOICES:
            return None
    results: list[Any] = []
    for combination in combinations:
        try:
            result = function(*combination)
        except (TypeError, ValueError, ArithmeticError, AttributeError):
            return None
        if isinstance(result, Unknown):
            return None
        if result not in results:
            results.append(result)
    if unknown is None or len(results) == 1:
        return results[0]
    if len(results) == 2 and all(isinstance(one, bool) for one in results):
        return Unknown(unknown.reason, unknown.depends_on, choices=MAYBE)
    return Unknown(unknown.reason, unknown.depends_on, choices=results)


def applied(name: str, function: Callable[..., Any], arguments: list[Any]) -> Any:
    """The result of a function of the language over plain and unknown arguments."""
    unknown = next((one for one in arguments if isinstance(one, Unknown)), None)
    try:
        if unknown is None:
            return function(*arguments)
        lifted = _lifted(function, arguments)
        if lifted is not None:
            return lifted
        if name in ("min", "max"):
            return _extreme(name, arguments, unknown)
        if name in MONOTONIC:
            low, high = bounds(unknown)
            return Unknown(
                unknown.reason,
                unknown.depends_on,
                None if low is None else function(low),
                None if high is None else function(high),
            )
    except (TypeError, ValueError, ArithmeticError, AttributeError):
        return Unknown(f"{name} cannot be computed")
    return Unknown(unknown.reason, unknown.depends_on)


def _extreme(name: str, arguments: list[Any], unknown: Unknown) -> Any:
    """Minimum or maximum over bounds: a known argument bounds it from one side, all together from the other."""
    lows, highs = zip(*(bounds(one) for one in arguments), strict=True)
    pick = min if name == "min" else max
    one_side = [one for one in (highs if name == "min" else lows) if one is not None]
    other = lows if name == "min" else highs
    outer = pick(one_side) if one_side else None
    inner = pick(other) if all(one is not None for one in other) else None
    low, high = (inner, outer) if name == "min" else (outer, inner)
    if low is not None and low == high:
        return low
    return Unknown(unknown.reason, unknown.depends_on, low, high)


def arithmetic(sign: str, left: Any, right: Any) -> Any:
    """A sum, difference, product or quotient; bounds go through where they determine it."""
    try:
        if not isinstance(left, Unknown) and not isinstance(right, Unknown):
            return _calculated(sign, left, right)
        lifted = _lifted(lambda a, b: _calculated(sign, a, b), [left, right])
        if lifted is not None:
            return lifted
        (a, b), (c, d) = bounds(left), bounds(right)
        low: Any = None
        high: Any = None
        if sign == "+":
            low, high = _sum(a, c), _sum(b, d)
        elif sign == "-":
            low, high = _sum(a, None if d is None else -d), _sum(b, None if c is None else -c)
        elif a is not None and a >= 0 and c is not None and (c > 0 or (sign == "*" and c >= 0)):
            if sign == "*":
                low, high = a * c, None if b is None or d is None else b * d
            elif sign in ("/", "//"):
                low = None if d is None else _calculated(sign, a, d)
                high = None if b is None else _calculated(sign, b, c)
        source = left if isinstance(left, Unknown) else right
        return Unknown(source.reason, source.depends_on, low, high)
    except (TypeError, ValueError, ArithmeticError):
        return Unknown("this cannot be computed")


def _sum(left: float | None, right: float | None) -> float | None:
    return None if left is None or right is None else left + right


def _calculated(sign: str, left: Any, right: Any) -> Any:
    match sign:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            if not isinstance(left, (int, float)) or not isinstance(right, (int, float)):
                raise TypeError  # a repeated text would be one of any length
            return left * right
        case "/":
            quotient = left / right
            return int(quotient) if quotient == int(quotient) else quotient
        case "//":
            return left // right
        case _:
            if not isinstance(left, (int, float)):
                raise TypeError  # never text formatting
            return left % right


def ratio(left: Any, right: Any) -> float:
    """How many times the larger of two positive numbers the smaller is; 0 where they are none."""
    (_, high), (_, other) = bounds(left), bounds(right)
    if isinstance(left, bool) or high is None or other is None or high <= 0 or other <= 0:
        return 0.0
    return float(max(high, other) / min(high, other))
