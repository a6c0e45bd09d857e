"""``toYaml``: data as the YAML that Helm's Go library writes, every scalar with the trace of its own value.

Sequences stand at the column of their key, keys are in natural order, texts are plain, single quoted, double quoted or
literal by the rules of libyaml's emitter, and lines of plain and quoted texts break behind column 80.
"""

from __future__ import annotations

import re

from gwaudit.pattern import regex
from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.helm.provenance import Builder, Mark, Value, stand_in
from gwaudit.resolve.helm.scalars import is_plain, number_text
from gwaudit.resolve.helm.verbs import float_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.helm.provenance import Trace

WIDTH = 80
MAX_DEPTH = 100
MAX_TEXT = 1_000_000
_SPECIAL = regex("[^\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]")
_BLOCK = regex(r"[#,\[\]{}&*!|>'\"%@`]|-\s|-$|[?:]\s|[?:]$|.*:(?:\s|$)|.*\s#|---|\.\.\.", re.DOTALL)
_NATURAL = regex(r"\d+")
_ESCAPES = {
    "\0": "\\0", "\a": "\\a", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\v": "\\v", "\f": "\\f", "\r": "\\r", "\x1b": "\\e",
    '"': '\\"', "\\": "\\\\", "\x85": "\\N", "\u2028": "\\L", "\u2029": "\\P", "\xa0": "\\_",
}  # fmt: skip


class TooDeep(Exception):
    """The data is nested deeper, or its text is longer, than is written."""


def to_yaml(value: Value) -> Value:
    """The text, without the line end behind it."""
    out = Builder()
    data = value.data
    if data.__class__ is dict and data:
        _mapping(out, data, 0)
    elif data.__class__ is list and data:
        _sequence(out, data, 0)
    else:
        _scalar(out, value, 2, 0)
        out.add("\n")
    text = out.value()
    return Value(text.data[:-1], _without_last(out))


def _without_last(out: Builder) -> Trace:
    runs = out.runs
    end, mark, at = runs[-1]
    before = runs[-2][0] if len(runs) > 1 else 0
    return (*runs[:-1], (end - 1, mark, at)) if end - 1 > before else tuple(runs[:-1])


def _mapping(out: Builder, data: dict[str, Value], indent: int, first: bool = False) -> None:
    if indent > 2 * MAX_DEPTH:
        raise TooDeep
    pad = " " * indent
    if out.size > MAX_TEXT:
        raise TooDeep
    for key in sorted(data) if all(map(str.isalpha, data)) else sorted(data, key=natural):
        value = data[key]
        mark = value.key or (value.trace if isinstance(value.trace, Mark) else None)
        out.add("" if first else pad, mark)
        first = False
        text, column = _key(key)
        out.add(text + ":", mark)
        _entry(out, value, indent, indent + column + 1)


def _key(key: str) -> tuple[str, int]:
    text = _inline(key, simple_key=True)
    return text, len(text)


def _entry(out: Builder, value: Value, indent: int, column: int) -> None:
    data = value.data
    if data.__class__ is dict and data:
        out.add("\n", value.key)
        _mapping(out, data, indent + 2)
    elif data.__class__ is list and data:
        out.add("\n", value.key)
        _sequence(out, data, indent)
    else:
        out.add(" ", value.key)
        _scalar(out, value, indent + 2, column + 1)
        out.add("\n", value.key)


def _sequence(out: Builder, items: list[Value], indent: int, first: bool = False) -> None:
    if indent > 2 * MAX_DEPTH:
        raise TooDeep
    pad = " " * indent
    if out.size > MAX_TEXT:
        raise TooDeep
    for item in items:
        data = item.data
        mark = item.trace if isinstance(item.trace, Mark) else None
        out.add("- " if first else pad + "- ", mark)
        first = False
        if data.__class__ is dict and data:
            _mapping(out, data, indent + 2, first=True)
        elif data.__class__ is list and data:
            _sequence(out, data, indent + 2, first=True)
        else:
            _scalar(out, item, indent + 2, indent + 2)
            out.add("\n", mark)


