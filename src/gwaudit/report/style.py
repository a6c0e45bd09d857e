"""Colours of a terminal: ten escape sequences, or none of them."""

from __future__ import annotations

_CODES = {
    "critical": "1;31", "high": "31", "medium": "33", "low": "36", "bold": "1", "dim": "2", "frame": "34",
    "caret": "1;31", "related": "1;34", "help": "32",
}  # fmt: skip


class Style:
    """``style("high", "text")`` is the text in that colour, or the text itself."""

    __slots__ = ("colored",)

    def __init__(self, colored: bool) -> None:
        self.colored = colored

    def __call__(self, name: str, text: str) -> str:
        return f"\x1b[{_CODES[name]}m{text}\x1b[0m" if self.colored and text else text
