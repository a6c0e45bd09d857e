"""A text of several pieces (``"${var.host}:${var.port}"`` in HCL): known where each piece is."""

from __future__ import annotations

from gwaudit.resolve.fact import Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gwaudit.parse.document import Node

MAX_TEXT = 100_000  # characters


def joined(
    parts: Iterable[str | Node], text: Callable[[Node], tuple[str | Unknown, bool]]
) -> tuple[str | Unknown, bool]:
    """The whole text, or why it is not known, and whether the ``text`` of a piece was assumed."""
    pieces: list[str] = []
    length, assumed = 0, False
    for part in parts:
        piece, more = (part, False) if isinstance(part, str) else text(part)
        assumed = assumed or more
        if isinstance(piece, Unknown):
            return piece, assumed
        pieces.append(piece)
        length += len(piece)
        if length > MAX_TEXT:
            return Unknown(f"a text of more than {MAX_TEXT:,} characters"), assumed
    return "".join(pieces), assumed
