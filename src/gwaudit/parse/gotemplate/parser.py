"""From tokens to the tree: statements by recursive descent, nesting bounded."""

from __future__ import annotations

from gwaudit.parse.gotemplate.lexer import SyntaxFailure, Token, number, tokens, unquote
from gwaudit.parse.gotemplate.nodes import (
    Action,
    Branch,
    Call,
    Chain,
    Command,
    Constant,
    Dot,
    Field,
    Function,
    Jump,
    Nil,
    Pipe,
    Range,
    Text,
    Variable,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.gotemplate.nodes import Expression, Statement

MAX_DEPTH = 60  # blocks in blocks, parentheses in parentheses
_END = Token("end of file", 0, 0, "")


class Parsed:
    """A template's own statements and the templates it defines by name, in the order written (a later one wins)."""

    __slots__ = ("body", "defines", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.body: list[Statement] = []
        self.defines: list[tuple[str, list[Statement]]] = []


def parse(text: str) -> Parsed:
    """The tree of a template; raises ``SyntaxFailure``."""
    return _Parser(text).template()


class _Parser:
    def __init__(self, text: str) -> None:
        self.parsed = Parsed(text)
        self.tokens = tokens(text)
        self.count = len(self.tokens)
        self.tokens.append(_END)
        self.at = 0
        self.depth = 0
        self.ranges = 0

    def template(self) -> Parsed:
        body, stop = self._list(top=True)
        if stop is not None:
            raise SyntaxFailure(f"unexpected {{{{{stop.text}}}}}", stop.start)
        self.parsed.body = body
        return self.parsed

    # -- statements

    def _list(self, top: bool = False) -> tuple[list[Statement], Token | None]:
        """Statements up to ``end`` or ``else``; the token of that word, still to be closed, None at the end of the text."""
        found: list[Statement] = []
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise SyntaxFailure(f"nested deeper than {MAX_DEPTH} levels", self.tokens[self.at - 1].start)
        while self.at < self.count:
            token = self.tokens[self.at]
            self.at += 1
            if token.kind == "text":
                found.append(Text(token.start, token.end, token.text))
                continue
            word = self._peek()
            if word.kind == "word" and word.text in _KEYWORDS:
                if word.text in ("end", "else"):
                    self.at += 1
                    self.depth -= 1
                    return found, word
                self.at += 1
                statement = self._keyword(word, token.start, top)
                if statement is not None:
                    found.append(statement)
                continue
            pipe = self._pipe("close")
            found.append(Action(token.start, self._close(), pipe))
        self.depth -= 1
        return found, None

    def _keyword(self, word: Token, start: int, top: bool) -> Statement | None:
        kind = word.text
        if kind in ("if", "with", "range"):
            return self._branch(kind, start)
        if kind in ("break", "continue"):
            if not self.ranges:
                raise SyntaxFailure(f"{{{{{kind}}}}} outside {{{{range}}}}", start)
            return Jump(start, self._close(), kind)
        name = self._name()
        if kind == "template":
            pipe = None if self._peek().kind == "close" else self._pipe("close")
            return Call(start, self._close(), name, pipe)
        pipe = self._pipe("close") if kind == "block" else None
        end = self._close()
        if kind == "define" and not top:
            raise SyntaxFailure("unexpected {{define}}", start)
        ranges, self.ranges = self.ranges, 0
        body = self._until_end(start)
        self.ranges = ranges
        self.parsed.defines.append((name, body))
        return Call(start, end, name, pipe) if kind == "block" else None

    def _branch(self, kind: str, start: int) -> Branch:
        pipe = self._pipe("close", ranges=kind == "range")
        head = self._close()
        node = Range(start, kind, pipe, head) if kind == "range" else Branch(start, kind, pipe, head)
        self.ranges += kind == "range"
        node.body, stop = self._list()
        self.ranges -= kind == "range"
        if stop is None:
            raise SyntaxFailure(f"{{{{{kind}}}}} has no {{{{end}}}}", start)
        if stop.text == "else":
            word = self._peek()
            if word.kind == "word" and word.text in ("if", "with") and kind != "range":
                # ``else if`` nests, and the one ``end`` closes both
                self.at += 1
                self.depth += 1
                if self.depth > 4 * MAX_DEPTH:
                    raise SyntaxFailure("too many branches", stop.start)
                inner = self._branch(word.text, stop.start)
                self.depth -= 1
                node.otherwise = [inner]
                node.end = inner.end
                return node
            self._close()
            node.otherwise = self._until_end(start)
            node.end = self.tokens[self.at - 1].end
            return node
        node.end = self._close()
        return node

    def _until_end(self, start: int) -> list[Statement]:
        body, stop = self._list()
        if stop is None or stop.text != "end":
            raise SyntaxFailure("no {{end}} for it", start)
        self._close()
        return body

    def _name(self) -> str:
        token = self._peek()
        if token.kind not in ("string", "raw"):
            raise SyntaxFailure("a template's name must be a string", token.start)
        self.at += 1
        return unquote(token) if token.kind == "string" else token.text[1:-1].replace("\r", "")

    def _close(self) -> int:
        token = self._peek()
        if token.kind != "close":
            raise SyntaxFailure(f"unexpected {token.text!r} in an action", token.start)
        self.at += 1
        return token.end

    def _peek(self) -> Token:
        """The next token, left where it is."""
        return self.tokens[self.at]

    # -- expressions

    def _pipe(self, closing: str, ranges: bool = False) -> Pipe:
        start = self._peek().start
        variables, assigns = self._declarations(ranges)
        commands: list[Command] = []
        while True:
            words = self._words()
            if not words:
                token = self._peek()
                raise SyntaxFailure("missing value for a command", token.start)
            if commands and not isinstance(words[0], (Function, Field, Variable, Chain)):
                raise SyntaxFailure("a value that is no function in the middle of a pipeline", words[0].start)
            commands.append(Command(words[0].start, words[-1].end, tuple(words)))
            token = self._peek()
            if token.kind == "pipe":
                self.at += 1
                continue
            if token.kind != closing:
                raise SyntaxFailure(f"unexpected {token.text!r} in an action", token.start)
            return Pipe(start, commands[-1].end, tuple(commands), variables, assigns)

    def _declarations(self, ranges: bool) -> tuple[tuple[str, ...], bool]:
        mark = self.at
        names: list[str] = []
        while self._peek().kind == "variable" and len(names) < (2 if ranges else 1):
            names.append(self._peek().text)
            self.at += 1
            token = self._peek()
            if token.kind in ("declare", "assign"):
                self.at += 1
                return tuple(names), token.kind == "assign"
            if token.kind != "comma":
                break
            self.at += 1
        self.at = mark
        return (), False

    def _words(self) -> list[Expression]:
        words: list[Expression] = []
        while True:
            token = self._peek()
            if token.kind in ("close", "right", "pipe", "end of file"):
                return words
            words.append(self._operand(token))

    def _operand(self, token: Token) -> Expression:
        self.at += 1
        start, end = token.start, token.end
        node: Expression
        match token.kind:
            case "field":
                names, end = self._fields((token.text[1:],), end)
                return Field(start, end, names)
            case "variable":
                names, end = self._fields((), end)
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
                self.depth += 1
                if self.depth > MAX_DEPTH:
                    raise SyntaxFailure(f"nested deeper than {MAX_DEPTH} levels", start)
                node = self._pipe("right")
                self.depth -= 1
                end = self._peek().end
                self.at += 1
            case _:
                raise SyntaxFailure(f"unexpected {token.text!r} in an action", start)
        names, end = self._fields((), end)
        return Chain(start, end, node, names) if names else node

    def _fields(self, names: tuple[str, ...], end: int) -> tuple[tuple[str, ...], int]:
        """Fields that stand right behind: a space would begin another operand."""
        token = self.tokens[self.at]
        while token.kind == "field" and token.start == end:
            names = (*names, token.text[1:])
            end = token.end
            self.at += 1
            token = self.tokens[self.at]
        return names, end


_KEYWORDS = frozenset(("if", "else", "end", "range", "with", "define", "template", "block", "break", "continue"))


def _word(token: Token) -> Expression:
    if token.text in ("true", "false"):
        return Constant(token.start, token.end, token.text == "true")
    if token.text == "nil":
        return Nil(token.start, token.end)
    return Function(token.start, token.end, token.text)
