"""``match``: whether a pattern fits a value."""

from __future__ import annotations

import ast

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.python.assignment import set_name
from gwaudit.resolve.python.containers.items import items_of
from gwaudit.resolve.python.interpreter import evaluate
from gwaudit.resolve.python.objects import Ref
from gwaudit.resolve.python.operators import compare, truth
from gwaudit.resolve.python.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.python.machine import Frame, Machine


def matches(m: Machine, pattern: ast.pattern, subject: Value, frame: Frame) -> bool | None:
    """True, False, or None where nobody can tell; names are bound on the way."""
    m.state.spend()
    if isinstance(pattern, ast.MatchValue):
        return truth(m, compare(m, "Eq", subject, evaluate(m, pattern.value, frame)))
    if isinstance(pattern, ast.MatchSingleton):
        return truth(m, compare(m, "Is", subject, Value(pattern.value)))
    if isinstance(pattern, ast.MatchAs):
        answer = True if pattern.pattern is None else matches(m, pattern.pattern, subject, frame)
        if pattern.name is not None and answer is not False:
            set_name(m, pattern.name, subject, frame)
        return answer
    if isinstance(pattern, ast.MatchOr):
        undecided = False
        for option in pattern.patterns:
            answer = matches(m, option, subject, frame)
            if answer:
                return None if undecided else True
            undecided = undecided or answer is None
        return None if undecided else False
    if isinstance(pattern, ast.MatchSequence):
        sequence = isinstance(subject.data, tuple) or (isinstance(subject.data, Ref) and subject.data.kind == "list")
        items = items_of(m, subject) if sequence else None
        if items is None or any(isinstance(part, ast.MatchStar) for part in pattern.patterns):
            return None if items is not None or isinstance(subject.data, Unknown) else False
        if len(items) != len(pattern.patterns):
            return False
        answers = [matches(m, part, item, frame) for part, item in zip(pattern.patterns, items, strict=True)]
        return False if False in answers else None if None in answers else True
    return None
