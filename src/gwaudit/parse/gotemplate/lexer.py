"""The words of a Go template: text between actions, and the tokens inside them.

White space is trimmed here, as ``{{- `` and `` -}}`` ask. A comment must touch its delimiters. Sources: the documentation of
Go's ``text/template`` and its lexical grammar (a trim marker is a minus sign with white space on its inner side).
"""

from __future__ import annotations

import re

from gwaudit.pattern import regex

SPACE = " \t\r\n"
MAX_TOKENS = 400_000

_TOKEN = regex(
    r"""
    (?:[ \t\r\n](?!-\}\}))*  # what separates tokens
    (?:
    (?P<close>[ \t\r\n]-\}\}|\}\})
  | (?P<number>[+-]?(?:0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?))
  | (?P<field>\.[^\W\d]\w*)
  | (?P<dot>\.)
  | (?P<variable>\$\w*)
  | (?P<word>[^\W\d]\w*)
  | (?P<string>"(?:[^"\\\n]|\\.)*")
  | (?P<raw>`[^`]*`)
  | (?P<char>'(?:[^'\\\n]|\\.)+')
  | (?P<declare>:=)
  | (?P<assign>=)
  | (?P<pipe>\|)
  | (?P<comma>,)
  | (?P<left>\()
  | (?P<right>\))
    )
    """,
    re.VERBOSE,
)

_ESCAPES = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", "'": "'", '"': '"',
}  # fmt: skip
_ESCAPE = regex(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))", re.DOTALL)


class SyntaxFailure(Exception):
    """The text is no Go template: why, and at which offset."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


class Token:
    """One token of an action, or a stretch of text (kind ``text``), or a delimiter (``open``, ``close``)."""

    __slots__ = ("end", "kind", "start", "text")

    def __init__(self, kind: str, start: int, end: int, text: str) -> None:
        self.kind = kind
        self.start = start
        self.end = end
        self.text = text

    def __repr__(self) -> str:
        return f"Token({self.kind} {self.text!r})"


def tokens(text: str) -> list[Token]:
    """The tokens of a template in order, spaces left out; raises ``SyntaxFailure``."""
    found: list[Token] = []
    add = found.append
    match_token = _TOKEN.match
    at = 0
    trim = False  # the action before the text asked for its leading white space to go
    size = len(text)
    while True:
        opening = text.find("{{", at)
        stop = opening if opening >= 0 else size
        start, end = at, stop
        trims_left = (
            opening >= 0 and text[opening + 2 : opening + 3] == "-" and text[opening + 3 : opening + 4] in _SPACES
        )
        if trim:
            while start < end and text[start] in SPACE:
                start += 1
        if trims_left:
            while end > start and text[end - 1] in SPACE:
                end -= 1
        if end > start:
            add(Token("text", start, end, text[start:end]))
        if opening < 0:
            return found
        inner = opening + (3 if trims_left else 2)
        after_marker = inner + (1 if trims_left else 0)
        if text.startswith("/*", after_marker):
            at, trim = _comment(text, opening, after_marker)
            continue
        add(Token("open", opening, inner, "{{"))
        at = inner
        while True:
            match = match_token(text, at)
            if match is None:
                while at < size and text[at] in SPACE:
                    at += 1
                if at >= size:
                    raise SyntaxFailure("unclosed action", opening)
                raise SyntaxFailure(f"unexpected {text[at]!r} in an action", at)
            kind = match.lastgroup or ""
            start, at = match.span(kind)
            body = match[kind]
            add(Token(kind, start, at, body))
            if kind == "close":
                trim = body[0] != "}"
                if len(found) > MAX_TOKENS:
                    raise SyntaxFailure(f"more than {MAX_TOKENS:,} tokens", start)
                break


_SPACES = frozenset(SPACE)


def _comment(text: str, opening: int, start: int) -> tuple[int, bool]:
    """Where the text goes on behind a comment, and whether it is trimmed there."""
    end = text.find("*/", start)
    if end < 0:
        raise SyntaxFailure("unclosed comment", opening)
    end += 2
    if text.startswith("}}", end):
        return end + 2, False
    if text[end : end + 1] in _SPACES and text.startswith("-}}", end + 1):
        return end + 4, True
    raise SyntaxFailure("comment ends before closing delimiter", opening)


def unquote(token: Token) -> str:
    """The value of a ``string`` or ``char`` token by Go's rules."""

    def replace(match: re.Match[str]) -> str:
        hexadecimal = match[1] or match[2] or match[3]
        if hexadecimal:
            code = int(hexadecimal, 16)
        elif match[4]:
            code = int(match[4], 8)
        elif match[5] in _ESCAPES:
            return _ESCAPES[match[5]]
        else:
            raise SyntaxFailure(f"unknown escape \\{match[5]}", token.start)
        if code > 0x10FFFF or 0xD800 <= code < 0xE000:
            raise SyntaxFailure("an escape is no character", token.start)
        return chr(code)

    body = token.text[1:-1]
    return _ESCAPE.sub(replace, body) if "\\" in body else body


def number(token: Token) -> int | float:
    """The value of a ``number`` token: an integer where it is written as one (or is whole, as Go's constants are)."""
    text = token.text.replace("_", "")
    body = text.lstrip("+-")
    try:
        if len(text) > 60:
            raise ValueError
        if body[:2].lower() in ("0x", "0o", "0b"):
            return int(text, 0)
        if body.isdigit():
            return int(text, 8) if len(body) > 1 and body[0] == "0" else int(text)
        return float(text)
    except ValueError:
        raise SyntaxFailure(f"bad number syntax: {token.text!r}", token.start) from None
