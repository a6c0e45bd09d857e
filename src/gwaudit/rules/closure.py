"""Checked expressions as closures: three-valued, with bounds, and remembering which facts decided.

A closure takes a ``Context`` and returns a plain value or ``Unknown``; ABSENT and None become Unknown as soon as they are
used. An Unknown condition whose bounds or choices show that it may turn out true carries the choices (True, False); that is
what ``possible: true`` asks for, and an Unknown without bounds never has them: unknown is silence. The context's trace
holds the facts in the order of the expression; operands that did not matter (the false branches of an ``or`` that holds,
what an ``and`` did not need) are taken out again.
"""

from __future__ import annotations

from gwaudit.resolve.fact import ABSENT, DEFAULT, Fact, Unknown
from gwaudit.rules.functions import MONOTONIC, PURE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from gwaudit.resolve.model import Subject

    Form = tuple[Any, ...]
    Closure = Callable[["Context"], Any]

UNSTATED = "nothing that was read states it"  # the reason that Subject.fact gives
UNWRITTEN = frozenset(("default", "platform", "profile", "assumed"))  # layers that nobody wrote down
MAX_CHOICES = 64
MAYBE = (True, False)


class Context:
    """One evaluation: the subject, the rule's parameters and ``let`` closures, and the facts that mattered so far.

    ``worth`` is the largest ratio between the sides of a comparison that holds.
    """

    __slots__ = ("_values", "lets", "params", "subject", "trace", "worth")

    def __init__(self, subject: Subject, params: Mapping[str, Any], lets: Mapping[str, Closure]) -> None:
        self.subject = subject
        self.params = params
        self.lets = lets
        self.trace: list[Fact] = []
        self.worth = 0.0
        self._values: dict[str, tuple[Any, list[Fact]]] = {}

    def let(self, name: str) -> Any:
        """The value of a ``let`` name, computed once; its facts join the trace at each use."""
        found = self._values.get(name)
        if found is None:
            outer, self.trace = self.trace, []
            value = self.lets[name](self)
            found = self._values[name] = (value, self.trace)
            self.trace = outer
        self.trace.extend(found[1])
        return found[0]


def compiled(form: Form) -> Closure:
    """The closure of a checked form."""
    return _BUILDERS[form[0]](form)


def _literal(form: Form) -> Closure:
    value = form[1]
    return lambda context: value


def reader(form: Form) -> Callable[[Context], Fact]:
    """What looks a fact up; a form with a third part has the value where nothing that was read states the fact."""
    name = form[1]
    if len(form) == 2:
        return lambda context: context.subject.fact(name)
    otherwise = Fact(name, form[2], DEFAULT)

    def run(context: Context) -> Fact:
        fact = context.subject.fact(name)
        return otherwise if isinstance(fact.value, Unknown) and fact.value.reason == UNSTATED else fact

    return run


def _fact(form: Form) -> Closure:
    name = form[1]
    look_up = reader(form)

    def run(context: Context) -> Any:
        fact = look_up(context)
        context.trace.append(fact)
        value = fact.value
        return Unknown(f"{name} is not set", (name,)) if value is ABSENT or value is None else value

    return run


def _let(form: Form) -> Closure:
    name = form[1]
    return lambda context: context.let(name)


def _param(form: Form) -> Closure:
    name = form[1]
    return lambda context: context.params[name]


def _list(form: Form) -> Closure:
    items = [compiled(item) for item in form[1]]
    return lambda context: tuple(item(context) for item in items)


def _and(form: Form) -> Closure:
    parts = [compiled(part) for part in form[1]]

    def run(context: Context) -> Any:
        start = len(context.trace)
        unsure: Unknown | None = None
        for part in parts:
            mark = len(context.trace)
            value = truth(part(context))
            if value is False:
                del context.trace[start:mark]
                return False
            if value is not True and (unsure is None or unsure.choices == MAYBE):
                unsure = value
        return True if unsure is None else unsure

    return run


def _or(form: Form) -> Closure:
    parts = [compiled(part) for part in form[1]]

    def run(context: Context) -> Any:
        start = len(context.trace)
        unsure: Unknown | None = None
        for part in parts:
            mark = len(context.trace)
            value = truth(part(context))
            if value is True:
                del context.trace[start:mark]
                return True
            if value is not False and (unsure is None or value.choices == MAYBE):
                unsure = value
        return False if unsure is None else unsure

    return run


