"""The texts of HCL strings: escapes of quoted ones, the indentation of heredocs."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.document import Node

_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)|\$(\$\{)|%(%\{)", re.S)
_NAMED = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def unescape(body: str) -> str:
    """The text of a quoted string without its quotes (HCL native syntax, section Template Literals)."""
    return _ESCAPE.sub(_character, body) if "\\" in body or "{" in body else body


def _character(match: re.Match[str]) -> str:
    code = match[1]
    if code is None:
        return "${" if match[2] else "%{"
    if code[0] in "uU" and len(code) > 1:
        number = int(code[1:], 16)
        return chr(number) if number < 0xD800 or 0xDFFF < number < 0x110000 else "\ufffd"
    return _NAMED.get(code, match[0])


def dedent(parts: list[str | Node]) -> list[str | Node]:
    """The parts of a ``<<-`` heredoc without the indentation that all of its lines share."""
    least: int | None = None
    at_start = True
    for part in parts:
        if not isinstance(part, str):
            least = 0 if at_start else least
            at_start = False
            continue
        lines = part.split("\n")
        for index, line in enumerate(lines):
            if index or at_start:
                indent = len(line) - len(line.lstrip(" \t"))
                last = index == len(lines) - 1
                if line.strip() or (last and part is not parts[-1]):
                    least = indent if least is None else min(least, indent)
        at_start = not lines[-1]
    if not least:
        return parts
    found: list[str | Node] = []
    at_start = True
    for part in parts:
        if isinstance(part, str):
            lines = part.split("\n")
            cut = [
                line[min(least, len(line) - len(line.lstrip(" \t"))) :] if index or at_start else line
                for index, line in enumerate(lines)
            ]
            found.append("\n".join(cut))
            at_start = not lines[-1]
        else:
            found.append(part)
            at_start = False
    return found
