"""Loops: round by round while their condition is decided, else once in the abstract."""

from __future__ import annotations

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.shell.condition.decide import condition
from gwaudit.resolve.shell.condition.truth import Truth
from gwaudit.resolve.shell.expansion import expand
from gwaudit.resolve.shell.join import join_states, widened
from gwaudit.resolve.shell.text import Filled, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gwaudit.parse.shell import syntax
    from gwaudit.resolve.shell.interpreter import Interpreter
    from gwaudit.resolve.shell.state import State
    from gwaudit.resolve.shell.variable import Field

    Body = Callable[[State], State | None]
    Test = Callable[[State], tuple[State | None, Truth]]

MAX_ROUNDS = 200


class Loop:
    """The states that left a loop's body by ``break`` or ``continue``."""

    __slots__ = ("breaks", "continues")

    def __init__(self) -> None:
        self.breaks: list[State] = []
        self.continues: list[State] = []


def for_loop(shell: Interpreter, node: syntax.For, state: State) -> State | None:
    """``for name in words``: a round a word; the round of a word that may be missing may not run."""
    if node.words is None:
        fields = list(state.args)
    else:
        fields = [f for raw in node.words for f in expand.fields(shell, state, raw)]
    loop = Loop()
    shell.loops.append(loop)
    current: State | None = state
    for rounds, field in enumerate(fields):
        if current is None:
            break
        if rounds >= MAX_ROUNDS:
            many = Unknown("a loop over too many words")
            current.assign(node.name, Text([Filled(many.reason)], field.text.source))
            current = abstract_round(current, lambda inner: shell.run(node.body, inner), loop, Truth(None, many))
            break
        before = current.copy() if field.optional or field.many or globs(field) else None
        text = field.text
        if before is not None:
            reason = field.optional or "files that are known at run time only"
            if field.many or globs(field):
                text = Text([Filled(reason)], text.source, text.inputs)
        current.assign(node.name, text)
        current = after_body(shell.run(node.body, current), loop)
        if before is not None:
            current = join_states(current, before, field.optional or "a loop over unknown words")
    shell.loops.pop()
    if current is not None and not fields:
        current.known(0)
    return leave(loop, current, "a loop that is left at run time")


def globs(field: Field) -> bool:
    """Whether file names take the place of a word."""
    known = field.text.known
    return field.glob and (known is None or "*" in known or "?" in known)


def after_body(state: State | None, loop: Loop) -> State | None:
    """The state after a round, with those that ``continue`` ended."""
    for other in loop.continues:
        state = join_states(state, other, "a loop that goes on early")
    loop.continues.clear()
    return state


def leave(loop: Loop, state: State | None, reason: str) -> State | None:
    """The state after a loop, with those that ``break`` ended."""
    for other in loop.breaks:
        state = join_states(state, other, reason)
    return state


def while_loop(shell: Interpreter, node: syntax.While, state: State) -> State | None:
    """``while`` and ``until``."""
    return repeat(
        shell,
        state,
        lambda current: condition(shell, node.test, current),
        lambda current: shell.run(node.body, current),
        node.until,
    )


def counting_loop(shell: Interpreter, node: syntax.CountingFor, state: State) -> State | None:
    """``for ((init; test; step))``."""
    shell.arithmetic(state, node.init.start, node.init.end)

    def test(current: State) -> tuple[State | None, Truth]:
        if not node.test.text.strip():
            return current, Truth(True)
        number = shell.arithmetic(current, node.test.start, node.test.end)
        return current, Truth(number.truth, Unknown(number.reason or "a loop", number.depends))

    def body(current: State) -> State | None:
        after = shell.run(node.body, current)
        if after is not None:
            shell.arithmetic(after, node.step.start, node.step.end)
        return after

    return repeat(shell, state, test, body, False)


def repeat(shell: Interpreter, state: State, test: Test, body: Body, until: bool) -> State | None:
    """A loop: round by round while its condition is decided, else once in the abstract."""
    loop = Loop()
    shell.loops.append(loop)
    current: State | None = state
    for _ in range(MAX_ROUNDS):
        if current is None or loop.breaks:
            break
        current, truth = test(current)
        if current is None:
            break
        holds = truth.negated() if until else truth
        if holds.value is False:
            current.known(0)
            break
        if holds.value is None:
            current = abstract_round(current, body, loop, truth)
            break
        current = after_body(body(current), loop)
    else:
        if current is not None:
            current = abstract_round(current, body, loop, Truth(None))
    if loop.breaks and current is not None:
        current = abstract_round(current, body, loop, Truth(None))
    shell.loops.pop()
    return leave(loop, current, "a loop that is left at run time")


def abstract_round(state: State, body: Body, loop: Loop, truth: Truth) -> State | None:
    """The body once from the state at hand; whatever it changed is unknown afterwards."""
    why = truth.why
    for _ in range(2):
        after = after_body(body(state.copy()), loop)
        if after is None:
            break
        state = widened(state, after, "a loop whose rounds are not counted")
    state.undecided(why.reason, why.depends_on)
    return state
