"""nginx configuration: directives with their words and blocks, each with its place.

The grammar is that of ``ngx_conf_read_token`` (nginx, src/core/ngx_conf_file.c): words are parted by white space, ``;`` ends
a directive, ``{`` opens its block, ``#`` begins a comment where a word could, quotes only count at the start of a word,
a backslash keeps quotes and itself, and ``${`` belongs to the word. A ``..._by_lua_block`` holds Lua instead of directives.
Includes are left to the consumer. What follows an error is not read.
"""

from __future__ import annotations

import re

from gwaudit.parse.document import Document, Node, ParseFailure
from gwaudit.pattern import regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.source import SourceFile

MAX_DEPTH = 32

_SPACE = regex(r"(?:[ \t\r\n]+|#[^\n]*)+")
# The alternatives begin with different characters, so that there is one way to match: linear.
_PLAIN = regex(r"(?:[^\s;{\\$]+|\\[\s\S]|\$\{|\$)+")
_QUOTED = {
    '"': re.compile(r'"((?:[^"\\]+|\\[\s\S])*)"'),
    "'": re.compile(r"'((?:[^'\\]+|\\[\s\S])*)'"),
}
_ESCAPE = regex(r"\\([\"'\\trn])")
_ESCAPES = {"t": "\t", "r": "\r", "n": "\n"}
_LUA = regex(r"[{}]|\"(?:\\[\s\S]|[^\"\\\n])*\"|'(?:\\[\s\S]|[^'\\\n])*'|--\[\[|--[^\n]*|\[\[")


class Word(Node):
    """One word: its ``text`` without quotes and with its escapes resolved."""

    __slots__ = ("quoted", "text")

    def __init__(self, file: SourceFile, start: int, end: int, text: str, quoted: bool) -> None:
        super().__init__(file, start, end)
        self.text = text
        self.quoted = quoted

    def __repr__(self) -> str:
        return f"Word({self.text!r})"


class Directive(Node):
    """A name, its words, and its block (None where it ends with ``;``)."""

    __slots__ = ("block", "name", "words")

    def __init__(self, name: Word, words: list[Word], block: list[Directive] | None, end: int) -> None:
        super().__init__(name.file, name.start, end)
        self.name = name.text
        self.words = words
        self.block = block

    @property
    def texts(self) -> list[str]:
        return [word.text for word in self.words]

    def __repr__(self) -> str:
        return f"Directive({self.name} {self.texts}{'' if self.block is None else ' {...}'})"


def parse_documents(file: SourceFile) -> list[Document | ParseFailure]:
    """One document whose root is the list of top-level directives; a failure beside it where reading stopped."""
    reader = _Reader(file)
    directives = reader.read()
    found: list[Document | ParseFailure] = [Document(file, "nginx", directives)]
    if reader.failure is not None:
        found.append(reader.failure)
    return found


class _Reader:
    __slots__ = ("failure", "file", "text")

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.text = file.text
        self.failure: ParseFailure | None = None

    def read(self) -> list[Directive]:
        """All directives; blocks stand on a stack, so that depth costs nothing."""
        text = self.text
        top: list[Directive] = []
        block = top
        open_blocks: list[tuple[Directive, list[Directive]]] = []
        words: list[Word] = []
        at, end = 0, len(text)
        while True:
            space = _SPACE.match(text, at)
            at = space.end() if space is not None else at
            if at >= end:
                break
            char = text[at]
            if char == ";":
                if not words:
                    return self._fail(at, 'unexpected ";"', top)
                block.append(Directive(words[0], words[1:], None, at + 1))
                words, at = [], at + 1
            elif char == "{":
                if not words:
                    return self._fail(at, 'unexpected "{"', top)
                if words[0].text.endswith("_by_lua_block"):
                    after = self._lua(at)
                    if after is None:
                        return self._fail(at, "the Lua block is not closed", top)
                    block.append(Directive(words[0], words[1:], [], after))
                    words, at = [], after
                    continue
                if len(open_blocks) >= MAX_DEPTH:
                    return self._fail(at, f"blocks nest deeper than {MAX_DEPTH}", top)
                opened = Directive(words[0], words[1:], [], at + 1)
                block.append(opened)
                open_blocks.append((opened, block))
                block = opened.block if opened.block is not None else []
                words, at = [], at + 1
            elif char == "}" and not words:
                if not open_blocks:
                    return self._fail(at, 'unexpected "}"', top)
                closed, block = open_blocks.pop()
                closed.end = at + 1
                at += 1
            elif char == "}":
                return self._fail(at, f'directive "{words[0].text[:60]}" is not ended by ";"', top)
            else:
                word = self._word(at)
                if word is None:
                    return self._fail(at, "the quoted word is not closed", top)
                words.append(word)
                at = word.end
        if words:
            return self._fail(words[0].start, f'directive "{words[0].text[:60]}" is not ended by ";"', top)
        if open_blocks:
            return self._fail(open_blocks[-1][0].start, 'the block is not closed by "}"', top)
        return top

    def _word(self, at: int) -> Word | None:
        text, quote = self.text, self.text[at]
        if quote in _QUOTED:
            found = _QUOTED[quote].match(text, at)
            if found is None:
                return None
            return Word(self.file, at, found.end(), _unescape(found[1]), True)
        found = _PLAIN.match(text, at)
        stop = found.end() if found is not None else at + 1
        return Word(self.file, at, stop, _unescape(text[at:stop]), False)

    def _lua(self, at: int) -> int | None:
        """The offset after the ``}`` that closes the Lua block opened at ``at``."""
        depth, text = 0, self.text
        found = _LUA.search(text, at)
        while found is not None:
            mark, at = found[0], found.end()
            if mark in ("--[[", "[["):
                close = text.find("]]", at)
                at = close + 2 if close >= 0 else len(text)
            elif mark == "{":
                depth += 1
            elif mark == "}":
                depth -= 1
                if depth == 0:
                    return at
            found = _LUA.search(text, at)
        return None

    def _fail(self, at: int, message: str, top: list[Directive]) -> list[Directive]:
        self.failure = ParseFailure(self.file.location(at, min(at + 1, len(self.text))), message)
        return top


def _unescape(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda found: _ESCAPES.get(found[1], found[1]), text)
