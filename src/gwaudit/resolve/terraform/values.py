"""Values of Terraform's expressions: variables, locals, arguments of modules, attributes of resources, ``each``.

A variable counts with the value of the variable files that Terraform loads by itself, else with its default (``assumed``: a
``-var`` option or ``TF_VAR_`` variable may say otherwise). Comparisons, conditionals and the functions that only pass their
arguments on are worked out; any other function makes the value Unknown.
"""

from __future__ import annotations

import re

from gwaudit.parse.document import Mapping, Scalar, Sequence
from gwaudit.parse.hcl.syntax import Body, Expression, Key, Reference, Template
from gwaudit.resolve.fact import Fact, Source, Step, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gwaudit.parse.document import Node
    from gwaudit.resolve.terraform.module import Module

    Convert = Callable[[str], Any]

MAX_STEPS = 30
MAX_WORK = 20_000  # nodes looked at in one module instance
MAX_ITEMS = 2_000
_SAME = frozenset(
    ("tostring", "tonumber", "tobool", "tolist", "toset", "tomap", "sensitive", "nonsensitive", "trimspace")
)
_JOINING = frozenset(("merge", "concat", "setunion", "flatten"))
_FIRST = frozenset(("coalesce", "try"))
_WORDS = {
    "function": "a function of Terraform makes it",
    "operation": "an operation of Terraform makes it",
    "conditional": "a condition of Terraform decides it",
    "for": "a for expression of Terraform makes it",
}


