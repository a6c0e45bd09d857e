"""HAProxy configuration: sections with their lines of words, each with its place.

Words follow the manual, section 2.2 (quoting and escaping): ``#`` begins a comment, a backslash keeps the next character,
strong quotes keep everything, weak quotes everything but backslashes and variables. Variables (``${NAME}`` within weak
quotes) are left in the text for the consumer.
"""

from __future__ import annotations

import re

from gwaudit.parse.document import Document, Node, ParseFailure
from gwaudit.pattern import regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.source import SourceFile

SECTIONS = frozenset(
    (
        "global", "defaults", "frontend", "backend", "listen", "peers", "resolvers", "mailers", "userlist", "program",
        "http-errors", "ring", "cache", "fcgi-app", "log-forward", "log-profile", "crt-store", "traces", "acme", "crt-list",
    )
)  # fmt: skip

MAX_FAILURES = 20

_WORD = regex(r"(?:\\[^\n]|\"(?:\\[^\n]|[^\"\\\n])*\"|'[^'\n]*'|[^\s\\\"'#]|(?<=\S)#)+")
_END = re.compile(r"[ \t]*(#|$)")
_PART = regex(r"\\([^\n])|\"((?:\\[^\n]|[^\"\\\n])*)\"|'([^'\n]*)'|([^\\\"']+)")


class Word(Node):
    """One word: its ``text`` without quotes and escapes; ``expands`` where a variable in it would be replaced."""

    __slots__ = ("expands", "text")

    def __init__(self, file: SourceFile, start: int, end: int, text: str, expands: bool) -> None:
        super().__init__(file, start, end)
        self.text = text
        self.expands = expands

    def __repr__(self) -> str:
        return f"Word({self.text!r})"


class Line(Node):
    """A keyword and its words."""

    __slots__ = ("words",)

    def __init__(self, words: list[Word]) -> None:
        super().__init__(words[0].file, words[0].start, words[-1].end)
        self.words = words

    @property
    def texts(self) -> list[str]:
        return [word.text for word in self.words]

    def __repr__(self) -> str:
        return f"Line({self.texts})"


class Section(Node):
    """``kind`` (frontend, backend, ...), ``name`` (may be empty), ``base`` (``from NAME``) and the lines below."""

    __slots__ = ("base", "kind", "lines", "name")

    def __init__(self, head: Line) -> None:
        super().__init__(head.file, head.start, head.end)
        texts = head.texts
        self.kind = texts[0]
        rest = texts[1:]
        self.base = rest[rest.index("from") + 1] if "from" in rest[:-1] else None
        self.name = rest[0] if rest and rest[0] != "from" else ""
        self.lines: list[Line] = []

    def __repr__(self) -> str:
        return f"Section({self.kind} {self.name})"


def parse_documents(file: SourceFile) -> list[Document | ParseFailure]:
    """One document whose root is the list of sections; a line before the first section is a failure beside it."""
    sections: list[Section] = []
    failures: list[Document | ParseFailure] = []
    at = 0
    for text in file.text.splitlines(keepends=True):
        start, at = at, at + len(text)
        words = _words(file, start, text)
        if not words:
            continue
        line = Line(words)
        if words[0].text in SECTIONS and not (sections and text[:1] in " \t" and words[0].text in ("cache", "ring")):
            sections.append(Section(line))
        elif sections:
            sections[-1].lines.append(line)
        elif len(failures) >= MAX_FAILURES:
            break
        elif not words[0].text.startswith("."):  # .if, .else, .endif
            message = f'"{words[0].text[:60]}" stands before the first section'
            failures.append(ParseFailure(file.location(line.start, line.end), message))
    return [Document(file, "haproxy", sections), *failures]


def _words(file: SourceFile, start: int, text: str) -> list[Word]:
    found: list[Word] = []
    at = 0
    while True:
        if _END.match(text, at):
            return found
        word = _WORD.search(text, at)
        if word is None:
            return found
        value, expands = _value(word[0])
        found.append(Word(file, start + word.start(), start + word.end(), value, expands))
        at = word.end()


def _value(raw: str) -> tuple[str, bool]:
    parts, expands = [], False
    for part in _PART.finditer(raw):
        kept, weak, strong, plain = part.groups()
        if weak is not None:
            expands = expands or "$" in weak
            parts.append(re.sub(r"\\(.)", r"\1", weak))
        else:
            parts.append(kept or strong or plain or "")
    return "".join(parts), expands
