"""Functions of audited code: binding arguments to parameters, and running the body."""

from __future__ import annotations

import ast

from gwaudit.resolve.python.failure import Raised, Returned
from gwaudit.resolve.python.interpreter import evaluate, run_block, with_inputs
from gwaudit.resolve.python.machine import MAX_DEPTH, Frame
from gwaudit.resolve.python.value import NONE, Value, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.python.machine import Machine
    from gwaudit.resolve.python.objects import Function


def call_function(m: Machine, function: Function, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    """Run a function of audited code."""
    node = function.node
    if isinstance(node, ast.AsyncFunctionDef):
        return unknown("asynchronous code is not followed")
    if m.depth >= MAX_DEPTH:
        m.doubt = m.doubt or "nested too deeply"
        return unknown("calls are nested too deeply to follow")
    scope = m.state.new("scope", bind_arguments(m, function, args, keywords))
    inner = Frame((scope.address, *function.scopes), function.file)
    if isinstance(node, ast.Lambda):
        return evaluate(m, node.body, inner)
    if _is_generator(node):
        return unknown(f"{function.name}() is a generator")
    result: Value = NONE
    failed: Raised | None = None
    tries = len(m.tries)
    m.depth += 1
    try:
        run_block(m, node.body, inner)
    except Returned as returned:
        result = returned.value
    except Raised as error:
        if not inner.returns:
            raise
        failed = error
    finally:
        m.depth -= 1
        del m.tries[tries:]
    for index, pending in enumerate(inner.returns):
        signal = pending[0]
        assert isinstance(signal, Returned)
        if failed is not None and index == 0:
            m.stash(frame, failed, m.state.snapshot(), pending[2])
            m.state.restore(pending[1])
            result = signal.value
        else:
            joined = m.merge(pending, result, signal.value)
            assert joined is not None
            result = joined
    return with_inputs(result, *(test for test in inner.tests if test.inputs))


def _is_generator(node: ast.FunctionDef) -> bool:
    stack: list[ast.AST] = list(node.body)
    while stack:
        item = stack.pop()
        if isinstance(item, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            stack.extend(ast.iter_child_nodes(item))
    return False


def bind_arguments(
    m: Machine, function: Function, args: list[Value], keywords: dict[str, Value]
) -> dict[object, Value]:
    """The function's parameters by name; ``Raised`` (TypeError) where the call does not fit."""
    spec = function.node.args
    names = [arg.arg for arg in (*spec.posonlyargs, *spec.args)]
    scope: dict[object, Value] = dict(zip(names, args, strict=False))
    if len(args) > len(names):
        if spec.vararg is None:
            raise Raised("TypeError", f"{function.name}() takes {len(names)} positional arguments", m.here)
        scope[spec.vararg.arg] = Value(tuple(args[len(names) :]))
    elif spec.vararg is not None:
        scope[spec.vararg.arg] = Value(())
    allowed = {arg.arg for arg in (*spec.args, *spec.kwonlyargs)}
    rest: dict[object, Value] = {}
    for key, value in keywords.items():
        if key in allowed and key not in scope:
            scope[key] = value
        elif spec.kwarg is not None:
            rest[key] = value
        else:
            raise Raised("TypeError", f"{function.name}() got an unexpected keyword argument '{key}'", m.here)
    if spec.kwarg is not None:
        scope[spec.kwarg.arg] = Value(m.state.new("dict", rest))
    for name, default in zip(reversed(names), reversed(function.defaults), strict=False):
        scope.setdefault(name, default)
    for name, default in function.keyword_defaults.items():
        scope.setdefault(name, default)
    missing = [n for n in (*names, *(a.arg for a in spec.kwonlyargs)) if n not in scope]
    if missing:
        raise Raised("TypeError", f"{function.name}() missing required argument '{missing[0]}'", m.here)
    return scope