class Value:
    """A node, the scope in which its names mean something, and whether a default was taken on the way to it."""

    __slots__ = ("assumed", "node", "scope", "secret")

    def __init__(self, node: Node | Unknown, scope: Scope, assumed: bool = False, secret: bool = False) -> None:
        self.node = node
        self.scope = scope
        self.assumed = assumed
        self.secret = secret

    @property
    def is_null(self) -> bool:
        return isinstance(self.node, Scalar) and self.node.style == "plain" and self.node.text == "null"


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
                found = value.scope.look_up(node, steps)
            elif isinstance(node, Template) and len(node.parts) == 1 and not isinstance(node.parts[0], str):
                found = Value(node.parts[0], value.scope)
            elif isinstance(node, Expression):
                chosen = value.scope.choose(node, steps)
                if chosen is None:
                    return value
                found = Value(chosen, value.scope)
            else:
                return value
            value = Value(found.node, found.scope, value.assumed or found.assumed, value.secret or found.secret)

    def choose(self, node: Expression, steps: int) -> Node | Unknown | None:
        """What an expression comes to, where that is one of its own parts; None where it is not."""
        if node.kind == "conditional" and len(node.parts) == 3:
            answer = self.holds(node.parts[0], steps)
            return node.parts[1 if answer else 2] if answer is not None else None
        if node.kind == "function" and node.name in _SAME and len(node.parts) == 1:
            return node.parts[0]
        if node.kind == "function" and node.name in _FIRST:
            for part in node.parts:
                found = self.follow(Value(part, self), steps + 2)
                if isinstance(found.node, Unknown):
                    return found.node
                empty = isinstance(found.node, Scalar) and not found.node.text and node.name == "coalesce"
                if not found.is_null and not empty:
                    return part
        if node.kind == "function" and node.name == "lookup" and len(node.parts) == 3:
            key = self.text(Value(node.parts[1], self), steps + 2)[0]
            if isinstance(key, str) and "." not in key:
                inner = self.child(Value(node.parts[0], self), key, steps + 2)
                return node.parts[2] if inner is None else inner.node if inner.scope is self else None
        return None

    def holds(self, node: Node, steps: int) -> bool | None:
        """Whether a condition is true, None where nobody can know."""
        found = self.follow(Value(node, self), steps + 2)
        node = found.node if not isinstance(found.node, Unknown) else node
        if isinstance(node, Scalar):
            return {"true": True, "false": False}.get(node.text)
        if not isinstance(node, Expression) or node.kind != "operation":
            return None
        if node.name in ("==", "!="):
            sides = [found.scope.follow(Value(part, found.scope), steps + 2) for part in node.parts]
            if len(sides) != 2 or any(isinstance(side.node, Unknown) for side in sides):
                return None
            if sides[0].is_null or sides[1].is_null:
                same = sides[0].is_null and sides[1].is_null
            else:
                texts = [side.scope.text(side, steps + 2)[0] for side in sides]
                if not all(isinstance(text, str) for text in texts):
                    return None
                same = texts[0] == texts[1]
            return same == (node.name == "==")
        answers = [found.scope.holds(part, steps + 2) for part in node.parts]
        if node.name == "!" and len(answers) == 1:
            return not answers[0] if answers[0] is not None else None
        if node.name in ("&&", "||"):
            decisive = node.name == "||"
            return decisive if decisive in answers else None if None in answers else not decisive
        return None

    def look_up(self, node: Reference, steps: int) -> Value:
        """One step of a reference."""
        name, second, *rest = (*node.steps, "", "")
        rest = [step for step in rest if step]
        text = ".".join(node.steps)
        bound = self.bound.get(f"{name}.{second}")
        if bound is not None:
            found = bound
        elif name == "var":
            found = self.variable(second)
        elif name == "local":
            local = self.module.locals.get(second)
            found = Value(local if local is not None else Unknown(f"{text} is not declared"), self)
        elif (name, second) in self.module.resources:
            while rest and rest[0].isdigit():
                rest = rest[1:]
            body = self.module.resources[name, second].body
            stated = body.get(rest[0]) if rest else None
            if stated is None:
                return Value(Unknown(f"the provider makes {text} when it is applied", (text,)), self)
            found, rest = Value(stated, self), rest[1:]
        else:
            return Value(Unknown(_outside(name, text), (text,)), self)
        for step in rest:
            inner = self.child(found, step, steps + 2)
            if inner is None and name in ("var", "each") and may_lack(step, self.module):
                return Value(Scalar(node.file, node.start, node.end, "null"), self)
            if inner is None:
                return Value(Unknown(f"{text} cannot be followed", (text,)), self)
            found = Value(inner.node, inner.scope, found.assumed or inner.assumed, found.secret or inner.secret)
        return found

    def variable(self, name: str) -> Value:
        block = self.module.variables.get(name)
        flag = block.body.get("sensitive") if block is not None else None
        secret = isinstance(flag, Scalar) and flag.text == "true"
        if self.arguments is not None and name in self.arguments:
            given = self.arguments[name]
            return Value(given.node, given.scope, given.assumed, given.secret or secret)
        if self.arguments is None and name in self.module.given:
            return Value(self.module.given[name], self, secret=secret)
        default = block.body.get("default") if block is not None else None
        if default is None:
            why = "has no default" if block is not None else "is not declared"
            return Value(Unknown(f"the variable {name} {why}", (f"var.{name}",)), self)
        return Value(default, self, assumed=True, secret=secret)

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
        return [] if value.is_null else Unknown(_reason(node))

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
            return Unknown(_reason(node)), value.assumed
        pieces: list[str] = []
        assumed = value.assumed
        for part in node.parts:
            piece, more = (
                (part, False) if isinstance(part, str) else value.scope.text(Value(part, value.scope), steps + 3)
            )
            assumed = assumed or more
            if isinstance(piece, Unknown):
                return piece, assumed
            pieces.append(piece)
            if sum(map(len, pieces)) > 100_000:
                return Unknown("a text of more than 100,000 characters"), assumed
        return "".join(pieces), assumed

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


def may_lack(name: str, module: Module) -> bool:
    """Whether a type of the module's variables has the attribute as ``optional(...)`` without a default: then it is null."""
    for block in module.variables.values():
        type = block.body.get("type")
        text = type.file.text[type.start : type.end] if type is not None else ""
        match = re.search(rf"(?<![\w-]){re.escape(name)}[ \t]*=[ \t]*optional\(", text)
        if match is None:
            continue
        depth = 1
        for char in text[match.end() :]:
            depth += (char in "([{") - (char in ")]}")
            if not depth:
                return True
            if char == "," and depth == 1:
                return False
    return False


def _reason(node: Node) -> str:
    if isinstance(node, Expression):
        named = f" ({node.name})" if node.kind == "function" else ""
        return _WORDS.get(node.kind, "an expression of Terraform makes it") + named
    if isinstance(node, Body):
        return "a block stands where a single value is expected"
    return "a list or map stands where a single value is expected"


def _outside(name: str, text: str) -> str:
    match name:
        case "data":
            return f"Terraform asks the provider for {text}"
        case "module":
            return f"{text} is an output of a module"
        case "each" | "count":
            return f"{text} differs between the instances"
    return f"{text} is known when Terraform runs"
