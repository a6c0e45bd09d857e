"""Values of Terraform's expressions, in the scope of one instance of a module: what they come to, as texts and as facts.

References and conditions are followed as far as they can be decided, maps and lists joined; any function that makes a value
of its own leaves it Unknown.
"""

from __future__ import annotations

from gwaudit.parse.document import Mapping, Scalar, Sequence
from gwaudit.parse.hcl.syntax import Expression, Key, Reference, Template
from gwaudit.resolve.fact import Fact, Source, Step, Unknown
from gwaudit.resolve.pieces import joined
from gwaudit.resolve.terraform.conditions import choose
from gwaudit.resolve.terraform.references import look_up
from gwaudit.resolve.terraform.value import Value, reason

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gwaudit.resolve.terraform.module import Module

    Convert = Callable[[str], Any]

MAX_STEPS = 30
MAX_WORK = 20_000  # nodes looked at in one module instance
MAX_ITEMS = 2_000
_JOINING = frozenset(("merge", "concat", "setunion", "flatten"))


class Scope:
    """One instance of a module: ``arguments`` from its caller, ``bound`` names of ``each``, ``count`` and dynamic blocks."""

    __slots__ = ("_work", "arguments", "bound", "module")

    def __init__(self, module: Module, arguments: dict[str, Value] | None = None) -> None:
        self.module = module
        self.arguments = arguments
        self.bound: dict[str, Value] = {}
        self._work = [0]

    def within(self, bound: dict[str, Value]) -> Scope:
        """The same scope with more names."""
        inner = Scope(self.module, self.arguments)
        inner.bound = {**self.bound, **bound}
        inner._work = self._work
        return inner

    def follow(self, value: Value, steps: int = 0) -> Value:
        """The value with references, identities and decidable conditions followed."""
        while True:
            node = value.node
            self._work[0] += 1
            steps += 1
            if steps > MAX_STEPS or self._work[0] > MAX_WORK:
                return Value(Unknown("references go round in a circle, or too far"), value.scope)
            if isinstance(node, Reference):
                found = look_up(value.scope, node, steps)
            elif isinstance(node, Template) and len(node.parts) == 1 and not isinstance(node.parts[0], str):
                found = Value(node.parts[0], value.scope)
            elif isinstance(node, Expression):
                chosen = choose(value.scope, node, steps)
                if chosen is None:
                    return value
                found = Value(chosen, value.scope)
            else:
                return value
            value = Value(found.node, found.scope, value.assumed or found.assumed, value.secret or found.secret)

    def entries(self, value: Value, steps: int = 0) -> list[tuple[str, Value]] | Unknown:
        """The keys and values of a map, or why nobody can know them; a list has its indices as keys."""
        value = self.follow(value, steps)
        node = value.node
        if isinstance(node, Unknown):
            return node
        if isinstance(node, Mapping):
            return [
                (value.scope.key(key, steps), Value(inner, value.scope, value.assumed, value.secret))
                for key, inner in node.entries
            ]
        if isinstance(node, Sequence):
            return [
                (str(at), Value(item, value.scope, value.assumed, value.secret)) for at, item in enumerate(node.items)
            ]
        if isinstance(node, Expression) and node.kind == "function" and node.name in _JOINING and node.parts:
            return self._joined(node, value.scope, steps)
        return [] if value.is_null else Unknown(reason(node))

    def _joined(self, node: Expression, scope: Scope, steps: int) -> list[tuple[str, Value]] | Unknown:
        found: dict[str, Value] = {}
        for part in node.parts:
            inner = scope.entries(Value(part, scope), steps + 2)
            if isinstance(inner, Unknown):
                return inner
            for key, value in inner:
                found[key if node.name == "merge" else str(len(found))] = value
            if len(found) > MAX_ITEMS:
                return Unknown(f"more than {MAX_ITEMS:,} items")
        return list(found.items())

    def child(self, value: Value, step: str, steps: int = 0) -> Value | None:
        """The value below a key, None where the map surely does not have it."""
        inner = self.entries(value, steps)
        if isinstance(inner, Unknown):
            return Value(inner, self)
        found = next((found for key, found in reversed(inner) if key == step), None)
        if found is None and any("${" in key for key, _ in inner):
            return Value(Unknown("keys of a map are computed"), self)
        return found

    def key(self, key: Scalar, steps: int) -> str:
        """A key of a map; one that nobody can know stands as it is written, between ``${`` and ``}``."""
        if not isinstance(key, Key):
            return key.text
        text = self.text(Value(key.expression, self), steps + 3)[0]
        if isinstance(text, str):
            return text
        return key.text.strip('"') if "${" in key.text else f"${{{key.text}}}"

    def text(self, value: Value, steps: int = 0) -> tuple[str | Unknown, bool]:
        """The text that a value becomes, or why nobody can know; and whether a default was taken."""
        value = self.follow(value, steps)
        node = value.node
        if isinstance(node, Unknown):
            return node, value.assumed
        if isinstance(node, Scalar):
            return node.text, value.assumed
        if not isinstance(node, Template):
            return Unknown(reason(node)), value.assumed
        text, more = joined(node.parts, lambda part: value.scope.text(Value(part, value.scope), steps + 3))
        return text, value.assumed or more

    def fact(self, name: str, value: Value, convert: Convert = str) -> Fact:
        """The fact that a value states; ``convert`` gives None for a text that is no such value."""
        end = self.follow(value)
        text, assumed = self.text(value)
        read: Any = text
        if isinstance(text, str):
            read = convert(text)
            if read is None:
                read = Unknown("not a valid value", (name,))
        elif not text.depends_on:
            read = Unknown(text.reason, (name,), text.low, text.high)
        return Fact(name, read, self.source(value, end, text), assumed=assumed, secret=end.secret)

    def source(self, value: Value, end: Value, text: str | Unknown) -> Source:
        start, place = value.node, end.node
        if isinstance(start, Unknown):
            return Source("manifest")
        if isinstance(place, Unknown):
            place = start
        via = [Step(start.location, "used here")] if place is not start else []
        raw = text if isinstance(text, str) and not end.secret else None
        return Source("manifest", raw, place.location, via)
