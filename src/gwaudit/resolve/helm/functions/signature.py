"""How a plain Python function becomes a template function: types checked, unknown passed on, provenance kept."""

from __future__ import annotations

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.helm.errors import EvaluationError
from gwaudit.resolve.helm.provenance import PLACEHOLDER, Value, blend, hidden, mark_of, reason, stand_in
from gwaudit.resolve.helm.truth import truth
from gwaudit.resolve.helm.verbs import go_text, go_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from gwaudit.resolve.helm.machine import Machine, Native

MAX_TEXT = 1_000_000
MAX_LIST = 20_000

_NAMES = {"s": "string", "i": "int", "b": "bool", "m": "map[string]interface {}", "l": "[]interface {}"}


def plain(function: Callable[..., Any], signature: str, fills: bool = False) -> Native:
    """A template function from one on plain data.

    ``signature`` has a letter for each parameter: s text, i whole number, b bool, m map, l list, a anything; ``*`` behind
    the last letter lets it repeat (any number of times, also none), ``?`` makes it optional. An unknown argument
    makes the result Unknown; the result's place is that of its arguments. ``fills`` says that the result is not empty where
    the last argument is not.
    """
    letters = signature.rstrip("*?")
    repeats = signature.endswith("*")
    least = len(letters) - (signature[-1:] in "*?" and signature != "")

    def call(machine: Machine, args: list[Value]) -> Value:
        count = len(args)
        if count < least or (count > len(letters) and not repeats):
            raise EvaluationError(f"wrong number of arguments: {count}")
        data = []
        for index, value in enumerate(args):
            item = value.data
            if isinstance(item, Unknown) or (item.__class__ is str and PLACEHOLDER in item):
                filled = fills and truth(args[-1].data) is True
                return hidden(reason(value) or "not known", blend(args), filled)
            data.append(check(value, letters[min(index, len(letters) - 1)]))
        return made(function(*data), args)

    return call


def made(result: Any, args: list[Value]) -> Value:
    """The value of a plain result: lists and maps get values for items."""
    mark = blend(args)
    if isinstance(result, (list, tuple)):
        if len(result) > MAX_LIST:
            raise EvaluationError(f"a list of more than {MAX_LIST:,} items")
        return Value([item if isinstance(item, Value) else Value(item, mark) for item in result], mark)
    if isinstance(result, dict):
        kind = result.__class__
        return Value(kind((k, v if isinstance(v, Value) else Value(v, mark)) for k, v in result.items()), mark)
    if isinstance(result, Value):
        return result
    if result.__class__ is str and len(result) > MAX_TEXT:
        raise EvaluationError(f"a text of more than {MAX_TEXT:,} characters")
    return Value(result, mark)


def check(value: Value, letter: str) -> Any:
    """The data of an argument where it has the parameter's type."""
    data = value.data
    if letter == "a":
        return data
    if letter == "s" and data.__class__ is str:
        return data
    if letter == "i":
        if isinstance(data, int) and not isinstance(data, bool):
            return data
    elif letter == "m":
        if isinstance(data, dict):
            return data
        if data is None:
            return {}  # Go passes nil where a map is wanted
        if hasattr(data, "pairs"):
            return {key.data: item for key, item in data.pairs()}
    elif letter == "l":
        if isinstance(data, list):
            return data
    elif letter == "b" and data.__class__ is bool:
        return data
    raise EvaluationError(f"wrong type for value; expected {_NAMES[letter]}; got {go_type(data)}")


def text(value: Value) -> str:
    """The text of a value that must be one (it may hold unknown parts)."""
    data = value.data
    if data.__class__ is str:
        return str(data)
    if isinstance(data, Unknown):
        return stand_in(data)
    raise EvaluationError(f"wrong type for value; expected string; got {go_type(data)}")


def whole(value: Value) -> int:
    """The number of a value that must be a whole one."""
    return int(check(value, "i"))


def expect(args: list[Value], low: int, high: int | None = None) -> None:
    if len(args) < low or (high is not None and len(args) > high):
        raise EvaluationError(f"wrong number of arguments: {len(args)}")


def as_text(value: Value) -> Value:
    """``toString``, keeping the trace; the unknown becomes its placeholder."""
    data = value.data
    if data.__class__ is str:
        return value
    if isinstance(data, Unknown):
        return Value(stand_in(data), value.trace)
    return Value(go_text(data), mark_of(value))


def unknown(why: str, args: Iterable[Value] = ()) -> Value:
    """An unknown value with the place of the arguments it was made from."""
    return hidden(why, blend(list(args)))
