"""A Caddyfile: directives with their words and blocks, each with its place.

The grammar is that of caddyserver.com/docs/caddyfile/concepts: a line is a directive, its words are parted by blanks, ``{``
at the end of a line opens a block and ``}`` on a line of its own closes it, ``#`` at the start of a word begins a comment, a
backslash before the line's end continues it. Words in ``"`` may hold line ends, those in backticks are kept as they are,
``<<NAME`` begins a here-document. Snippets and imports are left to the consumer.
"""

from __future__ import annotations

import re

from gwaudit.parse.document import Document, ParseFailure
from gwaudit.parse.nginx import Directive, Word
from gwaudit.pattern import regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.source import SourceFile

MAX_DEPTH = 24
MAX_CHARACTERS = 1_000_000
_BLANK = regex(r"(?:[ \t\r]+|\\\r?\n)+")
_COMMENT = regex(r"#[^\n]*")
_PLAIN = regex(r"[^\s]+")
_QUOTED = regex(r'"((?:[^"\\]+|\\[\s\S])*)"')
_RAW = regex(r"`([^`]*)`")
_HERE = regex(r"<<([A-Za-z_][A-Za-z0-9_-]{0,60})[ \t\r]*\n")


def parse_documents(file: SourceFile) -> list[Document | ParseFailure]:
    """One document whose root is the list of top-level directives; a failure beside it where reading stopped."""
    if len(file.text) > MAX_CHARACTERS:
        return [ParseFailure(file.location(0, 0), f"not read: more than {MAX_CHARACTERS:,} characters")]
    reader = _Reader(file)
    root = reader.block(0)
    found: list[Document | ParseFailure] = [Document(file, "caddy", root)]
    if reader.failure is not None:
        found.append(reader.failure)
    return found


class _Reader:
    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.text = file.text
        self.at = 0
        self.failure: ParseFailure | None = None

    def block(self, depth: int) -> list[Directive]:
        """The directives up to the end of the text, or to the brace that closes the block."""
        found: list[Directive] = []
        while self.failure is None:
            words = self.line()
            if words is None:
                if depth:
                    self.fail(len(self.text), "a block does not end")
                break
            if not words:
                continue
            if len(words) == 1 and words[0].text == "}" and not words[0].quoted:
                if not depth:
                    self.fail(words[0].start, "a closing brace without a block")
                break
            block: list[Directive] | None = None
            if words[-1].text == "{" and not words[-1].quoted:
                if depth >= MAX_DEPTH:
                    self.fail(words[-1].start, f"nested deeper than {MAX_DEPTH} levels")
                    break
                block = self.block(depth + 1)
            name, rest = words[0], words[1:]
            if block is not None:
                rest = rest[:-1]
            if block is not None and len(words) == 1:  # global options: a block without a name
                name = Word(self.file, words[0].start, words[0].start, "", False)
            found.append(Directive(name, rest, block, words[-1].end))
        return found

    def line(self) -> list[Word] | None:
        """The words up to the end of the line; None at the end of the text."""
        if self.at >= len(self.text):
            return None
        words: list[Word] = []
        while self.at < len(self.text) and self.failure is None:
            blank = _BLANK.match(self.text, self.at)
            if blank is not None:
                self.at = blank.end()
                continue
            char = self.text[self.at]
            if char == "\n":
                self.at += 1
                break
            if char == "#":
                comment = _COMMENT.match(self.text, self.at)
                self.at = comment.end() if comment is not None else self.at + 1
                continue
            words.append(self.word())
        return words

    def word(self) -> Word:
        start = self.at
        for pattern in (_QUOTED, _RAW):
            quoted = pattern.match(self.text, start)
            if quoted is not None:
                self.at = quoted.end()
                text = quoted[1].replace('\\"', '"') if pattern is _QUOTED else quoted[1]
                return Word(self.file, start, self.at, text, True)
        if self.text[start] in '"`':
            self.fail(start, "a quoted word does not end")
            return Word(self.file, start, start, "", True)
        here = _HERE.match(self.text, start)
        if here is not None:
            end = re.compile(rf"^[ \t]*{here[1]}\b", re.MULTILINE).search(self.text, here.end())
            if end is None:
                self.fail(start, "a here-document does not end")
                return Word(self.file, start, start, "", True)
            self.at = end.end()
            return Word(self.file, start, self.at, self.text[here.end() : end.start()], True)
        plain = _PLAIN.match(self.text, start)
        self.at = plain.end() if plain is not None else start + 1
        return Word(self.file, start, self.at, self.text[start : self.at], False)

    def fail(self, at: int, message: str) -> None:
        self.failure = ParseFailure(self.file.location(at, at), f"not a valid Caddyfile: {message}")
