"""The objects of a target by kind and name, and what its ConfigMaps, Secrets and their suppliers hold."""

from __future__ import annotations

import base64
import binascii

from gwaudit.parse.document import Scalar
from gwaudit.resolve.fact import Fact, Unknown
from gwaudit.resolve.kubernetes.platform import kubernetes
from gwaudit.resolve.kubernetes.reading import at, entries, fact_of, hidden, is_null, items, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from gwaudit.parse.document import Node
    from gwaudit.resolve.kubernetes.objects import Object
    from gwaudit.source import Location


class Bundle:
    """The keys of a ConfigMap or Secret.

    ``nodes`` maps a key to its scalar, or to None where an operator supplies the value; ``encoded`` are the keys in
    base64. ``open`` is the reason why there may be keys that are not listed.
    """

    __slots__ = ("encoded", "name", "nodes", "open", "place", "secret", "supplier")

    def __init__(self, name: str, secret: bool, place: Location) -> None:
        self.name = name
        self.secret = secret
        self.place = place
        self.nodes: dict[str, Scalar | None] = {}
        self.encoded: set[str] = set()
        self.open: str | None = None
        self.supplier: str | None = None

    def fact(self, key: str, name: str, layer: str) -> Fact:
        """The value of ``key`` as a fact of that name; its place is where the value stands in the object."""
        node = self.nodes[key]
        if node is None:
            from gwaudit.resolve.fact import Source

            kind = self.supplier or "an operator"
            return Fact(
                name,
                Unknown(f"{self.name} is filled by {kind}", (name,)),
                Source(layer, None, self.place),
                secret=self.secret,
            )
        return fact_of(node, name, decoded if key in self.encoded else text, layer, self.secret)


class Store:
    """Objects by kind and name; an object without a namespace answers for any."""

    def __init__(self, objects: Iterable[Object]) -> None:
        self.objects = list(objects)
        self._by_key: dict[tuple[str, str], list[Object]] = {}
        for item in self.objects:
            self._by_key.setdefault((item.kind, item.name), []).append(item)
        self._bundles: dict[tuple[bool, str], list[tuple[str | None, Bundle]]] = {}
        for item in self.objects:
            for bundle in _bundles_of(item):
                known = self._bundles.setdefault((bundle.secret, bundle.name), [])
                if bundle.supplier and any(found.supplier is None for _, found in known):
                    continue
                known.append((item.namespace, bundle))

    def of_kind(self, *kinds: str) -> Iterator[Object]:
        return (item for item in self.objects if item.kind in kinds)

    def find(self, kind: str, name: str, namespace: str | None) -> Object | None:
        for item in self._by_key.get((kind, name), ()):
            if item.namespace is None or namespace is None or item.namespace == namespace:
                return item
        return None

    def bundle(self, secret: bool, name: str, namespace: str | None) -> Bundle | None:
        """The contents of a ConfigMap or Secret of that name; None where the target has none."""
        for where, found in reversed(self._bundles.get((secret, name), ())):
            if where is None or namespace is None or where == namespace:
                return found
        return None


def _bundles_of(item: Object) -> Iterator[Bundle]:
    if item.kind == "ConfigMap" and item.group == "":
        yield _config_map(item)
    elif item.kind == "Secret" and item.group == "":
        yield _secret(item)
    else:
        supplier = kubernetes()["secret_suppliers"].get(item.kind)
        if supplier and item.group in supplier.get("groups", (item.group,)):
            yield from _supplied(item, supplier)


def _config_map(item: Object) -> Bundle:
    bundle = Bundle(item.name, False, item.place)
    _fill(bundle, item.node, "binaryData", encoded=True)
    _fill(bundle, item.node, "data")
    return bundle


def _secret(item: Object) -> Bundle:
    bundle = Bundle(item.name, True, item.place)
    _fill(bundle, item.node, "data", encoded=True)
    _fill(bundle, item.node, "stringData")
    return bundle


def _fill(bundle: Bundle, node: Node, field: str, encoded: bool = False) -> None:
    reason = hidden(at(node, field))
    if reason:
        bundle.open = reason
    for key, value in entries(node, field):
        if not isinstance(value, Scalar):
            continue
        if key.origin.unknown:
            bundle.open = key.origin.unknown
            continue
        if is_null(value):
            value = _empty(value)
        bundle.nodes[key.text] = value
        if encoded:
            bundle.encoded.add(key.text)
        else:
            bundle.encoded.discard(key.text)


def _empty(node: Scalar) -> Scalar:
    result = Scalar(node.file, node.start, node.end, "", "double")
    result.shadowed = node.shadowed
    return result


def _supplied(item: Object, supplier: dict[str, Any]) -> Iterator[Bundle]:
    """What an operator's object creates: the names and, where it lists them, the keys; never the values."""
    names = [found for path in supplier["name"] for found in values_at(item.node, path) if found]
    suffixes = supplier.get("suffixes")
    if suffixes:
        names = [names[0] + suffix for suffix in suffixes] if names else []
    elif not supplier.get("many"):
        names = names[:1]
    for name in names:
        bundle = Bundle(name, not supplier.get("config_map"), item.place)
        bundle.supplier = item.kind
        for key in supplier.get("fixed_keys", ()):
            bundle.nodes[key] = None
        for path in supplier.get("keys", ()):
            for key in values_at(item.node, path):
                bundle.nodes[key] = None
        opens = supplier.get("open", ())
        if opens is True or any(at(item.node, *path.split(".")) is not None for path in opens) or not bundle.nodes:
            bundle.open = f"{item.kind} {item.name} decides the keys of {name}"
        yield bundle


def values_at(node: Node, path: str) -> list[str]:
    """The texts below a dotted path; ``[]`` after a step takes every item, ``{}`` the keys of a mapping."""
    found: list[Node] = [node]
    for step in path.split("."):
        bare = step.removesuffix("[]").removesuffix("{}")
        following: list[Node] = []
        for each in found:
            below = at(each, bare)
            if below is None:
                continue
            if step.endswith("[]"):
                following.extend(items(below))
            elif step.endswith("{}"):
                following.extend(key for key, _ in entries(below))
            else:
                following.append(below)
        found = following
    return [each.text for each in found if isinstance(each, Scalar)]


def decoded(value: str) -> str | None:
    compact = "".join(value.split())
    try:
        return base64.b64decode(compact, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return None
