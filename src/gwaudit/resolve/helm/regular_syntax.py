"""The syntax of Go's regular expressions (RE2): from a pattern to a tree of tuples.

``("one", test)``, ``("at", place)``, ``("all", items)``, ``("or", branches)``, ``("group", tree, index)`` and
``("repeat", tree, low, high, lazy)``, ``high`` -1 where there is no end.
"""

from __future__ import annotations

from gwaudit.resolve.helm.errors import EvaluationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    Test: TypeAlias = Callable[[str], bool]
    Tree: TypeAlias = tuple[Any, ...]

MAX_REPEAT = 1_000
MAX_DEPTH = 50

WORD = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_")
_DIGIT = frozenset("0123456789")
_SPACE = frozenset("\t\n\f\r ")
_SHORT = {"d": _DIGIT, "w": WORD, "s": _SPACE}
_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_POSIX = {
    "alpha": _LETTERS, "digit": _DIGIT, "alnum": _LETTERS | _DIGIT, "word": WORD, "space": _SPACE | {"\v"},
    "upper": frozenset(c for c in _LETTERS if c.isupper()), "lower": frozenset(c for c in _LETTERS if c.islower()),
    "punct": frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"), "xdigit": frozenset("0123456789abcdefABCDEF"),
    "blank": frozenset(" \t"), "ascii": frozenset(map(chr, range(128))), "print": frozenset(map(chr, range(32, 127))),
    "graph": frozenset(map(chr, range(33, 127))), "cntrl": frozenset(map(chr, (*range(32), 127))),
}  # fmt: skip
_ESCAPES = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def wrong(message: str) -> EvaluationError:
    return EvaluationError(f"error parsing regexp: {message}")


