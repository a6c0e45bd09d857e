"""Equality, patterns and regular expressions of tests, on texts that may be known in part."""

from __future__ import annotations

import re

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.shell import pattern as patterns
from gwaudit.resolve.shell.arithmetic.number import as_number
from gwaudit.resolve.shell.condition.operand import Operand, split
from gwaudit.resolve.shell.condition.truth import Truth
from gwaudit.resolve.shell.expansion import expand
from gwaudit.resolve.shell.text import Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.shell.syntax import Raw
    from gwaudit.resolve.shell.interpreter import Interpreter
    from gwaudit.resolve.shell.state import State

MAX_STEPS = 500_000  # of a backtracking match: length of the text to the power of its repetitions
_CLASSES = {
    "digit": "[0-9]",
    "alpha": "[A-Za-z]",
    "alnum": "[A-Za-z0-9]",
    "space": r"\s",
    "upper": "[A-Z]",
    "lower": "[a-z]",
}


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
            None, why if isinstance(why, Unknown) else None, *split(left, lambda t: patterns.matches(wanted, t))
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
        yes, no = split(left, lambda t: t == known)
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
            return Truth(None, why if isinstance(why, Unknown) else None, *split(left, compiled.search))
    why = left.text.value()
    return Truth(None, why if isinstance(why, Unknown) else Unknown("a regular expression that is not tried"))
