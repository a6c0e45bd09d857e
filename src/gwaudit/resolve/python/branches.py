"""Statements that choose or leave: ``if`` and ``match``, run both ways where undecided; return, raise, assert."""

from __future__ import annotations

import ast

from gwaudit.resolve.python.conditions import decide
from gwaudit.resolve.python.failure import Exhausted, Raised, Returned
from gwaudit.resolve.python.interpreter import evaluate, run_block, with_inputs
from gwaudit.resolve.python.objects import ClassType, Dotted
from gwaudit.resolve.python.value import NONE, Opaque, Value, blur

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from gwaudit.resolve.python.machine import Frame, Machine


def _if(m: Machine, node: ast.If, frame: Frame) -> None:
    test, answer = decide(m, node.test, frame)
    if answer is not None:
        chosen = node.body if answer else node.orelse
        if not test.inputs:
            run_block(m, chosen, frame)
            return
        m.controls.append(Value(None, test.inputs))
        try:
            run_block(m, chosen, frame)
        finally:
            m.controls.pop()
        return
    m.fork(frame, test, _runner(m, node.body, frame), _runner(m, node.orelse, frame))


def _runner(m: Machine, body: Sequence[ast.stmt], frame: Frame) -> Callable[[], Value]:
    def run() -> Value:
        run_block(m, body, frame)
        return NONE

    return run


def _match(m: Machine, node: Any, frame: Frame) -> None:
    from gwaudit.resolve.python.patterns import matches

    subject = evaluate(m, node.subject, frame)

    def follow(index: int) -> Value:
        if index >= len(node.cases):
            return NONE
        case = node.cases[index]
        answer = matches(m, case.pattern, subject, frame)
        if answer is False:
            return follow(index + 1)
        test = subject
        if answer is True and case.guard is not None:
            test, answer = decide(m, case.guard, frame)
            if answer is False:
                return follow(index + 1)
        if answer is True:
            m.controls.append(Value(None, test.inputs))
            try:
                run_block(m, case.body, frame)
            finally:
                m.controls.pop()
            return NONE
        cause = test if isinstance(test.data, Opaque) else blur(test, reason="the case is not decided here")
        return m.fork(frame, cause, _runner(m, case.body, frame), lambda: follow(index + 1))

    if len(node.cases) > 60:
        raise Exhausted
    follow(0)


def _return(m: Machine, node: ast.Return, frame: Frame) -> None:
    value = evaluate(m, node.value, frame)
    raise Returned(with_inputs(value, *m.controls))


def _raise(m: Machine, node: ast.Raise, frame: Frame) -> None:
    if node.exc is None:
        raise Raised("RuntimeError", "an exception is raised again", m.place(frame, node))
    call = node.exc if isinstance(node.exc, ast.Call) else None
    func = call.func if call is not None else node.exc
    name = func.id if isinstance(func, ast.Name) else func.attr if isinstance(func, ast.Attribute) else "Exception"
    message = ""
    if call is not None and call.args:
        shown = evaluate(m, call.args[0], frame)
        message = shown.data if isinstance(shown.data, str) else ""
    bases: list[str] = []
    cls = evaluate(m, func, frame)
    stack = [cls.data]
    while stack and len(bases) < 20:
        item = stack.pop()
        if isinstance(item, ClassType):
            bases.append(item.name)
            stack += [base.data for base in item.bases]
        elif isinstance(item, Dotted):
            bases.append(item.name.rsplit(".", 1)[-1])
    raise Raised(name, message[:200], m.place(frame, node), tuple(bases))


def _assert(m: Machine, node: ast.Assert, frame: Frame) -> None:
    _, answer = decide(m, node.test, frame)
    if answer is False:
        raise Raised("AssertionError", "", m.place(frame, node))
    if answer is None:
        m.doubt = m.doubt or "an assertion that is not decided"


HANDLERS: dict[type, Callable[[Machine, Any, Frame], None]] = {
    ast.If: _if,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Assert: _assert,
    ast.Match: _match,
}
