"""Compound commands: conditions, loops, groups, functions; each reader starts after its reserved word."""

from __future__ import annotations

from gwaudit.parse.shell.bracket import test
from gwaudit.parse.shell.scan import ShellSyntaxError
from gwaudit.parse.shell.syntax import Case, CountingFor, For, Function, Group, If, Node, Raw, Sequence, While
from gwaudit.pattern import regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gwaudit.parse.shell.grammar import Parser

_NAME = regex(r"[A-Za-z_][A-Za-z0-9_]*")
_PARENTHESES = regex(r"[ \t]*\([ \t]*\)")


def branches(parser: Parser, start: int) -> If:
    """``if``, with ``elif`` and ``else``."""
    node = If(start)
    while True:
        condition = parser.block("then")
        parser.expect("then")
        node.branches.append((condition, parser.block("elif", "else", "fi")))
        following = parser.literal()
        parser.pos += len(following)
        if following == "elif":
            continue
        if following == "else":
            node.otherwise = parser.block("fi")
            parser.expect("fi")
        elif following != "fi":
            raise ShellSyntaxError(start, "if without fi")
        return node


def while_loop(parser: Parser, start: int) -> While:
    """``while list; do list; done``."""
    condition = parser.block("do")
    return While(start, condition, do_group(parser), False)


def until_loop(parser: Parser, start: int) -> While:
    """``until``: the same with the opposite condition."""
    condition = parser.block("do")
    return While(start, condition, do_group(parser), True)


def do_group(parser: Parser) -> Sequence:
    """The body of a loop, ``do`` to ``done``."""
    parser.expect("do")
    body = parser.block("done")
    parser.expect("done")
    return body


def for_loop(parser: Parser, start: int) -> For | CountingFor:
    """``for`` and ``select``, over words or counting."""
    parser.blanks()
    if parser.text.startswith("((", parser.pos):
        return counting_loop(parser, start)
    match = _NAME.match(parser.text, parser.pos)
    if match is None:
        raise ShellSyntaxError(parser.pos, "for without a name")
    parser.pos = match.end()
    parser.newlines()
    words: list[Raw] | None = None
    if parser.literal() == "in":
        parser.pos += 2
        words = []
        while True:
            parser.blanks()
            raw = parser.word()
            if raw is None:
                break
            words.append(raw)
    parser.blanks()
    if parser.text[parser.pos : parser.pos + 1] == ";":
        parser.pos += 1
    return For(start, match.group(), words, do_group(parser))


def counting_loop(parser: Parser, start: int) -> CountingFor:
    """``for ((init; test; step))``."""
    text = parser.text
    end = parser.arithmetic_end(parser.pos)
    if end is None:
        raise ShellSyntaxError(parser.pos, "(( is not closed")
    parts: list[Raw] = []
    at = parser.pos + 2
    for piece in text[at : end - 2].split(";"):
        parts.append(Raw(piece, at, at + len(piece)))
        at += len(piece) + 1
    if len(parts) != 3:
        raise ShellSyntaxError(start, "for (( )) needs three expressions")
    parser.pos = end
    parser.blanks()
    if text[parser.pos : parser.pos + 1] == ";":
        parser.pos += 1
    return CountingFor(start, parts[0], parts[1], parts[2], do_group(parser))


def case(parser: Parser, start: int) -> Case:
    """``case word in``, its items with their patterns and terminators."""
    parser.blanks()
    word = parser.word()
    if word is None:
        raise ShellSyntaxError(parser.pos, "case without a word")
    node = Case(start, word)
    parser.expect("in")
    while True:
        parser.newlines()
        if parser.literal() == "esac":
            parser.pos += 4
            return node
        if parser.text[parser.pos : parser.pos + 1] == "(":
            parser.pos += 1
        patterns: list[Raw] = []
        while True:
            parser.blanks()
            pattern = parser.word()
            if pattern is None:
                raise ShellSyntaxError(parser.pos, "expected a pattern")
            patterns.append(pattern)
            parser.blanks()
            if parser.text[parser.pos : parser.pos + 1] != "|":
                break
            parser.pos += 1
        parser.expect(")")
        body = parser.block(";;", "esac")
        ending = next((e for e in (";;&", ";;", ";&") if parser.text.startswith(e, parser.pos)), "")
        parser.pos += len(ending)
        node.items.append((patterns, body, ending or ";;"))


def group(parser: Parser, start: int) -> Group:
    """``{ ... }``."""
    node = Group(start, parser.block("}"), False)
    parser.expect("}")
    return node


def subshell(parser: Parser, start: int) -> Group:
    """``( ... )``."""
    node = Group(start, parser.block(")"), True)
    parser.expect(")")
    return node


def named_function(parser: Parser, start: int) -> Function:
    """``function name``, with or without parentheses."""
    parser.blanks()
    at = parser.pos
    parser.pos = parser.word_end(at)
    name = parser.text[at : parser.pos]
    match = _PARENTHESES.match(parser.text, parser.pos)
    if match is not None:
        parser.pos = match.end()
    return function(parser, start, name)


def function(parser: Parser, start: int, name: str) -> Function:
    """The body of a function, which is any command."""
    parser.newlines()
    return Function(start, name, parser.command())


COMPOUND: dict[str, Callable[[Parser, int], Node]] = {
    "if": branches, "while": while_loop, "until": until_loop, "for": for_loop, "select": for_loop, "case": case,
    "{": group, "[[": test, "function": named_function,
}  # fmt: skip
CLOSING = frozenset(("then", "fi", "do", "done", "elif", "else", "esac", "}"))  # where no command may start
