"""Comprehensions and generator expressions: evaluated at once, over what is known to be iterated."""

from __future__ import annotations

import ast

from gwaudit.resolve.python.assignment import assign
from gwaudit.resolve.python.conditions import decide
from gwaudit.resolve.python.containers.changes import store
from gwaudit.resolve.python.containers.items import items_of, new_list
from gwaudit.resolve.python.displays import make_set
from gwaudit.resolve.python.interpreter import evaluate, with_inputs
from gwaudit.resolve.python.machine import Frame
from gwaudit.resolve.python.value import Value, blur

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.python.machine import Machine

    Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class _Stuck(Exception):
    """Something iterated over, or a condition, is unknown."""

    def __init__(self, value: Value) -> None:
        super().__init__()
        self.value = value


def comprehension(m: Machine, node: Comprehension, frame: Frame) -> Value:
    """A list, set or dict; a generator expression as the list of what it yields."""
    scope = m.state.new("scope", {})
    inner = Frame((scope.address, *frame.scopes), frame.file)
    inner.declared = {}
    results: list[tuple[Value, Value | None]] = []
    tests: list[Value] = []
    try:
        _walk(m, node, 0, inner, results, tests)
    except _Stuck as stuck:
        m.doubt = m.doubt or "an unknown value is iterated"
        return blur(stuck.value, reason="a comprehension over something unknown")
    if isinstance(node, ast.DictComp):
        made = Value(m.state.new("dict", {}))
        for key, value in results:
            assert value is not None
            store(m, made, key, value)
    elif isinstance(node, ast.SetComp):
        made = make_set(m, [key for key, _ in results])
    else:
        made = new_list(m, [key for key, _ in results])
    return with_inputs(made, *tests)


def _walk(
    m: Machine,
    node: Comprehension,
    index: int,
    frame: Frame,
    results: list[tuple[Value, Value | None]],
    tests: list[Value],
) -> None:
    if index == len(node.generators):
        if isinstance(node, ast.DictComp):
            results.append((evaluate(m, node.key, frame), evaluate(m, node.value, frame)))
        else:
            results.append((evaluate(m, node.elt, frame), None))
        return
    generator = node.generators[index]
    source = evaluate(m, generator.iter, frame)
    items = items_of(m, source)
    if items is None or generator.is_async:
        raise _Stuck(source)
    for item in items:
        m.state.spend()
        assign(m, generator.target, item, frame)
        taken = True
        for condition in generator.ifs:
            test, answer = decide(m, condition, frame)
            if answer is None:
                raise _Stuck(test)
            if test.inputs and len(tests) < 20:
                tests.append(test)
            if not answer:
                taken = False
                break
        if taken:
            _walk(m, node, index + 1, frame, results, tests)
