"""Word expansion: quotes, parameters, substitutions, splitting; every result knows where its text came from.

What stands behind a dollar is the interpreter's to say (a parameter, a substitution, arithmetic): each may hold words again.
"""

from __future__ import annotations

from gwaudit.pattern import regex
from gwaudit.resolve.fact import Source
from gwaudit.resolve.shell.expansion.quoting import ansi, braces, has_glob
from gwaudit.resolve.shell.expansion.segment import Segment, whole
from gwaudit.resolve.shell.expansion.splitting import assemble
from gwaudit.resolve.shell.text import Text
from gwaudit.resolve.shell.variable import Field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.shell.syntax import Raw
    from gwaudit.resolve.shell.interpreter import Interpreter
    from gwaudit.resolve.shell.state import State

_TELLING = regex(r"[\\'\"`$]")  # where the text of a word is something else than itself


def fields(shell: Interpreter, state: State, raw: Raw) -> list[Field]:
    """The words that a raw word becomes."""
    text = raw.text
    if "{" in text and "$" not in text:
        spread = braces(text)
        if spread is not None:
            shell.spend(5 * len(spread))
            source = Source("script", text, shell.place(raw.start, raw.end))
            return [Field(Text((word,), source)) for word in spread]
    words = assemble(shell, raw, segments(shell, state, raw.start, raw.end))
    if has_glob(text):
        for word in words:
            word.glob = True
    return words


def text(shell: Interpreter, state: State, raw: Raw) -> Text:
    """A raw word as one text, without splitting (an assignment's value, a case word, a redirection's target)."""
    return whole(shell, raw.start, raw.end, segments(shell, state, raw.start, raw.end))


def pattern(shell: Interpreter, state: State, raw: Raw) -> list[tuple[str, bool]] | None:
    """A raw word as a pattern whose quoted characters stand for themselves; None where a part is unknown."""
    return pattern_at(shell, state, raw.start, raw.end)


def pattern_at(shell: Interpreter, state: State, start: int, end: int) -> list[tuple[str, bool]] | None:
    """The same for a stretch of the script: characters, each with whether it stands for itself."""
    found: list[tuple[str, bool]] = []
    for segment in segments(shell, state, start, end, in_pattern=True):
        known = segment.text.known
        if known is None:
            return None
        found.extend((char, not segment.split) for char in known)
    return found


def segments(
    shell: Interpreter, state: State, start: int, end: int, quoted: bool = False, in_pattern: bool = False
) -> list[Segment]:
    """The stretches of the script's text between two offsets; ``quoted`` inside double quotes and here-documents."""
    script, at = shell.script.text, start
    found: list[Segment] = []
    plain = at
    heredoc = quoted and shell.in_heredoc

    def literal(upto: int, split: bool = False) -> None:
        if upto > plain:
            found.append(shell.literal(script[plain:upto], plain, upto, split))

    if not quoted and script.startswith("~", at) and (at + 1 == end or script[at + 1] == "/"):
        home = state.lookup("HOME")
        found.append(Segment(home.text, False))
        at = plain = at + 1
    while at < end:
        told = _TELLING.search(script, at, end)
        if told is None:
            shell.spend(end - at)
            at = end
            break
        shell.spend(told.start() - at + 1)
        at = told.start()
        char = script[at]
        if char == "\\":
            following = script[at + 1 : at + 2]
            special = following and following in ("$`\\\n" if heredoc else '$`"\\\n')
            if quoted and not special and not (following == "}" and shell.in_brace):
                at += 2
                continue
            literal(at, in_pattern)
            if following != "\n":
                found.append(shell.literal(following, at, at + 2, False))
            at = plain = min(at + 2, end)
        elif char == "'" and not quoted:
            literal(at, in_pattern)
            stop = script.find("'", at + 1, end)
            if stop < 0:
                plain = at
                at += 1
                continue
            found.append(shell.literal(script[at + 1 : stop], at + 1, stop, False))
            at = plain = stop + 1
        elif char == '"' and not heredoc:
            literal(at, in_pattern)
            stop = min(shell.parser.quoted_end(at), end)
            inner = segments(shell, state, at + 1, stop - 1, True)
            found.extend(inner or [shell.literal("", at, stop, False)])
            at = plain = stop
        elif char == "`":
            literal(at, in_pattern)
            stop = min(shell.parser.quoted_end(at), end)
            found.append(Segment(shell.backquoted(at, stop, state), not quoted))
            at = plain = stop
        elif char == "$":
            stop = min(shell.parser.dollar_end(at, quoted), end)
            if stop <= at + 1:
                if script.startswith('$"', at) and not quoted:
                    literal(at, in_pattern)
                    at = plain = at + 1
                    continue
                at += 1
                continue
            literal(at, in_pattern)
            found.extend(dollar(shell, state, at, stop, quoted))
            at = plain = stop
        else:
            at += 1
    literal(at, in_pattern)
    return found


def dollar(shell: Interpreter, state: State, at: int, stop: int, quoted: bool) -> list[Segment]:
    """What the expansion ``at``..``stop``, which starts with a dollar, becomes."""
    script = shell.script.text
    following = script[at + 1]
    if following == "'":
        return [shell.literal(ansi(script[at + 2 : stop - 1]), at, stop, False)]
    if following == "(":
        if script.startswith("((", at + 1) and script[stop - 2 : stop] == "))" and shell.is_arithmetic(at):
            return [Segment(shell.arithmetic(state, at + 3, stop - 2).text(shell.place(at, stop)), not quoted)]
        return [Segment(shell.substitution(at + 1, state), not quoted)]
    if following == "{":
        return shell.parameter(state, at + 2, stop - 1, quoted)
    return shell.parameter(state, at + 1, stop, quoted, simple=True)
