"""Requirement files as pip reads them: logical lines with places; what a line asks for is a form, not yet a judgement.

pip's format: https://pip.pypa.io/en/stable/reference/requirements-file-format/. A backslash joins lines, ``#`` after a blank
starts a comment, options may follow a requirement (``--hash``), and ``${NAME}`` is taken from the environment.
"""

from __future__ import annotations

import re

from gwaudit.parse.document import Document, Node, ParseFailure
from gwaudit.pattern import regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.source import SourceFile

MAX_LINES = 20_000
_LINE = regex(r"[^\r\n]*(?:\r\n|\n|\r|\Z)")
_COMMENT = regex(r"(?:^|[ \t])#[^\r\n]*")
_OPTION = regex(r"[ \t](?=--?[A-Za-z])")
_WITH_VALUE = {
    "-r": "include", "--requirement": "include", "-c": "constraint", "--constraint": "constraint",
    "-e": "editable", "--editable": "editable",
}  # fmt: skip
_NAMED = regex(
    r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)[ \t]*"
    r"(?:\[(?P<extras>[^\]]*)\])?[ \t]*"
    r"(?:@[ \t]*(?P<url>\S+)|\(?(?P<specifier>[<>=!~][^;@()]*)\)?)?[ \t]*(?:;(?P<marker>.*))?\Z"
)


class Line(Node):
    """One logical line; the node spans what it asks for, without options and comment.

    ``kind``: ``requirement`` (``name``, ``extras``, ``specifier``, ``marker`` as text), ``url`` (``target`` is the URL or
    path, ``name`` where it is told), ``include`` and ``constraint`` (``target`` is the file), ``editable`` (``target``),
    ``option`` (``target`` is the option's name). ``hashes`` counts ``--hash`` options.
    """

    __slots__ = ("extras", "hashes", "kind", "marker", "name", "specifier", "target")

    def __init__(self, file: SourceFile, start: int, end: int, kind: str, target: str = "") -> None:
        super().__init__(file, start, end)
        self.kind = kind
        self.target = target
        self.name = ""
        self.extras: tuple[str, ...] = ()
        self.specifier = ""
        self.marker = ""
        self.hashes = 0

    def __repr__(self) -> str:
        return f"Line({self.kind} {self.name or self.target}{self.specifier})"


def parse_documents(file: SourceFile) -> list[Document | ParseFailure]:
    """One document whose root is a tuple of ``Line``; a line that is no requirement is a failure beside it."""
    lines: list[Line] = []
    failures: list[Document | ParseFailure] = []
    for count, (start, end, text) in enumerate(_logical(file.text)):
        if count >= MAX_LINES:
            failures.append(ParseFailure(file.location(start, start), f"not read: more than {MAX_LINES:,} lines"))
            break
        found = _line(file, start, end, text)
        if found is None:
            failures.append(ParseFailure(file.location(start, end), "not a requirement"))
        else:
            lines.append(found)
    return [Document(file, "requirements", tuple(lines)), *failures]


def _logical(text: str) -> list[tuple[int, int, str]]:
    """Joined lines without comments: offset of the first and after the last character, and the joined text."""
    found: list[tuple[int, int, str]] = []
    pieces: list[str] = []
    start = end = at = 0
    while at < len(text):
        match = _LINE.match(text, at)
        whole = match.group() if match is not None else ""
        body = whole.rstrip("\r\n")
        comment = _COMMENT.search(body)
        is_comment = comment is not None and not body[: comment.start()].strip()
        joined = body.endswith("\\") and not is_comment
        kept = body[:-1] if joined else body
        if comment is not None and not joined:
            kept = body[: comment.start()]
        if kept.strip():
            if not pieces:
                start = at + len(kept) - len(kept.lstrip())
            end = at + len(kept.rstrip())
            pieces.append(kept)
        at += len(whole)
        if not joined and pieces:
            found.append((start, end, " ".join(piece.strip() for piece in pieces)))
            pieces = []
    if pieces:
        found.append((start, end, " ".join(piece.strip() for piece in pieces)))
    return found


def _line(file: SourceFile, start: int, end: int, text: str) -> Line | None:
    if text.startswith("-"):
        return _option(file, start, end, text)
    body = text
    option = _OPTION.search(text)
    if option is not None:
        body = text[: option.start()].rstrip()
    return read_requirement(file, start, min(end, start + len(body)), body, text.count("--hash"))


def _option(file: SourceFile, start: int, end: int, text: str) -> Line:
    name, equals, value = (
        text.partition("=") if text.startswith("--") and "=" in text.split(maxsplit=1)[0] else (text, "", "")
    )
    if not equals:
        name, _, value = text.partition(" ")
        if name[:2] in _WITH_VALUE and len(name) > 2 and not name.startswith("--"):
            name, value = name[:2], name[2:]  # -rother.txt
    kind = _WITH_VALUE.get(name, "option")
    value = value.strip().strip("\"'")
    if kind == "option":
        return Line(file, start, end, kind, name)
    found = Line(file, start, end, kind, value)
    if kind == "editable":
        found.name = _egg(value)
    return found


def read_requirement(file: SourceFile, start: int, end: int, text: str, hashes: int = 0) -> Line | None:
    """One requirement (PEP 508, or pip's URL and path forms); None for a text that is none."""
    match = _NAMED.match(text)
    if match is None:
        if "://" in text or text.startswith((".", "/", "~", "$")) or text.endswith((".whl", ".zip", ".tar.gz")):
            found = Line(file, start, end, "url", text.partition(";")[0].strip())
            found.name = _egg(found.target)
            return found
        return None
    found = Line(file, start, end, "url" if match.group("url") else "requirement", match.group("url") or "")
    found.name = match.group("name")
    found.extras = tuple(part.strip() for part in (match.group("extras") or "").split(",") if part.strip())
    found.specifier = "".join((match.group("specifier") or "").split())
    found.marker = (match.group("marker") or "").strip()
    found.hashes = hashes
    return found


def _egg(url: str) -> str:
    """The name that ``#egg=name`` or a wheel's file name tells; empty where neither does."""
    _, _, fragment = url.partition("#egg=")
    if fragment:
        return re.split(r"[\[&]", fragment, maxsplit=1)[0]
    last = url.rpartition("/")[2]
    return last.split("-")[0] if last.endswith(".whl") else ""
