"""Simple commands: assignments, words and redirections in any order, as a shell reads them."""

from __future__ import annotations

from gwaudit.parse.shell.scan import ShellSyntaxError
from gwaudit.parse.shell.syntax import Assign, Raw, Simple
from gwaudit.pattern import regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.shell.tokens import Tokens

DECLARATIONS = frozenset(("export", "declare", "typeset", "local", "readonly"))
_ASSIGN = regex(r"([A-Za-z_][A-Za-z0-9_]*)(\+?=|\[)")
_INDEXED = regex(r"\](\+?=)")


def simple(script: Tokens) -> Simple:
    """One simple command; an error where nothing of one stands here."""
    node = Simple(script.pos)
    text = script.text
    declaring = False
    while True:
        if script.redirect(node):
            continue
        start = script.pos
        if not node.words or declaring:
            assign = assignment(script)
            if assign is not None:
                (node.words if declaring else node.assigns).append(assign)
                continue
        raw = script.word()
        if raw is None:
            break
        if not node.words:
            declaring = raw.text in DECLARATIONS
        node.words.append(raw)
    if not node.words and not node.assigns and not node.redirects:
        got = text[start : start + 1]
        raise ShellSyntaxError(start, f"unexpected {got!r}" if got else "unexpected end")
    return node


def assignment(script: Tokens) -> Assign | None:
    """The assignment that stands here; None where it is an ordinary word."""
    match = _ASSIGN.match(script.text, script.pos)
    if match is None:
        return None
    start, at, text = script.pos, match.end(), script.text
    index: Raw | None = None
    operator = match.group(2)
    if operator == "[":
        end = script.word_end(at, frozenset("]\n"), groups=False)
        following = _INDEXED.match(text, end)
        if following is None:
            return None
        index = Raw(text[at:end], at, end)
        operator, at = following.group(1), following.end()
    assign = Assign(match.group(1), start, at, index=index, append=operator == "+=")
    if text[at : at + 1] == "(" and index is None:
        script.pos = at + 1
        items: list[Raw] = []
        while True:
            script.newlines()
            if text[script.pos : script.pos + 1] == ")":
                script.pos += 1
                break
            raw = script.word()
            if raw is None:
                raise ShellSyntaxError(start, "an array is not closed")
            items.append(raw)
        assign.items = items
    else:
        script.pos = at
        assign.value = script.word() or Raw("", at, at)
    assign.end = script.pos
    return assign
