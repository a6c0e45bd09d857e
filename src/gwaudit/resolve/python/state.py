"""The state of an evaluation: a heap of mutable objects, copied in one step and joined address by address.

Scopes, lists, dicts, sets, objects and the environment's changes are cells of one heap, so a branch that cannot be
decided runs on a copy and is joined afterwards without losing aliases. Cells are shared between copies and copied on the
first write.
"""

from __future__ import annotations

from gwaudit.resolve.fact import Pairs, Unknown
from gwaudit.resolve.python.failure import Exhausted
from gwaudit.resolve.python.joining import Join
from gwaudit.resolve.python.objects import Ref
from gwaudit.resolve.python.value import MISSING, REST, SCALARS, Opaque, Value, made

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.python.objects import ClassType

GONE = Opaque("it was made on a path that was not taken")
FUEL = 60_000
MAX_ITEMS = 5_000


class State:
    """The heap and the work left."""

    __slots__ = ("_next", "_owned", "fuel", "heap")

    def __init__(self) -> None:
        self.heap: dict[int, Any] = {}
        self.fuel = FUEL
        self._owned: set[int] = set()
        self._next = 1

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
        join = Join(self, dict(self.heap), other)
        for address, theirs in other.items():
            mine = self.heap.get(address, MISSING)
            if mine is MISSING:
                self.heap[address] = theirs
            elif mine is not theirs:
                self.heap[address] = join.cells(mine, theirs, reason, cause)
        return join.values(*pair, reason, cause) if pair else None

    def join(self, left: Value, right: Value, reason: Opaque, cause: Value) -> Value:
        """One of two values of this state; ``reason`` says why nobody knows which."""
        return Join(self, self.heap, self.heap).values(left, right, reason, cause)

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
