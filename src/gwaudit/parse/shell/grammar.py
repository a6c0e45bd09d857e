"""A recursive-descent parser of shell scripts: POSIX grammar, bash's ``[[ ]]``, ``(( ))``, arrays and ``function``."""

from __future__ import annotations

import re

from gwaudit.parse.shell.scan import BLANK, META, Scanner, ShellSyntaxError
from gwaudit.parse.shell.syntax import (
    AndOr,
    Arithmetic,
    Assign,
    Case,
    CountingFor,
    For,
    Function,
    Group,
    If,
    Node,
    Pipeline,
    Raw,
    Redirect,
    Sequence,
    Simple,
    Test,
    While,
)
from gwaudit.pattern import regex

DECLARATIONS = frozenset(("export", "declare", "typeset", "local", "readonly"))
_NONE: frozenset[str] = frozenset()
_ASSIGN = regex(r"([A-Za-z_][A-Za-z0-9_]*)(\+?=|\[)")
_FUNCTION = regex(r"([A-Za-z_][A-Za-z0-9_.:-]*)[ \t]*\([ \t]*\)")
_REDIRECT = regex(r"(\d{1,9}|\{[A-Za-z_][A-Za-z0-9_]*\})?(<<<|<<-|<<|<>|<&|<(?!\()|>>|>&|>\||>(?!\()|&>>|&>)")
_LITERAL = regex(r"[A-Za-z_!{}\[\]]+")


