"""The value of an arithmetic expression over variables that may be known only by their bounds."""

from __future__ import annotations

from gwaudit.pattern import regex
from gwaudit.resolve.shell.arithmetic.expression import MAX_DEPTH, TOKEN, Expression, NotArithmetic
from gwaudit.resolve.shell.arithmetic.number import Number, as_number, combine, truth_number, with_inputs
from gwaudit.resolve.shell.expansion.expand import segments
from gwaudit.resolve.shell.expansion.lookup import read
from gwaudit.resolve.shell.expansion.segment import whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.shell.interpreter import Interpreter
    from gwaudit.resolve.shell.state import State

_ASSIGNED = regex(
    r"(?P<before>[A-Za-z_]\w{0,60})\s*(?:\+\+|--|(?:<<|>>|[-+*/%&|^])?=(?!=))|(?:\+\+|--)\s*(?P<after>[A-Za-z_]\w{0,60})"
)


def evaluate(shell: Interpreter, state: State, start: int, end: int) -> Number:
    """The value of the script's text ``start``..``end`` as an arithmetic expression; assignments take effect."""
    try:
        tokens = tokenise(shell, state, start, end)
        if not tokens:
            return Number(0, 0)
        parser = Expression(tokens)
        tree = parser.expression(0, 0)
        if parser.at != len(tokens):
            raise NotArithmetic
        return _Evaluation(shell, state, (start, end)).value(tree, {}, 0)
    except (NotArithmetic, OverflowError, RecursionError):
        unknown = Number(None, None, "an arithmetic expression that is not understood")
        for match in _ASSIGNED.finditer(shell.script.text, start, end):
            state.assign(match["before"] or match["after"], unknown.text(None))
        return unknown


def tokenise(shell: Interpreter, state: State, start: int, end: int) -> list[tuple[str, Any]]:
    """Numbers, names and operators; any other expansion is a text of its own."""
    script, at = shell.script.text, start
    tokens: list[tuple[str, Any]] = []
    while at < end:
        shell.spend(1)
        if script[at] in "$`":
            stop = shell.parser.dollar_end(at, True) if script[at] == "$" else shell.parser.quoted_end(at)
            inside = script[at + 1 : stop].strip("{}")
            if inside.isidentifier() and script[at] == "$":
                tokens.append(("name", inside))
            else:
                tokens.append(("text", whole(shell, at, stop, segments(shell, state, at, stop, True))))
            at = stop
            continue
        if script[at] in "\"'":
            at += 1
            continue
        match = TOKEN.match(script, at, end)
        if match is None:
            raise NotArithmetic
        if match.lastgroup is not None:
            tokens.append((match.lastgroup, match.group()))
        at = match.end()
    return tokens


class _Evaluation:
    """Interval arithmetic; ``narrow`` holds what a ternary's condition says of a variable inside its branches."""

    def __init__(self, shell: Interpreter, state: State, span: tuple[int, int]) -> None:
        self.shell = shell
        self.state = state
        self.span = span

    def value(self, tree: Any, narrow: dict[str, Number], depth: int) -> Number:
        if depth > MAX_DEPTH * 2:
            raise NotArithmetic
        kind = tree[0]
        if kind == "num":
            return Number(tree[1], tree[1])
        if kind == "text":
            return as_number(tree[1])
        if kind == "name":
            if tree[1] in narrow:
                return narrow[tree[1]]
            return self.variable(tree[1])
        if kind == "post":
            old = self.variable(tree[1])
            self.assign(tree[1], combine(tree[2], old, Number(1, 1)))
            return old
        if kind == "=":
            new = self.value(tree[2], narrow, depth + 1)
            self.assign(tree[1], new)
            return new
        if kind == "unary":
            inner = self.value(tree[2], narrow, depth + 1)
            if tree[1] == "!":
                truth = inner.truth
                return truth_number(None if truth is None else not truth, inner)
            zero = Number(0, 0)
            return inner if tree[1] == "+" else combine("-" if tree[1] == "-" else "~", zero, inner)
        if kind == ",":
            self.value(tree[1], narrow, depth + 1)
            return self.value(tree[2], narrow, depth + 1)
        if kind == "?":
            test = self.value(tree[1], narrow, depth + 1)
            if test.truth is not None:
                chosen = self.value(tree[2] if test.truth else tree[3], narrow, depth + 1)
                return with_inputs(chosen, test)
            yes = self.value(tree[2], self.narrowed(tree[1], narrow, True), depth + 1)
            no = self.value(tree[3], self.narrowed(tree[1], narrow, False), depth + 1)
            low = None if yes.low is None or no.low is None else min(yes.low, no.low)
            high = None if yes.high is None or no.high is None else max(yes.high, no.high)
            return with_inputs(Number(low, high, test.reason, test.depends), test, yes, no)
        left = self.value(tree[1], narrow, depth + 1)
        if kind in ("&&", "||"):
            if left.truth is (kind == "||"):
                return truth_number(kind == "||", left)
            right = self.value(tree[2], narrow, depth + 1)
            if left.truth is None:
                decided = right.truth is (kind == "||")
                return truth_number((kind == "||") if decided else None, left, right)
            return truth_number(right.truth, left, right)
        return combine(kind, left, self.value(tree[2], narrow, depth + 1))

    def narrowed(self, test: Any, narrow: dict[str, Number], holds: bool) -> dict[str, Number]:
        """``C > 16`` tells something of C in both branches."""
        operator = test[0]
        flip = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
        if operator not in flip:
            return narrow
        left, right = test[1], test[2]
        if left[0] == "num" and right[0] == "name":
            operator, left, right = flip[operator], right, left
        if left[0] != "name" or right[0] != "num":
            return narrow
        if not holds:
            operator = {"<": ">=", ">": "<=", "<=": ">", ">=": "<"}[operator]
        number = narrow.get(left[1]) or self.variable(left[1])
        low, high, limit = number.low, number.high, right[1]
        if operator[0] == ">":
            limit += len(operator) == 1
            low = limit if low is None else max(low, limit)
        else:
            limit -= len(operator) == 1
            high = limit if high is None else min(high, limit)
        found = Number(low, high, number.reason, number.depends, number.inputs, number.source)
        return {**narrow, left[1]: found}

    def variable(self, name: str) -> Number:
        variable = read(self.shell, self.state, name, None, *self.span)
        if variable.state is False:
            return Number(0, 0, inputs=variable.text.inputs)
        return as_number(variable.text)

    def assign(self, name: str, number: Number) -> None:
        self.state.assign(name, number.text(None))
