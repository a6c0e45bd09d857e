"""Displays: lists, tuples, sets, dicts and f-strings written out, and argument lists with ``*``."""

from __future__ import annotations

import ast

from gwaudit.resolve.python.containers.changes import merge_dict, store
from gwaudit.resolve.python.containers.items import items_of, key_of
from gwaudit.resolve.python.interpreter import evaluate
from gwaudit.resolve.python.value import MISSING, Place, Value, blur, made, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gwaudit.resolve.python.machine import Frame, Machine


def _joined(m: Machine, node: ast.JoinedStr, frame: Frame) -> Value:
    from gwaudit.resolve.python.strings import f_string

    parts: list[tuple[Value, int, Value | None]] = []
    for piece in node.values:
        if isinstance(piece, ast.FormattedValue):
            spec = evaluate(m, piece.format_spec, frame) if piece.format_spec is not None else None
            parts.append((evaluate(m, piece.value, frame), piece.conversion, spec))
        elif isinstance(piece, ast.Constant):
            parts.append((Value(piece.value), -1, None))
        else:
            return unknown("a part of the text is not followed")
    if all(not isinstance(piece, ast.FormattedValue) for piece in node.values):
        return Value("".join(str(value.data) for value, _, _ in parts), (), Place(frame.file, node))
    return f_string(m, parts)


def elements(m: Machine, nodes: list[ast.expr], frame: Frame) -> list[Value] | Value:
    """The items of a list, tuple, set or argument list with ``*``; an unknown value where an unpacked part is unknown."""
    items: list[Value] = []
    for node in nodes:
        if isinstance(node, ast.Starred):
            value = evaluate(m, node.value, frame)
            more = items_of(m, value)
            if more is None:
                m.doubt = m.doubt or "an unknown value is unpacked"
                return blur(value, reason="an unknown value is unpacked")
            items += more
        else:
            items.append(evaluate(m, node, frame))
    return items


def _list(m: Machine, node: ast.List, frame: Frame) -> Value:
    items = elements(m, node.elts, frame)
    if isinstance(items, Value):
        return items
    return Value(m.state.new("list", items), (), Place(frame.file, node))


def _tuple(m: Machine, node: ast.Tuple, frame: Frame) -> Value:
    items = elements(m, node.elts, frame)
    return items if isinstance(items, Value) else Value(tuple(items), (), Place(frame.file, node))


def _set(m: Machine, node: ast.Set, frame: Frame) -> Value:
    items = elements(m, node.elts, frame)
    if isinstance(items, Value):
        return items
    return make_set(m, items)


def make_set(m: Machine, items: list[Value]) -> Value:
    keys = [key_of(m, item) for item in items]
    if any(key is MISSING for key in keys):
        return blur(*items, reason="a set of unknown values")
    return made(m.state.new("set", set(keys)), *items)


def _dict(m: Machine, node: ast.Dict, frame: Frame) -> Value:
    result = Value(m.state.new("dict", {}), (), Place(frame.file, node))
    for key, item in zip(node.keys, node.values, strict=True):
        value = evaluate(m, item, frame)
        if key is None:
            merge_dict(m, result.data.address, value)
        else:
            store(m, result, evaluate(m, key, frame), value)
    return result


HANDLERS: dict[type, Callable[[Machine, Any, Frame], Value]] = {
    ast.JoinedStr: _joined,
    ast.List: _list,
    ast.Tuple: _tuple,
    ast.Set: _set,
    ast.Dict: _dict,
}
