"""Dockerfiles: instructions with places, by the rules of BuildKit's reader.

Parser directives (``# escape=``), continuation lines with comments and blank lines inside, here-documents, flags and the
JSON form. The value of an instruction is one text without line ends; ``Instruction.locate`` leads back into the file.
"""

from __future__ import annotations

import re

from gwaudit.parse.dockerfile.syntax import Dockerfile, Heredoc, Instruction, Token
from gwaudit.parse.document import Document, ParseFailure
from gwaudit.pattern import regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.source import SourceFile

KEYWORDS = frozenset(
    (
        "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER",
        "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
    )
)  # fmt: skip
MAX_INSTRUCTIONS = 5000
_DIRECTIVE = regex(r"^#[ \t]*([a-zA-Z][a-zA-Z0-9_-]*)[ \t]*=[ \t]*(\S.*?)[ \t]*$")
_HEREDOC = regex(r"<<(-?)(['\"]?)([a-zA-Z_][a-zA-Z0-9_.]*)(['\"]?)")
_FLAG = regex(r"--([a-zA-Z][a-zA-Z0-9_-]*)(=(\"[^\"]*\"|\S*))?(?=\s|$)")
_STRING = regex(r'"(?:[^"\\]|\\.)*"')


def parse_documents(file: SourceFile) -> list[Document | ParseFailure]:
    """The Dockerfile, then a failure for every instruction that is not one."""
    root = Dockerfile()
    failures: list[Document | ParseFailure] = []
    lines = (
        file.text.splitlines(keepends=True)
        if "\x0b" not in file.text and "\x0c" not in file.text
        else _lines(file.text)
    )
    offsets: list[int] = []
    at = 0
    for line in lines:
        offsets.append(at)
        at += len(line)
    _directives(root, lines)
    index = 0
    while index < len(lines) and len(root.instructions) < MAX_INSTRUCTIONS:
        stripped = lines[index].strip()
        if not stripped or stripped.startswith("#"):
            index += 1
            continue
        index = _instruction(file, root, lines, offsets, index, failures)
    return [Document(file, "dockerfile", root), *failures]


