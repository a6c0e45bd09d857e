"""Word expansion: quotes, parameters, substitutions, splitting; every result knows where its text came from."""

from __future__ import annotations

import re

from gwaudit.parse.shell.scan import ShellSyntaxError
from gwaudit.pattern import regex
from gwaudit.resolve.fact import Source, Unknown
from gwaudit.resolve.shell.join import join_fields
from gwaudit.resolve.shell.parameter import parameter
from gwaudit.resolve.shell.text import Filled, Text
from gwaudit.resolve.shell.variable import Field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gwaudit.parse.shell.syntax import Raw
    from gwaudit.resolve.shell.interpreter import Interpreter
    from gwaudit.resolve.shell.state import State

MAX_ALTERNATIVES = 8
_TELLING = regex(r"[\\'\"`$]")  # where the text of a word is something else than itself
_BRACES = regex(r"^([^{}\"'$`\\]*)\{([^{}\"'$`\\]*)\}([^{}\"'$`\\]*)$")


class Segment:
    """A stretch of a word: one text, or (``fields``) the several words of ``"$@"``; ``split`` where it is unquoted."""

    __slots__ = ("fields", "literal", "split", "text")

    def __init__(self, text: Text, split: bool, literal: bool = False, fields: tuple[Field, ...] | None = None) -> None:
        self.text = text
        self.split = split
        self.literal = literal
        self.fields = fields


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


def has_glob(raw: str) -> bool:
    """Whether a raw word has an unquoted ``*`` or ``?``, outside of expansions."""
    if "*" not in raw and "?" not in raw:
        return False
    quote, level, index = "", 0, 0
    while index < len(raw):
        char = raw[index]
        if char == "\\":
            index += 1
        elif quote:
            quote = "" if char == quote else quote
        elif char in "\"'`":
            quote = char
        elif char in "({" and raw[index - 1 : index] == "$":
            level += 1
        elif char in ")}" and level:
            level -= 1
        elif level == 0 and char in ("*", "?") and raw[index - 1 : index] != "$":
            return True
        index += 1
    return False


def text(shell: Interpreter, state: State, raw: Raw) -> Text:
    """A raw word as one text, without splitting (an assignment's value, a case word, a redirection's target)."""
    return whole(shell, raw.start, raw.end, segments(shell, state, raw.start, raw.end))


def pattern(shell: Interpreter, state: State, raw: Raw) -> list[tuple[str, bool]] | None:
    """A raw word as a pattern whose quoted characters stand for themselves; None where a part is unknown."""
    return pattern_at(shell, state, raw.start, raw.end)


def pattern_at(shell: Interpreter, state: State, start: int, end: int) -> list[tuple[str, bool]] | None:
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
    script = shell.script.text
    following = script[at + 1]
    if following == "'":
        return [shell.literal(ansi(script[at + 2 : stop - 1]), at, stop, False)]
    if following == "(":
        if script.startswith("((", at + 1) and script[stop - 2 : stop] == "))" and shell.is_arithmetic(at):
            return [Segment(shell.arithmetic(state, at + 3, stop - 2).text(shell.place(at, stop)), not quoted)]
        return [Segment(shell.substitution(at + 1, state), not quoted)]
    if following == "{":
        return parameter(shell, state, at + 2, stop - 1, quoted)
    return parameter(shell, state, at + 1, stop, quoted, simple=True)


def ansi(body: str) -> str:
    """The text of ``$'...'``."""
    table = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "v": "\v"}
    found: list[str] = []
    index = 0
    while index < len(body):
        if body[index] == "\\" and index + 1 < len(body):
            char = body[index + 1]
            digits = re.compile(r"x([0-9A-Fa-f]{1,2})|([0-7]{1,3})|u([0-9A-Fa-f]{1,4})").match(body, index + 1)
            if digits is not None:
                found.append(
                    chr(int(digits.group(1) or digits.group(3), 16) if not digits.group(2) else int(digits[2], 8))
                )
                index = digits.end()
                continue
            found.append(table.get(char, char if char in "\\'\"?" else "\\" + char))
            index += 2
        else:
            found.append(body[index])
            index += 1
    return "".join(found)


def braces(word: str) -> list[str] | None:
    """``a{b,c}d`` and ``{1..5}``; None where there is nothing to spread."""
    match = _BRACES.match(word)
    if match is None:
        return None
    front, body, back = match.groups()
    ends = body.split("..")
    if len(ends) == 2 and all(e.lstrip("-").isdigit() and len(e) < 7 for e in ends):
        low, high = int(ends[0]), int(ends[1])
        if abs(high - low) > 1000:
            return None
        step = 1 if high >= low else -1
        return [f"{front}{n}{back}" for n in range(low, high + step, step)]
    return [front + part + back for part in body.split(",")] if "," in body else None


