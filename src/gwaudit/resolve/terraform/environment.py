"""The variables of an application resource: literals, secrets by reference, objects of Code Engine by name."""

from __future__ import annotations

from gwaudit.parse.document import Scalar
from gwaudit.parse.hcl.syntax import Reference
from gwaudit.resolve.fact import Fact, Source, Unknown
from gwaudit.resolve.kubernetes.variables import expanded
from gwaudit.resolve.terraform.blocks import below, blocks
from gwaudit.resolve.terraform.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.parse.hcl.syntax import Block
    from gwaudit.resolve.model import Container
    from gwaudit.resolve.terraform.scope import Scope


def put_environment(container: Container, value: Value, row: dict[str, Any], scope: Scope) -> None:
    """Every block of the container's environment in order."""
    if isinstance(value.node, Unknown):
        container.environment.opaque(value.node.reason)
        return
    found, reason = blocks(value, row["env"])
    container.env_place = value.node.location if not found else container.place
    for each in found:
        if not isinstance(each.node, Unknown):
            container.env_place = each.node.location
        kind = _text(each, ["type"]) if row["objects"] else "literal"
        if kind is None or kind == "literal":
            _variable(container, each, row)
        elif isinstance(kind, Unknown):
            container.environment.opaque(kind.reason)
        else:
            _object(container, each, kind, row, scope)
    if reason is not None:
        container.environment.opaque(f"a dynamic block sets variables: {reason.reason}")


def _text(value: Value, way: list[str]) -> str | Unknown | None:
    found = below(value, way)
    return found.scope.text(found)[0] if found is not None else None


def _variable(container: Container, each: Value, row: dict[str, Any]) -> None:
    name = _text(each, ["name"])
    if not isinstance(name, str) or not name:
        reason = name.reason if isinstance(name, Unknown) else "a variable without a name"
        container.environment.opaque(f"a variable's name is not known: {reason}")
        return
    value = below(each, ["value"])
    if value is not None:
        container.environment.put(expanded(value.scope.fact(f"env.{name}", value), container.environment))
        return
    for way in row["secret"]:
        secret = below(each, way)
        if secret is None:
            continue
        text = secret.scope.text(secret)[0]
        shown = text if isinstance(text, str) else ".".join(getattr(secret.node, "steps", ())) or "of another name"
        _hidden(container, name, f"the secret {shown[:80]} holds it", secret)
        return
    node = each.node
    if not isinstance(node, Unknown):  # a block with a name alone sets the empty text
        container.environment.set(name, "", Source("manifest", "", node.location))


def _hidden(container: Container, name: str, reason: str, at: Value, secret: bool = True) -> None:
    place = at.node.location if not isinstance(at.node, Unknown) else container.place
    unknown = Unknown(reason, (f"env.{name}",))
    container.environment.put(Fact(f"env.{name}", unknown, Source("manifest", None, place), secret=secret))


def _object(container: Container, each: Value, kind: str, row: dict[str, Any], scope: Scope) -> None:
    """A configuration map or secret: all of its keys, with a prefix, or one."""
    spec = row["objects"].get(kind)
    reference = below(each, ["reference"])
    if spec is None or reference is None:
        container.environment.opaque(f"a variable of the type {kind[:60]} is not known")
        return
    secret = spec["secret"]
    text = reference.scope.text(reference)[0]
    named = text if isinstance(text, str) else "of another module"
    what = f"{'secret' if secret else 'configuration map'} {named[:60]}"
    made = _find(reference, spec["type"])
    held = below(Value(made[0].body, made[1]), ["data"]) if made is not None else None
    items = held.scope.entries(held) if held is not None else None
    if spec["whole"]:
        prefix = _text(each, ["prefix"])
        if not isinstance(items, list) or isinstance(prefix, Unknown):
            container.environment.opaque(f"the {what} is not made in this module")
            return
        for own, item in items:
            _take(container, f"{prefix or ''}{own}", item, secret)
        return
    key, name = _text(each, ["key"]), _text(each, ["name"])
    wanted = name if isinstance(name, str) else key
    if not isinstance(wanted, str):
        container.environment.opaque(f"the {what} sets a variable whose name is not known")
        return
    one = next((item for found, item in items if found == key), None) if isinstance(items, list) else None
    if one is not None:
        _take(container, wanted, one, secret)
    else:
        _hidden(container, wanted, f"the {what} holds it", reference, secret)


def _take(container: Container, name: str, item: Value, secret: bool) -> None:
    fact = item.scope.fact(f"env.{name}", item)
    if secret:
        source = Source(fact.source.layer, None, fact.source.location, fact.source.via)
        fact = Fact(fact.name, fact.value, source, assumed=fact.assumed, secret=True)
    container.environment.put(fact)


def _find(reference: Value, type: str) -> tuple[Block, Scope] | None:
    """The object that a reference names: by the resource it is taken from, else by its name; made once in the module."""
    scope, node = reference.scope, reference.node
    if isinstance(node, Reference) and node.steps[0] == type and len(node.steps) > 1:
        block = scope.module.resources.get((type, node.steps[1]))
        return (block, scope) if block is not None and not _repeated(block) else None
    text = scope.text(reference)[0]
    for block in scope.module.of(type):
        named = block.body.get("name")
        same = isinstance(named, Scalar) and named.text == text
        if named is not None and not same:
            same = scope.text(Value(named, scope))[0] == text and isinstance(text, str)
        if same and not _repeated(block):
            return block, scope
    return None


def _repeated(block: Block) -> bool:
    return block.body.get("for_each") is not None or block.body.get("count") is not None
