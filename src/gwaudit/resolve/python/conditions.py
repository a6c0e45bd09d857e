"""Expressions that choose: ``and``, ``or``, conditional expressions, comparisons; undecided ones are taken both ways."""

from __future__ import annotations

import ast

from gwaudit.resolve.python.interpreter import evaluate, with_inputs
from gwaudit.resolve.python.machine import MAX_DEPTH
from gwaudit.resolve.python.operators import compare, truth
from gwaudit.resolve.python.value import NONE, Opaque, Value, blur, made, merge_inputs, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gwaudit.resolve.python.machine import Frame, Machine


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


HANDLERS: dict[type, Callable[[Machine, Any, Frame], Value]] = {
    ast.BoolOp: _bool_op,
    ast.IfExp: _if_exp,
    ast.Compare: _compare,
}
