"""``[ ]``, ``test`` and ``[[ ]]`` in three-valued logic, and what a decided branch says of the variables it tested."""

from __future__ import annotations

import re

from gwaudit.parse.shell.syntax import Raw
from gwaudit.pattern import regex
from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.shell import pattern as patterns
from gwaudit.resolve.shell.arithmetic.number import Number, as_number, compare
from gwaudit.resolve.shell.expansion import expand
from gwaudit.resolve.shell.text import Filled, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gwaudit.resolve.shell.interpreter import Interpreter
    from gwaudit.resolve.shell.state import State
    from gwaudit.resolve.shell.variable import Field

MAX_STEPS = 500_000  # of a backtracking match: length of the text to the power of its repetitions
_NUMERIC = {"-eq": "==", "-ne": "!=", "-lt": "<", "-le": "<=", "-gt": ">", "-ge": ">="}
_VARIABLE = regex(r'"?\$(?:\{([A-Za-z_]\w*)(?::-|-)?\}|([A-Za-z_]\w*))"?$')
_UNARY = frozenset("-" + letter for letter in "abcdefghknoprstuvwxzGLNORS")


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
    if left.value is False or right.value is False:
        return Truth(False)
    if left.value is True:
        return right
    if right.value is True:
        return left
    return Truth(None, left.why, {**left.yes, **right.yes})


def either(left: Truth, right: Truth) -> Truth:
    return both(left.negated(), right.negated()).negated()


class Operand:
    """A word of a test: its text, its pattern where it may be one, and the variable it is, if it is just that."""

    __slots__ = ("field", "raw", "text", "variable")

    def __init__(self, text: Text, raw: Raw | None, field: Field | None = None) -> None:
        self.text = text
        self.raw = raw
        self.field = field
        match = _VARIABLE.match(raw.text) if raw is not None else None
        self.variable = (match.group(1) or match.group(2)) if match is not None else None


def double_bracket(shell: Interpreter, state: State, tokens: Sequence[Raw]) -> Truth:
    """``[[ tokens ]]``."""
    return _Reader(shell, state, [(t.text if t.operator or t.text == "!" else None, t) for t in tokens]).all()


def single_bracket(shell: Interpreter, state: State, raws: Sequence[Raw], fields: Sequence[Field]) -> Truth:
    """``test words``: words after expansion; a word that may be missing makes the test undecided."""
    if any(field.optional or field.many for field in fields):
        reason = next((f.optional for f in fields if f.optional), None)
        return Truth(None, Unknown(reason or "a test whose words are not known"))
    aligned = list(raws) if len(raws) == len(fields) else [None] * len(fields)
    operands = [Operand(field.text, raw, field) for field, raw in zip(fields, aligned, strict=True)]
    return _Words(shell, state, operands).all()


class _Reader:
    """The grammar of ``[[ ]]``: ``||`` below ``&&`` below ``!`` and parentheses."""

    def __init__(self, shell: Interpreter, state: State, tokens: list[tuple[str | None, Raw]]) -> None:
        self.shell = shell
        self.state = state
        self.tokens = tokens
        self.at = 0
        self.depth = 0

    def all(self) -> Truth:
        if not self.tokens:
            return Truth(False)
        found = self.any_of()
        return found if self.at >= len(self.tokens) else Truth(None, Unknown("a test that is not understood"))

    def operator(self) -> str | None:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def any_of(self) -> Truth:
        left = self.all_of()
        while self.operator() == "||":
            self.at += 1
            if left.value is True:
                self.skipping(self.all_of)
            else:
                left = either(left, self.all_of())
        return left

    def skipping(self, read: object) -> None:
        """Parse on without effect: the shell does not evaluate what cannot matter."""
        saved, self.shell.session.silent = self.shell.session.silent, True
        state, self.state = self.state, self.state.copy()
        read()  # type: ignore[operator]
        self.state = state
        self.shell.session.silent = saved

    def all_of(self) -> Truth:
        left = self.single()
        while self.operator() == "&&":
            self.at += 1
            if left.value is False:
                self.skipping(self.single)
            else:
                left = both(left, self.single())
        return left

    def single(self) -> Truth:
        self.depth += 1
        if self.depth > 60:
            raise RecursionError
        try:
            if self.operator() == "!":
                self.at += 1
                return self.single().negated()
            if self.operator() == "(":
                self.at += 1
                found = self.any_of()
                self.at += 1
                return found
            return self.primary()
        finally:
            self.depth -= 1

    def operand(self) -> Operand:
        if self.at >= len(self.tokens):
            return Operand(Text((), self.shell.source), None)
        raw = self.tokens[self.at][1]
        self.at += 1
        return Operand(expand.text(self.shell, self.state, raw), raw)

    def primary(self) -> Truth:
        raw = self.tokens[self.at][1] if self.at < len(self.tokens) else Raw("", 0, 0)
        rest = len(self.tokens) - self.at
        if raw.text in _UNARY and rest > 1 and self.tokens[self.at + 1][0] is None:
            self.at += 1
            return unary(self.shell, self.state, raw.text, self.operand())
        left = self.operand()
        if self.at < len(self.tokens):
            operator = self.tokens[self.at][1].text
            if (
                operator in ("==", "=", "!=", "=~", "<", ">")
                or operator in _NUMERIC
                or operator in ("-nt", "-ot", "-ef")
            ):
                self.at += 1
                if self.at < len(self.tokens) and operator in ("==", "=", "!=", "=~"):
                    raw = self.tokens[self.at][1]
                    if operator == "=~":
                        self.at += 1
                        return regular(self.shell, self.state, left, raw)
                    wanted = expand.pattern(self.shell, self.state, raw)
                    right = self.operand()
                    found = equal(left, right, wanted)
                    return found.negated() if operator == "!=" else found
                return binary(self.shell, operator, left, self.operand())
        return filled(left)


