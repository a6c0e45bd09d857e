"""Services: the names by which workloads are reached, and the ports that lead to them."""

from __future__ import annotations

from gwaudit.resolve.fact import Fact, Source
from gwaudit.resolve.kubernetes.platform import ingress, kubernetes
from gwaudit.resolve.kubernetes.reading import (
    at,
    duration,
    fact_of,
    hidden,
    integer,
    items,
    source_of,
    strings,
    text,
    text_at,
)
from gwaudit.resolve.model import Endpoint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.document import Node
    from gwaudit.resolve.kubernetes.context import Context
    from gwaudit.resolve.kubernetes.objects import Object
    from gwaudit.resolve.model import Workload

_KINDS = {"NodePort": "node-port", "LoadBalancer": "load-balancer"}


class Placed:
    """A workload with the object and the pod template it came from, and the names of its ports."""

    __slots__ = ("object", "pod", "ports", "workload")

    def __init__(self, workload: Workload, object: Object, pod: Node, ports: dict[str, int]) -> None:
        self.workload = workload
        self.object = object
        self.pod = pod
        self.ports = ports


class Service:
    """A Service with the workloads it selects; ``ports`` maps its port numbers and names to the container's port."""

    __slots__ = ("object", "ports", "selected")

    def __init__(self, object: Object, selected: list[Placed]) -> None:
        self.object = object
        self.selected = selected
        self.ports: dict[int | str, int | str] = {}


def services_of(placed: list[Placed], context: Context) -> dict[str, Service]:
    """The target's Services by name; workloads get the Services' names as aliases."""
    found: dict[str, Service] = {}
    for item in context.store.of_kind("Service"):
        if item.group != "" or not item.name:
            continue
        selector = strings(item.node, "spec", "selector")
        selected = [each for each in placed if _selects(selector, item, each)]
        service = Service(item, selected)
        named = selected[0].ports if selected else {}
        for port in items(item.node, "spec", "ports"):
            number, name = integer(text_at(port, "port") or ""), text_at(port, "name")
            target_text = text_at(port, "targetPort")
            target: int | str | None = number
            if target_text is not None:
                parsed = integer(target_text)
                target = parsed if parsed is not None else named.get(target_text, target_text)
            if target is None:
                continue
            if number is not None:
                service.ports[number] = target
            if name:
                service.ports[name] = target
        for each in selected:
            each.workload.aliases.update(names_of(item))
            kind = at(item.node, "spec", "type")
            strongest = each.workload.facts.get("workload.service_type")
            if kind is not None and (strongest is None or strongest.value != "LoadBalancer"):
                each.workload.put(fact_of(kind, "workload.service_type", text))
            elif strongest is None:
                default = kubernetes()["defaults"]["service_type"]
                each.workload.put(Fact("workload.service_type", default, Source("platform", None, item.place)))
        found[item.name] = service
    return found


def _selects(selector: dict[str, str], service: Object, placed: Placed) -> bool:
    if not selector or not selector.items() <= placed.workload.labels.items():
        return False
    ours, theirs = service.namespace, placed.object.namespace
    return ours is None or theirs is None or ours == theirs


def names_of(item: Object) -> set[str]:
    """The DNS names of a Service (kubernetes.io, "DNS for Services and Pods")."""
    name, namespace = item.name, item.namespace
    names = {name}
    if namespace:
        names |= {f"{name}.{namespace}", f"{name}.{namespace}.svc", f"{name}.{namespace}.svc.cluster.local"}
    return names


def service_endpoints(services: dict[str, Service]) -> list[Endpoint]:
    """One endpoint for each port of each Service and each workload it selects."""
    found: list[Endpoint] = []
    for service in services.values():
        item = service.object
        kind_text = text_at(item.node, "spec", "type") or "ClusterIP"
        kind = _KINDS.get(kind_text, "service")
        public: bool | None = {"load-balancer": True, "service": False}.get(kind)
        if hidden(at(item.node, "spec", "type")):
            public = None
        annotations = item.annotations
        if kind == "load-balancer" and any(
            annotations.get(key) == value for key, value in kubernetes()["internal_load_balancer"].items()
        ):
            public = False
        for each in service.selected:
            for port in items(item.node, "spec", "ports"):
                number = integer(text_at(port, "port") or "")
                target = service.ports.get(number) if number is not None else None
                endpoint = Endpoint(kind, each.workload.name, target, number, public, item.name, port.location)
                source = source_of(port)
                endpoint.facts["hop.kind"] = Fact("hop.kind", kind, source)
                endpoint.facts["hop.name"] = Fact("hop.name", f"Service {item.name}", source)
                if public is not None:
                    endpoint.facts["hop.public"] = Fact("hop.public", public, source)
                if kind == "load-balancer":
                    _put_balancer(endpoint, item)
                affinity = at(item.node, "spec", "sessionAffinity")
                if affinity is not None:
                    fact = fact_of(affinity, "hop.affinity", text)
                    endpoint.facts["hop.affinity"] = fact.with_value(fact.value == "ClientIP") if fact.known else fact
                found.append(endpoint)
    return found


def _put_balancer(endpoint: Endpoint, item: Object) -> None:
    """Limits that annotations of a LoadBalancer Service set (AWS, Azure, ...)."""
    for key, rule in ingress()["load_balancer_annotations"].items():
        node = at(item.node, "metadata", "annotations", key)
        if node is not None:
            scale = float(rule.get("scale", 1))

            def convert(value: str, scale: float = scale) -> float | None:
                found = duration(value)
                return found * scale if found is not None else None

            endpoint.facts[rule["fact"]] = fact_of(node, rule["fact"], convert)
