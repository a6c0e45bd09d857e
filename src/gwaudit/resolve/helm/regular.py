"""Regular expressions in Go's syntax, matched in linear time as Go does.

Python's engine backtracks, and a hostile chart could keep it busy for ever; here all ways through the pattern advance
together (Pike's machine), so the work is bounded by the length of the pattern times the length of the text. The first
alternative wins, as in Perl and Go. Unicode classes (``\\p``) are not known.
"""

from __future__ import annotations

from gwaudit.resolve.helm.errors import EvaluationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, TypeAlias

    Test: TypeAlias = Callable[[str], bool]
    Tree: TypeAlias = tuple[Any, ...]

MAX_PROGRAM = 4_000
MAX_REPEAT = 1_000
MAX_DEPTH = 50
MAX_WORK = 1_000_000

_WORD = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_")
_DIGIT = frozenset("0123456789")
_SPACE = frozenset("\t\n\f\r ")
_SHORT = {"d": _DIGIT, "w": _WORD, "s": _SPACE}
_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_POSIX = {
    "alpha": _LETTERS, "digit": _DIGIT, "alnum": _LETTERS | _DIGIT, "word": _WORD, "space": _SPACE | {"\v"},
    "upper": frozenset(c for c in _LETTERS if c.isupper()), "lower": frozenset(c for c in _LETTERS if c.islower()),
    "punct": frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"), "xdigit": frozenset("0123456789abcdefABCDEF"),
    "blank": frozenset(" \t"), "ascii": frozenset(map(chr, range(128))), "print": frozenset(map(chr, range(32, 127))),
    "graph": frozenset(map(chr, range(33, 127))), "cntrl": frozenset(map(chr, (*range(32), 127))),
}  # fmt: skip
_ESCAPES = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def _wrong(message: str) -> EvaluationError:
    return EvaluationError(f"error parsing regexp: {message}")


class _Parser:
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
            raise _wrong("unexpected )")
        return tree

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _alternatives(self) -> Tree:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _wrong("expression nests too deeply")
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
            raise _wrong("invalid repeat count")
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
            raise _wrong(f"missing argument to repetition operator: {char}")
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
                raise _wrong("invalid escape sequence") from None
        if not char or char.isalnum():
            raise _wrong(f"invalid escape sequence: \\{char}")
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
            raise _wrong("missing closing )")
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
                raise _wrong("invalid or unsupported Perl syntax")
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
                raise _wrong("missing closing ]")
            self.at += 1
            if char == "[" and self._peek() == ":":
                end = self.text.find(":]", self.at)
                name = self.text[self.at + 1 : max(end, self.at)]
                if name.lstrip("^") not in _POSIX:
                    raise _wrong("invalid character class range")
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
                    raise _wrong("invalid character class range")
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


