"""What the downward API answers: fields of the pod and resources of the container."""

from __future__ import annotations

from gwaudit.pattern import regex
from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.kubernetes.quantity import ceiling, parse_quantity
from gwaudit.resolve.kubernetes.reading import at, fact_of, text, text_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.document import Node
    from gwaudit.resolve.kubernetes.objects import Object
    from gwaudit.resolve.model import Container

_KEYED = regex(r"metadata\.(labels|annotations)\['([^']+)'\]")


def field_value(name: str, path: str, reference: Node, owner: Object, pod: Node) -> Fact:
    """``fieldRef``: labels, annotations, namespace and service account as written, the rest known at run time only."""
    source = Source("manifest", None, reference.location)
    keyed = _KEYED.fullmatch(path)
    if keyed:
        node = at(pod, "metadata", keyed.group(1), keyed.group(2))
        if node is not None:
            found = fact_of(node, name, text)
            return Fact(name, found.value, found.source.through(reference.location, "fieldRef"), found.shadowed)
    elif path == "metadata.namespace" and owner.namespace:
        return Fact(name, owner.namespace, source)
    elif path == "spec.serviceAccountName":
        node = at(pod, "spec", "serviceAccountName")
        if node is not None:
            found = fact_of(node, name, text)
            return Fact(name, found.value, found.source.through(reference.location, "fieldRef"), found.shadowed)
        return Fact(name, "default", source)
    return Fact(name, Unknown(f"{path} is known at run time only", (name,)), source)


def resource_value(name: str, reference: Node, container: Container) -> Fact:
    """``resourceFieldRef``: the limit or request of the container divided by the divisor, rounded up.

    Without a limit the node's allocatable amount is given, which is unknown. CPU and memory of the same container are
    read; another ``containerName`` is Unknown.
    """
    source = Source("manifest", None, reference.location)
    resource = text_at(reference, "resource") or ""
    other = text_at(reference, "containerName")
    fact = container.facts.get(_FACTS.get(resource, ""))
    if fact is None or (other is not None and other != container.name):
        return Fact(name, Unknown(f"{resource} of the container is not read", (name,)), source)
    if fact.value is ABSENT:
        return Fact(name, Unknown(f"without {resource} it is what the node has", ("cpus",)), source, inputs=(fact,))
    if isinstance(fact.value, Unknown):
        return Fact(name, fact.value, source, inputs=(fact,))
    divisor = parse_quantity(text_at(reference, "divisor") or "0")
    if divisor is None:
        return Fact(name, Unknown("the divisor is not a quantity", (name,)), source)
    from fractions import Fraction

    amount = Fraction(str(fact.value))
    value = str(ceiling(amount / (divisor or 1)))
    return Fact(name, value, source, inputs=(fact,), derivation=f"{resource} / {text_at(reference, 'divisor') or 1}")


_FACTS = {
    "limits.cpu": "container.cpu_limit",
    "limits.memory": "container.memory_limit",
    "requests.cpu": "container.cpu_request",
    "requests.memory": "container.memory_request",
}
