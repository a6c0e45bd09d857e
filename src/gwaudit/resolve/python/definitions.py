"""Definitions: functions, classes, their decorators, and names declared global or nonlocal."""

from __future__ import annotations

import ast

from gwaudit.resolve.python.assignment import set_name
from gwaudit.resolve.python.expressions import make_function
from gwaudit.resolve.python.functions import call_function
from gwaudit.resolve.python.interpreter import evaluate, run_block
from gwaudit.resolve.python.machine import Frame
from gwaudit.resolve.python.objects import ClassType, Dotted, Function
from gwaudit.resolve.python.value import Place, Value, blur

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gwaudit.resolve.python.machine import Machine


def _function(m: Machine, node: ast.FunctionDef | ast.AsyncFunctionDef, frame: Frame) -> None:
    value = make_function(m, node.name, node, frame)
    for decorator in reversed(node.decorator_list):
        value = _decorated(m, decorator, value, frame)
    m.statement = m.place(frame, node)
    set_name(m, node.name, value, frame)


KEEPING = frozenset(("functools.lru_cache", "functools.cache", "functools.wraps", "typing.no_type_check"))


def _decorated(m: Machine, node: ast.expr, value: Value, frame: Frame) -> Value:
    if isinstance(node, ast.Call) and isinstance(evaluate(m, node.func, frame).data, Dotted):
        decorator = evaluate(m, node.func, frame)
    else:
        decorator = evaluate(m, node, frame)
    name = decorator.data.name if isinstance(decorator.data, Dotted) else ""
    function = value.data
    if isinstance(function, Function):
        if name in ("builtins.staticmethod", "builtins.classmethod"):
            function.static = name.removeprefix("builtins.").removesuffix("method")
            return value
        if name in ("builtins.property", "functools.cached_property"):
            function.is_property = True
            return value
        if name in KEEPING:
            return value
    if isinstance(decorator.data, Function):
        return call_function(m, decorator.data, [value], {}, frame)
    if isinstance(function, ClassType) and name.startswith(("dataclasses.", "attr.", "attrs.")):
        return value
    m.doubt = m.doubt or "a decorator that is not read"
    return blur(decorator, reason="it is decorated by code that is not read")


def _class(m: Machine, node: ast.ClassDef, frame: Frame) -> None:
    bases = tuple(evaluate(m, base, frame) for base in node.bases if not isinstance(base, ast.Starred))
    scope = m.state.new("scope", {})
    cls = ClassType(node.name, node, frame.file, bases, scope.address)
    inner = Frame((scope.address, *frame.scopes), frame.file)
    run_block(m, node.body, inner)
    cell = m.state.write(scope.address)
    if isinstance(cell, dict):  # methods do not see the class's own names
        for member in cell.values():
            if isinstance(member.data, Function) and member.data.scopes[:1] == (scope.address,):
                member.data.scopes = member.data.scopes[1:]
    value = Value(cls, (), Place(frame.file, node))
    for decorator in reversed(node.decorator_list):
        value = _decorated(m, decorator, value, frame)
    m.statement = m.place(frame, node)
    set_name(m, node.name, value, frame)


def _global(m: Machine, node: ast.Global, frame: Frame) -> None:
    for name in node.names:
        frame.declared[name] = frame.scopes[-1]


def _nonlocal(m: Machine, node: ast.Nonlocal, frame: Frame) -> None:
    for name in node.names:
        for address in frame.scopes[1:]:
            cell = m.state.read(address)
            if isinstance(cell, dict) and name in cell:
                frame.declared[name] = address
                break


HANDLERS: dict[type, Callable[[Machine, Any, Frame], None]] = {
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Global: _global,
    ast.Nonlocal: _nonlocal,
}
