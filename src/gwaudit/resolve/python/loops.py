"""Loops: run as often as they surely run; what an undecided loop may change becomes unknown."""

from __future__ import annotations

import ast

from gwaudit.resolve.python.assignment import assign
from gwaudit.resolve.python.conditions import decide
from gwaudit.resolve.python.containers.items import items_of
from gwaudit.resolve.python.failure import SIGNALS, Broke, Continued
from gwaudit.resolve.python.interpreter import evaluate, run_block
from gwaudit.resolve.python.joining import Join
from gwaudit.resolve.python.value import MISSING, NONE, REST, Opaque, Value, blur, merge_inputs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.python.machine import Frame, Machine


def run_for(m: Machine, node: ast.For, frame: Frame) -> None:
    source = evaluate(m, node.iter, frame)
    items = items_of(m, source)
    if items is None or isinstance(node, ast.AsyncFor):
        m.doubt = m.doubt or "an unknown value is iterated"
        element = blur(source, reason=None if isinstance(source.data, Opaque) else "an item of something unknown")
        _otherwise(m, node, frame, source, _widened(m, node, frame, source, element))
        return
    frame.loops.append([])
    broke = False
    try:
        for item in items:
            m.state.spend()
            assign(m, node.target, item, frame)
            if _once(m, node.body, frame):
                broke = True
                break
    finally:
        pending = frame.loops.pop()
    _finish(m, node, frame, pending, broke)


def run_while(m: Machine, node: ast.While, frame: Frame) -> None:
    frame.loops.append([])
    broke = False
    try:
        while True:
            m.state.spend()
            test, answer = decide(m, node.test, frame)
            if answer is None:
                may_break = _widened(m, node, frame, test, None)
                left = frame.loops.pop()
                frame.loops.append([])
                _otherwise(m, node, frame, test, may_break or bool(left))
                for one in left:
                    m.merge(one)
                return
            if not answer:
                break
            if _once(m, node.body, frame):
                broke = True
                break
    finally:
        pending = frame.loops.pop()
    _finish(m, node, frame, pending, broke)


def _once(m: Machine, body: list[ast.stmt], frame: Frame) -> bool:
    """One turn; whether it surely left the loop."""
    try:
        run_block(m, body, frame)
    except Broke:
        return True
    except Continued:
        pass
    here = frame.loops[-1]
    for pending in [one for one in here if isinstance(one[0], Continued)]:
        m.merge(pending)
        here.remove(pending)
    return False


def _finish(m: Machine, node: ast.For | ast.While, frame: Frame, pending: list[Any], broke: bool) -> None:
    if node.orelse and not broke:
        run_block(m, node.orelse, frame)
    for one in pending:
        m.merge(one)


def _otherwise(m: Machine, node: ast.For | ast.While, frame: Frame, cause: Value, may_break: bool) -> None:
    """The ``else`` of a loop of unknown length: it runs unless the loop was left by ``break``."""
    if not node.orelse:
        return
    if not may_break:
        run_block(m, node.orelse, frame)
        return

    def run() -> Value:
        run_block(m, node.orelse, frame)
        return NONE

    m.fork(frame, blur(cause, reason="whether the loop is left early is not known"), run, lambda: NONE)


def _widened(m: Machine, node: ast.For | ast.While, frame: Frame, cause: Value, element: Value | None) -> bool:
    """A loop of unknown length: everything that its body changes is unknown afterwards. Whether it may be left early."""
    may_break = False
    reason = cause.data if isinstance(cause.data, Opaque) else Opaque("a loop of unknown length")
    for _ in range(3):
        before = m.state.snapshot()
        frame.loops.append([])
        try:
            if element is not None and isinstance(node, ast.For):
                assign(m, node.target, element, frame)
            elif isinstance(node, ast.While):
                decide(m, node.test, frame)
            run_block(m, node.body, frame)
        except (Broke, Continued) as signal:
            may_break = may_break or isinstance(signal, Broke)
        except SIGNALS as signal:
            m.stash(frame, signal, m.state.snapshot(), Value(Opaque(reason.reason, reason.depends_on), cause.inputs))
        left = frame.loops.pop()
        may_break = may_break or any(isinstance(one[0], Broke) for one in left)
        heaps = [m.state.snapshot(), *(heap for _, heap, _ in left)]
        changed = False
        m.state.restore(before)
        for heap in heaps:
            changed = _widen(m, before, heap, reason, cause) or changed
        if not changed:
            break
    return may_break


def _widen(m: Machine, before: dict[int, Any], after: dict[int, Any], reason: Opaque, cause: Value) -> bool:
    """Make unknown in the present state what differs between two; whether anything did."""
    m.state.spend(len(before) // 4 + 1)
    changed = False
    for address, old in before.items():
        new = after.get(address, old)
        if new is old:
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            cell = m.state.write(address)
            if isinstance(cell, Opaque):
                continue
            for key in {**old, **new}:
                mine, theirs = old.get(key, MISSING), new.get(key, MISSING)
                if mine is theirs or (
                    isinstance(mine, Value) and isinstance(theirs, Value) and _equal(m, mine, theirs, reason)
                ):
                    continue
                changed = True
                maybe = reason.reason if mine is MISSING or theirs is MISSING else None
                unknown = Opaque(reason.reason, reason.depends_on)
                cell[key] = Value(unknown, merge_inputs((cause,)), None, None if key is REST else maybe)
        elif not isinstance(m.state.read(address), Opaque):
            changed = True
            m.state.replace(address, Opaque(reason.reason, reason.depends_on))
    for address, cell in after.items():
        if address not in m.state.heap:
            m.state.heap[address] = cell
    return changed


def _equal(m: Machine, mine: Value, theirs: Value, reason: Opaque) -> bool:
    if mine.data is theirs.data and not isinstance(mine.data, Opaque):
        return True
    if isinstance(mine.data, Opaque) and isinstance(theirs.data, Opaque):
        return mine.data.reason == reason.reason and not mine.data.choices and mine.data.low is None
    return (
        Join(m.state, m.state.heap, m.state.heap).alike(mine.data, theirs.data) and not mine.maybe and not theirs.maybe
    )
