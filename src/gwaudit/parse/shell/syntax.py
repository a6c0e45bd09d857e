"""The tree of a shell script: POSIX commands and the bash constructs that launch scripts use.

Words stay raw: a ``Raw`` is a stretch of the script's text with its quotes, to be expanded by whoever knows the variables.
Every offset counts characters of the script's text, so a node's place is always exact.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence as Seq


class Raw:
    """A word as written, ``start``..``end``; ``operator`` marks an operator token inside ``[[ ]]``."""

    __slots__ = ("end", "operator", "start", "text")

    def __init__(self, text: str, start: int, end: int, operator: bool = False) -> None:
        self.text = text
        self.start = start
        self.end = end
        self.operator = operator

    def __repr__(self) -> str:
        return f"Raw({self.text!r})"


class Assign:
    """``name=value``, ``name+=value``, ``name[index]=value`` or ``name=(items)``."""

    __slots__ = ("append", "end", "index", "items", "name", "start", "value")

    def __init__(
        self,
        name: str,
        start: int,
        end: int,
        value: Raw | None = None,
        items: Seq[Raw] | None = None,
        index: Raw | None = None,
        append: bool = False,
    ) -> None:
        self.name = name
        self.start = start
        self.end = end
        self.value = value
        self.items = items
        self.index = index
        self.append = append


class Redirect:
    """``fd`` (None: the operator's own), operator, target; a here-document has ``body`` and whether it is ``quoted``."""

    __slots__ = ("body", "fd", "operator", "quoted", "target")

    def __init__(self, fd: int | None, operator: str, target: Raw) -> None:
        self.fd = fd
        self.operator = operator
        self.target = target
        self.body: Raw | None = None
        self.quoted = False


class Node:
    """A command, ``start``..``end``, with its redirections."""

    __slots__ = ("end", "redirects", "start")

    def __init__(self, start: int) -> None:
        self.start = start
        self.end = start
        self.redirects: list[Redirect] = []


class Simple(Node):
    """Assignments and words; declaration commands (``export A=(b)``) hold ``Assign`` among their words."""

    __slots__ = ("assigns", "words")

    def __init__(self, start: int) -> None:
        super().__init__(start)
        self.assigns: list[Assign] = []
        self.words: list[Raw | Assign] = []


class Sequence(Node):
    """Commands one after another; the flag tells which run in the background (``&``)."""

    __slots__ = ("items",)

    def __init__(self, start: int) -> None:
        super().__init__(start)
        self.items: list[tuple[Node, bool]] = []


class AndOr(Node):
    """``first && second || third``: operators apply from left to right."""

    __slots__ = ("first", "rest")

    def __init__(self, start: int, first: Node) -> None:
        super().__init__(start)
        self.first = first
        self.rest: list[tuple[str, Node]] = []


class Pipeline(Node):
    """Stages joined by ``|``, perhaps negated by ``!``."""

    __slots__ = ("negated", "stages")

    def __init__(self, start: int, stages: list[Node], negated: bool) -> None:
        super().__init__(start)
        self.stages = stages
        self.negated = negated


class Group(Node):
    """``{ ... }``, or ``( ... )`` where ``subshell``."""

    __slots__ = ("body", "subshell")

    def __init__(self, start: int, body: Node, subshell: bool) -> None:
        super().__init__(start)
        self.body = body
        self.subshell = subshell


class If(Node):
    """Conditions with their bodies, and the ``else`` body."""

    __slots__ = ("branches", "otherwise")

    def __init__(self, start: int) -> None:
        super().__init__(start)
        self.branches: list[tuple[Sequence, Sequence]] = []
        self.otherwise: Sequence | None = None


class For(Node):
    """``for name in words``; ``words`` is None for the positional parameters."""

    __slots__ = ("body", "name", "words")

    def __init__(self, start: int, name: str, words: list[Raw] | None, body: Sequence) -> None:
        super().__init__(start)
        self.name = name
        self.words = words
        self.body = body


class CountingFor(Node):
    """``for ((init; test; step))``, the three as raw arithmetic."""

    __slots__ = ("body", "init", "step", "test")

    def __init__(self, start: int, init: Raw, test: Raw, step: Raw, body: Sequence) -> None:
        super().__init__(start)
        self.init = init
        self.test = test
        self.step = step
        self.body = body


class While(Node):
    """``while`` and, where ``until``, its opposite."""

    __slots__ = ("body", "test", "until")

    def __init__(self, start: int, test: Sequence, body: Sequence, until: bool) -> None:
        super().__init__(start)
        self.test = test
        self.body = body
        self.until = until


class Case(Node):
    """``case word in``: patterns, body and terminator (``;;``, ``;&``, ``;;&``) of each item."""

    __slots__ = ("items", "word")

    def __init__(self, start: int, word: Raw) -> None:
        super().__init__(start)
        self.word = word
        self.items: list[tuple[list[Raw], Sequence, str]] = []


class Function(Node):
    """A function definition."""

    __slots__ = ("body", "name")

    def __init__(self, start: int, name: str, body: Node) -> None:
        super().__init__(start)
        self.name = name
        self.body = body


class Arithmetic(Node):
    """``(( expression ))``."""

    __slots__ = ("expression",)

    def __init__(self, start: int, expression: Raw) -> None:
        super().__init__(start)
        self.expression = expression


class Test(Node):
    """``[[ ... ]]``: its tokens, operators marked."""

    __slots__ = ("tokens",)

    def __init__(self, start: int, tokens: list[Raw]) -> None:
        super().__init__(start)
        self.tokens = tokens
