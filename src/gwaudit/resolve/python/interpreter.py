"""The interpreter's two ends: the value of an expression, and running statements one by one.

What each kind of node means is in the tables that the machine carries (``expressions``, ``statements``).
"""

from __future__ import annotations

import ast

from gwaudit.resolve.python.failure import Exhausted, Raised
from gwaudit.resolve.python.machine import MAX_DEPTH
from gwaudit.resolve.python.value import NONE, Opaque, Value, merge_inputs, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gwaudit.resolve.python.machine import Frame, Machine

SIMPLE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Return, ast.Delete, ast.Import, ast.ImportFrom)


def evaluate(m: Machine, node: ast.expr | None, frame: Frame) -> Value:
    """The value of an expression; ``Raised`` where it surely raises."""
    if node is None:
        return NONE
    m.state.spend()
    if m.depth >= MAX_DEPTH:
        m.doubt = m.doubt or "nested too deeply"
        return unknown("the expression is nested too deeply to follow")
    handler = m.expressions.get(type(node))
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


def run_block(m: Machine, body: Sequence[ast.stmt], frame: Frame) -> None:
    if m.depth >= MAX_DEPTH:
        raise Exhausted
    m.depth += 1
    try:
        for statement in body:
            run_statement(m, statement, frame)
    finally:
        m.depth -= 1


def run_statement(m: Machine, node: ast.stmt, frame: Frame) -> None:
    m.state.spend()
    handler = m.statements.get(type(node))
    if handler is None:
        m.doubt = m.doubt or "not followed"
        return
    if not isinstance(node, SIMPLE):
        handler(m, node, frame)
        return
    outer = m.statement
    m.statement = m.place(frame, node)
    try:
        if not m.tries:
            handler(m, node, frame)
            return
        before = m.state.snapshot()  # what an enclosing ``except`` would start from
        m.doubt = None
        handler(m, node, frame)
        if m.doubt is not None:
            kind = "ImportError" if isinstance(node, (ast.Import, ast.ImportFrom)) else ""
            cause = Value(Opaque(m.doubt))
            m.tries[-1].append((Raised(kind, m.doubt), before, cause))
            m.doubt = None
    except Raised as error:
        error.place = error.place or m.place(frame, node)
        raise
    finally:
        m.statement = outer