class _Words:
    """The grammar of ``[ ]`` over expanded words: by the number of words, then ``-a`` and ``-o``."""

    def __init__(self, shell: Interpreter, state: State, operands: list[Operand]) -> None:
        self.shell = shell
        self.state = state
        self.words = operands

    def all(self) -> Truth:
        return self.read(self.words, 0)

    def read(self, words: list[Operand], depth: int) -> Truth:
        if depth > 20:
            return Truth(None)
        texts = [word.text.known for word in words]
        if not words:
            return Truth(False)
        if len(words) == 1:
            return filled(words[0])
        for joint, combine in (("-o", either), ("-a", both)):
            for index in range(1, len(words) - 1):
                if texts[index] == joint and not (len(words) == 3 and index == 1 and texts[0] in ("!",)):
                    return combine(self.read(words[:index], depth + 1), self.read(words[index + 1 :], depth + 1))
        if texts[0] == "!":
            return self.read(words[1:], depth + 1).negated()
        if texts[0] == "(" and texts[-1] == ")":
            return self.read(words[1:-1], depth + 1)
        if len(words) == 2 and texts[0] in _UNARY:
            return unary(self.shell, self.state, texts[0] or "", words[1])
        if len(words) == 3 and texts[1] is not None:
            operator = texts[1]
            if operator in ("=", "==", "!="):
                found = equal(words[0], words[2], None)
                return found.negated() if operator == "!=" else found
            return binary(self.shell, operator, words[0], words[2])
        return Truth(None, Unknown("a test that is not understood"))


def filled(operand: Operand) -> Truth:
    """``-n``: whether the text has any character."""
    value = operand.text.filled()
    if value is not None:
        return Truth(value)
    why = operand.text.value()
    return Truth(None, why if isinstance(why, Unknown) else None, *_split(operand, bool))


def _split(operand: Operand, test: object) -> tuple[dict[str, Text], dict[str, Text]]:
    """What the variable may be where ``test`` holds and where it does not, from its known choices."""
    choices = operand.text.choices()
    if operand.variable is None or choices is None:
        return {}, {}
    found: list[dict[str, Text]] = []
    for wanted in (True, False):
        kept = [choice for choice in choices if bool(test(choice)) is wanted]  # type: ignore[operator]
        if kept:
            keep = set(kept)
            text = operand.text.mapped(lambda c, keep=keep, first=kept[0]: c if c in keep else first, "")  # type: ignore[misc]
            found.append({operand.variable: text})
        else:
            found.append({})
    return found[0], found[1]


def equal(left: Operand, right: Operand, wanted: list[tuple[str, bool]] | None) -> Truth:
    """Equality, with the right side as a pattern where ``wanted`` is one."""
    is_pattern = wanted is not None and any(not literal and char in "*?[@!+" for char, literal in wanted)
    texts = left.text.choices()
    if is_pattern and wanted is not None:
        results = {patterns.matches(wanted, text) for text in texts} if texts is not None else {None}
        if results in ({True}, {False}):
            return Truth(results == {True})
        why = left.text.value()
        return Truth(
            None, why if isinstance(why, Unknown) else None, *_split(left, lambda t: patterns.matches(wanted, t))
        )
    others = right.text.choices()
    if texts is not None and others is not None:
        if len(texts) == 1 and len(others) == 1:
            return Truth(texts == others)
        if not set(texts) & set(others):
            return Truth(False)
    if left.text.pieces == right.text.pieces:
        return Truth(True)
    known = right.text.known if others is not None and len(others) == 1 else None
    if known is not None and impossible(left.text, known):
        return Truth(False)
    why = left.text.value()
    if not isinstance(why, Unknown):
        why = right.text.value()
    yes: dict[str, Text] = {}
    no: dict[str, Text] = {}
    if left.variable is not None and known is not None:
        yes, no = _split(left, lambda t: t == known)
        yes = {left.variable: Text((known,), left.text.source, left.text.inputs)}
    return Truth(None, why if isinstance(why, Unknown) else None, yes, no)


