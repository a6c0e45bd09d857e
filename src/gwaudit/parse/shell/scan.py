"""Where a quoted or ``$`` construct of a shell word ends: one pass over the characters, shared by parser and evaluator."""

from __future__ import annotations

MAX_DEPTH = 50
BLANK = " \t"
META = frozenset(" \t\n;&|<>()")


class ShellSyntaxError(Exception):
    """The script is not what a shell reads: the offset and the message."""

    def __init__(self, offset: int, message: str) -> None:
        super().__init__(message)
        self.offset = offset
        self.message = message


class Scanner:
    """The text of a script and the ends of its constructs; ``depth`` bounds nesting."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.depth = 0
        self._ends: dict[int, int] = {}

    def enter(self, at: int) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ShellSyntaxError(at, f"nested deeper than {MAX_DEPTH} levels")

    def quoted_end(self, at: int) -> int:
        """The offset after the quote that opens at ``at`` (single, double or backquote)."""
        text, quote = self.text, self.text[at]
        if quote == "'":
            end = text.find("'", at + 1)
            if end < 0:
                raise ShellSyntaxError(at, "a quote is not closed")
            return end + 1
        known = self._ends.get(at)
        if known is not None:
            return known
        self.enter(at)
        index, size = at + 1, len(text)
        while index < size and text[index] != quote:
            char = text[index]
            if char == "\\":
                index += 2
            elif char == "$" and quote == '"':
                index = self.dollar_end(index, True)
            elif char == "`" and quote == '"':
                index = self.quoted_end(index)
            else:
                index += 1
        self.depth -= 1
        if index >= size:
            raise ShellSyntaxError(at, "a quote is not closed")
        self._ends[at] = index + 1
        return index + 1

    def dollar_end(self, at: int, in_quotes: bool = False) -> int:
        """The offset after the expansion that starts with the ``$`` at ``at``; ``at + 1`` for a lone dollar."""
        text = self.text
        following = text[at + 1 : at + 2]
        if following in ("(", "{") and at in self._ends:
            return self._ends[at]
        if following == "(":
            if text.startswith("((", at + 1):
                end = self.arithmetic_end(at + 1)
                if end is not None:
                    self._ends[at] = end
                    return end
            end = self.substitution_end(at + 1)
        elif following == "{":
            end = self.brace_end(at + 1)
        elif following == "'" and not in_quotes:
            end = at + 2
            while end < len(text) and text[end] != "'":
                end += 2 if text[end] == "\\" else 1
            if end >= len(text):
                raise ShellSyntaxError(at, "a quote is not closed")
            return end + 1
        elif following.isalpha() or following == "_":
            end = at + 2
            while end < len(text) and (text[end].isalnum() or text[end] == "_") and text[end].isascii():
                end += 1
            return end
        elif following and following in "0123456789@*#?$!-":
            return at + 2
        else:
            return at + 1
        self._ends[at] = end
        return end

    def substitution_end(self, at: int) -> int:
        """The offset after the ``)`` that closes the ``(`` at ``at``; only a parser knows (see the grammar)."""
        raise NotImplementedError

    def brace_end(self, at: int) -> int:
        """The offset after the ``}`` that closes the ``{`` at ``at``."""
        text, size = self.text, len(self.text)
        self.enter(at)
        index = at + 1
        while index < size and text[index] != "}":
            char = text[index]
            if char == "\\":
                index += 2
            elif char in "\"`'":
                index = self.brace_quote_end(index, at)
            elif char == "$":
                index = self.dollar_end(index)
            else:
                index += 1
        self.depth -= 1
        if index >= size:
            raise ShellSyntaxError(at, "a brace is not closed")
        return index + 1

    def brace_quote_end(self, index: int, at: int) -> int:
        """A quote inside ``${...}``; a lone apostrophe (as in a message inside double quotes) stands for itself."""
        if self.text[index] == "'":
            line = self.text.find("\n", at)
            end = self.text.find("'", index + 1)
            if end < 0 or (0 <= line < end and "}" in self.text[index:line]):
                return index + 1
        return self.quoted_end(index)

    def arithmetic_end(self, at: int) -> int | None:
        """The offset after the ``))`` that closes the ``((`` at ``at``; None where it is no arithmetic after all."""
        text, size = self.text, len(self.text)
        level, index = 0, at
        while index < size:
            char = text[index]
            if char == "(":
                level += 1
            elif char == ")":
                level -= 1
                if level == 0:
                    return index + 1 if text[index - 1] == ")" else None
                if level == 1 and text[index + 1 : index + 2] != ")" and text[index - 1] != ")":
                    pass
            elif char == "\\":
                index += 1
            elif char == "$" and text[index + 1 : index + 2] in ("{", "("):
                index = self.dollar_end(index)
                continue
            elif char in ";\n" and level == 1:
                return None
            index += 1
        return None

    def balanced_end(self, at: int) -> int:
        """The offset after the ``)`` that closes the pattern group at ``at``."""
        text, size = self.text, len(self.text)
        level, index = 0, at
        while index < size:
            char = text[index]
            if char == "\\":
                index += 2
                continue
            if char in "\"'`":
                index = self.quoted_end(index)
                continue
            if char == "$":
                index = self.dollar_end(index)
                continue
            level += (char == "(") - (char == ")")
            index += 1
            if level == 0:
                return index
        raise ShellSyntaxError(at, "a parenthesis is not closed")

    def word_end(self, at: int, stops: frozenset[str] = META, groups: bool = True) -> int:
        """The offset after the word that starts at ``at`` (``at`` itself where there is none)."""
        text, size = self.text, len(self.text)
        index = at
        while index < size:
            char = text[index]
            if char == "\\":
                index = min(index + 2, size)
            elif char in "\"'`":
                index = self.quoted_end(index)
            elif char == "$":
                index = self.dollar_end(index)
            elif char in "<>" and text[index + 1 : index + 2] == "(" and index == at:
                index = self.substitution_end(index + 1)
            elif groups and char in "@?!+*" and text[index + 1 : index + 2] == "(":
                index = self.balanced_end(index + 1)
            elif char in stops:
                break
            else:
                index += 1
        return index
