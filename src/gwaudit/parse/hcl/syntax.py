"""What HCL has beyond scalars, mappings and sequences: bodies with blocks, templates, references, other expressions."""

from __future__ import annotations

from gwaudit.parse.document import Mapping, Node, Scalar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gwaudit.source import SourceFile


class Body(Mapping):
    """Attributes (``entries``, as in any mapping) and ``blocks``, each in the order written."""

    __slots__ = ("blocks",)

    def __init__(self, file: SourceFile, start: int, end: int) -> None:
        super().__init__(file, start, end, [])
        self.blocks: list[Block] = []

    def of(self, type: str) -> Iterator[Block]:
        """The blocks of one type."""
        return (block for block in self.blocks if block.type.text == type)

    def first(self, type: str) -> Block | None:
        return next(self.of(type), None)

    def __repr__(self) -> str:
        return f"Body({[key.text for key, _ in self.entries]}, {self.blocks})"


class Block(Node):
    """``type "label" ... { body }``."""

    __slots__ = ("body", "labels", "type")

    def __init__(self, file: SourceFile, start: int, end: int, type: Scalar, labels: list[Scalar], body: Body) -> None:
        super().__init__(file, start, end)
        self.type = type
        self.labels = labels
        self.body = body

    @property
    def label(self) -> str:
        """The first label, empty without one."""
        return self.labels[0].text if self.labels else ""

    @property
    def head(self) -> Scalar:
        """What names the block: its last label, else its type; a better place to point at than the whole block."""
        return self.labels[-1] if self.labels else self.type

    def __repr__(self) -> str:
        return f"Block({self.type.text} {' '.join(label.text for label in self.labels)})"


class Template(Node):
    """A string with ``${ }`` in it: texts and expressions in order; ``style`` as of a ``Scalar`` (double, literal)."""

    __slots__ = ("parts", "style")

    def __init__(self, file: SourceFile, start: int, end: int, parts: list[str | Node], style: str) -> None:
        super().__init__(file, start, end)
        self.parts = parts
        self.style = style

    def __repr__(self) -> str:
        return f"Template({self.parts})"


class Key(Scalar):
    """A computed key of an object: its text as written, the tag ``computed``, and what computes it."""

    __slots__ = ("expression",)

    def __init__(self, file: SourceFile, start: int, end: int, text: str, expression: Node) -> None:
        super().__init__(file, start, end, text, "plain", "computed")
        self.expression = expression


class Reference(Node):
    """``var.name``, ``local.map["key"].field``: the steps as texts."""

    __slots__ = ("steps",)

    def __init__(self, file: SourceFile, start: int, end: int, steps: tuple[str, ...]) -> None:
        super().__init__(file, start, end)
        self.steps = steps

    def __repr__(self) -> str:
        return f"Reference({'.'.join(self.steps)})"


class Expression(Node):
    """What is not a value as it stands; ``kind``: function, operation, conditional, for, directive, splat, other.

    ``name`` is the function's or the operator; ``parts`` are the arguments of a function, the condition and the branches of
    a conditional, the operands of a comparison or a logical operation, and nothing elsewhere.
    """

    __slots__ = ("kind", "name", "parts")

    def __init__(
        self, file: SourceFile, start: int, end: int, kind: str, name: str = "", parts: tuple[Node, ...] = ()
    ) -> None:
        super().__init__(file, start, end)
        self.kind = kind
        self.name = name
        self.parts = parts

    def __repr__(self) -> str:
        return f"Expression({self.kind} {self.name})"