class Regex:
    """A compiled pattern."""

    def __init__(self, pattern: str) -> None:
        if len(pattern) > 1_000:
            raise _wrong("expression too large")
        parser = _Parser(pattern)
        tree = parser.parse()
        self.groups = parser.groups
        self.names = parser.names
        self.program: list[list[Any]] = []
        self._emit(("group", tree, 0))
        self.program.append(["match"])

    def _emit(self, tree: Tree) -> None:
        program = self.program
        if len(program) > MAX_PROGRAM:
            raise _wrong("expression too large")
        kind = tree[0]
        if kind in ("one", "at"):
            program.append([kind, tree[1]])
        elif kind == "all":
            for item in tree[1]:
                self._emit(item)
        elif kind == "group":
            program.append(["save", 2 * tree[2]])
            self._emit(tree[1])
            program.append(["save", 2 * tree[2] + 1])
        elif kind == "or":
            ends = []
            for index, branch in enumerate(tree[1]):
                last = index == len(tree[1]) - 1
                fork: list[Any] = ["split", len(program) + 1, 0]
                if not last:
                    program.append(fork)
                self._emit(branch)
                if not last:
                    ends.append(len(program))
                    program.append(["jump", 0])
                    fork[2] = len(program)
            for end in ends:
                program[end][1] = len(program)
        else:
            self._emit_repeat(*tree[1:])

    def _emit_repeat(self, item: Tree, low: int, high: int, lazy: bool) -> None:
        program = self.program
        for _ in range(low):
            self._emit(item)
        if high < 0:
            start = len(program)
            fork: list[Any] = ["split", 0, 0]
            program.append(fork)
            self._emit(item)
            program.append(["jump", start])
            fork[1:] = [len(program), start + 1] if lazy else [start + 1, len(program)]
            return
        forks = []
        for _ in range(high - low):
            forks.append((fork := ["split", 0, 0], len(program) + 1))
            program.append(fork)
            self._emit(item)
        for fork, inner in forks:
            fork[1:] = [len(program), inner] if lazy else [inner, len(program)]

    def match(self, text: str, start: int = 0) -> tuple[int, ...] | None:
        """The offsets of the leftmost match from ``start`` on and of its groups (-1 where a group took no part)."""
        if len(self.program) * (len(text) - start + 1) > MAX_WORK:
            raise EvaluationError("a regular expression that takes too long")
        empty = (-1,) * (2 * self.groups + 2)
        threads: list[tuple[int, tuple[int, ...]]] = []
        found: tuple[int, ...] | None = None
        for at in range(start, len(text) + 1):
            seen: set[int] = set()
            current: list[tuple[int, tuple[int, ...]]] = []
            for pc, saved in threads:
                self._follow(pc, saved, text, at, seen, current)
            if found is None:
                self._follow(0, empty, text, at, seen, current)
            threads = []
            char = text[at : at + 1]
            for pc, saved in current:
                step = self.program[pc]
                if step[0] == "match":
                    found = saved
                    break
                if char and step[1](char):
                    threads.append((pc + 1, saved))
            if not threads and found is not None:
                break
        return found

    def _follow(
        self,
        pc: int,
        saved: tuple[int, ...],
        text: str,
        at: int,
        seen: set[int],
        out: list[tuple[int, tuple[int, ...]]],
    ) -> None:
        stack = [(pc, saved)]
        while stack:
            pc, saved = stack.pop()
            if pc in seen:
                continue
            seen.add(pc)
            step = self.program[pc]
            kind = step[0]
            if kind == "jump":
                stack.append((step[1], saved))
            elif kind == "split":
                stack.append((step[2], saved))
                stack.append((step[1], saved))
            elif kind == "save":
                slot = step[1]
                stack.append((pc + 1, (*saved[:slot], at, *saved[slot + 1 :])))
            elif kind == "at":
                if _holds(step[1], text, at):
                    stack.append((pc + 1, saved))
            else:
                out.append((pc, saved))

    def matches(self, text: str) -> Iterator[tuple[int, ...]]:
        """The matches one after the other; an empty one right behind another match does not count."""
        at, last = 0, -1
        work = 0
        while at <= len(text):
            work += len(self.program) * 8
            if work > MAX_WORK:
                raise EvaluationError("a regular expression that takes too long")
            found = self.match(text, at)
            if found is None:
                return
            work += len(self.program) * (found[1] - at)
            if found[1] > found[0] or found[0] != last:
                yield found
            last = found[1]
            at = found[1] if found[1] > found[0] else found[1] + 1


def _holds(kind: str, text: str, at: int) -> bool:
    if kind == "start":
        return at == 0
    if kind == "end":
        return at == len(text)
    if kind == "line":
        return at == 0 or text[at - 1] == "\n"
    if kind == "line-end":
        return at == len(text) or text[at] == "\n"
    boundary = (at > 0 and text[at - 1] in _WORD) != (at < len(text) and text[at] in _WORD)
    return boundary == (kind == "word")
