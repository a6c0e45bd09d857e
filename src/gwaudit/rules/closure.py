"""Checked expressions as closures: three-valued, with bounds, and remembering which facts decided.

A closure takes a ``Context`` and returns a plain value or ``Unknown``; ABSENT and None become Unknown as soon as they are
used. An Unknown condition whose bounds or choices show that it may turn out true carries the choices (True, False); that is
what ``possible: true`` asks for, and an Unknown without bounds never has them: unknown is silence. The context's trace
holds the facts in the order of the expression; operands that did not matter (the false branches of an ``or`` that holds,
what an ``and`` did not need) are taken out again.
"""

from __future__ import annotations

from gwaudit.resolve.fact import ABSENT, DEFAULT, Fact, Unknown
from gwaudit.rules.bounded import MAYBE, applied, arithmetic, bounds, compare, ratio
from gwaudit.rules.functions import PURE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from gwaudit.resolve.model import Subject

    Form = tuple[Any, ...]
    Closure = Callable[["Context"], Any]

UNSTATED = "nothing that was read states it"  # the reason that Subject.fact gives
UNWRITTEN = frozenset(("default", "platform", "profile", "assumed"))  # layers that nobody wrote down


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
                context.worth = max(context.worth, ratio(left, right))
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
        return applied(name, function, [argument(context) for argument in arguments])

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