def _not(form: Form) -> Closure:
    part = compiled(form[1])

    def run(context: Context) -> Any:
        value = truth(part(context))
        return value if isinstance(value, Unknown) else not value

    return run


def _if(form: Form) -> Closure:
    condition, then, otherwise = (compiled(part) for part in form[1:])

    def run(context: Context) -> Any:
        value = truth(condition(context))
        if isinstance(value, Unknown):
            return Unknown(value.reason, value.depends_on)
        return then(context) if value else otherwise(context)

    return run


def _compare(form: Form) -> Closure:
    first = compiled(form[1])
    rest = [(sign, compiled(part)) for sign, part in form[2]]

    def run(context: Context) -> Any:
        left = first(context)
        unsure: Unknown | None = None
        for sign, part in rest:
            right = part(context)
            value = compare(sign, left, right)
            if value is False:
                return False
            if value is not True and (unsure is None or unsure.choices == MAYBE):
                unsure = value
            if value is not False:
                context.worth = max(context.worth, _ratio(left, right))
            left = right
        return True if unsure is None else unsure

    return run


def _operation(form: Form) -> Closure:
    sign, left, right = form[1], compiled(form[2]), compiled(form[3])
    return lambda context: arithmetic(sign, left(context), right(context))


def _negative(form: Form) -> Closure:
    part = compiled(form[1])
    return lambda context: arithmetic("-", 0, part(context))


def _call(form: Form) -> Closure:
    name = form[1]
    arguments = [compiled(argument) for argument in form[2]]
    function = PURE[name]

    def run(context: Context) -> Any:
        return _applied(name, function, [argument(context) for argument in arguments])

    return run


def _about(form: Form) -> Closure:
    function, look_up = form[1], reader(form[2])
    arguments = [compiled(argument) for argument in form[3]]

    def run(context: Context) -> Any:
        fact = look_up(context)
        context.trace.append(fact)
        return _told(function, fact, arguments, context)

    return run


_BUILDERS: dict[str, Callable[[Form], Closure]] = {
    "lit": _literal,
    "fact": _fact,
    "let": _let,
    "param": _param,
    "list": _list,
    "and": _and,
    "or": _or,
    "not": _not,
    "cmp": _compare,
    "op": _operation,
    "neg": _negative,
    "if": _if,
    "call": _call,
    "about": _about,
}


def truth(value: Any) -> Any:
    """A condition's value: True, False or Unknown."""
    if value is True or value is False:
        return value
    if isinstance(value, Unknown):
        if len(value.choices) == 1 and isinstance(value.choices[0], bool):
            return value.choices[0]
        return value
    return Unknown("a condition has no truth value")


def _told(function: str, fact: Fact, arguments: list[Closure], context: Context) -> Any:
    value = fact.value
    unknown = isinstance(value, Unknown)
    absent = value is ABSENT or value is None
    match function:
        case "is_set" | "is_absent":
            if unknown and fact.location is None:
                return Unknown(value.reason, value.depends_on)
            return absent == (function == "is_absent")
        case "is_known":
            return not unknown
        case "is_written":
            if unknown and fact.location is None:
                return Unknown(value.reason, value.depends_on)
            return is_written(fact)
        case "default":
            return arguments[0](context) if absent else value
        case "overrides":
            return sum(1 for lower in fact.shadowed if lower.location is not None)
        case "differs":
            if not fact.shadowed:
                return False
            return compare("!=", value, fact.shadowed[0].value)
        case "layer":
            return fact.source.layer
        case "is_bounded":
            return bounds(value)[1] is not None
        case _:  # low, high
            if absent:
                return Unknown(f"{fact.name} is not set", (fact.name,))
            low, high = bounds(value)
            bound = low if function == "low" else high
            return Unknown(f"{fact.name} has no bound", (fact.name,)) if bound is None else bound


def is_written(fact: Fact) -> bool:
    """Whether the value stands somewhere; a default may have a place too, the one where it would be set."""
    return (
        fact.location is not None
        and fact.source.layer not in UNWRITTEN
        and fact.value is not ABSENT
        and fact.value is not None
    )


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
    from gwaudit.rules.functions import has

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


def _applied(name: str, function: Callable[..., Any], arguments: list[Any]) -> Any:
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


def _ratio(left: Any, right: Any) -> float:
    (_, high), (_, other) = bounds(left), bounds(right)
    if isinstance(left, bool) or high is None or other is None or high <= 0 or other <= 0:
        return 0.0
    return float(max(high, other) / min(high, other))
