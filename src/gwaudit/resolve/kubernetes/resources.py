"""Requests and limits of a container, with what the API server and a LimitRange of the namespace fill in."""

from __future__ import annotations

from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.kubernetes.reading import at, cpu, fact_of, hidden, items, size, text_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.document import Node
    from gwaudit.resolve.kubernetes.context import Context
    from gwaudit.resolve.kubernetes.objects import Object
    from gwaudit.resolve.model import Container

_READ = {"cpu": cpu, "memory": size}


def put_resources(container: Container, spec: Node, owner: Object, context: Context) -> None:
    """Facts ``container.{cpu,memory}_{limit,request}``.

    A request that is not written equals the limit (API defaulting), then a LimitRange of the target's namespace fills
    what is still missing (``default``, ``defaultRequest``; ``max`` and ``min`` where it states no defaults).
    """
    ranges = list(_ranges(owner, context))
    for resource, convert in _READ.items():
        facts: dict[str, Fact] = {}
        for field, ending in (("limits", "limit"), ("requests", "request")):
            name = f"container.{resource}_{ending}"
            node = at(spec, "resources", field, resource)
            if node is not None:
                facts[ending] = fact_of(node, name, convert)
            else:
                place = at(spec, "resources", field) or at(spec, "resources")
                location = place.location if place is not None else container.place
                facts[ending] = Fact(name, ABSENT, Source("manifest", None, location))
        limit, request = facts["limit"], facts["request"]
        if request.value is ABSENT and limit.value is not ABSENT:
            request = Fact(
                request.name, limit.value, Source("platform", None, limit.location), inputs=(limit,),
                derivation="the request that is not written equals the limit",
            )  # fmt: skip
        if limit.value is ABSENT:
            limit = _from_range(limit, resource, ranges, ("default", "max"))
        if request.value is ABSENT:
            request = _from_range(request, resource, ranges, ("defaultRequest", "default", "max", "min"))
        container.put(limit)
        container.put(request)


def _ranges(owner: Object, context: Context) -> list[Node]:
    found: list[Node] = []
    for item in context.store.of_kind("LimitRange"):
        if item.namespace == owner.namespace or item.namespace is None or owner.namespace is None:
            found.extend(limit for limit in items(item.node, "spec", "limits") if text_at(limit, "type") == "Container")
    return found


def _from_range(missing: Fact, resource: str, ranges: list[Node], fields: tuple[str, ...]) -> Fact:
    for limit in ranges:
        for field in fields:
            node = at(limit, field, resource)
            if node is None:
                continue
            reason = hidden(node)
            found = fact_of(node, missing.name, _READ[resource])
            if reason:
                return Fact(missing.name, Unknown(reason, (missing.name,)), found.source)
            return Fact(missing.name, found.value, Source("platform", found.source.raw, found.location))
    return missing
