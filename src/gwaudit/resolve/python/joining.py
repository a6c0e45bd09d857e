"""Joining two states of an evaluation: values that are alike stay known, the others are one of two."""

from __future__ import annotations

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.python.objects import Dotted, Function, Module, Ref
from gwaudit.resolve.python.value import MAX_CHOICES, SCALARS, Opaque, Value, depends, kind_of, merge_inputs, same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.python.state import State


class Join:
    """Two heaps of one state, to be joined cell by cell; left values belong to ``mine``, right ones to ``theirs``."""

    __slots__ = ("mine", "state", "theirs")

    def __init__(self, state: State, mine: dict[int, Any], theirs: dict[int, Any]) -> None:
        self.state = state
        self.mine = mine
        self.theirs = theirs

    def cells(self, mine: Any, theirs: Any, reason: Opaque, cause: Value) -> Any:
        """The content of one address in either state."""
        if isinstance(mine, Opaque) or isinstance(theirs, Opaque) or type(mine) is not type(theirs):
            return mine if isinstance(mine, Opaque) else Opaque(reason.reason, reason.depends_on)
        self.state.spend(len(mine) + len(theirs))
        if isinstance(mine, dict):
            joined: dict[Any, Value] = {}
            for key in (*mine, *(key for key in theirs if key not in mine)):
                left, right = mine.get(key), theirs.get(key)
                if left is not None and right is not None:
                    joined[key] = left if left is right else self.values(left, right, reason, cause)
                else:
                    only = left if left is not None else right
                    assert only is not None
                    joined[key] = Value(only.data, merge_inputs((only, cause)), only.place, only.maybe or reason.reason)
            return joined
        if isinstance(mine, list) and len(mine) == len(theirs):
            return [a if a is b else self.values(a, b, reason, cause) for a, b in zip(mine, theirs, strict=True)]
        if isinstance(mine, set) and mine == theirs:
            return mine
        return Opaque(reason.reason, reason.depends_on)

    def values(self, left: Value, right: Value, reason: Opaque, cause: Value) -> Value:
        """One of two values."""
        maybe = left.maybe or right.maybe
        inputs = merge_inputs((left, right, cause))
        place = left.place if left.place is right.place else None
        if self.alike(left.data, right.data):
            keep = left.place if left.place is not None else right.place
            return Value(left.data, inputs, keep, maybe)
        if isinstance(left.data, tuple) and isinstance(right.data, tuple) and len(left.data) == len(right.data):
            items = tuple(self.values(a, b, reason, cause) for a, b in zip(left.data, right.data, strict=True))
            return Value(items, inputs, place, maybe)
        names = depends((left, right, cause))
        for name in reason.depends_on:
            if name not in names:
                names = (*names, name)
        choices = _union(self.state.choices(left.data, self.mine), self.state.choices(right.data, self.theirs))
        low, high = _hull(left.data, right.data)
        kinds = {kind_of(left.data), kind_of(right.data)}
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
            mine = self.mine.get(left.address)
            theirs = self.theirs.get(right.address)
            if isinstance(mine, list) and isinstance(theirs, list):
                self.state.spend(len(mine))
                return len(mine) == len(theirs) and all(
                    self.alike(a.data, b.data, depth + 1) for a, b in zip(mine, theirs, strict=True)
                )
            if isinstance(mine, dict) and isinstance(theirs, dict):
                self.state.spend(len(mine))
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
