"""Expressions: from a syntax tree to an abstract value."""

from __future__ import annotations

import ast

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.python.containers.changes import merge_dict, store
from gwaudit.resolve.python.containers.items import items_of, key_of
from gwaudit.resolve.python.containers.subscripts import sliced, subscript
from gwaudit.resolve.python.failure import Raised
from gwaudit.resolve.python.machine import MAX_DEPTH
from gwaudit.resolve.python.operators import binary, compare, lift, truth
from gwaudit.resolve.python.value import (
    MISSING,
    NONE,
    REST,
    Function,
    Opaque,
    Place,
    Value,
    blur,
    made,
    merge_inputs,
    unknown,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gwaudit.resolve.python.machine import Frame, Machine


def evaluate(m: Machine, node: ast.expr | None, frame: Frame) -> Value:
    """The value of an expression; ``Raised`` where it surely raises."""
    if node is None:
        return NONE
    m.state.spend()
    if m.depth >= MAX_DEPTH:
        m.doubt = m.doubt or "nested too deeply"
        return unknown("the expression is nested too deeply to follow")
    handler = HANDLERS.get(type(node))
    if handler is None:
        m.doubt = m.doubt or "not followed"
        return unknown(f"{type(node).__name__} is not followed")
    m.depth += 1
    try:
        return handler(m, node, frame)
    finally:
        m.depth -= 1


def with_inputs(value: Value, *others: Value) -> Value:
    """The same value, which also depends on what decided that it is taken."""
    if not any(other.inputs for other in others):
        return value
    return Value(value.data, merge_inputs((value, *others)), value.place, value.maybe)


def _constant(m: Machine, node: ast.Constant, frame: Frame) -> Value:
    if node.value is Ellipsis:
        return unknown("...")
    return Value(node.value, (), Place(frame.file, node))


def lookup(m: Machine, name: str, frame: Frame) -> Value:
    """The value of a name, data ``MISSING`` where no scope has it."""
    declared = frame.declared.get(name)
    scopes = (declared,) if declared is not None else frame.scopes
    for address in scopes:
        cell = m.state.read(address)
        if isinstance(cell, Opaque):
            return Value(Opaque(cell.reason, cell.depends_on))
        found = cell.get(name)
        if found is not None:
            if found.maybe:
                m.doubt = m.doubt or found.maybe
                return Value(found.data, found.inputs, found.place)
            held: Value = found
            return held
        if REST in cell and (address in m.open or not _is_builtin(name)):
            m.doubt = m.doubt or "the name may be set by code that is not read"
            return blur(cell[REST])
    return Value(MISSING)


def _is_builtin(name: str) -> bool:
    from gwaudit.resolve.python.builtin import FUNCTIONS

    return name in FUNCTIONS


def _name(m: Machine, node: ast.Name, frame: Frame) -> Value:
    found = lookup(m, node.id, frame)
    if found.data is not MISSING:
        return found
    from gwaudit.resolve.python.builtin import name_of

    known = name_of(m, node.id)
    if known is None:
        raise Raised("NameError", f"name '{node.id}' is not defined", m.place(frame, node))
    return known


def _binary(m: Machine, node: ast.BinOp, frame: Frame) -> Value:
    chain: list[ast.BinOp] = []  # a + b + c nests to the left as deep as it is long
    left: ast.expr = node
    while isinstance(left, ast.BinOp):
        chain.append(left)
        left = left.left
    value = evaluate(m, left, frame)
    for step in reversed(chain):
        m.state.spend()
        value = binary(m, type(step.op).__name__, value, evaluate(m, step.right, frame))
    return value


def _unary(m: Machine, node: ast.UnaryOp, frame: Frame) -> Value:
    value = evaluate(m, node.operand, frame)
    if isinstance(node.op, ast.Not):
        answer = truth(m, value)
        if answer is None:
            return blur(value, kind="bool")
        return made(not answer, value)
    if isinstance(node.op, ast.USub):
        if isinstance(value.data, Unknown):
            result = lift(m, lambda x: -x, value, kind=value.data.kind if isinstance(value.data, Opaque) else None)
            if isinstance(result.data, Opaque) and not result.data.choices:
                low, high = value.data.low, value.data.high
                result.data.low = -high if high is not None else None
                result.data.high = -low if low is not None else None
            return result
        return lift(m, lambda x: -x, value)
    return lift(m, (lambda x: +x) if isinstance(node.op, ast.UAdd) else (lambda x: ~x), value)


def _bool_op(m: Machine, node: ast.BoolOp, frame: Frame) -> Value:
    wanted = isinstance(node.op, ast.Or)

    def follow(index: int, seen: tuple[Value, ...]) -> Value:
        value = evaluate(m, node.values[index], frame)
        if index == len(node.values) - 1:
            return with_inputs(value, *seen)
        m.state.spend()
        answer = truth(m, value)
        if answer is not None:
            if answer == wanted:
                return with_inputs(value, *seen)
            return follow(index + 1, (*seen, value))
        return m.fork(frame, value, lambda: _taken(value, wanted), lambda: follow(index + 1, (*seen, value)))

    if len(node.values) > MAX_DEPTH:
        return unknown("too many operands")
    return follow(0, ())


def _taken(value: Value, wanted: bool) -> Value:
    """An unknown operand of ``and``/``or`` where it is the result: only its true (or false) choices are left."""
    data = value.data
    if isinstance(data, Opaque) and data.choices:
        left = [choice for choice in data.choices if bool(choice) == wanted]
        if len(left) == 1:
            return made(left[0], value)
        if left:
            return made(Opaque(data.reason, data.depends_on, data.low, data.high, left, data.kind), value)
    return value


def _if_exp(m: Machine, node: ast.IfExp, frame: Frame) -> Value:
    test, answer = decide(m, node.test, frame)
    if answer is not None:
        return with_inputs(evaluate(m, node.body if answer else node.orelse, frame), test)
    return m.fork(frame, test, lambda: evaluate(m, node.body, frame), lambda: evaluate(m, node.orelse, frame))


def decide(m: Machine, node: ast.expr, frame: Frame) -> tuple[Value, bool | None]:
    """A test: its value (with the inputs that it looked at) and its answer, None where it is undecided."""
    mark = len(m.touched)
    test = evaluate(m, node, frame)
    if len(m.touched) > mark:
        test = Value(test.data, merge_inputs((test, Value(None, tuple(m.touched[mark:])))), test.place)
        if mark == 0:
            m.touched.clear()
    answer = truth(m, test)
    if answer is None and not isinstance(test.data, Opaque):
        test = made(Opaque("its truth is not known here"), test)
    frame.tests.append(test)
    return test, answer


def _compare(m: Machine, node: ast.Compare, frame: Frame) -> Value:
    left = evaluate(m, node.left, frame)
    result: Value = NONE
    seen: tuple[Value, ...] = ()
    for index, (op, right_node) in enumerate(zip(node.ops, node.comparators, strict=True)):
        m.here = m.place(frame, node)
        right = evaluate(m, right_node, frame)
        result = compare(m, type(op).__name__, left, right)
        answer = truth(m, result)
        if answer is False or index == len(node.ops) - 1:
            return with_inputs(result, *seen)
        if answer is None:
            for rest in node.comparators[index + 1 :]:
                evaluate(m, rest, frame)
            return blur(result, kind="bool")
        seen = (*seen, result)
        left = right
    return result


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


def _subscript(m: Machine, node: ast.Subscript, frame: Frame) -> Value:
    owner = evaluate(m, node.value, frame)
    if isinstance(node.slice, ast.Slice):
        low, high = evaluate(m, node.slice.lower, frame), evaluate(m, node.slice.upper, frame)
        return sliced(m, owner, low, high, evaluate(m, node.slice.step, frame))
    index = evaluate(m, node.slice, frame)
    m.here = m.place(frame, node)
    return subscript(m, owner, index)


def _attribute(m: Machine, node: ast.Attribute, frame: Frame) -> Value:
    from gwaudit.resolve.python.attributes import attribute

    owner = evaluate(m, node.value, frame)
    m.here = m.place(frame, node)
    return attribute(m, owner, node.attr, frame, node)


def _call(m: Machine, node: ast.Call, frame: Frame) -> Value:
    from gwaudit.resolve.python.calls import call_node

    return call_node(m, node, frame)


def _lambda(m: Machine, node: ast.Lambda, frame: Frame) -> Value:
    return make_function(m, "<lambda>", node, frame)


def make_function(
    m: Machine, name: str, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, frame: Frame
) -> Value:
    defaults = [evaluate(m, default, frame) for default in node.args.defaults]
    named = {
        arg.arg: evaluate(m, default, frame)
        for arg, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        if default is not None
    }
    return Value(Function(name, node, frame.file, frame.scopes, defaults, named), (), Place(frame.file, node))


def _named(m: Machine, node: ast.NamedExpr, frame: Frame) -> Value:
    from gwaudit.resolve.python.statements import assign

    value = evaluate(m, node.value, frame)
    assign(m, node.target, value, frame)
    return value


def _comprehension(m: Machine, node: Any, frame: Frame) -> Value:
    from gwaudit.resolve.python.comprehensions import comprehension

    return comprehension(m, node, frame)


def _awaited(m: Machine, node: Any, frame: Frame) -> Value:
    evaluate(m, node.value, frame)
    return unknown("asynchronous code is not followed")


def _starred(m: Machine, node: ast.Starred, frame: Frame) -> Value:
    return evaluate(m, node.value, frame)


HANDLERS: dict[type, Callable[[Machine, Any, Frame], Value]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _bool_op,
    ast.IfExp: _if_exp,
    ast.Compare: _compare,
    ast.JoinedStr: _joined,
    ast.List: _list,
    ast.Tuple: _tuple,
    ast.Set: _set,
    ast.Dict: _dict,
    ast.Subscript: _subscript,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.Lambda: _lambda,
    ast.NamedExpr: _named,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.DictComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.Await: _awaited,
    ast.Starred: _starred,
}
