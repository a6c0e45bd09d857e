"""``if`` and ``case``: a branch that is decided runs alone, the others run on copies that are joined."""

from __future__ import annotations

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.shell.condition.decide import condition
from gwaudit.resolve.shell.condition.matching import impossible
from gwaudit.resolve.shell.condition.operand import Operand
from gwaudit.resolve.shell.condition.truth import apply
from gwaudit.resolve.shell.expansion import expand
from gwaudit.resolve.shell.join import join_states
from gwaudit.resolve.shell.pattern import matches
from gwaudit.resolve.shell.text import Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.shell import syntax
    from gwaudit.parse.shell.syntax import Raw
    from gwaudit.resolve.shell.interpreter import Interpreter
    from gwaudit.resolve.shell.state import State


def branches(shell: Interpreter, node: syntax.If, state: State) -> State | None:
    """``if``: what a condition says of variables holds in its branch, the opposite in those after it."""
    ended: list[tuple[State | None, str, tuple[str, ...]]] = []
    current: State | None = state
    for test, body in node.branches:
        if current is None:
            break
        current, truth = condition(shell, test, current)
        if current is None:
            break
        if truth.value is False:
            continue
        if truth.value is True:
            ended.append((shell.run(body, current), "", ()))
            current = None
            break
        other = current.copy()
        apply(current, truth.yes)
        apply(other, truth.no)
        reason = shell.reason(test, truth.why)
        ended.append((shell.run(body, current), reason, truth.why.depends_on))
        current = other
    else:
        if current is not None:
            if node.otherwise is not None:
                current = shell.run(node.otherwise, current)
            else:
                current.known(0)
    last_reason = next((r for _, r, _ in reversed(ended) if r), "")
    last_depends = next((d for _, r, d in reversed(ended) if r), ())
    for after, reason, depends in reversed(ended):
        current = join_states(after, current, reason or last_reason, depends or last_depends)
    return current


def case(shell: Interpreter, node: syntax.Case, state: State) -> State | None:
    """``case``: the items in their order, ``;&`` falls through to the next."""
    word = expand.text(shell, state, node.word)
    choices = word.choices()
    current: State | None = state
    ended: list[State | None] = []
    why = word.value()
    why = why if isinstance(why, Unknown) else Unknown("a pattern that is not known")
    reason = shell.reason(node, why)
    falls = False
    doubted = False
    for patterns, body, ending in node.items:
        if current is None:
            break
        verdict: bool | None = True if falls else case_matches(shell, patterns, word, choices, current)
        if verdict is False:
            continue
        taken = current if verdict else current.copy()
        if verdict is None:
            doubted = True
            case_narrow(shell, node.word, patterns, word, taken)
        after = shell.run(body, taken)
        if ending == ";&":
            falls, current = True, after
            continue
        falls = False
        ended.append(after)
        if verdict:
            current = None
    if current is not None and not ended and not doubted:
        current.known(0)
    for after in reversed(ended):
        current = join_states(after, current, reason, why.depends_on)
    return current


def case_matches(
    shell: Interpreter, patterns: list[Raw], word: Text, choices: tuple[str, ...] | None, state: State
) -> bool | None:
    """Whether the word matches one of an item's patterns; None where nobody can tell."""
    found: list[bool | None] = []
    for raw in patterns:
        wanted = expand.pattern(shell, state, raw)
        if wanted == [("*", False)]:
            return True
        if wanted is None:
            found.append(None)
        elif choices is not None:
            results = {matches(wanted, choice) for choice in choices}
            found.append(results.pop() if len(results) == 1 else None)
        else:
            literal = all(lit or char not in "*?[@!+" for char, lit in wanted)
            text = "".join(char for char, _ in wanted)
            found.append(False if literal and impossible(word, text) else None)
    if True in found:
        return True
    return None if None in found else False


def case_narrow(shell: Interpreter, raw: Raw, patterns: list[Raw], word: Text, state: State) -> None:
    """In the branch of one plain pattern, the variable that was asked for is that text."""
    operand = Operand(word, raw)
    wanted = expand.pattern(shell, state, patterns[0]) if len(patterns) == 1 else None
    if operand.variable and wanted is not None and all(lit or c not in "*?[@!+" for c, lit in wanted):
        text = Text(("".join(c for c, _ in wanted),), word.source, word.inputs)
        apply(state, {operand.variable: text})
