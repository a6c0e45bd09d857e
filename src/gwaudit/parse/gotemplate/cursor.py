"""The place in a template's tokens, and how deep it is nested there."""

from __future__ import annotations

from gwaudit.parse.gotemplate.lexer import SyntaxFailure, Token, tokens

MAX_DEPTH = 60  # blocks in blocks, parentheses in parentheses
_END = Token("end of file", 0, 0, "")


class Cursor:
    """The tokens with the index of the next one; ``count`` leaves out the mark of the end that follows them."""

    __slots__ = ("at", "count", "depth", "tokens")

    def __init__(self, text: str) -> None:
        self.tokens = tokens(text)
        self.count = len(self.tokens)
        self.tokens.append(_END)
        self.at = 0
        self.depth = 0

    def peek(self) -> Token:
        """The next token, left where it is."""
        return self.tokens[self.at]

    def deeper(self, place: int) -> None:
        """One more level of nesting; whoever leaves it takes it off ``depth``."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise SyntaxFailure(f"nested deeper than {MAX_DEPTH} levels", place)

    def close(self) -> int:
        """Pass the end of an action and give its offset."""
        token = self.peek()
        if token.kind != "close":
            raise SyntaxFailure(f"unexpected {token.text!r} in an action", token.start)
        self.at += 1
        return token.end
