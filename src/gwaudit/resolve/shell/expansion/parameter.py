"""Parameter expansion: ``$X``, ``${X:-word}`` and every other form, on variables that may be unknown or unset."""

from __future__ import annotations

from gwaudit.pattern import regex
from gwaudit.resolve.fact import Source, Unknown
from gwaudit.resolve.shell.expansion.lookup import value_segments
from gwaudit.resolve.shell.expansion.operators import Expansion, apply
from gwaudit.resolve.shell.expansion.segment import Segment
from gwaudit.resolve.shell.expansion.slices import indirect, length
from gwaudit.resolve.shell.text import Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.shell.interpreter import Interpreter
    from gwaudit.resolve.shell.state import State

_NAME = regex(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-]")
_OPERATOR = regex(r":-|:=|:\+|:\?|-|=|\+|\?|##|#|%%|%|//|/#|/%|/|\^\^|\^|,,|,|:|@")


def parameter(shell: Interpreter, state: State, at: int, end: int, quoted: bool, simple: bool = False) -> list[Segment]:
    """The segments of the expansion whose inside is the script's text ``at``..``end``."""
    script = shell.script.text
    place = shell.place(at - (1 if simple else 2), end + (0 if simple else 1))
    inside = script[at:end]
    if simple:
        return value_segments(shell, state, inside, None, quoted, at, end)
    if len(inside) > 1 and inside[0] == "#" and inside[1] not in "#%:-=+?":
        return [Segment(length(shell, state, inside[1:]), not quoted)]
    if inside[:1] == "!" and len(inside) > 1:
        return [Segment(indirect(shell, state, inside[1:]), not quoted)]
    match = _NAME.match(script, at, end)
    if match is None:
        return [
            Segment(Text([Unknown("an expansion that is not understood")], Source("script", None, place)), not quoted)
        ]
    name, cursor = match.group(), match.end()
    index: str | None = None
    if script[cursor : cursor + 1] == "[":
        close = shell.parser.word_end(cursor + 1, frozenset("]"), groups=False)
        index = script[cursor + 1 : close]
        cursor = close + 1
    operator = _OPERATOR.match(script, cursor, end)
    if cursor >= end:
        return value_segments(shell, state, name, index, quoted, at, end)
    if operator is None:
        return [
            Segment(Text([Unknown("an expansion that is not understood")], Source("script", None, place)), not quoted)
        ]
    return apply(shell, state, Expansion(name, index, operator.group(), operator.end(), end, quoted, at))
