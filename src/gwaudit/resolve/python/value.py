"""Abstract values of the partial evaluator: what is known of a Python value, and where it came from.

``Value.data`` is a plain Python scalar, a tuple of values, a reference into the heap (list, dict, set, object), something
callable, a dotted name of code that is not read, or ``Opaque`` where nothing of it is known but its reason and bounds.
"""

from __future__ import annotations

from math import isnan

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.python.objects import Dotted, Ref

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable
    from typing import Any

    from gwaudit.resolve.fact import Fact
    from gwaudit.source import SourceFile

MAX_INPUTS = 12
MAX_CHOICES = 8


class Place:
    """A node of a file; with ``fact``, the place where that environment variable is read."""

    __slots__ = ("fact", "file", "node")

    def __init__(self, file: SourceFile, node: ast.AST, fact: Fact | None = None) -> None:
        self.file = file
        self.node = node
        self.fact = fact


class Value:
    """What is known of a value.

    ``inputs`` are the facts that it was made from; ``place`` is the literal or the variable read that it still is, None once
    it was computed from several. ``maybe`` is the reason why nobody knows whether the name or key that holds it is set.
    """

    __slots__ = ("data", "inputs", "maybe", "place")

    def __init__(
        self, data: Any, inputs: tuple[Fact, ...] = (), place: Place | None = None, maybe: str | None = None
    ) -> None:
        self.data = data
        self.inputs = inputs
        self.place = place
        self.maybe = maybe

    def __repr__(self) -> str:
        return f"Value({self.data!r})"


class Opaque(Unknown):
    """An unknown value; ``kind`` is the name of its type where that is sure (int, float, str, bool, number)."""

    __slots__ = ("kind",)

    def __init__(
        self,
        reason: str,
        depends_on: Iterable[str] = (),
        low: float | None = None,
        high: float | None = None,
        choices: Iterable[Any] = (),
        kind: str | None = None,
    ) -> None:
        super().__init__(reason, depends_on, low, high, choices)
        self.kind = kind


class Sentinel:
    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"<{self.name}>"


MISSING = Sentinel("missing")  # no such variable, key or name
DELETED = Sentinel("deleted")  # removed from the environment by the evaluated code
REST = Sentinel("rest")  # key of a dict or scope: there may be more entries, its value says why

NONE = Value(None)
SCALARS = (bool, int, float, str, bytes, complex, type(None))


def merge_inputs(values: Iterable[Value]) -> tuple[Fact, ...]:
    """The inputs of several values, each fact once."""
    found: tuple[Fact, ...] = ()
    for value in values:
        if value.inputs and value.inputs is not found:
            if not found:
                found = value.inputs
            else:
                fresh = [one for one in value.inputs if all(one is not other for other in found)]
                if fresh and len(found) < MAX_INPUTS:
                    found = (*found, *fresh)[:MAX_INPUTS]
    return found


def made(data: Any, *sources: Value) -> Value:
    """A value computed from others: it keeps their inputs, and the place where it is still one literal or one read."""
    if len(sources) == 1:
        return Value(data, sources[0].inputs, sources[0].place)
    place: Place | None = None
    for source in sources:
        if source.place is not None and source.place.fact is not None:
            if place is not None and place.fact is not source.place.fact:
                return Value(data, merge_inputs(sources))
            place = source.place
    return Value(data, merge_inputs(sources), place)


def depends(values: Iterable[Value]) -> tuple[str, ...]:
    names: list[str] = []
    for value in values:
        if isinstance(value.data, Unknown):
            names += [name for name in value.data.depends_on if name not in names]
    return tuple(names[:MAX_INPUTS])


def blur(
    *sources: Value,
    reason: str | None = None,
    kind: str | None = None,
    low: float | None = None,
    high: float | None = None,
    choices: Iterable[Any] = (),
) -> Value:
    """An unknown value made from others: the first reason among them, everything that they depend on."""
    if reason is None:
        reason = next((s.data.reason for s in sources if isinstance(s.data, Unknown)), None)
    if reason is None:
        name = next((s.data.name for s in sources if isinstance(s.data, Dotted)), None)
        reason = f"{name} is code that is not read" if name else "it is computed at run time"
    return made(Opaque(reason, depends(sources), low, high, choices, kind), *sources)


def unknown(reason: str, *depends_on: str, kind: str | None = None, low: float | None = None) -> Value:
    return Value(Opaque(reason, depends_on, low, None, (), kind))


def same(left: Any, right: Any) -> bool:
    """Equal and of one type: 1 is not True, 1.0 is not 1."""
    if type(left) is not type(right):
        return False
    if isinstance(left, tuple):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, float) and isnan(left):
        return isnan(right)
    return bool(left == right)


def kind_of(data: Any) -> str | None:
    """The name of a value's type, None where it is not sure."""
    if isinstance(data, Opaque):
        return data.kind
    if isinstance(data, Ref):
        return data.kind
    if isinstance(data, (bool, int, float, str, bytes, tuple, range)):
        return type(data).__name__
    return "NoneType" if data is None else None
