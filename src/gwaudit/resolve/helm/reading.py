"""From YAML nodes to values of a template, by the rules of Helm's YAML library, every value marked with its place."""

from __future__ import annotations

from gwaudit.parse.document import Mapping, Scalar, Sequence
from gwaudit.parse.yaml import merged
from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.helm.errors import EvaluationError
from gwaudit.resolve.helm.provenance import FILLED, PLACEHOLDER, Filled, Mark, Value
from gwaudit.resolve.helm.scalars import number_text, resolve, value_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gwaudit.parse.document import Node

MAX_VALUES = 100_000  # aliases are expanded, so the number of values is not bounded by the size of the text


class Reader:
    """Reads nodes; ``mark`` answers where a node came from (by default its own place)."""

    def __init__(self, mark: Callable[[Node], Mark | None] = Mark.of) -> None:
        self.mark = mark
        self.left = MAX_VALUES

    def value(self, node: Node | None) -> Value:
        self.left -= 1
        if self.left < 0:
            raise EvaluationError(f"more than {MAX_VALUES:,} values")
        if node is None:
            return Value(None)
        mark = self.mark(node)
        if isinstance(node, Scalar):
            return Value(self.scalar(node, mark), mark)
        if isinstance(node, Sequence):
            return Value([self.value(item) for item in node.items], mark)
        table: dict[str, Value] = {}
        if isinstance(node, Mapping):
            whole = merged(node)
            for key, child in whole.entries if isinstance(whole, Mapping) else ():
                value = self.value(child)
                value.key = self.mark(key)
                table[key_text(key)] = value
        return Value(table, mark)

    def scalar(self, node: Scalar, mark: Mark | None) -> Any:
        text = node.text
        if node.style != "plain" or (node.tag and node.tag != "!"):
            return _tagged(node)
        if text in (PLACEHOLDER, FILLED):
            why = (mark.unknown if mark is not None else None) or "not known"
            return Filled(why) if text == FILLED else Unknown(why)
        return value_of(text)


def _tagged(node: Scalar) -> Any:
    tag = (node.tag or "").rsplit(":", 1)[-1]
    if tag in ("int", "float", "bool", "null"):
        return value_of(node.text)
    if tag == "binary":
        import base64
        import binascii

        try:
            return base64.b64decode(node.text).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return node.text
    return node.text


def key_text(key: Scalar) -> str:
    """A mapping's key as the text that it becomes in JSON."""
    if key.style != "plain":
        return key.text
    found = resolve(key.text)
    if found is None:
        return "null"
    if found is True or found is False:
        return "true" if found else "false"
    return number_text(found) if isinstance(found, (int, float)) else key.text


def copy(value: Value, budget: list[int] | None = None) -> Value:
    """A deep copy (scalars are shared: they never change)."""
    budget = budget if budget is not None else [MAX_VALUES]
    data = value.data
    if data.__class__ is not dict and data.__class__ is not list:
        return value
    budget[0] -= len(data) + 1
    if budget[0] < 0:
        raise EvaluationError(f"more than {MAX_VALUES:,} values")
    if data.__class__ is dict:
        return Value({name: copy(item, budget) for name, item in data.items()}, value.trace, value.key)
    return Value([copy(item, budget) for item in data], value.trace, value.key)
