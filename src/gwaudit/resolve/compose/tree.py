"""The tree of a Compose file with its merge keys resolved and its scalars interpolated."""

from __future__ import annotations

from gwaudit.parse.document import Mapping, Node, Scalar, Sequence
from gwaudit.parse.yaml import merged, value
from gwaudit.resolve.fact import Source, Step, Unknown
from gwaudit.resolve.interpolate import expand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gwaudit.resolve.fact import Fact
    from gwaudit.resolve.interpolate import Expansion, Lookup
    from gwaudit.source import Location

    Note = Callable[[Location, str], None]

MAX_DEPTH = 60
MAX_NODES = 60_000


class Text(Scalar):
    """An interpolated scalar: ``text`` is the result (as written where that is Unknown), ``expansion`` how it came about.

    ``template`` is the text before.
    """

    __slots__ = ("expansion", "template")

    def __init__(self, scalar: Scalar, expansion: Expansion) -> None:
        text = expansion.value if isinstance(expansion.value, str) else scalar.text
        super().__init__(scalar.file, scalar.start, scalar.end, text, scalar.style, scalar.tag)
        self.shadowed = scalar.shadowed
        self.expansion = expansion
        self.template = scalar.text


def plain(root: Node, note: Note) -> Node:
    """``root`` with every merge key resolved; aliases stay shared.

    A loop of aliases is noted and cut, and so is what would grow beyond ``MAX_NODES`` nodes if its aliases were written out:
    whoever walks the result walks it written out.
    """
    done: dict[int, tuple[Node, int]] = {}
    active: set[int] = set()
    budget = [MAX_NODES]

    def cut(node: Node, reason: str) -> tuple[Node, int]:
        note(node.location, f"not read: {reason}")
        return Scalar(node.file, node.start, node.start, "", "plain"), 1

    def walk(node: Node, depth: int) -> tuple[Node, int]:
        if isinstance(node, Scalar):
            return node, 1
        if id(node) in done:
            return done[id(node)]
        if id(node) in active:
            return cut(node, "an alias contains itself")
        if depth > MAX_DEPTH:
            return cut(node, f"nested deeper than {MAX_DEPTH} levels")
        active.add(id(node))
        result, size = node, 1
        if isinstance(node, Mapping):
            flat = merged(node, budget)
            entries = []
            for key, child in flat.entries if isinstance(flat, Mapping) else ():
                below, count = walk(child, depth + 1)
                entries.append((key, below))
                size += count + 1
            result = Mapping(node.file, node.start, node.end, entries, node.tag)
        elif isinstance(node, Sequence):
            items = []
            for child in node.items:
                below, count = walk(child, depth + 1)
                items.append(below)
                size += count
            result = Sequence(node.file, node.start, node.end, items, node.tag)
        active.discard(id(node))
        found = (
            (result, size)
            if size <= MAX_NODES
            else cut(node, f"more than {MAX_NODES:,} nodes with its aliases written out")
        )
        done[id(node)] = found
        return found

    return walk(root, 0)[0]


def interpolated(root: Node, lookup: Lookup, note: Note) -> Node:
    """``root`` with every scalar value substituted; keys are not, as in Compose. What holds no ``$`` stays the same node."""
    done: dict[int, Node] = {}

    def walk(node: Node) -> Node:
        if isinstance(node, Scalar):
            if "$" not in node.text:
                return node
            expansion = expand(node.text, lookup)
            if expansion.problem:
                note(node.location, expansion.problem)
            return Text(node, expansion)
        if id(node) in done:
            return done[id(node)]
        result = node
        if isinstance(node, Mapping):
            entries = [(key, walk(child)) for key, child in node.entries]
            if any(new[1] is not old[1] for new, old in zip(entries, node.entries, strict=True)):
                result = Mapping(node.file, node.start, node.end, entries, node.tag)
        elif isinstance(node, Sequence):
            items = [walk(child) for child in node.items]
            if any(new is not old for new, old in zip(items, node.items, strict=True)):
                result = Sequence(node.file, node.start, node.end, items, node.tag)
        done[id(node)] = result
        return result

    return walk(root)


def text_of(node: Node | None) -> str | Unknown | None:
    """The text of a scalar; Unknown where interpolation does not know it; None for null and for what is no scalar."""
    if isinstance(node, Text) and isinstance(node.expansion.value, Unknown):
        return node.expansion.value
    if not isinstance(node, Scalar) or is_null(node):
        return None
    return node.text


def known_text(node: Node | None) -> str | None:
    """The text of a scalar where it is known."""
    found = text_of(node)
    return found if isinstance(found, str) else None


def is_null(node: Node | None) -> bool:
    return node is None or (isinstance(node, Scalar) and not isinstance(node, Text) and value(node) is None)


def flag(node: Node | None) -> bool | Unknown | None:
    """A truth value as Compose reads it (``yes`` and ``on`` too); None where it is neither."""
    found = text_of(node)
    if not isinstance(found, str):
        return found
    lower = found.lower()
    return (
        True
        if lower in ("true", "y", "yes", "on", "1")
        else False
        if lower in ("false", "n", "no", "off", "0")
        else None
    )


def source_of(node: Node, layer: str = "manifest") -> Source:
    """Where a person edits the value: the line of ``.env`` that alone makes it, reached through this one, or this line."""
    location = node.location
    if isinstance(node, Text):
        winner = node.expansion.winner
        if winner is not None and winner.location is not None:
            via = (*winner.source.via, Step(location, "interpolated here"))
            return Source("interpolation", winner.source.raw, winner.location, via)
    return Source(layer, node.raw if isinstance(node, Scalar) else None, location)


def inputs_of(node: Node) -> tuple[Fact, ...]:
    return node.expansion.inputs if isinstance(node, Text) else ()


def strings(node: Node | None) -> list[Scalar]:
    """The scalars of a list, or the one scalar that stands for a list of one."""
    if isinstance(node, Sequence):
        return [item for item in node.items if isinstance(item, Scalar) and not is_null(item)]
    return [node] if isinstance(node, Scalar) and not is_null(node) else []
