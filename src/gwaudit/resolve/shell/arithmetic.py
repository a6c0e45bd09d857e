"""Shell arithmetic over integers that may be known only by their bounds (``nproc`` is 1 or more)."""

from __future__ import annotations

from gwaudit.pattern import regex
from gwaudit.resolve.fact import Source, Unknown
from gwaudit.resolve.shell.text import Filled, Text, number_of, range_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.fact import Fact
    from gwaudit.resolve.shell.interpreter import Interpreter
    from gwaudit.resolve.shell.state import State
    from gwaudit.source import Location

MAX_DEPTH = 60
LIMIT = 2**63 - 1


class Number:
    """An integer between ``low`` and ``high`` (None: unbounded), known where they meet."""

    __slots__ = ("depends", "high", "inputs", "low", "reason", "source")

    def __init__(
        self,
        low: float | None,
        high: float | None,
        reason: str = "",
        depends: tuple[str, ...] = (),
        inputs: tuple[Fact, ...] = (),
        source: Source | None = None,
    ) -> None:
        self.low = low
        self.high = high
        self.reason = reason
        self.depends = depends
        self.inputs = inputs
        self.source = source

    @property
    def known(self) -> int | None:
        return int(self.low) if self.low is not None and self.low == self.high else None

    @property
    def truth(self) -> bool | None:
        if self.known is not None:
            return self.known != 0
        if (self.low is not None and self.low > 0) or (self.high is not None and self.high < 0):
            return True
        return None

    def text(self, location: Location | None) -> Text:
        source = self.source or Source("script", None, location)
        if self.known is not None:
            found = Text((str(self.known),), source, self.inputs)
        else:
            found = Text(
                [Filled(self.reason or "a number that is not known", self.depends, self.low, self.high)],
                source,
                self.inputs,
            )
        return found.step(location, "computed") if location is not None else found


_TOKEN = regex(
    r"\s+|(?P<num>0[xX][0-9a-fA-F]+|\d+(?:#[0-9a-zA-Z]+)?)|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<op>\*\*|<<=|>>=|<<|>>|<=|>=|==|!=|&&|\|\||\+\+|--|[-+*/%&|^]=|[-+*/%<>!~&|^?:=(),])"
)
_ASSIGNED = regex(
    r"(?P<before>[A-Za-z_]\w{0,60})\s*(?:\+\+|--|(?:<<|>>|[-+*/%&|^])?=(?!=))|(?:\+\+|--)\s*(?P<after>[A-Za-z_]\w{0,60})"
)
_BINARY = {
    "||": 1, "&&": 2, "|": 3, "^": 4, "&": 5, "==": 6, "!=": 6, "<": 7, ">": 7, "<=": 7, ">=": 7,
    "<<": 8, ">>": 8, "+": 9, "-": 9, "*": 10, "/": 10, "%": 10, "**": 11,
}  # fmt: skip


class NotArithmetic(Exception):
    """The text is no arithmetic expression that this reader understands."""


def evaluate(shell: Interpreter, state: State, start: int, end: int) -> Number:
    """The value of the script's text ``start``..``end`` as an arithmetic expression; assignments take effect."""
    try:
        tokens = tokenise(shell, state, start, end)
        if not tokens:
            return Number(0, 0)
        parser = _Parser(tokens)
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
    from gwaudit.resolve.shell.expand import segments, whole

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
        match = _TOKEN.match(script, at, end)
        if match is None:
            raise NotArithmetic
        if match.lastgroup is not None:
            tokens.append((match.lastgroup, match.group()))
        at = match.end()
    return tokens


