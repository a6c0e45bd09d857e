"""Integers that may be known only by their bounds (``nproc`` is 1 or more), and what operations do to the bounds."""

from __future__ import annotations

from gwaudit.resolve.fact import Source, Unknown
from gwaudit.resolve.shell.text import Filled, Text, number_of, range_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.fact import Fact
    from gwaudit.source import Location

LIMIT = 2**63 - 1


class Number:
    """An integer between ``low`` and ``high`` (None: unbounded), known where they meet."""

    __slots__ = ("depends", "high", "inputs", "low", "reason", "source")

    def __init__(
        self,
        low: float | None,
        high: float | None,
        reason: str = "",
        depends: tuple[str, ...] = (),
        inputs: tuple[Fact, ...] = (),
        source: Source | None = None,
    ) -> None:
        self.low = low
        self.high = high
        self.reason = reason
        self.depends = depends
        self.inputs = inputs
        self.source = source

    @property
    def known(self) -> int | None:
        return int(self.low) if self.low is not None and self.low == self.high else None

    @property
    def truth(self) -> bool | None:
        if self.known is not None:
            return self.known != 0
        if (self.low is not None and self.low > 0) or (self.high is not None and self.high < 0):
            return True
        return None

    def text(self, location: Location | None) -> Text:
        source = self.source or Source("script", None, location)
        if self.known is not None:
            found = Text((str(self.known),), source, self.inputs)
        else:
            found = Text(
                [Filled(self.reason or "a number that is not known", self.depends, self.low, self.high)],
                source,
                self.inputs,
            )
        return found.step(location, "computed") if location is not None else found


def as_number(text: Text) -> Number:
    """The number that a text is; 0 for a blank one, as in an expression."""
    known = text.known
    if known is not None:
        number = number_of(known) if known.strip() else 0
        if number is None:
            return Number(None, None, "a text that is no number", (), text.inputs, text.source)
        return Number(number, number, "", (), text.inputs, text.source)
    value = text.value()
    assert isinstance(value, Unknown)
    low, high = range_of(text) or (None, None)
    return Number(low, high, value.reason, value.depends_on, text.inputs, text.source)


def with_inputs(number: Number, *others: Number) -> Number:
    """The number with what the others were made from, reasons and facts."""
    inputs = dict.fromkeys((*number.inputs, *(fact for other in others for fact in other.inputs)))
    depends = dict.fromkeys((*number.depends, *(name for other in others for name in other.depends)))
    reason = number.reason or next((other.reason for other in others if other.reason), "")
    source = number.source or next((other.source for other in others if other.source), None)
    return Number(number.low, number.high, reason, tuple(depends), tuple(inputs), source)


def truth_number(truth: bool | None, *parts: Number) -> Number:
    """1 or 0, or between them; made from ``parts``."""
    found = Number(0, 1) if truth is None else Number(int(truth), int(truth))
    return with_inputs(found, *parts)


def combine(operator: str, left: Number, right: Number) -> Number:
    """One operation on two intervals."""
    if operator in ("<", ">", "<=", ">=", "==", "!="):
        return truth_number(compare(operator, left, right), left, right)
    low, high = _bounds(operator, left, right)
    if any(x is not None and abs(x) > LIMIT for x in (low, high)):
        low = high = None
    return with_inputs(Number(low, high), left, right)


def _bounds(operator: str, left: Number, right: Number) -> tuple[float | None, float | None]:
    a, b, c, d = left.low, left.high, right.low, right.high
    one, two = left.known, right.known
    if operator == "+":
        return None if a is None or c is None else a + c, None if b is None or d is None else b + d
    if operator == "-":
        return None if a is None or d is None else a - d, None if b is None or c is None else b - c
    if operator == "*":
        if a is not None and c is not None and a >= 0 and c >= 0:
            return a * c, None if b is None or d is None else b * d
        if a is not None and b is not None and c is not None and d is not None:
            products = (a * c, a * d, b * c, b * d)
            return min(products), max(products)
        return None, None
    if operator == "/" and two is not None and two > 0 and a is not None and a >= 0:
        return a // two, None if b is None else b // two
    if one is not None and two is not None:
        exact = _exact(operator, one, two)
        return exact, exact
    if operator == "%" and two is not None and two > 0 and a is not None and a >= 0:
        return 0, two - 1
    return None, None


def _exact(operator: str, one: int, two: int) -> int | None:
    if operator in ("/", "%"):
        if two == 0:
            return None
        quotient = abs(one) // abs(two) * (1 if (one >= 0) == (two >= 0) else -1)
        return quotient if operator == "/" else one - quotient * two
    if operator in ("<<", ">>"):
        return (one << two if operator == "<<" else one >> two) if 0 <= two < 63 else None
    if operator == "**":
        return one**two if 0 <= two < 64 and abs(one) < 2**16 else None
    if operator == "~":
        return ~two
    return {"&": one & two, "|": one | two, "^": one ^ two}.get(operator)


def compare(operator: str, left: Number, right: Number) -> bool | None:
    """A comparison of two intervals; None where they overlap."""
    if operator in (">", ">="):
        left, right, operator = right, left, "<" if operator == ">" else "<="
    if operator in ("==", "!="):
        if left.known is not None and left.known == right.known:
            return operator == "=="
        apart = (left.high is not None and right.low is not None and left.high < right.low) or (
            left.low is not None and right.high is not None and left.low > right.high
        )
        return operator == "!=" if apart else None
    a, b, c, d = left.low, left.high, right.low, right.high
    if b is not None and c is not None and (b < c or (operator == "<=" and b == c)):
        return True
    if a is not None and d is not None and (a > d or (operator == "<" and a == d)):
        return False
    return None
