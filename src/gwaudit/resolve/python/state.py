"""The state of an evaluation: a heap of mutable objects, copied in one step and joined address by address.

Scopes, lists, dicts, sets, objects and the environment's changes are cells of one heap, so a branch that cannot be
decided runs on a copy and is joined afterwards without losing aliases. Cells are shared between copies and copied on the
first write.
"""

from __future__ import annotations

from gwaudit.resolve.fact import Pairs, Unknown
from gwaudit.resolve.python.failure import Exhausted
from gwaudit.resolve.python.objects import Dotted, Function, Module, Ref
from gwaudit.resolve.python.value import MAX_CHOICES, MISSING, REST, SCALARS, Opaque, Value, depends, merge_inputs, same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.python.objects import ClassType

GONE = Opaque("it was made on a path that was not taken")
FUEL = 60_000
MAX_ITEMS = 5_000


class State:
    """The heap and the work left."""

    __slots__ = ("_mine", "_next", "_owned", "_theirs", "fuel", "heap")

    def __init__(self) -> None:
        self.heap: dict[int, Any] = {}
        self.fuel = FUEL
        self._owned: set[int] = set()
        self._next = 1
        self._mine: dict[int, Any] | None = None  # the two heaps while they are being joined
        self._theirs: dict[int, Any] | None = None

    def spend(self, amount: int = 1) -> None:
        self.fuel -= amount
        if self.fuel < 0:
            raise Exhausted

    def new(self, kind: str, cell: Any, cls: ClassType | None = None) -> Ref:
        address = self._next
        self._next += 1
        self.heap[address] = cell
        self._owned.add(address)
        return Ref(address, kind, cls)

    def read(self, address: int) -> Any:
        """The cell: a list or set of items, a dict, or Opaque where its content is unknown. Not to be changed."""
        return self.heap.get(address, GONE)

    def write(self, address: int) -> Any:
        """The cell, to be changed in place."""
        cell = self.heap.get(address, GONE)
        if address not in self._owned and not isinstance(cell, Opaque):
            self.spend(1 + len(cell) // 16)
            cell = cell.copy()
            self.heap[address] = cell
            self._owned.add(address)
        return cell

    def replace(self, address: int, cell: Any) -> None:
        self.heap[address] = cell
        self._owned.add(address)

    def snapshot(self) -> dict[int, Any]:
        self.spend(4 + len(self.heap) // 8)
        self._owned.clear()
        return dict(self.heap)

    def restore(self, heap: dict[int, Any]) -> None:
        self._owned.clear()
        self.heap = dict(heap)

    def join_with(
        self, other: dict[int, Any], reason: Opaque, cause: Value, pair: tuple[Value, Value] | None = None
    ) -> Value | None:
        """From here on the state is this one or ``other``; ``cause`` decides which, and nobody knows it.

        ``pair`` are a value of this state and one of the other, to be joined as well.
        """
        self.spend(4 + len(self.heap) // 8)
        self._owned.clear()
        self._mine, self._theirs = dict(self.heap), other
        try:
            for address, theirs in other.items():
                mine = self.heap.get(address, MISSING)
                if mine is MISSING:
                    self.heap[address] = theirs
                elif mine is not theirs:
                    self.heap[address] = self._join_cells(mine, theirs, reason, cause)
            return self.join(*pair, reason, cause) if pair else None
        finally:
            self._mine = self._theirs = None

    def _join_cells(self, mine: Any, theirs: Any, reason: Opaque, cause: Value) -> Any:
        if isinstance(mine, Opaque) or isinstance(theirs, Opaque) or type(mine) is not type(theirs):
            return mine if isinstance(mine, Opaque) else Opaque(reason.reason, reason.depends_on)
        self.spend(len(mine) + len(theirs))
        if isinstance(mine, dict):
            joined: dict[Any, Value] = {}
            for key in (*mine, *(key for key in theirs if key not in mine)):
                left, right = mine.get(key), theirs.get(key)
                if left is not None and right is not None:
                    joined[key] = left if left is right else self.join(left, right, reason, cause)
                else:
                    only = left if left is not None else right
                    assert only is not None
                    joined[key] = Value(only.data, merge_inputs((only, cause)), only.place, only.maybe or reason.reason)
            return joined
        if isinstance(mine, list) and len(mine) == len(theirs):
            return [a if a is b else self.join(a, b, reason, cause) for a, b in zip(mine, theirs, strict=True)]
        if isinstance(mine, set) and mine == theirs:
            return mine
        return Opaque(reason.reason, reason.depends_on)

    def join(self, left: Value, right: Value, reason: Opaque, cause: Value) -> Value:
        """One of two values."""
        maybe = left.maybe or right.maybe
        inputs = merge_inputs((left, right, cause))
        place = left.place if left.place is right.place else None
        if self.alike(left.data, right.data):
            keep = left.place if left.place is not None else right.place
            return Value(left.data, inputs, keep, maybe)
        if isinstance(left.data, tuple) and isinstance(right.data, tuple) and len(left.data) == len(right.data):
            items = tuple(self.join(a, b, reason, cause) for a, b in zip(left.data, right.data, strict=True))
            return Value(items, inputs, place, maybe)
        names = depends((left, right, cause))
        for name in reason.depends_on:
            if name not in names:
                names = (*names, name)
        choices = _union(self.choices(left.data, self._mine), self.choices(right.data, self._theirs))
        low, high = _hull(left.data, right.data)
        kinds = {_kind(left.data), _kind(right.data)}
        kind = kinds.pop() if len(kinds) == 1 else None
        first = next((d.reason for d in (left.data, right.data) if isinstance(d, Unknown)), reason.reason)
        return Value(
            Opaque(first if not choices else reason.reason, names, low, high, choices, kind), inputs, place, maybe
        )

    def alike(self, left: Any, right: Any, depth: int = 0) -> bool:
        """Surely the same value in both states."""
        if left is right:
            return not isinstance(left, Unknown)
        if isinstance(left, SCALARS):
            return same(left, right)
        if type(left) is not type(right) or depth > 20:
            return False
        if isinstance(left, tuple):
            return len(left) == len(right) and all(
                self.alike(a.data, b.data, depth + 1) for a, b in zip(left, right, strict=True)
            )
        if isinstance(left, Ref):
            if left.address == right.address:
                return True  # one object in both: what differs inside is joined in its own cell
            if left.kind != right.kind or left.kind not in ("list", "dict"):
                return False
            mine = (self.heap if self._mine is None else self._mine).get(left.address)
            theirs = (self.heap if self._theirs is None else self._theirs).get(right.address)
            if isinstance(mine, list) and isinstance(theirs, list):
                self.spend(len(mine))
                return len(mine) == len(theirs) and all(
                    self.alike(a.data, b.data, depth + 1) for a, b in zip(mine, theirs, strict=True)
                )
            if isinstance(mine, dict) and isinstance(theirs, dict):
                self.spend(len(mine))
                return list(mine) == list(theirs) and all(
                    not mine[k].maybe and not theirs[k].maybe and self.alike(mine[k].data, theirs[k].data, depth + 1)
                    for k in mine
                )
            return False
        if isinstance(left, Function):
            return left.node is right.node and left.scopes == right.scopes
        if isinstance(left, Dotted):
            return bool(left.name == right.name)
        if isinstance(left, Module):
            return bool(left.path == right.path)
        return False

    def choices(self, data: Any, heap: dict[int, Any] | None = None) -> tuple[Any, ...] | None:
        """All the plain values this may be, None where they are not known or too many; a list is shown as a tuple."""
        if isinstance(data, Unknown):
            return data.choices or None
        plain = self.plain(data, 0, heap)
        return None if plain is MISSING else (freeze(plain),)

    def plain(self, data: Any, depth: int = 0, heap: dict[int, Any] | None = None) -> Any:
        """The plain Python value of abstract data, MISSING where any part of it is unknown or not plain."""
        if isinstance(data, SCALARS):
            return data
        if depth > 30:
            return MISSING
        self.spend()
        if isinstance(data, tuple):
            items = [self.plain(item.data, depth + 1, heap) for item in data]
            return MISSING if any(item is MISSING for item in items) else tuple(items)
        if isinstance(data, Ref) and data.kind in ("list", "dict", "set", "frozenset"):
            cell = (self.heap if heap is None else heap).get(data.address)
            if isinstance(cell, list):
                items = [self.plain(item.data, depth + 1, heap) for item in cell]
                return MISSING if any(item is MISSING for item in items) else items
            if isinstance(cell, dict):
                if REST in cell or any(item.maybe for item in cell.values()):
                    return MISSING
                pairs = {key: self.plain(item.data, depth + 1, heap) for key, item in cell.items()}
                return MISSING if any(item is MISSING for item in pairs.values()) else pairs
            if isinstance(cell, set):
                return set(cell)
        return MISSING

    def abstract(self, plain: Any, *sources: Value, depth: int = 0) -> Value:
        """The abstract value of plain data (what ``json.loads`` answers); ``sources`` are what it was made from."""
        from gwaudit.resolve.python.value import made

        self.spend()
        if depth > 60:
            return made(Opaque("nested too deeply"), *sources)
        if isinstance(plain, list):
            if len(plain) > MAX_ITEMS:
                return made(Opaque("too many items"), *sources)
            return made(self.new("list", [self.abstract(item, *sources, depth=depth + 1) for item in plain]), *sources)
        if isinstance(plain, tuple):
            return made(tuple(self.abstract(item, *sources, depth=depth + 1) for item in plain), *sources)
        if isinstance(plain, dict):
            pairs = {key: self.abstract(item, *sources, depth=depth + 1) for key, item in plain.items()}
            return made(self.new("dict", pairs), *sources)
        if isinstance(plain, (set, frozenset)):
            return made(self.new("set" if isinstance(plain, set) else "frozenset", set(plain)), *sources)
        return made(plain, *sources)


def freeze(plain: Any) -> Any:
    """Plain data as a fact may hold it: lists and sets as tuples, a dict as a tuple of pairs."""
    if isinstance(plain, Pairs):
        return plain
    if isinstance(plain, (list, tuple)):
        return tuple(freeze(item) for item in plain)
    if isinstance(plain, (set, frozenset)):
        return tuple(sorted((freeze(item) for item in plain), key=repr))
    if isinstance(plain, dict):
        return Pairs((key, freeze(item)) for key, item in plain.items())
    return plain


def _union(left: tuple[Any, ...] | None, right: tuple[Any, ...] | None) -> tuple[Any, ...]:
    if left is None or right is None:
        return ()
    found = list(left)
    for item in right:
        if not any(same(item, other) for other in found):
            found.append(item)
    return tuple(found) if len(found) <= MAX_CHOICES else ()


def _bounds(data: Any) -> tuple[float | None, float | None] | None:
    if isinstance(data, Unknown):
        return (data.low, data.high)
    if isinstance(data, (int, float)) and not isinstance(data, bool):
        return (data, data)
    return None


def _hull(left: Any, right: Any) -> tuple[float | None, float | None]:
    mine, theirs = _bounds(left), _bounds(right)
    if mine is None or theirs is None:
        return (None, None)
    low = None if mine[0] is None or theirs[0] is None else min(mine[0], theirs[0])
    high = None if mine[1] is None or theirs[1] is None else max(mine[1], theirs[1])
    return (low, high)


def _kind(data: Any) -> str | None:
    from gwaudit.resolve.python.value import kind_of

    return kind_of(data)
