"""Where the nodes of tree-sitter stand: it counts bytes; every offset given out counts characters."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate

from gwaudit.parse.document import ParseFailure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.source import SourceFile


class Positions:
    """A file and the bytes that were parsed of it."""

    def __init__(self, file: SourceFile, text: bytes) -> None:
        self.file = file
        # Where multi-byte characters start, and how many bytes more than characters there are before and with each.
        self._wide: list[int] = []
        self._surplus: list[int] = [0]
        if len(text) != len(file.text):
            sizes = [_size(char) for char in file.text]
            starts = accumulate(sizes, initial=0)
            for size, start in zip(sizes, starts, strict=False):
                if size > 1:
                    self._wide.append(start)
                    self._surplus.append(self._surplus[-1] + size - 1)

    def at(self, byte: int) -> int:
        """The character offset of a byte offset."""
        return byte - self._surplus[bisect_left(self._wide, byte)] if self._wide else byte

    def span(self, node: Any) -> tuple[SourceFile, int, int]:
        """The file, and the first and last offset of a node in it."""
        return self.file, self.at(node.start_byte), self.at(node.end_byte)

    def raw(self, node: Any) -> str:
        """The text of a node as written."""
        _, start, end = self.span(node)
        return self.file.text[start:end]


def failure(positions: Positions, root: Any) -> ParseFailure:
    """The first place in the tree where something is missing or makes no sense."""
    node = root
    while node.type != "ERROR" and not node.is_missing:
        below = next((child for child in node.children if child.has_error or child.is_missing), None)
        if below is None:
            break
        node = below
    start = positions.at(node.start_byte)
    message = f"{node.type!r} is missing" if node.is_missing else "this is no attribute, block or expression"
    return ParseFailure(
        positions.file.location(start, min(positions.at(node.end_byte), start + 1)), f"not valid HCL: {message}"
    )


def _size(char: str) -> int:
    code = ord(char)
    if 0xD800 <= code <= 0xDFFF:
        return 1  # replaced by a question mark
    return 1 if code < 0x80 else 2 if code < 0x800 else 3 if code < 0x10000 else 4
