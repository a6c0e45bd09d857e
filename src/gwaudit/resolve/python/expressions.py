"""Expressions: from a syntax tree to an abstract value."""

from __future__ import annotations

import ast

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.python import conditions, displays
from gwaudit.resolve.python.assignment import assign
from gwaudit.resolve.python.attributes import attribute
from gwaudit.resolve.python.builtin import FUNCTIONS as BUILTINS
from gwaudit.resolve.python.builtin import name_of
from gwaudit.resolve.python.calls import call_node
from gwaudit.resolve.python.choices import lift
from gwaudit.resolve.python.containers.subscripts import sliced, subscript
from gwaudit.resolve.python.failure import Raised
from gwaudit.resolve.python.interpreter import evaluate
from gwaudit.resolve.python.objects import Function
from gwaudit.resolve.python.operators import binary, truth
from gwaudit.resolve.python.value import MISSING, REST, Opaque, Place, Value, blur, made, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gwaudit.resolve.python.machine import Frame, Machine


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
        if REST in cell and (address in m.open or name not in BUILTINS):
            m.doubt = m.doubt or "the name may be set by code that is not read"
            return blur(cell[REST])
    return Value(MISSING)


def _name(m: Machine, node: ast.Name, frame: Frame) -> Value:
    found = lookup(m, node.id, frame)
    if found.data is not MISSING:
        return found
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


def _subscript(m: Machine, node: ast.Subscript, frame: Frame) -> Value:
    owner = evaluate(m, node.value, frame)
    if isinstance(node.slice, ast.Slice):
        low, high = evaluate(m, node.slice.lower, frame), evaluate(m, node.slice.upper, frame)
        return sliced(m, owner, low, high, evaluate(m, node.slice.step, frame))
    index = evaluate(m, node.slice, frame)
    m.here = m.place(frame, node)
    return subscript(m, owner, index)


def _attribute(m: Machine, node: ast.Attribute, frame: Frame) -> Value:
    owner = evaluate(m, node.value, frame)
    m.here = m.place(frame, node)
    return attribute(m, owner, node.attr, frame, node)


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
    **conditions.HANDLERS,
    **displays.HANDLERS,
    ast.Constant: _constant,
    ast.Name: _name,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.Subscript: _subscript,
    ast.Attribute: _attribute,
    ast.Call: call_node,
    ast.Lambda: _lambda,
    ast.NamedExpr: _named,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.DictComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.Await: _awaited,
    ast.Starred: _starred,
}