def whole(shell: Interpreter, start: int, end: int, parts: Iterable[Segment], step: bool = True) -> Text:
    """Segments as one text; its source is that of the first part that is not written here."""
    pieces: list[str | Unknown] = []
    inputs: dict[object, None] = {}
    source: Source | None = None
    parts = list(parts)
    for segment in parts:
        if segment.fields is not None:
            for number, field in enumerate(segment.fields):
                if number:
                    pieces.append(" ")
                if field.optional:
                    pieces.append(Unknown(field.optional))
                else:
                    pieces.extend(field.text.pieces)
                source = source or field.text.source
                inputs.update(dict.fromkeys(field.text.inputs))
            continue
        pieces.extend(segment.text.pieces)
        if not segment.literal:
            inputs.update(dict.fromkeys(segment.text.inputs))
            if (source is None or source.location is None) and segment.text.source.location is not None:
                source = segment.text.source
    raw = shell.script.text[start:end]
    if source is None:
        source = Source("script", raw, shell.place(start, end))
        return Text(pieces, source, inputs)  # type: ignore[arg-type]
    found = Text(pieces, source, inputs)  # type: ignore[arg-type]
    return found.step(shell.place(start, end), "") if step else found


def assemble(shell: Interpreter, raw: Raw, parts: list[Segment]) -> list[Field]:
    """Segments as words: unquoted expansions are split, ``"$@"`` gives one word a parameter."""
    words: list[Field] = []
    current: list[Segment] = []
    present = False

    def close(many: bool = False) -> None:
        nonlocal present
        if present:
            found = whole(shell, raw.start, raw.end, current)
            optional = None
            lone = current[0] if len(current) == 1 else None
            if lone is not None and lone.split and many:
                value = found.value()
                optional = value.reason if isinstance(value, Unknown) else None
            words.append(Field(found, optional, optional is not None))
        current.clear()
        present = False

    for segment in parts:
        if segment.fields is not None:
            listed = segment.fields
            shell.spend(5 * len(listed))
            for number, field in enumerate(listed):
                if number:
                    close()
                if field.optional or field.many:
                    close()
                    words.append(field)
                else:
                    current.append(Segment(field.text, False))
                    present = True
            continue
        if not segment.split:
            current.append(segment)
            present = True
            continue
        spread = split(segment.text)
        if not spread[1]:
            if spread[0]:
                close()
            continue
        leading, listed, trailing = spread
        shell.spend(5 * len(listed))
        if leading:
            close()
        for number, field in enumerate(listed):
            if number:
                close()
            if field.optional and not field.many:
                close()
                found = Field(field.text.step(shell.place(raw.start, raw.end), ""), field.optional)
                words.append(found)
            elif field.many and not current:
                current.append(Segment(field.text, True))
                present = True
                if segment is parts[-1] or number < len(listed) - 1:
                    close(many=True)
            else:
                current.append(Segment(field.text, False))
                present = True
        if trailing:
            close()
    close()
    return words


def split(value: Text) -> tuple[bool, tuple[Field, ...], bool]:
    """Split on blanks: whether it starts with one, the words, whether it ends with one."""
    known = value.known
    if known is not None:
        listed = known.split()
        found = tuple(Field(Text((word,), value.source, value.inputs)) for word in listed)
        return known[:1].isspace(), found, known[-1:].isspace()
    spread: list[list[str | Unknown]] = [[]]
    for piece in value.pieces:
        if isinstance(piece, Unknown) and piece.choices and len(spread) * len(piece.choices) <= MAX_ALTERNATIVES:
            if all(choice and not any(c.isspace() for c in str(choice)) for choice in piece.choices):
                for one in spread:
                    one.append(piece)
            else:
                spread = [[*one, str(choice)] for one in spread for choice in piece.choices]
        else:
            for one in spread:
                one.append(piece)
    listed_all = [_split_pieces(one, value) for one in spread]
    found = listed_all[0]
    unknown = value.value()
    reason = unknown.reason if isinstance(unknown, Unknown) else ""
    depends = unknown.depends_on if isinstance(unknown, Unknown) else ()
    for other in listed_all[1:]:
        found = join_fields(found, other, reason, depends)
    first, last = value.pieces[0], value.pieces[-1]
    leading = isinstance(first, str) and first[:1].isspace()
    return leading, found, isinstance(last, str) and last[-1:].isspace()


def _split_pieces(pieces: list[str | Unknown], value: Text) -> tuple[Field, ...]:
    words: list[list[str | Unknown]] = []
    fresh = True
    for piece in pieces:
        if isinstance(piece, Unknown):
            if fresh:
                words.append([])
            words[-1].append(piece)
            fresh = False
            continue
        parts = re.split(r"[ \t\n]+", piece)
        for number, part in enumerate(parts):
            if number:
                fresh = True
            if part:
                if fresh:
                    words.append([])
                words[-1].append(part)
                fresh = False
    found = []
    for word in words:
        lone = word[0] if len(word) == 1 else None
        many = isinstance(lone, Unknown) and not isinstance(lone, Filled) and lone.low is None and not lone.choices
        found.append(Field(Text(word, value.source, value.inputs), None, many))
    return tuple(found)


__all__ = ["Segment", "ShellSyntaxError", "fields", "pattern", "segments", "text", "whole"]
