"""A variable's text as a type: numbers, truth by words, lists, and casts by code of the project."""

from __future__ import annotations

from gwaudit.resolve.python.calls import call
from gwaudit.resolve.python.choices import lift
from gwaudit.resolve.python.containers.items import new_list
from gwaudit.resolve.python.objects import Dotted, Function
from gwaudit.resolve.python.value import Value, blur

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.python.machine import Frame, Machine


def cast_by(m: Machine, value: Value, wanted: Value | None, kind: dict[str, Any], frame: Frame) -> Value:
    if wanted is None or wanted.data is None:
        return value
    data = wanted.data
    if isinstance(data, Dotted):
        name = data.name.removeprefix("builtins.")
        if name in ("int", "float", "str", "bool"):
            return cast(m, value, name, kind["bool"])
        if name == "list":
            items = lift(m, lambda text: text.split(",") if isinstance(text, str) else text, value)
            if isinstance(value.data, str):
                parts = [Value(part) for part in value.data.split(",") if part]
                return new_list(m, parts, value)
            return blur(items)
        if name in ("url", "path", "json", "dict", "tuple", "db", "cache", "log_level"):
            return blur(value, reason=f"a variable read as {name} is not followed")
        m.doubt = m.doubt or "a cast that is not read"
        return blur(value, reason=f"{name}() is code that is not read")
    if isinstance(data, Function):
        return call(m, wanted, [value], {}, frame)
    m.doubt = m.doubt or "a cast that is not read"
    return blur(value, reason="a cast that is not read")


def cast(m: Machine, value: Value, type_name: str, words: dict[str, Any]) -> Value:
    """Text as a type: int, float, str, bool by a list of words."""
    if type_name in ("int", "float"):
        number = int if type_name == "int" else float
        return lift(m, number, value, kind=type_name)
    if type_name == "bool":
        return lift(m, lambda text: _boolean(text, words), value, kind="bool")
    if type_name == "str":
        return value
    if not isinstance(value.data, str):
        return value
    return blur(value, reason=f"a variable read as {type_name} is not followed")


def _boolean(text: Any, words: dict[str, Any]) -> bool:
    if isinstance(text, (bool, int)):
        return bool(text)
    word = str(text).lower()
    if words.get("number"):  # django-environ: any number but 0 is true, before it looks at words
        try:
            return int(str(text)[:100]) != 0
        except ValueError:
            word = word.strip()
    if word in words["true"]:
        return True
    if word in words["false"] or words.get("other") is False:
        return False
    raise ValueError(f"not a boolean: {word[:20]}")
