"""Blocks and their repetition: ``dynamic``, ``count`` and ``for_each``, and the way down to a nested value."""

from __future__ import annotations

from gwaudit.parse.document import Scalar
from gwaudit.parse.hcl.syntax import Body
from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.terraform.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.hcl.syntax import Block
    from gwaudit.resolve.terraform.scope import Scope

MAX_INSTANCES = 50


def blocks(value: Value, name: str) -> tuple[list[Value], Unknown | None]:
    """The bodies of the blocks of one name, those that ``dynamic`` makes included, or why some are not known."""
    body, scope = value.node, value.scope
    if not isinstance(body, Body):
        return [], None
    found: list[Value] = []
    reason: Unknown | None = None
    for block in body.blocks:
        if block.type.text == name:
            found.append(Value(block.body, scope))
        elif block.type.text == "dynamic" and block.label == name:
            content, each = block.body.first("content"), block.body.get("for_each")
            items = scope.entries(Value(each, scope)) if each is not None else Unknown("for_each is missing")
            if isinstance(items, Unknown) or content is None:
                reason = items if isinstance(items, Unknown) else Unknown("a dynamic block has no content")
                continue
            named = block.body.get("iterator")
            iterator = ".".join(getattr(named, "steps", ())) or name
            for key, item in items[: MAX_INSTANCES * 4]:
                bound = {f"{iterator}.key": _key(block, key, scope), f"{iterator}.value": item}
                found.append(Value(content.body, scope.within(bound)))
    return found, reason


def _key(block: Block, key: str, scope: Scope) -> Value:
    """The key as a value of its own, at the place of what is repeated."""
    return Value(Scalar(block.file, block.start, block.head.end, key, "double"), scope)


def below(value: Value, steps: list[str]) -> Value | None:
    """The value below nested blocks and maps; None where a step is surely not written, Unknown where it may be."""
    found: Value | None = value
    for step in steps:
        if found is None:
            return None
        if not isinstance(found.node, Body):
            found = found.scope.child(found, step)
            continue
        node = found.node.get(step)
        if node is not None:
            found = Value(node, found.scope)
            continue
        inner, reason = blocks(found, step)
        found = inner[0] if inner else Value(reason, found.scope) if reason is not None else None
    if found is None or isinstance(found.node, Unknown):
        return found
    end = found.scope.follow(found)
    return None if end.is_null else found


def instances(body: Body, block: Block, scope: Scope) -> list[tuple[str, Scope]]:
    """The instances that ``count`` and ``for_each`` make: a name for each (empty where there is one) and its scope."""
    count, each = body.get("count"), body.get("for_each")
    if count is not None:
        text = scope.text(Value(count, scope))[0]
        if isinstance(text, str) and text.isdigit() and len(text) < 4:
            number = int(text)
            if number <= 1:
                return [("", scope.within({"count.index": _key(block, "0", scope)}))] if number else []
            many = range(min(number, MAX_INSTANCES))
            return [(f"[{at}]", scope.within({"count.index": _key(block, str(at), scope)})) for at in many]
        return [("", scope)]
    if each is None:
        return [("", scope)]
    value = Value(each, scope)
    items = scope.entries(value)
    if isinstance(items, Unknown):
        hidden = Value(Unknown(f"for_each is not known: {items.reason}", items.depends_on), scope)
        return [("", scope.within({"each.key": hidden, "each.value": hidden}))]
    found: list[tuple[str, Scope]] = []
    is_list = all(key == str(at) for at, (key, _) in enumerate(items))
    for key, item in items[:MAX_INSTANCES]:
        text = scope.text(item)[0] if is_list else key  # a set: every item is its own key
        named = text if isinstance(text, str) else key
        own = item if is_list else _key(block, key, scope)
        found.append((f"[{named}]", scope.within({"each.key": own, "each.value": item})))
    return found
