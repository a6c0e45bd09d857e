"""Regular expressions in Go's syntax, matched in linear time as Go does.

Python's engine backtracks, and a hostile chart could keep it busy for ever; here all ways through the pattern advance
together (Pike's machine), so the work is bounded by the length of the pattern times the length of the text. The first
alternative wins, as in Perl and Go. Unicode classes (``\\p``) are not known.
"""

from __future__ import annotations

from gwaudit.resolve.helm.errors import EvaluationError
from gwaudit.resolve.helm.regular_syntax import WORD, Parser, wrong

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from gwaudit.resolve.helm.regular_syntax import Tree

MAX_PROGRAM = 4_000
MAX_WORK = 800_000  # instructions tried on one text


class Regex:
    """A compiled pattern; ``work`` counts what its matches cost."""

    def __init__(self, pattern: str) -> None:
        if len(pattern) > 1_000:
            raise wrong("expression too large")
        parser = Parser(pattern)
        tree = parser.parse()
        self.groups = parser.groups
        self.names = parser.names
        self.program: list[list[Any]] = []
        self._emit(("group", tree, 0))
        self.program.append(["match"])
        self.first = self._beginnings()
        self.work = 0

    def _emit(self, tree: Tree) -> None:
        program = self.program
        if len(program) > MAX_PROGRAM:
            raise wrong("expression too large")
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

    def _beginnings(self) -> list[Any] | None:
        """The tests of which one holds for the first character of any match; None where a match may begin otherwise."""
        tests: list[Any] = []
        stack, seen = [0], set[int]()
        while stack:
            pc = stack.pop()
            if pc in seen:
                continue
            seen.add(pc)
            step = self.program[pc]
            if step[0] in ("jump", "split"):
                stack.extend(step[1:])
            elif step[0] == "save":
                stack.append(pc + 1)
            elif step[0] == "one":
                tests.append(step[1])
            else:
                return None
        return tests

    def match(self, text: str, start: int = 0) -> tuple[int, ...] | None:
        """The offsets of the leftmost match from ``start`` on and of its groups (-1 where a group took no part)."""
        empty = (-1,) * (2 * self.groups + 2)
        threads: list[tuple[int, tuple[int, ...]]] = []
        found: tuple[int, ...] | None = None
        first = self.first
        for at in range(start, len(text) + 1):
            self.work += 1
            char = text[at : at + 1]
            if not threads and first is not None and not (char and any(test(char) for test in first)):
                if found is not None:
                    break
                continue
            seen: set[int] = set()
            current: list[tuple[int, tuple[int, ...]]] = []
            for pc, saved in threads:
                self._follow(pc, saved, text, at, seen, current)
            if found is None:
                self._follow(0, empty, text, at, seen, current)
            self.work += len(seen)
            if self.work > MAX_WORK:
                raise EvaluationError("a regular expression that takes too long")
            threads = []
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
        while at <= len(text):
            found = self.match(text, at)
            if found is None:
                return
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
    boundary = (at > 0 and text[at - 1] in WORD) != (at < len(text) and text[at] in WORD)
    return boundary == (kind == "word")