def impossible(text: Text, wanted: str) -> bool:
    """Whether a partly unknown text surely differs from ``wanted``."""
    first, last = text.pieces[0], text.pieces[-1]
    if isinstance(first, str) and not wanted.startswith(first):
        return True
    if isinstance(last, str) and not wanted.endswith(last):
        return True
    if not wanted:
        return text.filled() is True
    if len(text.pieces) == 1 and isinstance(first, Unknown) and first.low is not None and first.high is not None:
        number = as_number(Text((wanted,), text.source))
        if number.known is None:
            return not wanted.lstrip("-").isdigit()
        return not first.low <= number.known <= first.high
    return False


def binary(shell: Interpreter, operator: str, left: Operand, right: Operand) -> Truth:
    if operator in _NUMERIC:
        one, two = as_number(left.text), as_number(right.text)
        value = compare(_NUMERIC[operator], one, two)
        yes: dict[str, Text] = {}
        no: dict[str, Text] = {}
        if value is None and left.variable is not None and two.known is not None:
            yes = {left.variable: narrowed(left.text, one, operator, two.known)}
            opposite = {"-lt": "-ge", "-ge": "-lt", "-gt": "-le", "-le": "-gt", "-eq": "-ne", "-ne": "-eq"}[operator]
            no = {left.variable: narrowed(left.text, one, opposite, two.known)}
        reason = one.reason or two.reason or "a comparison of numbers that are not known"
        return Truth(value, Unknown(reason, (*one.depends, *two.depends)), yes, no)
    if operator in ("<", ">"):
        a, b = left.text.known, right.text.known
        if a is not None and b is not None:
            return Truth(a < b if operator == "<" else a > b)
    return Truth(None, Unknown("a test that is decided at run time"))


def narrowed(text: Text, number: Number, operator: str, limit: int) -> Text:
    low, high = number.low, number.high
    if operator == "-eq":
        return Text((str(limit),), text.source, text.inputs)
    if operator in ("-lt", "-le"):
        most = limit - (operator == "-lt")
        high = most if high is None else min(high, most)
    elif operator in ("-gt", "-ge"):
        least = limit + (operator == "-gt")
        low = least if low is None else max(low, least)
    value = text.value()
    if not isinstance(value, Unknown):
        return text
    if low is not None and low == high:
        return Text((str(int(low)),), text.source, text.inputs)
    return Text([Filled(value.reason, value.depends_on, low, high)], text.source, text.inputs)


def regular(shell: Interpreter, state: State, left: Operand, raw: Raw) -> Truth:
    """``=~`` for the simple expressions that scripts use; a nested repetition is never tried."""
    wanted = expand.pattern(shell, state, raw)
    if wanted is not None:
        expression = "".join(re.escape(char) if literal else char for char, literal in wanted)
        expression = re.sub(r"\[\[:(\w+):\]\]", lambda m: _CLASSES.get(m.group(1), "(?!)"), expression)
        simple = len(expression) < 200 and not re.search(r"[*+}]\)?[*+{]|\)[*+{]|\\[0-9]|\(\?", expression)
        texts = left.text.choices()
        loops = 1 + sum(expression.count(sign) for sign in "*+{")
        if simple and texts is not None and all(len(t) ** loops < MAX_STEPS for t in texts):
            try:
                compiled = re.compile(expression)
            except re.error:
                return Truth(None, Unknown("a regular expression that is not understood"))
            results = {compiled.search(text) is not None for text in texts}
            if len(results) == 1:
                return Truth(results.pop())
            why = left.text.value()
            return Truth(None, why if isinstance(why, Unknown) else None, *_split(left, compiled.search))
    why = left.text.value()
    return Truth(None, why if isinstance(why, Unknown) else Unknown("a regular expression that is not tried"))


_CLASSES = {
    "digit": "[0-9]",
    "alpha": "[A-Za-z]",
    "alnum": "[A-Za-z0-9]",
    "space": r"\s",
    "upper": "[A-Z]",
    "lower": "[a-z]",
}


def unary(shell: Interpreter, state: State, operator: str, operand: Operand) -> Truth:
    if operator == "-n":
        return filled(operand)
    if operator == "-z":
        return filled(operand).negated()
    if operator == "-v":
        name = operand.text.known
        found = state.lookup(name).state if name else None
        if name and name not in state.variables:
            shell.session.read(name, shell.source.location)
        return Truth(found, Unknown(f"{name} may be set at run time", (f"env.{name}",)))
    if operator in ("-t", "-p", "-S", "-h", "-L", "-o"):
        return Truth(False) if operator == "-t" else Truth(None)
    path = operand.text.known
    if path is None:
        value = operand.text.value()
        return Truth(None, value if isinstance(value, Unknown) else None)
    if not path:
        return Truth(False)
    kind = {"-f": "file", "-d": "directory"}.get(operator, "any")
    found, why = shell.session.exists(state, path, kind)
    if operator in ("-x", "-s", "-w", "-k", "-u", "-g") and found:
        return Truth(None, Unknown(f"what kind of file {path} is"))
    return Truth(found, why)
