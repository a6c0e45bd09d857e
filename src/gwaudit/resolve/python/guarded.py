"""``try`` and ``with``: what may raise is followed both ways."""

from __future__ import annotations

import ast

from gwaudit.resolve.python.assignment import assign, set_name
from gwaudit.resolve.python.failure import SIGNALS, Raised, catches
from gwaudit.resolve.python.interpreter import evaluate, run_block
from gwaudit.resolve.python.objects import Dotted, PathValue, Ref
from gwaudit.resolve.python.value import NONE, Opaque, Value, blur, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gwaudit.resolve.python.machine import Frame, Machine, Pending


def run_try(m: Machine, node: ast.Try, frame: Frame) -> None:
    signal = _followed(m, node.body, frame, _Handlers(m, node, frame))
    if node.finalbody:
        run_block(m, node.finalbody, frame)
    if signal is not None:
        raise signal


class _Handlers:
    """The ``except`` clauses: which may catch an exception, and running them."""

    def __init__(self, m: Machine, node: ast.Try, frame: Frame) -> None:
        self.m = m
        self.node = node
        self.frame = frame

    def catching(self, error: Raised) -> list[int]:
        """The handlers that may take the exception: one where its type is known, all where it is not."""
        found = []
        for index, handler in enumerate(self.node.handlers):
            names = _names(handler.type)
            if not error.name:
                found.append(index)
                if names is None or "Exception" in names or "BaseException" in names:
                    break
            elif names is None or any(catches(name, error) for name in names):
                return [index]
        return found

    def run(self, index: int) -> None:
        handler = self.node.handlers[index]
        if handler.name:
            set_name(self.m, handler.name, unknown("an exception"), self.frame)
        run_block(self.m, handler.body, self.frame)


def _names(node: ast.expr | None) -> list[str] | None:
    if node is None:
        return None
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    return [p.id if isinstance(p, ast.Name) else p.attr if isinstance(p, ast.Attribute) else "Exception" for p in parts]


def _followed(m: Machine, body: list[ast.stmt], frame: Frame, handlers: _Handlers) -> Exception | None:
    """Run the body and whatever handlers may run; the signal that surely leaves the statement, if any."""
    m.tries.append([])
    height = len(m.tries)
    signal: Exception | None = None
    try:
        run_block(m, body, frame)
    except SIGNALS as error:
        signal = error
    pending: list[Pending] = m.tries[height - 1]
    del m.tries[height - 1 :]
    ways: list[tuple[Callable[[], None], dict[int, Any], Value]] = []
    sure = signal if isinstance(signal, Raised) else None
    taken = handlers.catching(sure) if sure is not None else []
    present = m.state.snapshot()
    if sure is None:
        if signal is not None:
            ways.append((_raiser(signal), present, NONE))
        else:
            ways.append((lambda: run_block(m, handlers.node.orelse, frame), present, NONE))
    elif taken:
        ways += [(_handler(handlers, index), present, NONE) for index in taken]
    by_handler: dict[int, tuple[dict[int, Any], Value]] = {}
    for raised, heap, cause in pending:
        assert isinstance(raised, Raised)
        possible = handlers.catching(raised)
        if not possible:
            m.stash(frame, raised, heap, cause)
        for index in possible:
            if index in by_handler:
                m.state.restore(by_handler[index][0])
                m.merge((raised, heap, cause))
                by_handler[index] = (m.state.snapshot(), cause)
            else:
                by_handler[index] = (heap, cause)
    for index, (heap, cause) in sorted(by_handler.items()):
        ways.append((_handler(handlers, index), heap, cause))
    if not ways:
        m.state.restore(present)
        return sure
    if sure is not None and not taken:
        m.stash(frame, sure, present, ways[0][2])
    return _join_ways(m, frame, ways)


def _join_ways(
    m: Machine, frame: Frame, ways: list[tuple[Callable[[], None], dict[int, Any], Value]]
) -> Exception | None:
    def follow(index: int) -> Value:
        run, heap, _ = ways[index]
        cause = next((c for _, _, c in ways[index:] if isinstance(c.data, Opaque)), Value(Opaque("it may raise")))

        def this() -> Value:
            m.state.restore(heap)
            run()
            return NONE

        if index == len(ways) - 1:
            return this()
        return m.fork(frame, cause, this, lambda: follow(index + 1))

    try:
        follow(0)
    except SIGNALS as signal:
        return signal
    return None


def _raiser(signal: Exception) -> Callable[[], None]:
    def run() -> None:
        raise signal

    return run


def _handler(handlers: _Handlers, index: int) -> Callable[[], None]:
    return lambda: handlers.run(index)


def run_with(m: Machine, node: ast.With, frame: Frame) -> None:
    suppressed: list[str] | None = None
    for item in node.items:
        call = item.context_expr
        value = evaluate(m, call, frame)
        if isinstance(call, ast.Call):
            callee = evaluate(m, call.func, frame)
            if isinstance(callee.data, Dotted) and callee.data.name == "contextlib.suppress":
                suppressed = [name for arg in call.args for name in (_names(arg) or ["Exception"])]
        if item.optional_vars is not None:
            entered = (
                value
                if isinstance(value.data, (PathValue, Opaque)) or _is_file(value)
                else blur(value, reason="what a context manager gives is not followed")
            )
            assign(m, item.optional_vars, entered, frame)
    if suppressed is None:
        run_block(m, node.body, frame)
        return
    handler = ast.ExceptHandler(type=ast.Tuple([ast.Name(n, ast.Load()) for n in suppressed], ast.Load()), body=[])
    guard = ast.Try(body=node.body, handlers=[handler], orelse=[], finalbody=[])
    run_try(m, ast.copy_location(guard, node), frame)


def _is_file(value: Value) -> bool:
    return isinstance(value.data, Ref) and value.data.kind == "object"
