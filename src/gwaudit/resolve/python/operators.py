"""Binary operators, comparisons and the truth of abstract values."""

from __future__ import annotations

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.python.arithmetic import BINARY, COMPARE, raised
from gwaudit.resolve.python.choices import lift
from gwaudit.resolve.python.failure import TooBig
from gwaudit.resolve.python.intervals import arithmetic_kind, by_bounds, interval, numeric
from gwaudit.resolve.python.objects import Bound, ClassType, Dotted, Function, Module, PathValue, Ref
from gwaudit.resolve.python.value import REST, SCALARS, Opaque, Value, blur, made

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.python.machine import Machine


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
            decided = by_bounds(op, a, b)
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
