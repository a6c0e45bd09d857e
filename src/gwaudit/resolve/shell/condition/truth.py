"""Three-valued truth of a condition, with what either outcome says of the variables that it tested."""

from __future__ import annotations

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.shell.variable import Variable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.shell.state import State
    from gwaudit.resolve.shell.text import Text


class Truth:
    """True, False or None with the reason; ``yes`` and ``no`` are what holds of variables in either case."""

    __slots__ = ("no", "value", "why", "yes")

    def __init__(
        self,
        value: bool | None,
        why: Unknown | None = None,
        yes: dict[str, Text] | None = None,
        no: dict[str, Text] | None = None,
    ) -> None:
        self.value = value
        self.why = why or Unknown("a test that is decided at run time")
        self.yes = yes or {}
        self.no = no or {}

    def negated(self) -> Truth:
        return Truth(None if self.value is None else not self.value, self.why, self.no, self.yes)


def both(left: Truth, right: Truth) -> Truth:
    """``left && right``."""
    if left.value is False or right.value is False:
        return Truth(False)
    if left.value is True:
        return right
    if right.value is True:
        return left
    return Truth(None, left.why, {**left.yes, **right.yes})


def either(left: Truth, right: Truth) -> Truth:
    """``left || right``."""
    return both(left.negated(), right.negated()).negated()


def settle(state: State, truth: Truth) -> None:
    """The exit status of a command that only tells a truth."""
    if truth.value is None:
        state.undecided(truth.why.reason, truth.why.depends_on)
    else:
        state.known(0 if truth.value else 1)


def apply(state: State, facts: dict[str, Text]) -> None:
    """Note what a decided branch says of variables."""
    for name, text in facts.items():
        old = state.lookup(name)
        if old.items is None:
            state.variables[name] = Variable(
                text, old.state if old.state is not None else (True if text.filled() else None), old.exported
            )
