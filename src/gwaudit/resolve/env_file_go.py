"""The two readers of env files that are written in Go: Compose's dotenv package and the Docker CLI's kvfile."""

from __future__ import annotations

import re

from gwaudit.parse.document import ParseFailure
from gwaudit.pattern import regex
from gwaudit.resolve.env_file import Entry, Reading
from gwaudit.resolve.fact import Fact, Source, Unknown
from gwaudit.resolve.interpolate import expand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.interpolate import Lookup
    from gwaudit.source import SourceFile

# unicode.IsSpace of Go, and the same without the line end
_SPACES = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
_BLANKS = "\t\v\f\r \x85\xa0"
_NOT_SPACE = regex(f"[^{_SPACES}]")
_NOT_BLANK = regex(f"[^{_BLANKS}]")
_EXPORT = regex(r"export[\t\n\f\r ]")
_ESCAPE = regex(r'\\(?:[abcfnrtv$"\\]|0[0-9]{0,3})')
_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", '"': '"', "$": "$$"}
MAX_ENTRIES = 20_000


class _Refused(Exception):
    def __init__(self, at: int, message: str) -> None:
        super().__init__(message)
        self.at = at
        self.message = message


def compose(file: SourceFile, lookup: Lookup) -> Reading:
    """As compose-go reads ``env_file`` and ``.env``: one error refuses the file."""
    entries: list[Entry] = []
    known: dict[str, Fact] = {}

    def ask(name: str) -> Fact | None:
        return lookup(name) or known.get(name)

    try:
        for entry in _statements(file, lookup, ask):
            if len(entries) >= MAX_ENTRIES:
                return Reading("compose", (), ParseFailure(entry.location, f"more than {MAX_ENTRIES:,} variables"))
            entries.append(entry)
            known[entry.name] = Fact(f"env.{entry.name}", entry.value, Source("env-file", entry.raw, entry.location))
    except _Refused as error:
        return Reading("compose", (), ParseFailure(file.location(error.at, error.at), error.message))
    return Reading("compose", entries)


def _statements(file: SourceFile, lookup: Lookup, ask: Lookup) -> Any:
    text = file.text
    at = 0
    while True:
        begin = _NOT_SPACE.search(text, at)
        if begin is None:
            return
        at = begin.start()
        if text[at] == "#":
            at = text.find("\n", at)
            if at < 0:
                return
            continue
        if _EXPORT.match(text, at):
            at = _past_blanks(text, at + 6)
            if at >= len(text):
                raise _Refused(begin.start(), "export without a variable name")
        end, separator = _key(text, at)
        key = text[at:end].rstrip(_SPACES) if separator else ""
        if " " in key:
            raise _Refused(at, "a variable name contains a blank")
        begins = at
        at = _past_blanks(text, end + 1 if separator else at)
        if separator == "\n":
            found = lookup(key)
            if found is not None and key:
                yield Entry(key, found.value, file.location(begins, begins + len(key)), None, (found,))
            elif key and ask(key) is None:  # set above in this file, it keeps that value
                reason = f"{key} is taken from the environment of whoever starts the stack"
                yield Entry(key, Unknown(reason, (f"env.{key}",)), file.location(begins, begins + len(key)), None)
            continue
        value_at = at
        value, value_end, at, literal = _value(text, at)
        inputs: tuple[Fact, ...] = ()
        result: str | Unknown = value
        if not literal and "$" in value:
            expansion = expand(value, ask)
            if expansion.problem:
                raise _Refused(value_at, expansion.problem)
            result, inputs = expansion.value, expansion.inputs
        if key:
            yield Entry(key, result, file.location(begins, value_end), text[value_at:value_end], inputs)


def _past_blanks(text: str, at: int) -> int:
    found = _NOT_BLANK.search(text, at)
    return found.start() if found else len(text)


def _key(text: str, at: int) -> tuple[int, str]:
    """Where a name ends and what ends it: ``=``, ``:``, a line end, or nothing at the end of the file."""
    index = at
    while index < len(text):
        char = text[index]
        if char in "=:\n":
            return index, char
        if not (char in "_.-[]" or char in _BLANKS or char.isalpha() or char.isnumeric()):
            raise _Refused(index, f"{char!r} cannot stand in a variable name")
        index += 1
    return index, ""


def _value(text: str, at: int) -> tuple[str, int, int, bool]:
    """The value at ``at``, where it ends, where the next statement may begin, and whether it is taken literally."""
    quote = text[at : at + 1]
    if quote not in ("'", '"') or not quote:
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        comment = text.find(" #", at, end)
        value = text[at : comment if comment >= 0 else end].rstrip(_SPACES)
        return value, at + len(value), min(end + 1, len(text)), False
    pieces: list[str] = []
    index = at + 1
    close = text.find(quote, index)
    while close >= 0:
        escape = text.find("\\", index, close + 1)
        if escape < 0:
            pieces.append(text[index:close])
            value = "".join(pieces)
            if quote == '"':
                value = _ESCAPE.sub(_unescape, value)
            return value, close + 1, close + 1, quote == "'"
        hidden = text[escape + 1 : escape + 2]
        pieces.append(text[index:escape])
        pieces.append(hidden if hidden == quote else "\\" + hidden)
        index = escape + 2
        if close < index:
            close = text.find(quote, index)
    raise _Refused(at, "a quote is not closed")


def _unescape(match: re.Match[str]) -> str:
    text = match[0][1:]
    if text in _SIMPLE:
        return _SIMPLE[text]
    digits = text[1:]  # \0ddd is octal with exactly three digits; anything else loses its zero and stays
    if text[0] == "0" and len(digits) == 3 and all(d in "01234567" for d in digits) and int(digits, 8) <= 255:
        return chr(int(digits, 8))
    return "\\" + (digits if text[0] == "0" else text)


def docker(file: SourceFile, lookup: Lookup) -> Reading:
    """As ``docker run --env-file`` reads: ``NAME=`` and all that follows on the line, quotes and comments included."""
    text = file.text
    entries: list[Entry] = []
    start = 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        line = text[start:end].removesuffix("\r").lstrip(_SPACES)
        begins = text.index(line, start) if line else start
        start = end + 1
        if not line or line[0] == "#":
            continue
        name, equal, value = line.partition("=")
        if not name:
            return Reading("docker", (), ParseFailure(file.location(begins, begins), "a line has no variable name"))
        if " " in name or "\t" in name:
            message = "a variable name contains a blank"
            return Reading("docker", (), ParseFailure(file.location(begins, begins + len(name)), message))
        location = file.location(begins, begins + len(line))
        if equal:
            entries.append(Entry(name, value, location, value))
            continue
        found = lookup(name)
        if found is not None:
            entries.append(Entry(name, found.value, location, None, (found,)))
        else:
            reason = f"{name} is taken from the environment of whoever starts the container"
            entries.append(Entry(name, Unknown(reason, (f"env.{name}",)), location, None))
    return Reading("docker", entries)