class _Parser:
    """Precedence climbing into nested tuples."""

    def __init__(self, tokens: list[tuple[str, Any]]) -> None:
        self.tokens = tokens
        self.at = 0

    def peek(self) -> tuple[str, Any]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def take(self, operator: str) -> None:
        if self.peek() != ("op", operator):
            raise NotArithmetic
        self.at += 1

    def expression(self, floor: int, depth: int, comma: bool = True) -> Any:
        """``comma``: whether a comma goes on with the expression; it binds less than an assignment does."""
        if depth > MAX_DEPTH:
            raise NotArithmetic
        left = self.unary(depth)
        while True:
            kind, operator = self.peek()
            if kind != "op":
                return left
            if floor == 0 and comma and operator == ",":
                self.at += 1
                left = (",", left, self.expression(0, depth + 1, False))
            elif floor == 0 and operator == "?":
                self.at += 1
                yes = self.expression(0, depth + 1)
                self.take(":")
                left = ("?", left, yes, self.expression(0, depth + 1, False))
            elif floor == 0 and operator.endswith("=") and operator not in ("==", "!=", "<=", ">="):
                if left[0] != "name":
                    raise NotArithmetic
                self.at += 1
                right = self.expression(0, depth + 1, False)
                left = ("=", left[1], right if operator == "=" else (operator[:-1], left, right))
            elif operator in _BINARY and _BINARY[operator] >= max(floor, 1):
                self.at += 1
                level = _BINARY[operator]
                left = (operator, left, self.expression(level if operator == "**" else level + 1, depth + 1))
            else:
                return left

    def unary(self, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise NotArithmetic
        kind, value = self.peek()
        self.at += 1
        if kind == "num":
            base, _, digits = value.partition("#")
            if digits:
                return ("num", int(digits, int(base)) if 2 <= int(base) <= 36 else 0)
            if value[:2] in ("0x", "0X"):
                return ("num", int(value, 16))
            try:
                return ("num", int(value, 8) if value[0] == "0" and len(value) > 1 else int(value[:19]))
            except ValueError as error:
                raise NotArithmetic from error
        if kind == "text":
            return ("text", value)
        if kind == "name":
            if self.peek() in (("op", "++"), ("op", "--")):
                operator = self.peek()[1]
                self.at += 1
                return ("post", value, operator[0])
            return ("name", value)
        if kind == "op" and value in ("++", "--"):
            kind, name = self.peek()
            if kind != "name":
                raise NotArithmetic
            self.at += 1
            return ("=", name, (value[0], ("name", name), ("num", 1)))
        if kind == "op" and value in "+-!~":
            return ("unary", value, self.unary(depth + 1))
        if kind == "op" and value == "(":
            inner = self.expression(0, depth + 1)
            self.take(")")
            return inner
        raise NotArithmetic


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
                return _bool(None if truth is None else not truth, inner)
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
                return _bool(kind == "||", left)
            right = self.value(tree[2], narrow, depth + 1)
            if left.truth is None:
                decided = right.truth is (kind == "||")
                return _bool((kind == "||") if decided else None, left, right)
            return _bool(right.truth, left, right)
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
        from gwaudit.resolve.shell.parameter import read

        variable = read(self.shell, self.state, name, None, *self.span)
        if variable.state is False:
            return Number(0, 0, inputs=variable.text.inputs)
        return as_number(variable.text)

    def assign(self, name: str, number: Number) -> None:
        self.state.assign(name, number.text(None))


def as_number(text: Text) -> Number:
    known = text.known
    if known is not None:
        number = number_of(known) if known.strip() else 0
        if number is None:
            return Number(None, None, "a text that is no number", (), text.inputs, text.source)
        return Number(number, number, "", (), text.inputs, text.source)
    value = text.value()
    assert isinstance(value, Unknown)
    low, high = range_of(text) or (None, None)
    return Number(low, high, value.reason, value.depends_on, text.inputs, text.source)


def with_inputs(number: Number, *others: Number) -> Number:
    inputs = dict.fromkeys((*number.inputs, *(fact for other in others for fact in other.inputs)))
    depends = dict.fromkeys((*number.depends, *(name for other in others for name in other.depends)))
    reason = number.reason or next((other.reason for other in others if other.reason), "")
    source = number.source or next((other.source for other in others if other.source), None)
    return Number(number.low, number.high, reason, tuple(depends), tuple(inputs), source)


def _bool(truth: bool | None, *parts: Number) -> Number:
    found = Number(0, 1) if truth is None else Number(int(truth), int(truth))
    return with_inputs(found, *parts)


def combine(operator: str, left: Number, right: Number) -> Number:
    """One operation on two intervals."""
    if operator in ("<", ">", "<=", ">=", "==", "!="):
        return _bool(compare(operator, left, right), left, right)
    low, high = _bounds(operator, left, right)
    if any(x is not None and abs(x) > LIMIT for x in (low, high)):
        low = high = None
    return with_inputs(Number(low, high), left, right)


def _bounds(operator: str, left: Number, right: Number) -> tuple[float | None, float | None]:
    a, b, c, d = left.low, left.high, right.low, right.high
    one, two = left.known, right.known
    if operator == "+":
        return None if a is None or c is None else a + c, None if b is None or d is None else b + d
    if operator == "-":
        return None if a is None or d is None else a - d, None if b is None or c is None else b - c
    if operator == "*":
        if a is not None and c is not None and a >= 0 and c >= 0:
            return a * c, None if b is None or d is None else b * d
        if a is not None and b is not None and c is not None and d is not None:
            products = (a * c, a * d, b * c, b * d)
            return min(products), max(products)
        return None, None
    if operator == "/" and two is not None and two > 0 and a is not None and a >= 0:
        return a // two, None if b is None else b // two
    if one is not None and two is not None:
        exact = _exact(operator, one, two)
        return exact, exact
    if operator == "%" and two is not None and two > 0 and a is not None and a >= 0:
        return 0, two - 1
    return None, None


def _exact(operator: str, one: int, two: int) -> int | None:
    if operator in ("/", "%"):
        if two == 0:
            return None
        quotient = abs(one) // abs(two) * (1 if (one >= 0) == (two >= 0) else -1)
        return quotient if operator == "/" else one - quotient * two
    if operator in ("<<", ">>"):
        return (one << two if operator == "<<" else one >> two) if 0 <= two < 63 else None
    if operator == "**":
        return one**two if 0 <= two < 64 and abs(one) < 2**16 else None
    if operator == "~":
        return ~two
    return {"&": one & two, "|": one | two, "^": one ^ two}.get(operator)


def compare(operator: str, left: Number, right: Number) -> bool | None:
    """A comparison of two intervals; None where they overlap."""
    if operator in (">", ">="):
        left, right, operator = right, left, "<" if operator == ">" else "<="
    if operator in ("==", "!="):
        if left.known is not None and left.known == right.known:
            return operator == "=="
        apart = (left.high is not None and right.low is not None and left.high < right.low) or (
            left.low is not None and right.high is not None and left.low > right.high
        )
        return operator == "!=" if apart else None
    a, b, c, d = left.low, left.high, right.low, right.high
    if b is not None and c is not None and (b < c or (operator == "<=" and b == c)):
        return True
    if a is not None and d is not None and (a > d or (operator == "<" and a == d)):
        return False
    return None
