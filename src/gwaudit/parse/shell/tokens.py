"""Tokens of a shell script: blanks, line ends with the here-documents after them, reserved words, words, redirections."""

from __future__ import annotations

from gwaudit.parse.shell.scan import BLANK, META, Scanner, ShellSyntaxError
from gwaudit.parse.shell.syntax import Node, Raw, Redirect
from gwaudit.pattern import regex

_REDIRECT = regex(r"(\d{1,9}|\{[A-Za-z_][A-Za-z0-9_]*\})?(<<<|<<-|<<|<>|<&|<(?!\()|>>|>&|>\||>(?!\()|&>>|&>)")
_LITERAL = regex(r"[A-Za-z_!{}\[\]]+")


class Tokens(Scanner):
    """A script read from left to right: ``pos`` is the offset that is read next, ``heredocs`` await their line end."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.pos = 0
        self.heredocs: list[Redirect] = []

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
