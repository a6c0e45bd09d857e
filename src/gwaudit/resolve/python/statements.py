"""Statements: assignments, branches, definitions, imports; undecided branches are run both ways and joined."""

from __future__ import annotations

import ast

from gwaudit.resolve.python import assignment, branches, definitions
from gwaudit.resolve.python.failure import Broke, Continued
from gwaudit.resolve.python.imports import run_import
from gwaudit.resolve.python.interpreter import evaluate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gwaudit.resolve.python.machine import Frame, Machine


def _expression(m: Machine, node: ast.Expr, frame: Frame) -> None:
    if not isinstance(node.value, ast.Constant):
        evaluate(m, node.value, frame)


def _pass(m: Machine, node: ast.stmt, frame: Frame) -> None:
    return


def _break(m: Machine, node: ast.Break, frame: Frame) -> None:
    raise Broke


def _continue(m: Machine, node: ast.Continue, frame: Frame) -> None:
    raise Continued


def _import(m: Machine, node: ast.Import | ast.ImportFrom, frame: Frame) -> None:
    m.here = m.place(frame, node)
    run_import(m, node, frame)


def _loop(m: Machine, node: Any, frame: Frame) -> None:
    from gwaudit.resolve.python.loops import run_for, run_while

    (run_while if isinstance(node, ast.While) else run_for)(m, node, frame)


def _guarded(m: Machine, node: Any, frame: Frame) -> None:
    from gwaudit.resolve.python.guarded import run_try, run_with

    (run_try if not isinstance(node, (ast.With, ast.AsyncWith)) else run_with)(m, node, frame)


HANDLERS: dict[type, Callable[[Machine, Any, Frame], None]] = {
    **assignment.HANDLERS,
    **branches.HANDLERS,
    **definitions.HANDLERS,
    ast.Expr: _expression,
    ast.Pass: _pass,
    ast.Break: _break,
    ast.Continue: _continue,
    ast.Import: _import,
    ast.ImportFrom: _import,
    ast.For: _loop,
    ast.While: _loop,
    ast.AsyncFor: _loop,
    ast.Try: _guarded,
    ast.With: _guarded,
    ast.AsyncWith: _guarded,
}
if hasattr(ast, "TryStar"):
    HANDLERS[ast.TryStar] = _guarded
