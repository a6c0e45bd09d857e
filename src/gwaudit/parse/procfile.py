"""Procfiles: one process type and its shell command a line."""

from __future__ import annotations

from gwaudit.parse.document import Document, ParseFailure, Scalar
from gwaudit.pattern import regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.source import SourceFile

# Heroku's reading: `<process type>: <command>`; other lines are ignored.
_LINE = regex(r"^[ \t]*([A-Za-z0-9_-]+)[ \t]*:[ \t]*(\S[^\r\n]*?)[ \t]*$")


def parse_documents(file: SourceFile) -> list[Document | ParseFailure]:
    """A document whose root is a list of (name, command) scalars; a failure for every line that is neither."""
    found: list[tuple[Scalar, Scalar]] = []
    result: list[Document | ParseFailure] = [Document(file, "procfile", found)]
    offset = 0
    for line in file.text.splitlines(keepends=True):
        body = line.rstrip("\r\n")
        match = _LINE.match(body)
        if match is not None:
            name, command = (
                Scalar(file, offset + match.start(group), offset + match.end(group), match.group(group))
                for group in (1, 2)
            )
            found.append((name, command))
        elif body.strip() and not body.lstrip().startswith("#"):
            result.append(ParseFailure(file.location(offset, offset + len(body)), "not a `name: command` line"))
        offset += len(line)
    return result
