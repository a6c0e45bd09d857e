"""The grammar of ``[ ]``, ``test`` and ``[[ ]]``."""

from __future__ import annotations

from gwaudit.parse.shell.syntax import Raw
from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.shell.condition.comparison import NUMERIC, UNARY, binary, filled, unary
from gwaudit.resolve.shell.condition.matching import equal, regular
from gwaudit.resolve.shell.condition.operand import Operand
from gwaudit.resolve.shell.condition.truth import Truth, both, either
from gwaudit.resolve.shell.expansion import expand
from gwaudit.resolve.shell.text import Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gwaudit.resolve.shell.interpreter import Interpreter
    from gwaudit.resolve.shell.state import State
    from gwaudit.resolve.shell.variable import Field


def double_bracket(shell: Interpreter, state: State, tokens: Sequence[Raw]) -> Truth:
    """``[[ tokens ]]``."""
    return _Reader(shell, state, [(t.text if t.operator or t.text == "!" else None, t) for t in tokens]).all()


def single_bracket(shell: Interpreter, state: State, raws: Sequence[Raw], fields: Sequence[Field]) -> Truth:
    """``test words``: words after expansion; a word that may be missing makes the test undecided."""
    if any(field.optional or field.many for field in fields):
        reason = next((f.optional for f in fields if f.optional), None)
        return Truth(None, Unknown(reason or "a test whose words are not known"))
    aligned = list(raws) if len(raws) == len(fields) else [None] * len(fields)
    operands = [Operand(field.text, raw) for field, raw in zip(fields, aligned, strict=True)]
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

    def skipping(self, read: Callable[[], Truth]) -> None:
        """Parse on without effect: the shell does not evaluate what cannot matter."""
        saved, self.shell.session.silent = self.shell.session.silent, True
        state, self.state = self.state, self.state.copy()
        read()
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
        if raw.text in UNARY and rest > 1 and self.tokens[self.at + 1][0] is None:
            self.at += 1
            return unary(self.shell, self.state, raw.text, self.operand())
        left = self.operand()
        if self.at < len(self.tokens):
            operator = self.tokens[self.at][1].text
            if (
                operator in ("==", "=", "!=", "=~", "<", ">")
                or operator in NUMERIC
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
                return binary(operator, left, self.operand())
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
        if len(words) == 2 and texts[0] in UNARY:
            return unary(self.shell, self.state, texts[0] or "", words[1])
        if len(words) == 3 and texts[1] is not None:
            operator = texts[1]
            if operator in ("=", "==", "!="):
                found = equal(words[0], words[2], None)
                return found.negated() if operator == "!=" else found
            return binary(operator, words[0], words[2])
        return Truth(None, Unknown("a test that is not understood"))
