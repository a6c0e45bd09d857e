"""Ingress controllers: which one serves an Ingress, its defaults, and what annotations set (platforms/ingress.yaml)."""

from __future__ import annotations

import re

from gwaudit.parse.document import Scalar
from gwaudit.pattern import regex
from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.kubernetes.platform import ingress
from gwaudit.resolve.kubernetes.reading import (
    at,
    boolean,
    duration,
    fact_of,
    integer,
    seconds,
    source_of,
    text,
    text_at,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.parse.document import Node
    from gwaudit.resolve.kubernetes.context import Context
    from gwaudit.resolve.kubernetes.objects import Object
    from gwaudit.resolve.kubernetes.services import Service
    from gwaudit.resolve.model import Endpoint

_SIZE = regex(r"([0-9]{1,15})([kKmMgG]?)")
_SIZES = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}


def controller_of(item: Object, context: Context) -> str | None:
    """The controller's name in the table; None where nothing tells it."""
    table = ingress()["controllers"]
    name = text_at(item.node, "spec", "ingressClassName") or item.annotations.get("kubernetes.io/ingress.class")
    if name:
        known = context.store.find("IngressClass", name, None)
        implementation = text_at(known.node, "spec", "controller") if known is not None else None
        for controller, record in table.items():
            if implementation is not None and implementation in record.get("implementations", ()):
                return str(controller)
        for controller, record in table.items():
            if name in record["classes"]:
                return str(controller)
    for controller, record in table.items():
        if any(key.startswith(prefix) for key in item.annotations for prefix in record["prefixes"]):
            return str(controller)
    return None


def controller_facts(
    endpoint: Endpoint, item: Object, controller: str | None, service: Service | None, context: Context
) -> None:
    """The limits of the controller as facts ``hop.*``: its defaults, overridden by annotations of the Ingress."""
    place = Source("manifest", None, item.place)
    endpoint.public = _public(item)
    if endpoint.public is not None:
        endpoint.facts["hop.public"] = Fact("hop.public", endpoint.public, place)
    if controller is None:
        name = "hop.product"
        endpoint.facts[name] = Fact(name, Unknown("nothing tells which ingress controller serves it", (name,)), place)
        return
    record = ingress()["controllers"][controller]
    endpoint.facts["hop.product"] = Fact("hop.product", controller, place)
    surely = _names_it(item, record, context) if "retired" in record else None
    if surely is not None:
        endpoint.facts["hop.retired"] = Fact("hop.retired", record["retired"], surely)
    for key, value in record["defaults"].items():
        name = f"hop.{key}"
        endpoint.facts[name] = Fact(name, ABSENT if value is None else value, Source("platform", None, item.place))
    for key, rule in record["annotations"].items():
        node = at(item.node, "metadata", "annotations", key)
        if node is None and service is not None and rule.get("of") == "service":
            node = at(service.object.node, "metadata", "annotations", key)
        if node is not None:
            _annotation(endpoint, node, rule)
    if controller == "gce" and service is not None:
        _backend_config(endpoint, service, context)


def _names_it(item: Object, record: dict[str, Any], context: Context) -> Source | None:
    """Where an Ingress says which program serves it: a class that is defined, or a usual name and an annotation of its own.

    Several controllers have the class ``nginx``, and charts carry annotations for several controllers.
    """
    old = "kubernetes.io/ingress.class"
    node = at(item.node, "spec", "ingressClassName") or at(item.node, "metadata", "annotations", old)
    annotated = any(key.startswith(prefix) for key in item.annotations for prefix in record["prefixes"])
    if isinstance(node, Scalar) and annotated and node.text in record["classes"]:
        return source_of(node)
    known = context.store.find("IngressClass", node.text, None) if isinstance(node, Scalar) else None
    implementation = text_at(known.node, "spec", "controller") if known is not None else None
    return source_of(node) if node is not None and implementation in record["implementations"] else None


def _annotation(endpoint: Endpoint, node: Node, rule: dict[str, Any]) -> None:
    inner = rule.get("inner")
    if inner is not None:
        words = text_at(node) or ""
        pairs = dict(part.strip().partition("=")[::2] for part in words.split(","))
        for key, each in inner.items():
            if key in pairs:
                _put(endpoint, node, each, pairs[key].strip())
        return
    _put(endpoint, node, rule, None)


def _put(endpoint: Endpoint, node: Node, rule: dict[str, Any], given: str | None) -> None:
    name = f"hop.{rule['fact']}"
    if rule["as"] == "present":
        endpoint.facts[name] = Fact(name, True, source_of(node))
        return
    if rule["as"] == "equals":
        value = text_at(node)
        if value is not None:
            endpoint.facts[name] = Fact(name, value.lower() in rule["values"], source_of(node))
        return
    convert = {
        "seconds": seconds,
        "duration": duration,
        "milliseconds": _milliseconds,
        "boolean": _switch,
        "integer": integer,
        "size": _size,
        "text": text,
    }[rule["as"]]
    fact = fact_of(node, name, convert) if given is None else Fact(name, convert(given), source_of(node))
    if fact.value is None:
        fact = fact.with_value(Unknown("not a valid value", (name,)))
    if rule.get("zero") == "none" and fact.value == 0:
        fact = fact.with_value(ABSENT)
    below = endpoint.facts.get(name)
    endpoint.facts[name] = fact.over(below) if below is not None else fact


def _public(item: Object) -> bool | None:
    """False where class or annotations say that it is internal; an Ingress is public otherwise."""
    node = at(item.node, "spec", "ingressClassName")
    name = node.text if isinstance(node, Scalar) else item.annotations.get("kubernetes.io/ingress.class", "")
    words = re.split(r"[^a-z]+", name.lower())
    if any(word in words for word in ingress()["internal_class_words"]):
        return False
    for key, value in ingress()["internal_annotations"].items():
        if item.annotations.get(key) == value:
            return False
    return None if isinstance(node, Scalar) and node.origin.unknown else True


def _backend_config(endpoint: Endpoint, service: Service, context: Context) -> None:
    """GKE's BackendConfig of the Service (``cloud.google.com/backend-config``): its timeoutSec."""
    named = service.object.annotations.get("cloud.google.com/backend-config", "")
    for config in context.store.of_kind("BackendConfig"):
        if f'"{config.name}"' in named:
            node = at(config.node, "spec", "timeoutSec")
            if node is not None:
                fact = fact_of(node, "hop.request_timeout", seconds)
                endpoint.facts[fact.name] = fact.over(endpoint.facts.get(fact.name))
            affinity = at(config.node, "spec", "sessionAffinity", "affinityType")
            if affinity is not None:
                sticky = text_at(affinity) not in (None, "NONE", "")
                endpoint.facts["hop.affinity"] = Fact("hop.affinity", sticky, source_of(affinity))


def _milliseconds(value: str) -> float | None:
    number = integer(value)
    return None if number is None else number / 1000


def _switch(value: str) -> bool | None:
    return {"on": True, "off": False}.get(value.lower(), boolean(value))


def _size(value: str) -> int | None:
    match = _SIZE.fullmatch(value)
    return int(match.group(1)) * _SIZES[match.group(2).lower()] if match else None
