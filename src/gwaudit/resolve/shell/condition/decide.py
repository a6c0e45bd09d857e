"""Conditions of commands: run once for what they do, with their truth and what it says of variables."""

from __future__ import annotations

from gwaudit.parse.shell import syntax
from gwaudit.parse.shell.syntax import Raw, Sequence
from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.shell.condition.brackets import double_bracket, single_bracket
from gwaudit.resolve.shell.condition.truth import Truth, apply, both, either, settle
from gwaudit.resolve.shell.expansion import expand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.shell.syntax import Node
    from gwaudit.resolve.shell.interpreter import Interpreter
    from gwaudit.resolve.shell.state import State


def condition(shell: Interpreter, node: Node, state: State) -> tuple[State | None, Truth]:
    """Run a condition; the state after it, and its truth."""
    shell.guarded += 1
    try:
        items = node.items if isinstance(node, Sequence) else [(node, False)]
        only = items[0][0] if len(items) == 1 and not items[0][1] else None
        negated = False
        while isinstance(only, syntax.Pipeline) and len(only.stages) == 1:
            negated = negated != only.negated
            only = only.stages[0]
        if isinstance(only, (syntax.Test, syntax.Arithmetic)) and not only.redirects:
            truth = truth_of(shell, only, state)
            settle(state, truth)
        elif isinstance(only, syntax.Simple) and not only.redirects and is_test(only):
            truth = test_command(shell, only, state)
            settle(state, truth)
        elif isinstance(only, syntax.AndOr) and not negated and all(is_pure(n) for n in parts_of(only)):
            truth = pure(shell, only, state)
            settle(state, truth)
        else:
            after = shell.run(node, state)
            if after is None:
                return None, Truth(None)
            return after, Truth(None if after.status is None else after.status == 0, after.why)
        truth = truth.negated() if negated else truth
        if negated:
            settle(state, truth)
        return state, truth
    finally:
        shell.guarded -= 1


def decided(shell: Interpreter, node: Node, state: State) -> State:
    """``[[ ]]`` and ``(( ))`` as commands: their status is their truth."""
    settle(state, truth_of(shell, node, state))
    return state


def is_test(node: Node) -> bool:
    """Whether a command is ``[`` or ``test``."""
    first = node.words[0] if isinstance(node, syntax.Simple) and node.words else None
    return isinstance(first, Raw) and first.text in ("[", "test")


def is_pure(node: Node) -> bool:
    """Whether a command only tests, so that it may be evaluated twice."""
    while isinstance(node, syntax.Pipeline) and len(node.stages) == 1:
        node = node.stages[0]
    return not node.redirects and (isinstance(node, (syntax.Test, syntax.Arithmetic)) or is_test(node))


def parts_of(node: syntax.AndOr) -> list[Node]:
    """The commands that ``&&`` and ``||`` join."""
    return [node.first, *(item for _, item in node.rest)]


def pure(shell: Interpreter, node: syntax.AndOr, state: State) -> Truth:
    """``[ a ] && [ b ]`` as one condition, so that its branches know more."""
    found = condition(shell, node.first, state)[1]
    for operator, item in node.rest:
        if found.value is (operator == "||"):
            continue
        inner = state.copy()
        apply(inner, found.yes if operator == "&&" else found.no)
        other = condition(shell, item, inner)[1]
        found = both(found, other) if operator == "&&" else either(found, other)
    return found


def truth_of(shell: Interpreter, node: Node, state: State) -> Truth:
    """The truth of ``[[ ]]`` or ``(( ))``; undecided for any other command."""
    if isinstance(node, syntax.Test):
        return double_bracket(shell, state, node.tokens)
    if isinstance(node, syntax.Arithmetic):
        number = shell.arithmetic(state, node.expression.start, node.expression.end)
        return Truth(number.truth, Unknown(number.reason or "arithmetic", number.depends))
    return Truth(None)


def test_command(shell: Interpreter, node: syntax.Simple, state: State) -> Truth:
    """The truth of ``[ ]`` or ``test``."""
    raws = [w for w in node.words[1:] if isinstance(w, Raw)]
    first = node.words[0]
    if isinstance(first, Raw) and first.text == "[":
        if not raws or raws[-1].text != "]":
            return Truth(None, Unknown("a test without its bracket"))
        raws = raws[:-1]
    spread = [expand.fields(shell, state, raw) for raw in raws]
    fields = [field for one in spread for field in one]
    aligned = raws if all(len(one) == 1 for one in spread) else []
    return single_bracket(shell, state, aligned, fields)


def test_of(shell: Interpreter, node: Node, state: State) -> Truth:
    """What a test says of its variables in either case, evaluated again without effect."""
    silent, shell.session.silent = shell.session.silent, True
    try:
        if isinstance(node, syntax.Simple):
            return test_command(shell, node, state.copy()) if is_test(node) else Truth(None)
        return truth_of(shell, node, state.copy()) if isinstance(node, syntax.Test) else Truth(None)
    finally:
        shell.session.silent = silent
