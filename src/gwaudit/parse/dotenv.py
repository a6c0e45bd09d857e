"""dotenv files: python-dotenv's own parser says what each statement is, this module says where it stands.

The parser is loaded from its file, without the package around it: ``dotenv/__init__`` imports logging, tempfile and
pathlib, which costs more than the rest of a run over one file. What it does not tell (columns, quotes, the comment) is read
from the text of each statement; what it loses (the lines an unterminated quote swallows) is read again line by line.
"""

from __future__ import annotations

import re
import sys

from gwaudit.parse.document import Document, Node, ParseFailure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from gwaudit.source import Location, SourceFile

MAX_FAILURES = 20
MAX_STATEMENTS = 20_000
MAX_CHARACTERS = 1_000_000
# Blank lines and comment lines, which are most of a documented file, never reach the parser.
_SKIPPED = re.compile(r"(?:[^\S\r\n]*(?:#[^\r\n]*)?(?:\r\n|\n|\r))*(?:[^\S\r\n]*#[^\r\n]*\Z)?")
_HEAD = re.compile(
    r"\s*(?P<export>export[^\S\r\n]+)?(?:'(?P<quoted>[^']+)'|(?P<key>[^=#\s]+))[^\S\r\n]*(?P<equal>=[^\S\r\n]*)?"
)
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|\Z)")
_parser: ModuleType | None = None


class Assignment(Node):
    """One statement ``KEY=value``; the node spans the key up to the end of the value, quotes included.

    ``value`` is what python-dotenv reads before it interpolates: None where there is no ``=``. ``quote`` is ``'``, ``"`` or
    empty, ``raw`` the value as written, ``comment`` the text after ``#`` on the line (None without one). ``lost`` marks a
    line that python-dotenv skips, because it cannot read it or because a quote above is not closed: its value is what
    the line would mean alone.
    """

    __slots__ = ("comment", "export", "key", "key_end", "lost", "quote", "value", "value_start")

    def __init__(self, file: SourceFile, start: int, key: str, key_end: int) -> None:
        super().__init__(file, start, key_end)
        self.key = key
        self.key_end = key_end
        self.value: str | None = None
        self.value_start: int | None = None
        self.quote = ""
        self.export = False
        self.comment: str | None = None
        self.lost = False

    @property
    def raw(self) -> str | None:
        return None if self.value_start is None else self.file.text[self.value_start : self.end]

    @property
    def key_location(self) -> Location:
        return self.file.location(self.start, self.key_end)

    @property
    def value_location(self) -> Location:
        """Where the value stands; the key where there is none."""
        return self.key_location if self.value_start is None else self.file.location(self.value_start, self.end)

    def __repr__(self) -> str:
        return f"Assignment({self.key} at {self.location})"


def parse_documents(file: SourceFile) -> list[Document | ParseFailure]:
    """One document, its root the list of assignments in the order written, and a failure for each unreadable statement."""
    found: list[Assignment] = []
    failures: list[ParseFailure] = []
    if len(file.text) > MAX_CHARACTERS:
        return [ParseFailure(file.location(0, 0), f"not read: longer than {MAX_CHARACTERS:,} characters")]
    for start, end, key, value, error in statements(file.text):
        if error:
            failures.append(_failure(file, start, end))
            found.extend(_recovered(file, start, end))
        elif key is not None:
            assignment = _placed(file, start, end, value)
            if assignment is not None:
                found.append(assignment)
    if len(failures) > MAX_FAILURES:
        more = len(failures) - MAX_FAILURES
        failures[MAX_FAILURES:] = [
            ParseFailure(failures[MAX_FAILURES].location, f"{more} more lines are not dotenv syntax")
        ]
    return [Document(file, "dotenv", found), *failures]


def statements(text: str) -> list[tuple[int, int, str | None, str | None, bool]]:
    """What python-dotenv sees: (start, end, key, value, error) per statement, offsets into ``text``.

    Values have the line ends that Python's text mode gives them (``\\n``), as the library reads files that way.
    """
    parser = _load()
    base = 1 if text[:1] == "\ufeff" else 0  # its reader drops one more byte order mark
    reader = parser.Reader(_Text(text))
    position = reader.position
    found: list[tuple[int, int, str | None, str | None, bool]] = []
    while True:
        skipped = _SKIPPED.match(reader.string, position.chars)
        if skipped is not None:
            position.chars = skipped.end()
        if not reader.has_next():
            return found
        if len(found) >= MAX_STATEMENTS:
            found.append((position.chars + base, position.chars + base, None, None, True))
            return found
        start = position.chars
        binding = parser.parse_binding(reader)
        value = binding.value
        if value and "\r" in binding.original.string:
            normal = binding.original.string.replace("\r\n", "\n").replace("\r", "\n")
            value = parser.parse_binding(parser.Reader(_Text(normal))).value
        found.append((start + base, position.chars + base, binding.key, value, binding.error))


