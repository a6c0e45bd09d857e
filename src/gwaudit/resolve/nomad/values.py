"""Values of HCL expressions: variables by their defaults, locals, templates. Functions are not evaluated.

A variable counts with its default, because that is what a run without ``-var`` and variable files takes; the fact is
``assumed`` and points at the default, which is where a person edits.
"""

from __future__ import annotations

from gwaudit.bundle import section
from gwaudit.parse.document import Mapping, Scalar, Sequence
from gwaudit.parse.hcl.syntax import Body, Expression, Reference, Template
from gwaudit.resolve.fact import ABSENT, Fact, Source, Step, Unknown
from gwaudit.resolve.pieces import joined

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from gwaudit.parse.document import Node
    from gwaudit.parse.hcl.syntax import Block
    from gwaudit.source import Location

    Convert = Callable[[str], Any]

MAX_STEPS = 20
MAX_WORK = 5_000  # expressions looked at for one value
_WORDS = {
    "function": "a function of HCL makes it",
    "operation": "an operation of HCL makes it",
    "conditional": "a condition of HCL decides it",
    "for": "a for expression of HCL makes it",
}


class Scope:
    """The variables and locals of a file."""

    __slots__ = ("_work", "locals", "variables")

    def __init__(self, root: Body) -> None:
        self._work = 0
        self.variables: dict[str, Block] = {block.label: block for block in root.of("variable")}
        self.locals: dict[str, Node] = {
            key.text: value for block in root.of("locals") for key, value in block.body.entries
        }
        for block in root.of("variables"):  # Nomad's short form: variables { name = default }
            self.locals.update({f"var {key.text}": value for key, value in block.body.entries})

    def follow(self, node: Node | None, steps: int = 0) -> tuple[Node | Unknown | None, bool]:
        """What a node stands for when references are followed, and whether a default was taken on the way."""
        assumed = False
        while isinstance(node, Reference):
            steps += 1
            if steps > MAX_STEPS:
                return Unknown("references go round in a circle"), assumed
            kind, name, *rest = (*node.steps, "")
            if kind == "var" and name:
                block = self.variables.get(name)
                found = block.body.get("default") if block is not None else self.locals.get(f"var {name}")
                if found is None:
                    why = "has no default" if block is not None else "is not declared in this file"
                    return Unknown(f"the variable {name} {why}", (f"var.{name}",)), assumed
                assumed = True
            elif kind == "local" and name:
                found = self.locals.get(name)
                if found is None:
                    return Unknown(f"the local {name} is not declared in this file", (f"local.{name}",)), assumed
            else:
                return Unknown(_outside(node), (".".join(node.steps),)), assumed
            for step in (step for step in rest if step):
                inner, more = self.follow(found, steps)
                assumed = assumed or more
                if isinstance(inner, Mapping):
                    found = inner.get(step)
                elif isinstance(inner, Sequence) and step.isdigit() and int(step) < len(inner.items):
                    found = inner.items[int(step)]
                else:
                    found = None
                if found is None:
                    return Unknown(f"{'.'.join(node.steps)} cannot be followed", (".".join(node.steps),)), assumed
            node = found
        return node, assumed

    def text(self, node: Node, steps: int = 0) -> tuple[str | Unknown, bool]:
        """The text that a node becomes, or why nobody can know; and whether a default was taken."""
        self._work = self._work + 1 if steps else 0
        if self._work > MAX_WORK:
            return Unknown("too many references to follow"), False
        found, assumed = self.follow(node, steps)
        if isinstance(found, Unknown):
            return found, assumed
        if isinstance(found, Scalar):
            return found.text, assumed
        if isinstance(found, Template):
            if steps > MAX_STEPS:
                return Unknown("references go round in a circle"), assumed
            text, more = joined(found.parts, lambda part: self.text(part, steps + 5))
            return text, assumed or more
        if isinstance(found, Expression):
            named = f" ({found.name})" if found.kind == "function" and found.name else ""
            return Unknown(_WORDS.get(found.kind, "an expression of HCL makes it") + named), assumed
        return Unknown("a list or mapping stands where a single value is expected"), assumed

    def fact(self, name: str, node: Node, convert: Convert = str, layer: str = "manifest") -> Fact:
        """The fact that a node states; ``convert`` gives None for a text that is no such value."""
        text, assumed = self.text(node)
        found, _ = self.follow(node)
        value: Any = text
        if isinstance(text, str):
            value = convert(text)
            if value is None:
                value = Unknown("not a valid value", (name,))
        elif not text.depends_on:
            value = Unknown(text.reason, (name,))
        place = found if not isinstance(found, Unknown) and found is not None else node
        via = [Step(node.location, "used here")] if place is not node else []
        source = Source(layer, text if isinstance(text, str) else None, place.location, via)
        return Fact(name, value, source, assumed=assumed)

    def state(
        self,
        put: Callable[[Fact], None],
        name: str,
        node: Node | None,
        convert: Convert,
        default: Any = ABSENT,
        place: Location | None = None,
    ) -> Fact:
        """Put the fact that a node states; without one the platform's ``default``."""
        layer = "manifest" if default is ABSENT else "platform"
        fact = self.fact(name, node, convert) if node is not None else Fact(name, default, Source(layer, None, place))
        put(fact)
        return fact

    def mapping(self, node: Node | None) -> Mapping | None:
        found, _ = self.follow(node)
        return found if isinstance(found, Mapping) else None

    def items(self, node: Node | None) -> Iterable[Node]:
        found, _ = self.follow(node)
        return found.items if isinstance(found, Sequence) else ()


def field(body: Mapping, name: str) -> Node | None:
    """An attribute, or the body of the first block of that name."""
    found = body.get(name)
    if found is None and isinstance(body, Body):
        block = body.first(name)
        return block.body if block is not None else None
    return found


def blocks(body: Mapping, type: str) -> list[Block]:
    return list(body.of(type)) if isinstance(body, Body) else []


def _outside(node: Reference) -> str:
    text = ".".join(node.steps)
    if node.steps[0].split("_")[0] in section("platforms/nomad")["runtime"]:
        return f"Nomad fills in {text} when it places the task"
    return f"{text} is not declared in this file"
