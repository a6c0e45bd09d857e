"""The operators of a test on one word and on two: emptiness, files, numbers."""

from __future__ import annotations

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.shell.arithmetic.number import Number, as_number, compare
from gwaudit.resolve.shell.condition.operand import Operand, split
from gwaudit.resolve.shell.condition.truth import Truth
from gwaudit.resolve.shell.text import Filled, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.shell.interpreter import Interpreter
    from gwaudit.resolve.shell.state import State

NUMERIC = {"-eq": "==", "-ne": "!=", "-lt": "<", "-le": "<=", "-gt": ">", "-ge": ">="}
_OPPOSITE = {"-lt": "-ge", "-ge": "-lt", "-gt": "-le", "-le": "-gt", "-eq": "-ne", "-ne": "-eq"}
UNARY = frozenset("-" + letter for letter in "abcdefghknoprstuvwxzGLNORS")


def filled(operand: Operand) -> Truth:
    """``-n``: whether the text has any character."""
    value = operand.text.filled()
    if value is not None:
        return Truth(value)
    why = operand.text.value()
    return Truth(None, why if isinstance(why, Unknown) else None, *split(operand, bool))


def unary(shell: Interpreter, state: State, operator: str, operand: Operand) -> Truth:
    """``-n``, ``-z``, ``-v`` and what asks for a file."""
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


def binary(operator: str, left: Operand, right: Operand) -> Truth:
    """Numbers, and the order of texts."""
    if operator in NUMERIC:
        one, two = as_number(left.text), as_number(right.text)
        value = compare(NUMERIC[operator], one, two)
        yes: dict[str, Text] = {}
        no: dict[str, Text] = {}
        if value is None and left.variable is not None and two.known is not None:
            yes = {left.variable: narrowed(left.text, one, operator, two.known)}
            no = {left.variable: narrowed(left.text, one, _OPPOSITE[operator], two.known)}
        reason = one.reason or two.reason or "a comparison of numbers that are not known"
        return Truth(value, Unknown(reason, (*one.depends, *two.depends)), yes, no)
    if operator in ("<", ">"):
        a, b = left.text.known, right.text.known
        if a is not None and b is not None:
            return Truth(a < b if operator == "<" else a > b)
    return Truth(None, Unknown("a test that is decided at run time"))


def narrowed(text: Text, number: Number, operator: str, limit: int) -> Text:
    """The text of a number of which a comparison with ``limit`` holds."""
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