class _Text:
    """The least stream that the parser's reader asks for."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def read(self) -> str:
        return self.text


def _load() -> ModuleType:
    global _parser  # noqa: PLW0603
    if _parser is None:
        for finder in sys.meta_path:
            spec = finder.find_spec("dotenv", None)
            if spec is not None:
                break
        if spec is None or spec.loader is None or not spec.submodule_search_locations:
            raise ImportError("python-dotenv is not installed")
        name = "gwaudit._dotenv_parser"
        source_loader: Any = type(spec.loader)
        loader = source_loader(name, f"{spec.submodule_search_locations[0]}/parser.py")
        module: Any = type(sys)(name)
        loader.exec_module(module)
        # Three parts of the private copy are replaced, none in what it answers: the library's own take quadratic time or
        # memory by the megabyte on hostile text, and count lines that are not asked for.
        module.parse_unquoted_value = _unquoted_value
        module.Position.advance = _advance
        module._single_quoted_value = _Quoted("'")
        module._double_quoted_value = _Quoted('"')
        _parser = module
    return _parser


def _unquoted_value(reader: Any) -> str:
    """The library's own, without its quadratic search for the comment in a long run of blanks."""
    (part,) = reader.read_regex(_parser._unquoted_value)  # type: ignore[union-attr]
    return str(part[: _comment_at(part)].rstrip())


def _advance(position: Any, text: str) -> None:
    position.chars += len(text)


class _Quoted:
    """A quoted string, found by scanning: stands in for a compiled pattern and for the match it gives."""

    __slots__ = ("_end", "_start", "_string", "quote")

    def __init__(self, quote: str) -> None:
        self.quote = quote
        self._string, self._start, self._end = "", 0, 0

    def match(self, string: str, at: int) -> _Quoted | None:
        end = quoted_end(string, at, self.quote)
        if end is None:
            return None
        self._string, self._start, self._end = string, at, end
        return self

    def start(self) -> int:
        return self._start

    def end(self) -> int:
        return self._end

    def groups(self) -> tuple[str]:
        return (self._string[self._start + 1 : self._end - 1],)


def quoted_end(text: str, at: int, quote: str) -> int | None:
    """The end of the string that ``quote`` opens at ``at``, None where it is not closed; a backslash hides a character."""
    if text[at : at + 1] != quote:
        return None
    at += 1
    end = text.find(quote, at)
    escape = text.find("\\", at)
    while end >= 0:
        if escape < 0 or end < escape:
            return end + 1
        at = escape + 2
        escape = text.find("\\", at)
        if end < at:
            end = text.find(quote, at)
    return None


def _comment_at(text: str) -> int:
    """Where the comment of an unquoted value begins: the first ``#`` after a blank; the end where there is none."""
    at = text.find("#", 1)
    while at > 0:
        if text[at - 1].isspace():
            return at
        at = text.find("#", at + 1)
    return len(text)


def _placed(file: SourceFile, start: int, end: int, value: str | None) -> Assignment | None:
    text = file.text
    head = _HEAD.match(text, start, end)
    if head is None:
        return None
    group = "quoted" if head["quoted"] is not None else "key"
    around = 1 if group == "quoted" else 0
    key = head[group].replace("\r\n", "\n").replace("\r", "\n")
    assignment = Assignment(file, head.start(group) - around, key, head.end(group) + around)
    assignment.export = head["export"] is not None
    assignment.value = value
    rest = assignment.end
    if head["equal"] is not None:
        at = head.end()
        quote = text[at : at + 1] if at < end else ""
        quoted = quoted_end(text, at, quote) if quote in ("'", '"') else None
        if quoted is not None and quoted <= end:
            assignment.quote = quote
            rest = quoted
        else:
            line = text[at:end].rstrip("\r\n")
            bare_comment = line[:1] == "#" and len(head["equal"]) > 1
            rest = at + (0 if bare_comment else len(line[: _comment_at(line)].rstrip()))
        assignment.value_start, assignment.end = at, rest
    comment = text[rest:end].strip()
    if comment[:1] == "#":
        assignment.comment = comment[1:].strip()
    return assignment


def _recovered(file: SourceFile, start: int, end: int) -> list[Assignment]:
    """The assignments on the lines of a statement that python-dotenv cannot read, each line taken alone."""
    found: list[Assignment] = []
    at = start
    while at < end:
        line = _LINE.match(file.text, at, end)
        stop = line.end() if line else end
        head = _HEAD.match(file.text, at, stop)
        if head is not None and head["equal"] is not None:
            raw = file.text[head.end() : stop].rstrip("\r\n")
            assignment = _placed(file, at, stop, raw[: _comment_at(raw)].strip().strip("\"'"))
            if assignment is not None:
                assignment.lost = True
                found.append(assignment)
        if stop <= at:
            break
        at = stop
    return found


def _failure(file: SourceFile, start: int, end: int) -> ParseFailure:
    if start == end:
        return ParseFailure(
            file.location(start, end), f"not read from here on: more than {MAX_STATEMENTS:,} statements"
        )
    text = file.text[start:end]
    start += len(text) - len(text.lstrip())
    text = text.strip()
    if "\n" in text or "\r" in text:
        return ParseFailure(
            file.location(start, start + len(text)), "a quote is not closed: python-dotenv skips these lines"
        )
    return ParseFailure(file.location(start, start + len(text)), "python-dotenv cannot read this line and skips it")
