"""Knative Services: request timeout, concurrency and scale of a revision, with the platform's defaults and caps."""

from __future__ import annotations

from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.kubernetes.platform import knative
from gwaudit.resolve.kubernetes.reading import at, fact_of, integer, items, seconds, source_of, state, text_at
from gwaudit.resolve.model import Endpoint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gwaudit.parse.document import Node
    from gwaudit.resolve.kubernetes.context import Context
    from gwaudit.resolve.kubernetes.objects import Object
    from gwaudit.resolve.model import Workload


def put_knative(workload: Workload, item: Object, pod: Node, context: Context) -> Endpoint:
    """Facts of a Knative Service on its workload and containers, and the way in that Knative makes for it."""
    place = item.place
    defaults = _defaults(context)
    _state(
        workload.put,
        "workload.request_timeout",
        at(pod, "spec", "timeoutSeconds"),
        seconds,
        defaults["request_timeout"],
    )
    workload.put(defaults["request_timeout_cap"].renamed("workload.request_timeout_cap"))
    # The revision's timeout is also what a pod gets to finish (Knative derives its grace period from it).
    workload.put(workload.facts["workload.request_timeout"].renamed("workload.grace_period"))
    for container in workload.containers:
        node = at(pod, "spec", "containerConcurrency")
        _state(container.put, "container.concurrency", node, integer, defaults["concurrency"])
        if container.facts["container.concurrency"].value == 0:
            fact = container.facts["container.concurrency"]
            container.put(fact.with_value(ABSENT))
        if container.facts["liveness.kind"].value is ABSENT and container.facts["readiness.kind"].value is ABSENT:
            # Without a probe the queue proxy probes the container's port by TCP.
            container.put(Fact("readiness.kind", "tcp", Source("platform", None, container.place)))
        ports = container.facts.get("container.ports")
        port = ports.value[0] if ports is not None and isinstance(ports.value, tuple) and ports.value else None
        if port is not None:
            container.environment.set(
                "PORT", str(port), Source("platform", str(port), ports.location if ports else place)
            )
        elif not items(at(pod, "spec"), "containers")[1:]:
            container.environment.set("PORT", "8080", Source("platform", "8080", place))
            container.put(Fact("container.ports", (8080,), Source("platform", None, container.place)))
    _scale(workload, item, pod, defaults)
    metadata = at(item.node, "metadata")
    private = text_at(metadata, "labels", knative()["private_label"]) == "cluster-local"
    first = next((each for each in workload.containers if not each.is_init), None)
    listed = first.facts["container.ports"].value if first is not None else None
    port = listed[0] if isinstance(listed, tuple) and listed else 8080
    endpoint = Endpoint("route", workload.name, port, 80, not private, None, place)
    source = Source("platform", None, place)
    endpoint.facts["hop.kind"] = Fact("hop.kind", "platform", source)
    endpoint.facts["hop.product"] = Fact("hop.product", "knative", source)
    endpoint.facts["hop.name"] = Fact("hop.name", f"Knative Service {item.name}", source)
    endpoint.facts["hop.request_timeout"] = workload.facts["workload.request_timeout"].renamed("hop.request_timeout")
    endpoint.facts["hop.buffering"] = Fact("hop.buffering", False, source)
    # Whether its domain has a certificate is the cluster's configuration.
    endpoint.facts["hop.tls"] = Fact("hop.tls", Unknown("the cluster decides on TLS", ("hop.tls",)), source)
    workload.aliases |= {item.name} | ({f"{item.name}.{item.namespace}"} if item.namespace else set())
    return endpoint


def _state(put: Callable[[Fact], None], name: str, node: Node | None, convert: Any, default: Fact) -> None:
    put(fact_of(node, name, convert) if node is not None else default.renamed(name))


def _scale(workload: Workload, item: Object, pod: Node, defaults: dict[str, Fact]) -> None:
    found: dict[str, Fact] = {}
    for key in ("min_scale", "max_scale"):
        name = f"workload.replicas_{key[:3]}"
        found[key] = defaults[key].renamed(name)
        for annotation in knative()["annotations"][key]:
            node = at(pod, "metadata", "annotations", annotation)
            if node is not None:
                found[key] = fact_of(node, name, integer)
                break
    workload.put(found["min_scale"])
    most = found["max_scale"]
    if most.value == 0:
        most = most.with_value(Unknown("no max-scale: as many pods as requests ask for", (most.name,), low=1))
    workload.put(most)
    workload.put(Fact("workload.autoscaled", True, Source("platform", None, item.place)))
    workload.put(Fact("workload.replicas_stated", False, Source("platform", None, item.place)))
    workload.put(
        Fact(
            "workload.replicas",
            Unknown("Knative scales it", ("workload.replicas",)),
            Source("platform", None, item.place),
        )
    )
    target = next(
        (node for a in knative()["annotations"]["target"] if (node := at(pod, "metadata", "annotations", a))), None
    )
    if target is not None:
        workload.put(fact_of(target, "workload.scale_target", integer))
    metric = next(
        (node for a in knative()["annotations"]["metric"] if (node := at(pod, "metadata", "annotations", a))), None
    )
    resource = text_at(metric)
    if metric is not None and resource in ("cpu", "memory"):
        workload.put(Fact("workload.autoscaler_resources", (resource,), source_of(metric)))
    state(workload, "workload.surge", None, integer, 1.0, item.place)  # a new revision comes up beside the old one


def _defaults(context: Context) -> dict[str, Fact]:
    """The platform's defaults, overridden by Knative's own ConfigMaps where the target holds them."""
    data = knative()
    names = ("request_timeout", "request_timeout_cap", "concurrency", "min_scale", "max_scale")
    found = {name: Fact(name, data[name], Source("platform")) for name in names}
    for config, keys in data["config_maps"].items():
        bundle = context.store.bundle(False, config, None)
        if bundle is None:
            continue
        for key, name in keys.items():
            if bundle.nodes.get(key) is not None:
                fact = bundle.fact(key, name, "platform")
                number = integer(fact.value) if isinstance(fact.value, str) else None
                if number is not None:
                    found[name] = fact.with_value(float(number) if name.startswith("request") else number)
    return found
