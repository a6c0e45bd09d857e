"""Abstract values of the evaluator as plain data for validators and facts."""

from __future__ import annotations

from gwaudit.resolve.fact import Pairs, Unknown
from gwaudit.resolve.gunicorn.validate import validate
from gwaudit.resolve.gunicorn.validate.scalars import Refused
from gwaudit.resolve.python.objects import Bound, ClassType, Dotted, Function, Module, PathValue, Ref
from gwaudit.resolve.python.state import freeze
from gwaudit.resolve.python.value import REST, SCALARS, Opaque, Value, merge_inputs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.fact import Fact
    from gwaudit.resolve.gunicorn.settings import Setting
    from gwaudit.resolve.python.state import State


class Foreign:
    """A value that is surely no plain data: an object, a module, a path. ``name`` shows its type."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"<{self.name}>"


def plain(state: State, value: Value, depth: int = 0) -> Any:
    """Plain data with functions, classes and dotted names in it; Unknown where any part is unknown."""
    data = value.data
    if isinstance(data, (*SCALARS, Unknown, Function, ClassType, Dotted)):
        return data
    if depth > 30:
        return Unknown("nested too deeply")
    if isinstance(data, tuple):
        return _all(tuple(plain(state, item, depth + 1) for item in data), tuple)
    if isinstance(data, PathValue):
        return Foreign("Path")
    if isinstance(data, Module):
        return Foreign(f"module {data.name}")
    if isinstance(data, Bound):
        return data.function if data.function is not None else Foreign(f"method {data.name}")
    if not isinstance(data, Ref):
        return Foreign(type(data).__name__)
    cell = state.read(data.address)
    if isinstance(cell, Opaque):
        return cell
    if data.kind == "object":
        return Foreign(data.cls.name if data.cls is not None else "object")
    if isinstance(cell, list):
        return _all([plain(state, item, depth + 1) for item in cell], list)
    if isinstance(cell, dict) and data.kind == "dict":
        if REST in cell:
            return cell[REST].data
        maybe = next((item.maybe for item in cell.values() if item.maybe), None)
        if maybe:
            return Unknown(maybe)
        keys = list(cell)
        values = _all([plain(state, cell[key], depth + 1) for key in keys], list)
        return values if isinstance(values, Unknown) else dict(zip(keys, values, strict=True))
    if isinstance(cell, set):
        return set(cell)
    return Foreign(data.kind)


def _all(items: Any, make: Any) -> Any:
    unknown = [item for item in items if isinstance(item, Unknown)]
    if not unknown:
        return make(items)
    names = tuple(dict.fromkeys(name for one in unknown for name in one.depends_on))
    if len(items) == 1 and unknown[0].choices:
        return Unknown(unknown[0].reason, names, choices=[(choice,) for choice in unknown[0].choices])
    return Unknown(unknown[0].reason, names)


def _members(state: State, value: Value) -> list[Value]:
    data = value.data
    if isinstance(data, tuple):
        return list(data)
    cell = state.read(data.address) if isinstance(data, Ref) and data.kind in ("list", "dict") else None
    if isinstance(cell, list):
        return cell
    return list(cell.values()) if isinstance(cell, dict) else []


def all_inputs(state: State, value: Value, depth: int = 0) -> tuple[Fact, ...]:
    """The inputs of a value and of everything in it."""
    members = _members(state, value) if depth < 4 else []
    inner = [Value(None, all_inputs(state, member, depth + 1)) for member in members[:50]]
    return merge_inputs((value, *inner))


def whole(state: State, value: Value) -> Value:
    """The value for its place: a list of one item stands where the item does, and what is in it may be secret."""
    members = _members(state, value)
    place = value.place
    if len(members) == 1 and members[0].place is not None and members[0].place.fact is not None:
        place = members[0].place
    return Value(value.data, all_inputs(state, value), place)


def shown(value: Any) -> Any:
    """A validated value as a fact holds it: containers as tuples, code by its name."""
    if isinstance(value, (Function, ClassType)):
        return str(value)
    if isinstance(value, Dotted):
        return value.name
    if isinstance(value, Foreign):
        return repr(value)
    if isinstance(value, Pairs):
        return value
    if isinstance(value, (list, tuple)):
        return tuple(shown(item) for item in value)
    if isinstance(value, dict):
        return Pairs((key, shown(item)) for key, item in value.items())
    return freeze(value)


def placed(result: Any, inputs: tuple[Fact, ...]) -> Any:
    """The same, or Unknown where it was made from a place that nobody knows."""
    for fact in inputs:
        if fact.name == "run.directory" and isinstance(fact.value, Unknown):
            return result if isinstance(result, Unknown) else fact.value
    return result


def checked(setting: Setting, value: Any, directory: str | None) -> Any:
    """A plain or unknown value after gunicorn's validator, as a fact holds it; ``Refused`` where it surely refuses it.

    Of an unknown value, the choices that gunicorn accepts are left.
    """
    if isinstance(value, Dotted):
        return _dotted(setting, value)
    if isinstance(value, Function) and setting.validator == "class":
        return Unknown("a function chooses it")
    if not isinstance(value, Unknown):
        return shown(validate(setting, value, directory))
    kind = value.kind if isinstance(value, Opaque) else None
    if kind == "float" and setting.validator == "pos_int":
        raise Refused("int() can't convert non-string with explicit base: the value is a float")
    accepted: list[Any] = []
    refusal: Refused | None = None
    for choice in value.choices:
        try:
            result = shown(validate(setting, choice, directory))
        except Refused as error:
            refusal = error
            continue
        if isinstance(result, Unknown):
            return value
        if result not in accepted:
            accepted.append(result)
    if value.choices and not accepted and refusal is not None:
        raise refusal
    if value.choices and len(accepted) == 1 and refusal is None:
        return accepted[0]
    low, high = value.low, value.high
    if accepted and all(isinstance(item, (int, float)) and not isinstance(item, bool) for item in accepted):
        low, high = min(accepted), max(accepted)
    elif setting.validator == "pos_int" and low is None:
        low = 0
    return Unknown(value.reason, value.depends_on, low, high, accepted)


def _dotted(setting: Setting, value: Dotted) -> Any:
    """Something imported from code that is not read: a class or hook by its path, otherwise unknown."""
    last = value.name.rsplit(".", 1)[-1]
    if setting.is_hook or (setting.validator == "class" and last[:1].isupper() and not last.isupper()):
        return value.name
    if value.name.startswith("builtins.") or "." not in value.name:
        raise Refused(f"not a value: {value.name}")
    return Unknown(f"{value.name} is code that is not read", (f"code.{value.name}",))
