"""TOML: tomli says whether it is valid, this module says where each key and value stands.

tomli gives no positions and tomllib takes a minute for a hostile megabyte, so the text is first read by tomli and then
scanned again for the tree; the scanner may be simple because only valid TOML reaches it. Values keep their text: ``value``
of parse/yaml.py reads booleans and numbers, strings have the style ``double`` or ``single``, dates stay text.
"""

from __future__ import annotations

import re

from gwaudit.parse.document import Document, Mapping, ParseFailure, Scalar, Sequence
from gwaudit.pattern import regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.document import Node
    from gwaudit.source import SourceFile

MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 100
_BLANK = regex(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = regex(r"[ \t]*")
_BARE = regex(r"[A-Za-z0-9_-]+")
_BASIC = regex(r'"(?:[^"\\\n]|\\.)*"')
_LITERAL = regex(r"'[^'\n]*'")
_PLAIN = regex(r"[^,\]}#\n\r]+")
_ESCAPE = regex(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|x[0-9A-Fa-f]{2}|\r?\n\s*|[ \t]+\r?\n\s*|.)", re.S)
_NAMED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b", '"': '"', "\\": "\\"}


def parse_documents(file: SourceFile) -> list[Document | ParseFailure]:
    """One document whose root is a ``Mapping``, or the failure."""
    text = file.text
    if len(text) > MAX_CHARACTERS:
        return [ParseFailure(file.location(0, 0), f"TOML is not read: more than {MAX_CHARACTERS:,} characters")]
    import tomli

    try:
        tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        at = min(getattr(error, "pos", 0) or 0, len(text))
        message = getattr(error, "msg", "") or str(error)
        return [ParseFailure(file.location(at, at), f"not valid TOML: {message}")]
    except (RecursionError, ValueError) as error:
        return [ParseFailure(file.location(0, 0), f"TOML is not read: {error}")]
    try:
        return [Document(file, "toml", _Scanner(file).document())]
    except _TooDeep:
        return [ParseFailure(file.location(0, 0), f"TOML is not read: nested deeper than {MAX_DEPTH} levels")]


class _TooDeep(Exception):
    pass


class _Scanner:
    """Walks valid TOML; ``at`` is the offset of the next character."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        # tomli reads \r\n as \n; a lone \r is not valid outside of strings.
        self.text = file.text
        self.at = 0
        self.known: dict[tuple[int, str], Node] = {}  # what a table has under a key; Mapping.get would be quadratic

    def put(self, table: Mapping, key: Scalar, node: Node) -> None:
        table.entries.append((key, node))
        self.known[(id(table), key.text)] = node

    def document(self) -> Mapping:
        root = Mapping(self.file, 0, len(self.text), [])
        table = root
        while True:
            self.skip(_BLANK)
            if self.at >= len(self.text):
                return root
            if self.text[self.at] == "[":
                start = self.at
                array = self.text.startswith("[[", self.at)
                self.at += 2 if array else 1
                keys = self.keys()
                self.skip(_SPACE)
                self.at += 2 if array else 1
                table = self.open(root, keys, array, start)
            else:
                keys = self.keys()
                self.skip(_SPACE)
                self.at += 1  # =
                node = self.value(1)
                self.store(table, keys, node)
                table.end = max(table.end, node.end)

    def skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        if match is not None:
            self.at = match.end()

    def keys(self) -> list[Scalar]:
        """A dotted key."""
        found: list[Scalar] = []
        while True:
            self.skip(_SPACE)
            char = self.text[self.at]
            found.append(self.string() if char in "\"'" else self.bare())
            self.skip(_SPACE)
            if self.text[self.at : self.at + 1] != ".":
                return found
            self.at += 1

    def bare(self) -> Scalar:
        start = self.at
        self.skip(_BARE)
        return Scalar(self.file, start, self.at, self.text[start : self.at])

    def string(self) -> Scalar:
        start, quote = self.at, self.text[self.at]
        if self.text.startswith(quote * 3, start):
            return self.long_string(quote)
        self.skip(_BASIC if quote == '"' else _LITERAL)
        body = self.text[start + 1 : self.at - 1]
        if quote == '"':
            return Scalar(self.file, start, self.at, _unescape(body), "double")
        return Scalar(self.file, start, self.at, body, "single")

    def long_string(self, quote: str) -> Scalar:
        start = self.at
        at = start + 3
        while True:
            at = self.text.index(quote * 3, at)
            back = at - 1
            while quote == '"' and self.text[back] == "\\":
                back -= 1
            if quote == '"' and (at - 1 - back) % 2:
                at += 1  # an escaped quote
                continue
            break
        while self.text[at + 3 : at + 4] == quote and at - start < len(self.text):
            at += 1  # up to two quotes belong to the text
        body = self.text[start + 3 : at]
        self.at = at + 3
        body = body[2:] if body.startswith("\r\n") else body[1:] if body.startswith("\n") else body
        body = body.replace("\r\n", "\n")
        if quote == '"':
            return Scalar(self.file, start, self.at, _unescape(body), "double")
        return Scalar(self.file, start, self.at, body, "single")

    def value(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise _TooDeep
        self.skip(_BLANK)
        char = self.text[self.at]
        if char in "\"'":
            return self.string()
        if char == "[":
            return self.array(depth)
        if char == "{":
            return self.inline_table(depth)
        match = _PLAIN.match(self.text, self.at)
        start = self.at
        body = (match.group() if match is not None else "").rstrip()
        self.at = start + len(body)
        return Scalar(self.file, start, self.at, body)

    def array(self, depth: int) -> Sequence:
        start = self.at
        self.at += 1
        items: list[Node] = []
        while True:
            self.skip(_BLANK)
            if self.text[self.at] == "]":
                self.at += 1
                return Sequence(self.file, start, self.at, items)
            items.append(self.value(depth + 1))
            self.skip(_BLANK)
            if self.text[self.at] == ",":
                self.at += 1

    def inline_table(self, depth: int) -> Mapping:
        table = Mapping(self.file, self.at, self.at, [])
        self.at += 1
        while True:
            self.skip(_BLANK)
            if self.text[self.at] == "}":
                self.at += 1
                table.end = self.at
                return table
            if self.text[self.at] == ",":
                self.at += 1
                continue
            keys = self.keys()
            self.skip(_SPACE)
            self.at += 1  # =
            self.store(table, keys, self.value(depth + 1))

    def open(self, root: Mapping, keys: list[Scalar], array: bool, start: int) -> Mapping:
        """The table of a header; an array of tables gets a new item."""
        table = root
        for depth, key in enumerate(keys):
            last = depth == len(keys) - 1
            found = self.known.get((id(table), key.text))
            if isinstance(found, Sequence) and not (last and array) and isinstance(found.items[-1], Mapping):
                found = found.items[-1]
            if last and array:
                item = Mapping(self.file, start, self.at, [])
                if isinstance(found, Sequence):
                    found.items.append(item)
                else:
                    self.put(table, key, Sequence(self.file, start, self.at, [item]))
                return item
            if not isinstance(found, Mapping):
                found = Mapping(self.file, start, self.at, [])
                self.put(table, key, found)
            table = found
        return table

    def store(self, table: Mapping, keys: list[Scalar], node: Node) -> None:
        for key in keys[:-1]:
            found = self.known.get((id(table), key.text))
            if not isinstance(found, Mapping):
                found = Mapping(self.file, key.start, node.end, [])
                self.put(table, key, found)
            table = found
        self.put(table, keys[-1], node)


def _unescape(body: str) -> str:
    return _ESCAPE.sub(_character, body) if "\\" in body else body


def _character(match: re.Match[str]) -> str:
    code = match.group(1)
    if code[0] in "uUx" and len(code) > 1:
        return chr(int(code[1:], 16))
    return "" if code[:1] in " \t\r\n" else _NAMED.get(code, code)