class Parser:
    """From the text of a pattern to a tree of tuples: (kind, ...)."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.groups = 0
        self.names: dict[str, int] = {}
        self.flags = frozenset[str]()
        self.depth = 0

    def parse(self) -> Tree:
        tree = self._alternatives()
        if self.at < len(self.text):
            raise wrong("unexpected )")
        return tree

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _alternatives(self) -> Tree:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise wrong("expression nests too deeply")
        outer = self.flags
        branches = [self._sequence()]
        while self._peek() == "|":
            self.at += 1
            branches.append(self._sequence())
        self.flags = outer
        self.depth -= 1
        return branches[0] if len(branches) == 1 else ("or", branches)

    def _sequence(self) -> Tree:
        items: list[Tree] = []
        while self._peek() not in ("", "|", ")"):
            atom = self._atom()
            if atom is not None:
                items.append(self._repeated(atom))
        return ("all", items)

    def _repeated(self, atom: Tree) -> Tree:
        while True:
            char = self._peek()
            if char in ("*", "+", "?") and char:
                low, high = {"*": (0, -1), "+": (1, -1), "?": (0, 1)}[char]
                self.at += 1
            elif char == "{":
                counted = self._counted()
                if counted is None:
                    return atom
                low, high = counted
            else:
                return atom
            lazy = self._peek() == "?"
            self.at += lazy
            atom = ("repeat", atom, low, high, lazy)

    def _counted(self) -> tuple[int, int] | None:
        end = self.text.find("}", self.at)
        parts = self.text[self.at + 1 : end].split(",") if end > 0 else []
        if not parts or len(parts) > 2 or not parts[0].isdigit() or not (parts[-1].isdigit() or parts[-1] == ""):
            return None
        self.at = end + 1
        low = int(parts[0][:6])
        high = low if len(parts) == 1 else int(parts[1][:6]) if parts[1] else -1
        if low > MAX_REPEAT or high > MAX_REPEAT or 0 <= high < low:
            raise wrong("invalid repeat count")
        return low, high

    def _atom(self) -> Tree | None:
        char = self._peek()
        self.at += 1
        if char == "(":
            return self._group()
        if char == "[":
            return ("one", self._class())
        if char == ".":
            return ("one", (lambda c: True) if "s" in self.flags else (lambda c: c != "\n"))
        if char == "^":
            return ("at", "line" if "m" in self.flags else "start")
        if char == "$":
            return ("at", "line-end" if "m" in self.flags else "end")
        if char in "*+?":
            raise wrong(f"missing argument to repetition operator: {char}")
        if char == "\\":
            return self._escape()
        return self._literal(char)

    def _literal(self, char: str) -> Tree:
        if "i" in self.flags and char.lower() != char.upper():
            both = frozenset((char.lower(), char.upper()))
            return ("one", both.__contains__)
        return ("one", char.__eq__)

    def _escape(self) -> Tree | None:
        char = self._peek()
        self.at += 1
        if char.lower() in _SHORT and char:
            members = _SHORT[char.lower()]
            return ("one", members.__contains__ if char.islower() else lambda c: c not in members)
        if char in ("A", "z", "b", "B"):
            return ("at", {"A": "start", "z": "end", "b": "word", "B": "no-word"}[char])
        if char == "Q":
            end = self.text.find("\\E", self.at)
            body = self.text[self.at : end if end >= 0 else len(self.text)]
            self.at = end + 2 if end >= 0 else len(self.text)
            return ("all", [self._literal(c) for c in body])
        return self._literal(self._escaped(char))

    def _escaped(self, char: str) -> str:
        if char in _ESCAPES:
            return _ESCAPES[char]
        if char == "x":
            end = self.text.find("}", self.at) if self._peek() == "{" else self.at + 2
            digits = self.text[self.at : end].lstrip("{")
            self.at = end + 1 if self._peek() == "{" else end
            try:
                return chr(int(digits, 16))
            except (ValueError, OverflowError):
                raise wrong("invalid escape sequence") from None
        if not char or char.isalnum():
            raise wrong(f"invalid escape sequence: \\{char}")
        return char

    def _group(self) -> Tree | None:
        index = -1
        if self.text.startswith("?", self.at):
            if self.text.startswith(("?P<", "?<"), self.at):
                start, end = self.text.index("<", self.at) + 1, self.text.find(">", self.at)
                self.groups += 1
                index = self.names[self.text[start : max(end, start)]] = self.groups
                self.at = max(end, start) + 1
            elif not self._set_flags():
                return None
        else:
            self.groups += 1
            index = self.groups
        inner = self._alternatives()
        if self._peek() != ")":
            raise wrong("missing closing )")
        self.at += 1
        return inner if index < 0 else ("group", inner, index)

    def _set_flags(self) -> bool:
        """Flags behind ``(?``; whether a group follows (``(?i:...)``), which then has them for itself."""
        end = self.at + 1
        on, flags = True, set(self.flags)
        while self.text[end : end + 1] not in (":", ")"):
            char = self.text[end : end + 1]
            if char == "-":
                on = False
            elif char in ("i", "s", "m"):
                (flags.add if on else flags.discard)(char)
            else:
                raise wrong("invalid or unsupported Perl syntax")
            end += 1
        self.at = end + 1
        self.flags = frozenset(flags)
        return self.text[end] == ":"

    def _class(self) -> Test:
        negated = self._peek() == "^"
        self.at += negated
        members: set[str] = set()
        others: list[frozenset[str]] = []
        ranges: list[tuple[str, str]] = []
        first = True
        while first or self._peek() != "]":
            first = False
            char = self._peek()
            if not char:
                raise wrong("missing closing ]")
            self.at += 1
            if char == "[" and self._peek() == ":":
                end = self.text.find(":]", self.at)
                name = self.text[self.at + 1 : max(end, self.at)]
                if name.lstrip("^") not in _POSIX:
                    raise wrong("invalid character class range")
                (others.append if name[:1] == "^" else members.update)(_POSIX[name.lstrip("^")])
                self.at = end + 2
                continue
            if char == "\\":
                char = self._peek()
                self.at += 1
                if char.lower() in _SHORT and char:
                    (members.update if char.islower() else others.append)(_SHORT[char.lower()])
                    continue
                char = self._escaped(char)
            if self._peek() == "-" and self.text[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                last = self._peek()
                self.at += 1
                if last == "\\":
                    last = self._escaped(self._peek())
                    self.at += 1
                if last < char:
                    raise wrong("invalid character class range")
                ranges.append((char, last))
            else:
                members.add(char)
        self.at += 1
        fold = "i" in self.flags

        def inside(c: str) -> bool:
            found = (
                c in members or any(low <= c <= high for low, high in ranges) or any(c not in each for each in others)
            )
            return found

        def test(c: str) -> bool:
            return (inside(c) or (fold and (inside(c.lower()) or inside(c.upper())))) != negated

        return test
