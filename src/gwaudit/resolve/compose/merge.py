"""Compose's merge of one file over another, on nodes: what was replaced stays as ``shadowed``.

The rules are those of the Compose specification (13-merge.md) and of compose-go's override package: scalars are replaced,
mappings merged, sequences appended; commands and health check tests replaced; logging merged only within one driver; limits
replaced. ``!reset`` removes, ``!override`` replaces. Other entries that must be unique (ports, volumes,
env files) are made so where they are read.
"""

from __future__ import annotations

from gwaudit.parse.document import Mapping, Node, Scalar, Sequence
from gwaudit.resolve.compose.tree import is_null

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.compose.tree import Note

UNIQUE = frozenset(("profiles", "cap_add", "cap_drop", "dns", "dns_search", "dns_opt", "expose", "tmpfs", "links"))
REPLACED = frozenset(("command", "entrypoint", "healthcheck.test"))


def over(winner: Node, *losers: Node) -> Node:
    """A copy of ``winner`` that remembers the nodes it replaced, nearest first."""
    copy = object.__new__(type(winner))
    for kind in type(winner).__mro__:
        for slot in getattr(kind, "__slots__", ()):
            setattr(copy, slot, getattr(winner, slot))
    shadowed = [*winner.shadowed]
    for loser in losers:
        shadowed.extend((loser, *loser.shadowed))
    copy.shadowed = tuple(shadowed)
    return copy


def tag_of(node: Node) -> str | None:
    tag: str | None = getattr(node, "tag", None)
    return tag


def merge(base: Node, other: Node, note: Note, path: str = "") -> Node:
    """``other`` over ``base``; ``path`` is where they stand (``services.web.ports``)."""
    parts = path.split(".")
    inner = ".".join(parts[2:]) if parts[0] == "services" else ""
    if inner in REPLACED:
        return over(other, base)
    if is_null(other):
        return base
    if tag_of(other) == "!override":
        return over(stripped(other), base)
    if isinstance(base, Mapping) and isinstance(other, Mapping):
        if inner == "logging" and _driver(base) and _driver(other) and _driver(base) != _driver(other):
            return over(other, base)
        if inner.startswith("ulimits."):
            return over(other, base)
        return _mappings(base, other, note, path)
    if isinstance(base, Sequence) and isinstance(other, Sequence):
        there = {item.text for item in base.items if isinstance(item, Scalar)} if inner in UNIQUE else ()
        kept = [
            item
            for item in other.items
            if tag_of(item) != "!reset" and not (isinstance(item, Scalar) and item.text in there)
        ]
        result = Sequence(other.file, other.start, other.end, [*base.items, *kept])
        result.shadowed = base.shadowed
        return result
    if isinstance(base, Scalar) and isinstance(other, Scalar):
        return over(other, base)
    if not (is_null(base) or inner.startswith("ulimits.")):
        note(other.location, f"Compose refuses to merge this: {parts[-1]} has another form in the file below")
    return over(stripped(other), base)


def _mappings(base: Mapping, other: Mapping, note: Note, path: str) -> Mapping:
    result: dict[str, tuple[Scalar, Node]] = {key.text: (key, child) for key, child in base.entries}
    for key, child in other.entries:
        name = key.text
        if tag_of(child) == "!reset":
            result.pop(name, None)
        elif name in result:
            first, below = result[name]
            both = isinstance(below, Mapping) and isinstance(child, Mapping)  # what is added to stands where it began
            result[name] = (first if both else key, merge(below, child, note, f"{path}.{name}" if path else name))
        else:
            result[name] = (key, stripped(child))
    merged = Mapping(other.file, other.start, other.end, list(result.values()), base.tag)
    merged.shadowed = base.shadowed
    return merged


def _driver(node: Mapping) -> str | None:
    driver = node.get("driver")
    return driver.text if isinstance(driver, Scalar) else None


def stripped(node: Node) -> Node:
    """A tree without what ``!reset`` takes away, where there is nothing below to reset."""
    if isinstance(node, Mapping) and any(tag_of(child) == "!reset" for _, child in node.entries):
        entries = [(key, child) for key, child in node.entries if tag_of(child) != "!reset"]
        node = Mapping(node.file, node.start, node.end, entries, node.tag)
    if isinstance(node, Sequence) and any(tag_of(child) == "!reset" for child in node.items):
        items = [child for child in node.items if tag_of(child) != "!reset"]
        return Sequence(node.file, node.start, node.end, items, node.tag)
    if isinstance(node, Mapping):
        entries = [(key, stripped(child)) for key, child in node.entries]
        if any(new[1] is not old[1] for new, old in zip(entries, node.entries, strict=True)):
            return Mapping(node.file, node.start, node.end, entries, node.tag)
    return node