def _lines(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _directives(root: Dockerfile, lines: list[str]) -> None:
    for line in lines:
        match = _DIRECTIVE.match(line.rstrip("\r\n"))
        if match is None or match.group(1).lower() not in ("syntax", "escape", "check"):
            return
        root.directives.setdefault(match.group(1).lower(), match.group(2))
        if match.group(1).lower() == "escape" and match.group(2) in ("\\", "`"):
            root.escape = match.group(2)


def _instruction(
    file: SourceFile,
    root: Dockerfile,
    lines: list[str],
    offsets: list[int],
    index: int,
    failures: list[Document | ParseFailure],
) -> int:
    """Read one instruction from line ``index``; the index of the next line."""
    line = lines[index]
    lead = len(line) - len(line.lstrip())
    match = re.compile(r"\S+").match(line, lead)
    assert match is not None
    instruction = Instruction(file, match.group().upper(), offsets[index] + lead)
    parts: list[str] = []
    size = 0
    column = match.end()
    first = True
    while index < len(lines):
        body = lines[index].rstrip("\r\n")
        if not first:
            stripped = body.strip()
            if stripped.startswith("#") or not stripped:
                index += 1
                continue
            column = 0
        text = body[column:]
        trimmed = text.rstrip(" \t")
        more = trimmed.endswith(root.escape)
        if more:
            text = trimmed[: -len(root.escape)]
        if first:
            skipped = len(text) - len(text.lstrip())
            text, column = text[skipped:], column + skipped
        if text:
            instruction._map.append((size, offsets[index] + column))
            parts.append(text)
            size += len(text)
        instruction.end = offsets[index] + len(body)
        index += 1
        first = False
        if not more:
            break
    value = "".join(parts)
    instruction.value = value.rstrip()
    if instruction.keyword not in KEYWORDS:
        where = file.location(instruction.start, instruction.start + len(match.group()))
        failures.append(ParseFailure(where, f"unknown instruction {match.group()[:40]}"))
        return index
    _flags(instruction)
    if instruction.keyword in ("RUN", "COPY", "ADD"):
        index = _heredocs(file, instruction, lines, offsets, index, failures)
    _json(instruction)
    root.instructions.append(instruction)
    return index


def _flags(instruction: Instruction) -> None:
    """Take ``--name=value`` from the front of the value."""
    if instruction.keyword not in ("FROM", "RUN", "COPY", "ADD", "HEALTHCHECK"):
        return
    value, at = instruction.value, 0
    while True:
        match = _FLAG.match(value, at)
        if match is None:
            break
        text = match.group(3)
        if text is not None and text[:1] == '"':
            text = text[1:-1]
        instruction.flags.append((match.group(1), text, instruction.locate(match.start(), match.end())))
        at = match.end()
        while at < len(value) and value[at].isspace():
            at += 1
    if at:
        base = instruction.offset(at)
        rest = [(offset - at, place) for offset, place in instruction._map if offset > at]
        instruction._map = [(0, base), *rest]
        instruction.value = value[at:]


def _heredocs(
    file: SourceFile,
    instruction: Instruction,
    lines: list[str],
    offsets: list[int],
    index: int,
    failures: list[Document | ParseFailure],
) -> int:
    for match in _HEREDOC.finditer(instruction.value):
        before = instruction.value[match.start() - 1 : match.start()]
        if before == "<" or match.group(2) != match.group(4):
            continue
        found = Heredoc(match.group(3), bool(match.group(2)), bool(match.group(1)))
        found.start = offsets[index] if index < len(lines) else len(file.text)
        body: list[str] = []
        end = index
        while end < len(lines):
            line = lines[end].rstrip("\r\n")
            if (line.lstrip("\t") if found.strip else line) == found.name:
                break
            body.append(lines[end].lstrip("\t") if found.strip else lines[end])
            end += 1
        if end >= len(lines):
            where = instruction.locate(match.start(), match.end())
            failures.append(ParseFailure(where, f"here-document {found.name} is not closed"))
        found.text = "".join(body)
        found.end = offsets[end] if end < len(lines) else len(file.text)
        instruction.heredocs.append(found)
        index = min(end + 1, len(lines))
        instruction.end = found.end + len(found.name) if end < len(lines) else len(file.text)
    return index


def _json(instruction: Instruction) -> None:
    """The JSON form of CMD, ENTRYPOINT, RUN, SHELL, COPY, ADD, VOLUME and of a health check's CMD."""
    value, at = instruction.value, 0
    if instruction.keyword == "HEALTHCHECK":
        match = re.compile(r"(?i)cmd\s+").match(value)
        if match is None:
            return
        at = match.end()
    elif instruction.keyword not in ("CMD", "ENTRYPOINT", "RUN", "SHELL", "COPY", "ADD", "VOLUME"):
        return
    if value[at : at + 1] != "[":
        return
    import json

    try:
        found = json.loads(value[at:])
    except (ValueError, RecursionError):
        return
    if not isinstance(found, list) or not all(isinstance(word, str) for word in found):
        return
    words: list[Token] = []
    cursor = at
    for word in found:
        match = _STRING.search(value, cursor)
        if match is None:
            return
        words.append(Token(word, match.start(), match.end()))
        cursor = match.end()
    instruction.words = words


def split(value: str, escape: str = "\\", start: int = 0) -> list[Token]:
    """The words of a value with their quotes, split at blanks outside quotes, as ENV, COPY and LABEL read them."""
    found: list[Token] = []
    index, size = start, len(value)
    while index < size:
        if value[index].isspace():
            index += 1
            continue
        begin = index
        quote = ""
        while index < size:
            char = value[index]
            if char == escape and quote != "'":
                index += 2
                continue
            if quote:
                quote = "" if char == quote else quote
            elif char in "\"'":
                quote = char
            elif char.isspace():
                break
            index += 1
        index = min(index, size)
        found.append(Token(value[begin:index], begin, index))
    return found
