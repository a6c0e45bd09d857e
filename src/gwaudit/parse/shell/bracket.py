"""``[[ ... ]]`` as tokens: operators stand for themselves, words stay raw, ``=~`` takes a regular expression."""

from __future__ import annotations

from gwaudit.parse.shell.scan import ShellSyntaxError
from gwaudit.parse.shell.syntax import Raw, Test

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.shell.tokens import Tokens


def test(script: Tokens, start: int) -> Test:
    """The tokens up to ``]]``, which is no token itself."""
    tokens: list[Raw] = []
    text = script.text
    while True:
        script.newlines()
        at = script.pos
        if at >= len(text):
            raise ShellSyntaxError(start, "[[ is not closed")
        if text.startswith(("&&", "||"), at):
            tokens.append(Raw(text[at : at + 2], at, at + 2, True))
            script.pos += 2
            continue
        if text[at] in "()<>":
            tokens.append(Raw(text[at], at, at + 1, True))
            script.pos += 1
            continue
        if tokens and tokens[-1].text == "=~":
            script.pos = regex_end(script, at)
        else:
            script.pos = script.word_end(at)
        if script.pos == at:
            raise ShellSyntaxError(at, f"unexpected {text[at]!r} in [[ ]]")
        raw = Raw(text[at : script.pos], at, script.pos)
        if raw.text == "]]":
            return Test(start, tokens)
        tokens.append(raw)


def regex_end(script: Tokens, at: int) -> int:
    """The offset after a regular expression: the first blank outside of its parentheses."""
    text, size, index, level = script.text, len(script.text), at, 0
    while index < size:
        char = text[index]
        if char == "\\":
            index += 2
        elif char in "\"'`":
            index = script.quoted_end(index)
        elif char == "$":
            index = script.dollar_end(index)
        elif char in " \t\n" and level == 0:
            break
        else:
            level += (char == "(") - (char == ")")
            index += 1
    return min(index, size)