def _scalar(out: Builder, value: Value, indent: int, column: int) -> None:
    """A scalar (or an empty collection) that begins at ``column``; its further lines are indented by ``indent``."""
    data = value.data
    trace = value.trace
    if data.__class__ is str:
        if trace is not None and not isinstance(trace, Mark):
            trace = _one(value)
        if "\n" in data:
            literal = _literal(data, indent)
            if literal is not None:
                out.add(literal, trace)
                return
        out.add(_fold(_inline(data), data, indent, column), trace)
        return
    out.add(plain_text(data), trace)


def _one(value: Value) -> Trace:
    """One run where the text is written unchanged, else the best mark of all (offsets no longer fit)."""
    from gwaudit.resolve.helm.provenance import mark_of

    unknown = next((m for _, m, _ in value.trace if m is not None and m.unknown), None)  # type: ignore[union-attr]
    return unknown or mark_of(value)


def plain_text(data: Any) -> str:
    """A scalar that is no text, an empty collection, or what stands for the unknown."""
    if data is None:
        return "null"
    if data is True:
        return "true"
    if data is False:
        return "false"
    if isinstance(data, float):
        written = number_text(data)
        return written if written.lstrip("-").isdigit() and abs(data) < 2**64 else float_text(data)
    if isinstance(data, int):
        return number_text(data)
    if isinstance(data, list):
        return "[]"
    if isinstance(data, Unknown):
        return stand_in(data)
    return "{}"


def _inline(text: str, simple_key: bool = False) -> str:
    """A text on one line: plain, single or double quoted."""
    special = bool(_SPECIAL.search(text))
    breaks = "\n" in text
    if not special and not breaks and text and is_plain(text) and not _BLOCK.match(text) and text.strip(" ") == text:
        return text
    plain_wanted = bool(text) and is_plain(text)
    if special or breaks or not plain_wanted:
        return _double(text)
    return "'" + text.replace("'", "''") + "'"


def _double(text: str) -> str:
    if text.isprintable() and text.isascii() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    out = []
    for char in text:
        if char in _ESCAPES:
            out.append(_ESCAPES[char])
        elif _SPECIAL.match(char) or char == "\ufeff":
            code = ord(char)
            out.append(f"\\x{code:02X}" if code < 256 else f"\\u{code:04X}" if code < 65536 else f"\\U{code:08X}")
        else:
            out.append(char)
    return '"' + "".join(out) + '"'


def _literal(text: str, indent: int) -> str | None:
    """A literal block, None where the text cannot be one (spaces before a line end, control characters)."""
    if _SPECIAL.search(text) or " \n" in text or text[-1] == " ":
        return None
    hint = "2" if text[0] in " \n" else ""
    if text[-1] != "\n":
        hint += "-"
    elif len(text) == 1 or text[-2] == "\n":
        hint += "+"
    pad = " " * indent
    lines = [pad + line if line else "" for line in text.split("\n")]
    if text[-1] == "\n":
        lines.pop()
    return "|" + hint + "\n" + "\n".join(lines)


def _fold(written: str, text: str, indent: int, column: int) -> str:
    """Break long lines at single spaces behind the width, as libyaml does."""
    if column + len(written) <= WIDTH or " " not in written:
        return written
    quoted = written[0] if written != text else ""
    out: list[str] = []
    at = column
    size = len(written)
    for index, char in enumerate(written):
        inside = 1 < index < size - 2 if quoted else 0 < index < size - 1
        if char == " " and at > WIDTH and inside and written[index + 1] != " " and written[index - 1] != " ":
            out.append("\n" + " " * indent)
            at = indent
            continue
        out.append(char)
        at += 1
    return "".join(out)


def natural(key: str) -> tuple[tuple[int, str], ...]:
    """The order of keys: other characters, then digits by the number they write, then letters."""
    found: list[tuple[int, str]] = []
    at = 0
    for match in _NATURAL.finditer(key):
        found.extend((2 if char.isalpha() else 0, char) for char in key[at : match.start()])
        digits = match.group()[:60]
        found.append((1, digits.lstrip("0").zfill(60) + chr(len(digits))))
        at = match.end()
    found.extend((2 if char.isalpha() else 0, char) for char in key[at:])
    return tuple(found)
