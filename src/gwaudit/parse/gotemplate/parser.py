"""From tokens to the tree: statements by recursive descent, nesting bounded."""

from __future__ import annotations

from gwaudit.parse.gotemplate.cursor import MAX_DEPTH, Cursor
from gwaudit.parse.gotemplate.expressions import pipeline
from gwaudit.parse.gotemplate.lexer import SyntaxFailure, Token, unquote
from gwaudit.parse.gotemplate.nodes import Action, Branch, Call, Jump, Range, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.gotemplate.nodes import Statement

_KEYWORDS = frozenset(("if", "else", "end", "range", "with", "define", "template", "block", "break", "continue"))


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
    """Reads statements; ``ranges`` counts the loops around, without which ``break`` means nothing."""

    def __init__(self, text: str) -> None:
        self.parsed = Parsed(text)
        self.cursor = Cursor(text)
        self.ranges = 0

    def template(self) -> Parsed:
        body, stop = self._list(top=True)
        if stop is not None:
            raise SyntaxFailure(f"unexpected {{{{{stop.text}}}}}", stop.start)
        self.parsed.body = body
        return self.parsed

    def _list(self, top: bool = False) -> tuple[list[Statement], Token | None]:
        """Statements up to ``end`` or ``else``; the token of that word, still to be closed, None at the end of the text."""
        cursor = self.cursor
        found: list[Statement] = []
        cursor.deeper(cursor.tokens[cursor.at - 1].start)
        while cursor.at < cursor.count:
            token = cursor.tokens[cursor.at]
            cursor.at += 1
            if token.kind == "text":
                found.append(Text(token.start, token.end, token.text))
                continue
            word = cursor.peek()
            if word.kind == "word" and word.text in _KEYWORDS:
                if word.text in ("end", "else"):
                    cursor.at += 1
                    cursor.depth -= 1
                    return found, word
                cursor.at += 1
                statement = self._keyword(word, token.start, top)
                if statement is not None:
                    found.append(statement)
                continue
            pipe = pipeline(cursor, "close")
            found.append(Action(token.start, cursor.close(), pipe))
        cursor.depth -= 1
        return found, None

    def _keyword(self, word: Token, start: int, top: bool) -> Statement | None:
        cursor = self.cursor
        kind = word.text
        if kind in ("if", "with", "range"):
            return self._branch(kind, start)
        if kind in ("break", "continue"):
            if not self.ranges:
                raise SyntaxFailure(f"{{{{{kind}}}}} outside {{{{range}}}}", start)
            return Jump(start, cursor.close(), kind)
        name = self._name()
        if kind == "template":
            pipe = None if cursor.peek().kind == "close" else pipeline(cursor, "close")
            return Call(start, cursor.close(), name, pipe)
        pipe = pipeline(cursor, "close") if kind == "block" else None
        end = cursor.close()
        if kind == "define" and not top:
            raise SyntaxFailure("unexpected {{define}}", start)
        ranges, self.ranges = self.ranges, 0
        body = self._until_end(start)
        self.ranges = ranges
        self.parsed.defines.append((name, body))
        return Call(start, end, name, pipe) if kind == "block" else None

    def _branch(self, kind: str, start: int) -> Branch:
        cursor = self.cursor
        pipe = pipeline(cursor, "close", ranges=kind == "range")
        head = cursor.close()
        node = Range(start, kind, pipe, head) if kind == "range" else Branch(start, kind, pipe, head)
        self.ranges += kind == "range"
        node.body, stop = self._list()
        self.ranges -= kind == "range"
        if stop is None:
            raise SyntaxFailure(f"{{{{{kind}}}}} has no {{{{end}}}}", start)
        if stop.text == "else":
            word = cursor.peek()
            if word.kind == "word" and word.text in ("if", "with") and kind != "range":
                # ``else if`` nests, and the one ``end`` closes both
                cursor.at += 1
                cursor.depth += 1
                if cursor.depth > 4 * MAX_DEPTH:
                    raise SyntaxFailure("too many branches", stop.start)
                inner = self._branch(word.text, stop.start)
                cursor.depth -= 1
                node.otherwise = [inner]
                node.end = inner.end
                return node
            cursor.close()
            node.otherwise = self._until_end(start)
            node.end = cursor.tokens[cursor.at - 1].end
            return node
        node.end = cursor.close()
        return node

    def _until_end(self, start: int) -> list[Statement]:
        cursor = self.cursor
        body, stop = self._list()
        if stop is None or stop.text != "end":
            raise SyntaxFailure("no {{end}} for it", start)
        cursor.close()
        return body

    def _name(self) -> str:
        cursor = self.cursor
        token = cursor.peek()
        if token.kind not in ("string", "raw"):
            raise SyntaxFailure("a template's name must be a string", token.start)
        cursor.at += 1
        return unquote(token) if token.kind == "string" else token.text[1:-1].replace("\r", "")