class Parser(Scanner):
    """One script; ``substitutions`` holds the parsed body of every ``$( )`` by the offset of its parenthesis."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.pos = 0
        self.heredocs: list[Redirect] = []
        self.substitutions: dict[int, tuple[Sequence, int]] = {}

    def script(self, body: Sequence) -> None:
        """Fill ``body`` with the whole text; on a syntax error it holds what came before, as a shell would run it."""
        self.commands(body, _NONE)
        if self.pos < len(self.text):
            raise ShellSyntaxError(self.pos, f"unexpected {self.text[self.pos]!r}")

    # -- blanks, newlines and here-documents

    def blanks(self) -> None:
        text, size = self.text, len(self.text)
        while self.pos < size:
            char = text[self.pos]
            if char in BLANK or char == "\r":
                self.pos += 1
            elif char == "\\" and text.startswith(("\n", "\r\n"), self.pos + 1):
                self.pos += 2 if text[self.pos + 1] == "\n" else 3
            elif char == "#":
                end = text.find("\n", self.pos)
                self.pos = size if end < 0 else end
            else:
                return

    def newlines(self) -> None:
        while True:
            self.blanks()
            if self.text[self.pos : self.pos + 1] != "\n":
                return
            self.newline()

    def newline(self) -> None:
        self.pos += 1
        for redirect in self.heredocs:
            raw = redirect.target.text
            redirect.quoted = any(c in raw for c in "'\"\\")
            delimiter = raw.replace("'", "").replace('"', "").replace("\\", "")
            start = at = self.pos
            while True:
                end = self.text.find("\n", at)
                line = self.text[at : len(self.text) if end < 0 else end].rstrip("\r")
                if (line.lstrip("\t") if redirect.operator == "<<-" else line) == delimiter or end < 0:
                    redirect.body = Raw(self.text[start:at], start, at)
                    self.pos = len(self.text) if end < 0 else end + 1
                    break
                at = end + 1
        self.heredocs = []

    def literal(self) -> str:
        """The reserved word that may stand here; empty for anything else."""
        match = _LITERAL.match(self.text, self.pos)
        if match is None:
            return ""
        following = self.text[match.end() : match.end() + 1]
        return match.group() if not following or following in META else ""

    def expect(self, token: str) -> None:
        self.newlines()
        if token in (")", "(", ";;"):
            found = self.text.startswith(token, self.pos)
        else:
            found = self.literal() == token
        if not found:
            got = self.text[self.pos : self.pos + 1]
            raise ShellSyntaxError(self.pos, f"expected {token}, found {got!r}" if got else f"expected {token}")
        self.pos += len(token)

    # -- lists

    def commands(self, body: Sequence, stops: frozenset[str]) -> Sequence:
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
                if re.compile(r"-p(?=\s)").match(self.text, self.pos):
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

    # -- commands

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
            node = Group(start, self.block(")"), True)
            self.expect(")")
        elif node is None and word:
            node = self.compound(word, start)
        if node is None:
            match = _FUNCTION.match(text, start)
            if match is not None:
                self.pos = match.end()
                node = self.function(start, match.group(1))
        if node is None:
            node = self.simple()
        else:
            while self.redirect(node):
                pass
        node.end = self.pos
        self.depth -= 1
        return node

    def compound(self, word: str, start: int) -> Node | None:
        if word == "if":
            self.pos += 2
            node = If(start)
            while True:
                test = self.block("then")
                self.expect("then")
                node.branches.append((test, self.block("elif", "else", "fi")))
                following = self.literal()
                self.pos += len(following)
                if following == "elif":
                    continue
                if following == "else":
                    node.otherwise = self.block("fi")
                    self.expect("fi")
                elif following != "fi":
                    raise ShellSyntaxError(start, "if without fi")
                return node
        if word in ("while", "until"):
            self.pos += 5
            test = self.block("do")
            return While(start, test, self.do_group(), word == "until")
        if word in ("for", "select"):
            self.pos += len(word)
            return self.loop(start)
        if word == "case":
            self.pos += 4
            return self.case(start)
        if word == "{":
            self.pos += 1
            group = Group(start, self.block("}"), False)
            self.expect("}")
            return group
        if word == "[[":
            self.pos += 2
            return self.test(start)
        if word == "function":
            self.pos += 8
            self.blanks()
            at = self.pos
            self.pos = self.word_end(at)
            name = self.text[at : self.pos]
            match = re.compile(r"[ \t]*\([ \t]*\)").match(self.text, self.pos)
            if match is not None:
                self.pos = match.end()
            return self.function(start, name)
        if word in ("then", "fi", "do", "done", "elif", "else", "esac", "}"):
            raise ShellSyntaxError(start, f"unexpected {word}")
        return None

    def do_group(self) -> Sequence:
        self.expect("do")
        body = self.block("done")
        self.expect("done")
        return body

    def function(self, start: int, name: str) -> Function:
        self.newlines()
        node = Function(start, name, self.command())
        return node

    def loop(self, start: int) -> Node:
        self.blanks()
        text = self.text
        if text.startswith("((", self.pos):
            end = self.arithmetic_end(self.pos)
            if end is None:
                raise ShellSyntaxError(self.pos, "(( is not closed")
            parts: list[Raw] = []
            at = self.pos + 2
            for piece in text[at : end - 2].split(";"):
                parts.append(Raw(piece, at, at + len(piece)))
                at += len(piece) + 1
            if len(parts) != 3:
                raise ShellSyntaxError(start, "for (( )) needs three expressions")
            self.pos = end
            self.blanks()
            if text[self.pos : self.pos + 1] == ";":
                self.pos += 1
            return CountingFor(start, parts[0], parts[1], parts[2], self.do_group())
        match = re.compile(r"[A-Za-z_][A-Za-z0-9_]*").match(text, self.pos)
        if match is None:
            raise ShellSyntaxError(self.pos, "for without a name")
        self.pos = match.end()
        self.newlines()
        words: list[Raw] | None = None
        if self.literal() == "in":
            self.pos += 2
            words = []
            while True:
                self.blanks()
                raw = self.word()
                if raw is None:
                    break
                words.append(raw)
        self.blanks()
        if text[self.pos : self.pos + 1] == ";":
            self.pos += 1
        return For(start, match.group(), words, self.do_group())

    def case(self, start: int) -> Case:
        self.blanks()
        word = self.word()
        if word is None:
            raise ShellSyntaxError(self.pos, "case without a word")
        node = Case(start, word)
        self.expect("in")
        while True:
            self.newlines()
            if self.literal() == "esac":
                self.pos += 4
                return node
            if self.text[self.pos : self.pos + 1] == "(":
                self.pos += 1
            patterns: list[Raw] = []
            while True:
                self.blanks()
                pattern = self.word()
                if pattern is None:
                    raise ShellSyntaxError(self.pos, "expected a pattern")
                patterns.append(pattern)
                self.blanks()
                if self.text[self.pos : self.pos + 1] != "|":
                    break
                self.pos += 1
            self.expect(")")
            body = self.block(";;", "esac")
            ending = next((e for e in (";;&", ";;", ";&") if self.text.startswith(e, self.pos)), "")
            self.pos += len(ending)
            node.items.append((patterns, body, ending or ";;"))

    def test(self, start: int) -> Test:
        tokens: list[Raw] = []
        text = self.text
        while True:
            self.newlines()
            at = self.pos
            if at >= len(text):
                raise ShellSyntaxError(start, "[[ is not closed")
            if text.startswith(("&&", "||"), at):
                tokens.append(Raw(text[at : at + 2], at, at + 2, True))
                self.pos += 2
                continue
            if text[at] in "()<>":
                tokens.append(Raw(text[at], at, at + 1, True))
                self.pos += 1
                continue
            if tokens and tokens[-1].text == "=~":
                self.pos = self.regex_end(at)
            else:
                self.pos = self.word_end(at)
            if self.pos == at:
                raise ShellSyntaxError(at, f"unexpected {text[at]!r} in [[ ]]")
            raw = Raw(text[at : self.pos], at, self.pos)
            if raw.text == "]]":
                return Test(start, tokens)
            tokens.append(raw)

    def regex_end(self, at: int) -> int:
        text, size, index, level = self.text, len(self.text), at, 0
        while index < size:
            char = text[index]
            if char == "\\":
                index += 2
            elif char in "\"'`":
                index = self.quoted_end(index)
            elif char == "$":
                index = self.dollar_end(index)
            elif char in " \t\n" and level == 0:
                break
            else:
                level += (char == "(") - (char == ")")
                index += 1
        return min(index, size)

    # -- simple commands and their parts

    def word(self) -> Raw | None:
        start = self.pos
        self.pos = self.word_end(start)
        return Raw(self.text[start : self.pos], start, self.pos) if self.pos > start else None

    def redirect(self, node: Node) -> bool:
        self.blanks()
        match = _REDIRECT.match(self.text, self.pos)
        if match is None:
            return False
        self.pos = match.end()
        self.blanks()
        target = self.word()
        if target is None:
            raise ShellSyntaxError(self.pos, "a redirection without a target")
        fd = match.group(1)
        redirect = Redirect(int(fd) if fd and fd.isdigit() else None, match.group(2), target)
        node.redirects.append(redirect)
        if redirect.operator in ("<<", "<<-"):
            self.heredocs.append(redirect)
        return True

    def simple(self) -> Simple:
        node = Simple(self.pos)
        text = self.text
        declaring = False
        while True:
            if self.redirect(node):
                continue
            start = self.pos
            if not node.words or declaring:
                assign = self.assignment()
                if assign is not None:
                    (node.words if declaring else node.assigns).append(assign)
                    continue
            raw = self.word()
            if raw is None:
                break
            if not node.words:
                declaring = raw.text in DECLARATIONS
            node.words.append(raw)
        if not node.words and not node.assigns and not node.redirects:
            got = text[start : start + 1]
            raise ShellSyntaxError(start, f"unexpected {got!r}" if got else "unexpected end")
        return node

    def assignment(self) -> Assign | None:
        match = _ASSIGN.match(self.text, self.pos)
        if match is None:
            return None
        start, at, text = self.pos, match.end(), self.text
        index: Raw | None = None
        operator = match.group(2)
        if operator == "[":
            end = self.word_end(at, frozenset("]\n"), groups=False)
            following = re.compile(r"\](\+?=)").match(text, end)
            if following is None:
                return None
            index = Raw(text[at:end], at, end)
            operator, at = following.group(1), following.end()
        assign = Assign(match.group(1), start, at, index=index, append=operator == "+=")
        if text[at : at + 1] == "(" and index is None:
            self.pos = at + 1
            items: list[Raw] = []
            while True:
                self.newlines()
                if text[self.pos : self.pos + 1] == ")":
                    self.pos += 1
                    break
                raw = self.word()
                if raw is None:
                    raise ShellSyntaxError(start, "an array is not closed")
                items.append(raw)
            assign.items = items
        else:
            self.pos = at
            assign.value = self.word() or Raw("", at, at)
        assign.end = self.pos
        return assign

    # -- substitutions

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
