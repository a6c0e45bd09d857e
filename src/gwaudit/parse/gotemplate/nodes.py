"""The tree of a Go template: statements that write text, and the expressions inside their actions.

``start`` and ``end`` are offsets into the template's text; those of a statement cover its delimiters.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    Expression: TypeAlias = "Dot | Nil | Constant | Field | Variable | Chain | Function | Pipe"
    Statement: TypeAlias = "Text | Action | Branch | Range | Call | Jump"


class Located:
    __slots__ = ("end", "start")

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end


class Dot(Located):
    """``.``"""

    __slots__ = ()


class Nil(Located):
    """The word ``nil``."""

    __slots__ = ()


class Constant(Located):
    """A literal: str, bool, int (also a character's code) or float."""

    __slots__ = ("value",)

    def __init__(self, start: int, end: int, value: str | bool | int | float) -> None:
        super().__init__(start, end)
        self.value = value


class Field(Located):
    """``.A.B``: names looked up from the dot."""

    __slots__ = ("names",)

    def __init__(self, start: int, end: int, names: tuple[str, ...]) -> None:
        super().__init__(start, end)
        self.names = names


class Variable(Located):
    """``$x.A.B``; the name keeps its dollar sign."""

    __slots__ = ("name", "names")

    def __init__(self, start: int, end: int, name: str, names: tuple[str, ...]) -> None:
        super().__init__(start, end)
        self.name = name
        self.names = names


class Chain(Located):
    """``(pipeline).A.B``"""

    __slots__ = ("names", "node")

    def __init__(self, start: int, end: int, node: Expression, names: tuple[str, ...]) -> None:
        super().__init__(start, end)
        self.node = node
        self.names = names


class Function(Located):
    """The name of a function."""

    __slots__ = ("name",)

    def __init__(self, start: int, end: int, name: str) -> None:
        super().__init__(start, end)
        self.name = name


class Command(Located):
    """A first word and its arguments."""

    __slots__ = ("words",)

    def __init__(self, start: int, end: int, words: tuple[Expression, ...]) -> None:
        super().__init__(start, end)
        self.words = words


class Pipe(Located):
    """``$a, $b := command | command``; ``assigns`` tells ``=`` from ``:=``."""

    __slots__ = ("assigns", "commands", "variables")

    def __init__(
        self,
        start: int,
        end: int,
        commands: tuple[Command, ...],
        variables: tuple[str, ...] = (),
        assigns: bool = False,
    ) -> None:
        super().__init__(start, end)
        self.commands = commands
        self.variables = variables
        self.assigns = assigns


class Text(Located):
    """Literal text, white space already trimmed as its neighbours ask."""

    __slots__ = ("text",)

    def __init__(self, start: int, end: int, text: str) -> None:
        super().__init__(start, end)
        self.text = text


class Action(Located):
    """``{{ pipeline }}``"""

    __slots__ = ("pipe",)

    def __init__(self, start: int, end: int, pipe: Pipe) -> None:
        super().__init__(start, end)
        self.pipe = pipe


class Branch(Located):
    """``if`` and ``with`` (``kind``); the end is that of the whole statement, ``head`` that of its first action."""

    __slots__ = ("body", "head", "kind", "otherwise", "pipe")

    def __init__(self, start: int, kind: str, pipe: Pipe, head: int) -> None:
        super().__init__(start, head)
        self.kind = kind
        self.pipe = pipe
        self.head = head
        self.body: list[Statement] = []
        self.otherwise: list[Statement] = []


class Range(Branch):
    """``range``"""

    __slots__ = ()


class Call(Located):
    """``{{ template "name" pipeline }}`` (and what ``block`` leaves behind)."""

    __slots__ = ("name", "pipe")

    def __init__(self, start: int, end: int, name: str, pipe: Pipe | None) -> None:
        super().__init__(start, end)
        self.name = name
        self.pipe = pipe


class Jump(Located):
    """``break`` and ``continue`` (``kind``)."""

    __slots__ = ("kind",)

    def __init__(self, start: int, end: int, kind: str) -> None:
        super().__init__(start, end)
        self.kind = kind
