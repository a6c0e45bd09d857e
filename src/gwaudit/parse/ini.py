"""INI files with places: systemd units, supervisord's and pgbouncer's configuration.

systemd joins lines that end in a backslash and keeps repeated keys; supervisord (Python's configparser) continues a value on
indented lines and takes `` ;`` for a comment; pgbouncer has one line a key. Every entry stays in the order written.
"""

from __future__ import annotations

from gwaudit.parse.document import Document, Node, ParseFailure, Scalar
from gwaudit.pattern import regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.source import SourceFile

_SECTION = regex(r"^\s*\[([^\]]+)\]\s*$")
_ENTRY = regex(r"^\s*([^\s=:\[][^=:]*?)\s*=\s*(.*)$")
_COLON_ENTRY = regex(r"^\s*([^\s=:\[][^=:]*?)\s*[=:]\s*(.*)$")
_INLINE = regex(r"(?:^|\s);.*$")


class Section(Node):
    """``[name]`` and its entries, keys and values as scalars."""

    __slots__ = ("entries", "name")

    def __init__(self, file: SourceFile, start: int, end: int, name: str) -> None:
        super().__init__(file, start, end)
        self.name = name
        self.entries: list[tuple[Scalar, Scalar]] = []

    def get(self, key: str) -> Scalar | None:
        """The last value of a key; keys are compared without case."""
        lower = key.lower()
        return next((value for name, value in reversed(self.entries) if name.text.lower() == lower), None)

    def all(self, key: str) -> list[Scalar]:
        """Every value of a key in order; an empty one takes back what came before it, as systemd does."""
        lower = key.lower()
        found: list[Scalar] = []
        for name, value in self.entries:
            if name.text.lower() == lower:
                found = [*found, value] if value.text else []
        return found


def parse_documents(file: SourceFile) -> list[Document | ParseFailure]:
    """A document whose root is a list of sections; a failure for every line that is neither section, entry nor comment."""
    unit = file.path.endswith((".service", ".socket", ".conf.d"))
    sections: list[Section] = []
    result: list[Document | ParseFailure] = [Document(file, "ini", sections)]
    lines = file.text.splitlines(keepends=True)
    offset = index = 0
    while index < len(lines):
        line = lines[index]
        start, body = offset, line.rstrip("\r\n")
        offset += len(line)
        index += 1
        stripped = body.strip()
        if not stripped or stripped[0] in "#;":
            continue
        match = _SECTION.match(body if unit else _INLINE.sub("", body))
        if match is not None:
            sections.append(Section(file, start + match.start(1) - 1, start + match.end(1) + 1, match.group(1).strip()))
            continue
        match = (_ENTRY if unit else _COLON_ENTRY).match(body)
        if match is None or not sections:
            result.append(ParseFailure(file.location(start, start + len(body)), "not a `key = value` line"))
            continue
        key = Scalar(file, start + match.start(1), start + match.end(1), match.group(1))
        text, begin, end = match.group(2), start + match.start(2), start + match.end(2)
        if unit:
            text = text.rstrip()
            while text.endswith("\\") and index < len(lines):
                following = lines[index].rstrip("\r\n")
                end = offset + len(following)
                offset += len(lines[index])
                index += 1
                if following.lstrip()[:1] in ("#", ";"):
                    continue
                text = text[:-1] + " " + following.strip()
        else:
            text = _INLINE.sub("", text).rstrip()
            while index < len(lines) and lines[index][:1] in " \t" and lines[index].strip():
                following = lines[index].rstrip("\r\n")
                if following.strip()[:1] not in "#;":
                    text += "\n" + _INLINE.sub("", following).strip()
                    end = offset + len(following)
                offset += len(lines[index])
                index += 1
        sections[-1].entries.append((key, Scalar(file, begin, end, text.strip())))
    return result
