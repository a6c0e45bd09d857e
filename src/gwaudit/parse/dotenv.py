"""dotenv files: python-dotenv's own parser says what each statement is, this module says where it stands.

What the library does not tell (columns, quotes, the comment) is read from the text of each statement; what it loses (the
lines that an unterminated quote swallows) is read again line by line.
"""

from __future__ import annotations

from gwaudit.parse.document import Document, Node, ParseFailure
from gwaudit.parse.dotenv_library import MAX_STATEMENTS, comment_at, quoted_end, statements
from gwaudit.pattern import regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.source import Location, SourceFile

MAX_FAILURES = 3  # a file with more of them is something else, and that is said once
MAX_CHARACTERS = 1_000_000
_HEAD = regex(
    r"\s*(?P<export>export[^\S\r\n]+)?(?:'(?P<quoted>[^']+)'|(?P<key>[^=#\s]+))[^\S\r\n]*(?P<equal>=[^\S\r\n]*)?"
)
_MAKE = regex(r"\s*(export\s+)?[A-Za-z_][A-Za-z0-9_]*[ \t]*[?:+]{1,3}=")
_LINE = regex(r"[^\r\n]*(?:\r\n|\n|\r|\Z)")


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
    """One document, its root the list of assignments in the order written, and a failure for each unreadable statement.

    A file that is mostly Makefile syntax has no failures: it is no dotenv file, whatever its name.
    """
    found: list[Assignment] = []
    failures: list[ParseFailure] = []
    make = 0
    if len(file.text) > MAX_CHARACTERS:
        return [ParseFailure(file.location(0, 0), f"not read: longer than {MAX_CHARACTERS:,} characters")]
    for start, end, key, value, error in statements(file.text):
        if error:
            failures.append(_failure(file, start, end))
            make += _MAKE.match(file.text, start, end) is not None
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
    if make and make * 2 > max(len(found), len(failures)):
        return [Document(file, "dotenv", found)]  # an include of make that has the name of a dotenv file
    return [Document(file, "dotenv", found), *failures]


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
            rest = at + (0 if bare_comment else len(line[: comment_at(line)].rstrip()))
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
            assignment = _placed(file, at, stop, raw[: comment_at(raw)].strip().strip("\"'"))
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
