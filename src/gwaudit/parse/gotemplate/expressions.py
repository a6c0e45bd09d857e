"""Expressions of an action: pipelines of commands, their operands and fields."""

from __future__ import annotations

from gwaudit.parse.gotemplate.lexer import SyntaxFailure, number, unquote
from gwaudit.parse.gotemplate.nodes import Chain, Command, Constant, Dot, Field, Function, Nil, Pipe, Variable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.gotemplate.cursor import Cursor
    from gwaudit.parse.gotemplate.lexer import Token
    from gwaudit.parse.gotemplate.nodes import Expression


def pipeline(cursor: Cursor, closing: str, ranges: bool = False) -> Pipe:
    """A pipeline up to the token ``closing``, which is left; ``ranges``: it may declare two variables."""
    start = cursor.peek().start
    variables, assigns = _declarations(cursor, ranges)
    commands: list[Command] = []
    while True:
        words = _words(cursor)
        if not words:
            token = cursor.peek()
            raise SyntaxFailure("missing value for a command", token.start)
        if commands and not isinstance(words[0], (Function, Field, Variable, Chain)):
            raise SyntaxFailure("a value that is no function in the middle of a pipeline", words[0].start)
        commands.append(Command(words[0].start, words[-1].end, tuple(words)))
        token = cursor.peek()
        if token.kind == "pipe":
            cursor.at += 1
            continue
        if token.kind != closing:
            raise SyntaxFailure(f"unexpected {token.text!r} in an action", token.start)
        return Pipe(start, commands[-1].end, tuple(commands), variables, assigns)


def _declarations(cursor: Cursor, ranges: bool) -> tuple[tuple[str, ...], bool]:
    mark = cursor.at
    names: list[str] = []
    while cursor.peek().kind == "variable" and len(names) < (2 if ranges else 1):
        names.append(cursor.peek().text)
        cursor.at += 1
        token = cursor.peek()
        if token.kind in ("declare", "assign"):
            cursor.at += 1
            return tuple(names), token.kind == "assign"
        if token.kind != "comma":
            break
        cursor.at += 1
    cursor.at = mark
    return (), False


def _words(cursor: Cursor) -> list[Expression]:
    words: list[Expression] = []
    while True:
        token = cursor.peek()
        if token.kind in ("close", "right", "pipe", "end of file"):
            return words
        words.append(_operand(cursor, token))


def _operand(cursor: Cursor, token: Token) -> Expression:
    cursor.at += 1
    start, end = token.start, token.end
    node: Expression
    match token.kind:
        case "field":
            names, end = _fields(cursor, (token.text[1:],), end)
            return Field(start, end, names)
        case "variable":
            names, end = _fields(cursor, (), end)
            return Variable(start, end, token.text, names)
        case "dot":
            node = Dot(start, end)
        case "word":
            node = _word(token)
        case "string":
            return Constant(start, end, unquote(token))
        case "raw":
            return Constant(start, end, token.text[1:-1].replace("\r", ""))
        case "number":
            return Constant(start, end, number(token))
        case "char":
            value = unquote(token)
            if len(value) != 1:
                raise SyntaxFailure(f"malformed character constant: {token.text}", start)
            return Constant(start, end, ord(value))
        case "left":
            cursor.deeper(start)
            node = pipeline(cursor, "right")
            cursor.depth -= 1
            end = cursor.peek().end
            cursor.at += 1
        case _:
            raise SyntaxFailure(f"unexpected {token.text!r} in an action", start)
    names, end = _fields(cursor, (), end)
    return Chain(start, end, node, names) if names else node


def _fields(cursor: Cursor, names: tuple[str, ...], end: int) -> tuple[tuple[str, ...], int]:
    """Fields that stand right behind: a space would begin another operand."""
    token = cursor.tokens[cursor.at]
    while token.kind == "field" and token.start == end:
        names = (*names, token.text[1:])
        end = token.end
        cursor.at += 1
        token = cursor.tokens[cursor.at]
    return names, end


def _word(token: Token) -> Expression:
    if token.text in ("true", "false"):
        return Constant(token.start, token.end, token.text == "true")
    if token.text == "nil":
        return Nil(token.start, token.end)
    return Function(token.start, token.end, token.text)
