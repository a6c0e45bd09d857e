"""Variables in Compose scalars and env files, as compose-go's template package substitutes them.

``$$``, ``$NAME``, ``${NAME}`` and the operators ``:-`` ``-`` ``:?`` ``?`` ``:+`` ``+`` with nesting. A braced expression
reaches to its matching brace, and never over a line end; ``$`` before anything else stays as it is, ``${`` before
anything else is an error.
"""

from __future__ import annotations

from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Lookup = Callable[[str], Fact | None]

MAX_DEPTH = 20
_FIRST = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
_NAME = _FIRST | frozenset("0123456789")
INTERPOLATION = Source("interpolation")


class Expansion:
    """What a text becomes.

    ``value`` is the text, or Unknown; ``inputs`` are the variables that were asked for (ABSENT and assumed where nothing
    sets them); ``winner`` is the variable that alone made the value, where the text is one expression and no
    default was used;
    ``problem`` says why Compose refuses the text, None where it takes it; ``defaulted`` is whether a default was used.
    """

    __slots__ = ("defaulted", "inputs", "problem", "value", "winner")

    def __init__(self, value: str | Unknown) -> None:
        self.value = value
        self.inputs: tuple[Fact, ...] = ()
        self.winner: Fact | None = None
        self.problem: str | None = None
        self.defaulted = False


def expand(text: str, lookup: Lookup, depth: int = 0) -> Expansion:
    """Substitute the variables of ``text``; ``lookup`` answers the fact of a variable, None where nothing sets it."""
    result = Expansion(text)
    at = text.find("$")
    if at < 0:
        return result
    pieces: list[str] = []
    unknown: Unknown | None = None
    inputs: list[Fact] = []
    done = 0
    line = [-1, -1]
    while at >= 0:
        pieces.append(text[done:at])
        done = at + 1
        follows = text[done : done + 1]
        if follows == "$":
            pieces.append("$")
            done += 1
        elif follows in _FIRST and follows:
            end = _name_end(text, done)
            part = _plain(text[done:end], lookup)
            done = end
            unknown = _take(part, pieces, inputs, unknown, result, at == 0 and done == len(text))
        elif follows == "{":
            end, name, operator, word = _braced(text, at, line)
            if not name:
                result.value = Unknown("Compose cannot read the expression")
                result.problem = "invalid interpolation: ${ is not followed by a name, or its brace is not closed"
                result.inputs = tuple(inputs)
                return result
            part = _operate(name, operator, word, lookup, depth)
            done = end
            unknown = _take(part, pieces, inputs, unknown, result, at == 0 and done == len(text))
        else:
            pieces.append("$")
        at = text.find("$", done)
    pieces.append(text[done:])
    result.inputs = tuple(inputs)
    result.value = unknown if unknown is not None else "".join(pieces)
    return result


def _take(
    part: Expansion, pieces: list[str], inputs: list[Fact], unknown: Unknown | None, result: Expansion, whole: bool
) -> Unknown | None:
    inputs.extend(part.inputs)
    result.defaulted = result.defaulted or part.defaulted
    result.problem = result.problem or part.problem
    if whole:
        result.winner = part.winner
    if isinstance(part.value, Unknown):
        return unknown or part.value
    pieces.append(part.value)
    return unknown


def _name_end(text: str, at: int) -> int:
    while at < len(text) and text[at] in _NAME:
        at += 1
    return at


def _braced(text: str, at: int, line: list[int]) -> tuple[int, str, str, str]:
    """The end, name, operator and word of the expression at ``at``; an empty name where Compose cannot read it.

    ``line`` keeps the end of the line and its last closing brace from one expression to the next: looking for them each
    time would take quadratic time.
    """
    start = at + 2
    if text[start : start + 1] not in _FIRST or start >= len(text):
        return at, "", "", ""
    end = _name_end(text, start)
    name = text[start:end]
    if text[end : end + 1] == "}":
        return end + 1, name, "", ""
    operator = text[end : end + 2] if text[end : end + 1] == ":" else text[end : end + 1]
    if operator not in (":-", "-", ":?", "?", ":+", "+"):
        return at, "", "", ""
    body = end + len(operator)
    if body > line[0]:
        newline = text.find("\n", body)
        line[0] = newline if newline >= 0 else len(text)
        line[1] = text.rfind("}", body, line[0])
    if line[1] < body:
        return at, "", "", ""
    close = _closing(text, at, line[1] + 1)
    return close + 1, name, operator, text[body:close]


def _closing(text: str, at: int, end: int) -> int:
    """The brace that closes the expression, as compose-go counts: it looks past the character after each opening brace."""
    depth = 0
    index = at
    while index < end:
        char = text[index]
        if char == "}":
            depth -= 1
            if depth == 0:
                return index
        elif char == "{":
            depth += 1
            index += 1
        index += 1
    return end - 1


def _plain(name: str, lookup: Lookup) -> Expansion:
    fact = lookup(name)
    if fact is None:
        result = Expansion("")
        result.inputs = (unset(name),)
        return result
    result = Expansion(fact.value if isinstance(fact.value, Unknown) else str(fact.value))
    result.inputs = (fact,)
    result.winner = fact
    return result


def unset(name: str) -> Fact:
    """The fact of a variable that nothing sets, taken as unset."""
    return Fact(f"env.{name}", ABSENT, INTERPOLATION, assumed=True)


def _operate(name: str, operator: str, word: str, lookup: Lookup, depth: int) -> Expansion:
    plain = _plain(name, lookup)
    if not operator or isinstance(plain.value, Unknown):
        return plain
    is_set = plain.winner is not None
    counts = is_set and (operator[0] != ":" or plain.value != "")
    kind = operator[-1]
    if kind == "?":
        if counts:
            return plain
        reason = f"{name} must be given when the stack is started"
        result = Expansion(Unknown(reason, (f"env.{name}",)))
        result.inputs = plain.inputs
        return result
    if counts == (kind == "-"):
        return plain
    if depth >= MAX_DEPTH:
        result = Expansion(Unknown(f"expressions are nested deeper than {MAX_DEPTH} levels"))
        result.problem = f"interpolation nested deeper than {MAX_DEPTH} levels"
        return result
    result = expand(word, lookup, depth + 1)
    result.inputs = (*plain.inputs, *result.inputs)
    result.defaulted = kind == "-"
    return result
