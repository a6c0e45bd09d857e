"""What a parser returns: a document whose every node knows its place, or a failure that knows its own.

YAML, JSON, TOML and HCL share the tree of ``Scalar``, ``Mapping`` and ``Sequence``; other formats define their own root.
A parser has no opinion: it keeps the text of a scalar and its style, and leaves the meaning to the consumer (see
``value`` for the YAML 1.2 core reading that Compose and Kubernetes nearly share).
"""

from __future__ import annotations

from gwaudit.source import Location, SourceFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from gwaudit.source import Origin


class Node:
    """A stretch ``start``..``end`` (offsets) of ``file``.

    ``shadowed`` holds the nodes that this one replaced in a merge (a Compose override, a Kustomize patch), nearest first.
    """

    __slots__ = ("end", "file", "shadowed", "start")

    def __init__(self, file: SourceFile, start: int, end: int) -> None:
        self.file = file
        self.start = start
        self.end = end
        self.shadowed: tuple[Node, ...] = ()

    @property
    def origin(self) -> Origin:
        return self.file.origin(self.start, self.end)

    @property
    def location(self) -> Location:
        """The place where a person edits this."""
        return self.origin.location


class Scalar(Node):
    """A scalar: its ``text`` without quotes, its ``style`` and its explicit ``tag``.

    ``style``: plain, single, double, literal, folded; ``tag`` is None or the tag as written (``!reset``).
    """

    __slots__ = ("style", "tag", "text")

    def __init__(
        self, file: SourceFile, start: int, end: int, text: str, style: str = "plain", tag: str | None = None
    ) -> None:
        super().__init__(file, start, end)
        self.text = text
        self.style = style
        self.tag = tag

    @property
    def raw(self) -> str:
        """The text as written, quotes included."""
        return self.file.text[self.start : self.end]

    def __repr__(self) -> str:
        return f"Scalar({self.text!r})"


class Mapping(Node):
    """Keys and values in the order written; a duplicate key stays (``get`` answers the last, as most consumers do)."""

    __slots__ = ("entries", "tag")

    def __init__(
        self, file: SourceFile, start: int, end: int, entries: list[tuple[Scalar, Node]], tag: str | None = None
    ) -> None:
        super().__init__(file, start, end)
        self.entries = entries
        self.tag = tag

    def get(self, *path: str) -> Node | None:
        """The value below ``path``, None where a step is missing or not a mapping."""
        node: Node | None = self
        for step in path:
            if not isinstance(node, Mapping):
                return None
            for key, value in reversed(node.entries):
                if key.text == step:
                    node = value
                    break
            else:
                return None
        return node

    def key(self, name: str) -> Scalar | None:
        return next((key for key, _ in reversed(self.entries) if key.text == name), None)

    def items(self) -> Iterator[tuple[str, Node]]:
        for key, value in self.entries:
            yield key.text, value

    def __repr__(self) -> str:
        return f"Mapping({[key.text for key, _ in self.entries]})"


class Sequence(Node):
    """Items in order."""

    __slots__ = ("items", "tag")

    def __init__(self, file: SourceFile, start: int, end: int, items: list[Node], tag: str | None = None) -> None:
        super().__init__(file, start, end)
        self.items = items
        self.tag = tag

    def __repr__(self) -> str:
        return f"Sequence({len(self.items)})"


class Document:
    """One parsed document; ``root`` is the format's own tree."""

    __slots__ = ("file", "format", "root")

    def __init__(self, file: SourceFile, format: str, root: Any) -> None:
        self.file = file
        self.format = format
        self.root = root


class ParseFailure:
    """A file, or a part of one, that could not be read: where, and why in the reader's words.

    ``bounded`` marks what was left out because there is too much of it: nothing is wrong with the file.
    """

    __slots__ = ("bounded", "location", "message")

    def __init__(self, location: Location, message: str, bounded: bool = False) -> None:
        self.location = location
        self.message = message
        self.bounded = bounded

    def __repr__(self) -> str:
        return f"ParseFailure({self.location}: {self.message})"
