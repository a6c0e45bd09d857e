"""A recursive-descent parser of shell scripts: POSIX grammar, bash's ``[[ ]]``, ``(( ))``, arrays and ``function``.

This is its spine: lists of commands, ``&&`` and ``||``, pipelines, and what kind of command starts where.
"""

from __future__ import annotations

from gwaudit.parse.shell.compound import CLOSING, COMPOUND, function, subshell
from gwaudit.parse.shell.scan import ShellSyntaxError
from gwaudit.parse.shell.simple import simple
from gwaudit.parse.shell.syntax import AndOr, Arithmetic, Node, Pipeline, Raw, Sequence
from gwaudit.parse.shell.tokens import Tokens
from gwaudit.pattern import regex

_NONE: frozenset[str] = frozenset()
_FUNCTION = regex(r"([A-Za-z_][A-Za-z0-9_.:-]*)[ \t]*\([ \t]*\)")
_PORTABLE = regex(r"-p(?=\s)")  # of ``time -p``


class Parser(Tokens):
    """One script; ``substitutions`` holds the parsed body of every ``$( )`` by the offset of its parenthesis."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.substitutions: dict[int, tuple[Sequence, int]] = {}

    def script(self, body: Sequence) -> None:
        """Fill ``body`` with the whole text; on a syntax error it holds what came before, as a shell would run it."""
        self.commands(body, _NONE)
        if self.pos < len(self.text):
            raise ShellSyntaxError(self.pos, f"unexpected {self.text[self.pos]!r}")

    def commands(self, body: Sequence, stops: frozenset[str]) -> Sequence:
        """A list of commands, up to the end or a token that ``stops`` it."""
        self.enter(self.pos)
        text = self.text
        while True:
            self.newlines()
            if self.pos >= len(text) or self.at_stop(stops):
                break
            node = self.and_or()
            self.blanks()
            background = False
            char = text[self.pos : self.pos + 1]
            if char == "&":
                background = True
                self.pos += 1
            elif char == ";" and not text.startswith((";;", ";&"), self.pos):
                self.pos += 1
            elif char and char != "\n" and not self.at_stop(stops):
                raise ShellSyntaxError(self.pos, f"unexpected {char!r}")
            body.items.append((node, background))
        body.end = self.pos
        self.depth -= 1
        return body

    def at_stop(self, stops: frozenset[str]) -> bool:
        char = self.text[self.pos : self.pos + 1]
        if char == ")":
            return ")" in stops
        if char == ";":
            return ";;" in stops and self.text.startswith((";;", ";&"), self.pos)
        return bool(stops) and self.literal() in stops

    def block(self, *stops: str) -> Sequence:
        return self.commands(Sequence(self.pos), frozenset(stops))

    def and_or(self) -> Node:
        start = self.pos
        first = self.pipeline()
        chain: AndOr | None = None
        while True:
            self.blanks()
            operator = self.text[self.pos : self.pos + 2]
            if operator not in ("&&", "||"):
                break
            self.pos += 2
            self.newlines()
            chain = chain or AndOr(start, first)
            chain.rest.append((operator, self.pipeline()))
            chain.end = self.pos
        return chain or first

    def pipeline(self) -> Node:
        start = self.pos
        negated = False
        while True:
            self.blanks()
            word = self.literal()
            if word == "!":
                negated = not negated
                self.pos += 1
            elif word == "time":
                self.pos += 4
                self.blanks()
                if _PORTABLE.match(self.text, self.pos):
                    self.pos += 2
            else:
                break
        stages = [self.command()]
        while True:
            self.blanks()
            if self.text[self.pos : self.pos + 1] != "|" or self.text.startswith("||", self.pos):
                break
            self.pos += 2 if self.text.startswith("|&", self.pos) else 1
            self.newlines()
            stages.append(self.command())
        if len(stages) == 1 and not negated:
            return stages[0]
        node = Pipeline(start, stages, negated)
        node.end = self.pos
        return node

    def command(self) -> Node:
        self.blanks()
        start, text = self.pos, self.text
        self.enter(start)
        word = self.literal()
        node: Node | None = None
        if text.startswith("((", start):
            end = self.arithmetic_end(start)
            if end is not None:
                node = Arithmetic(start, Raw(text[start + 2 : end - 2], start + 2, end - 2))
                self.pos = end
        if node is None and text[start : start + 1] == "(":
            self.pos += 1
            node = subshell(self, start)
        elif node is None and word in COMPOUND:
            self.pos += len(word)
            node = COMPOUND[word](self, start)
        elif node is None and word in CLOSING:
            raise ShellSyntaxError(start, f"unexpected {word}")
        if node is None:
            match = _FUNCTION.match(text, start)
            if match is not None:
                self.pos = match.end()
                node = function(self, start, match.group(1))
        if node is None:
            node = simple(self)
        else:
            while self.redirect(node):
                pass
        node.end = self.pos
        self.depth -= 1
        return node

    def substitution_end(self, at: int) -> int:
        """Parse the commands inside the parentheses at ``at``, remember them, and tell where they end."""
        known = self.substitutions.get(at)
        if known is not None:
            return known[1]
        saved, pending = self.pos, self.heredocs
        self.pos, self.heredocs = at + 1, []
        body = self.block(")")
        self.expect(")")
        end = self.pos
        self.pos, self.heredocs = saved, pending
        self.substitutions[at] = (body, end)
        return end
