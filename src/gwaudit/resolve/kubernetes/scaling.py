"""How many pods run: replicas, autoscalers, disruption budgets and the pods a rolling update adds."""

from __future__ import annotations

from gwaudit.parse.document import Scalar
from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.kubernetes.platform import kubernetes
from gwaudit.resolve.kubernetes.reading import at, fact_of, hidden, integer, items, source_of, strings, text, text_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.kubernetes.context import Context
    from gwaudit.resolve.kubernetes.objects import Object
    from gwaudit.resolve.model import Workload


def put_scaling(workload: Workload, item: Object, context: Context) -> None:
    """Facts on replicas, autoscaling, surge, update strategy and disruption budget."""
    replicas = _replicas(item)
    workload.put(replicas)
    stated = replicas.source.layer == "manifest"
    workload.put(Fact("workload.replicas_stated", stated, replicas.source))
    scaler = _scaler(item, context)
    if scaler is None:
        workload.put(replicas.renamed("workload.replicas_min"))
        workload.put(replicas.renamed("workload.replicas_max"))
        workload.put(Fact("workload.autoscaled", False, Source("manifest", None, item.place)))
    else:
        _put_scaler(workload, scaler)
    _put_surge(workload, item)
    _put_budget(workload, item, context)


def _replicas(item: Object) -> Fact:
    name = "workload.replicas"
    rules = kubernetes()["replicas"]
    if item.kind in rules["per_node"]:
        return Fact(name, Unknown("one pod on each node", ("nodes",), low=0), Source("platform", None, item.place))
    path = rules["paths"].get(item.kind, "spec.replicas")
    node = at(item.node, *path.split(".")) if path else None
    if node is not None:
        return fact_of(node, name, integer)
    return Fact(name, int(kubernetes()["defaults"]["replicas"]), Source("platform", None, item.place))


def _scaler(item: Object, context: Context) -> Object | None:
    """The HorizontalPodAutoscaler or ScaledObject that targets the workload."""
    for found in context.store.of_kind("HorizontalPodAutoscaler", "ScaledObject"):
        if found.namespace and item.namespace and found.namespace != item.namespace:
            continue
        reference = at(found.node, "spec", "scaleTargetRef")
        kind_node, name_node = at(reference, "kind"), at(reference, "name")
        kind = text_at(reference, "kind") or "Deployment"
        named = isinstance(name_node, Scalar) and name_node.text == item.name
        if named and (kind == item.kind or hidden(kind_node)):
            return found
    return None


def _put_scaler(workload: Workload, scaler: Object) -> None:
    defaults = kubernetes()["autoscaler"][scaler.kind]
    source = Source("manifest", scaler.name, scaler.place)
    workload.put(Fact("workload.autoscaled", True, source))
    for ending in ("min", "max"):
        name = f"workload.replicas_{ending}"
        node = at(scaler.node, "spec", defaults[ending]["field"])
        default: Any = defaults[ending]["default"]
        if node is not None:
            workload.put(fact_of(node, name, integer))
        elif default is None:
            workload.put(Fact(name, Unknown("the autoscaler states no maximum", (name,)), source))
        else:
            workload.put(Fact(name, default, Source("platform", None, scaler.place)))
    resources = []
    where = source
    for metric in items(scaler.node, "spec", "metrics"):
        kind = text_at(metric, "type")
        resource = text_at(metric, "resource", "name")
        target = at(metric, "resource", "target")
        utilisation = text_at(target, "type") == "Utilization" or at(target, "averageUtilization") is not None
        old = at(metric, "resource", "targetAverageUtilization")  # autoscaling/v2beta1
        if kind == "Resource" and resource and (utilisation or old is not None):
            resources.append(resource)
            where = source_of(metric)
    v1 = at(scaler.node, "spec", "targetCPUUtilizationPercentage")
    if v1 is not None:
        resources.append("cpu")
        where = source_of(v1)
    elif scaler.kind == "HorizontalPodAutoscaler" and at(scaler.node, "spec", "metrics") is None:
        resources.append("cpu")  # without any metric the autoscaler follows 80 % of the CPU requests
    for trigger in items(scaler.node, "spec", "triggers"):
        kind = text_at(trigger, "type")
        metric_type = text_at(trigger, "metricType") or text_at(trigger, "metadata", "type") or "Utilization"
        if kind in ("cpu", "memory") and metric_type == "Utilization":
            resources.append(kind)
            where = source_of(trigger)
    name = "workload.autoscaler_resources"
    reason = hidden(at(scaler.node, "spec", "metrics")) or hidden(at(scaler.node, "spec", "triggers"))
    workload.put(Fact(name, Unknown(reason, (name,)) if reason else tuple(dict.fromkeys(resources)), where))


def _put_surge(workload: Workload, item: Object) -> None:
    """``workload.update_strategy`` and ``workload.surge``: a fraction of the wanted pods (Deployment default 25 %)."""
    rules = kubernetes()["update"].get(item.kind)
    if rules is None:
        return
    node = at(item.node, "spec", rules["strategy"], "type")
    kinds = kubernetes()["update_strategies"]
    if node is not None:
        strategy = fact_of(node, "workload.update_strategy", kinds.get)
    else:
        default = rules["default"]
        canary = at(item.node, "spec", rules["strategy"], "canary") or at(
            item.node, "spec", rules["strategy"], "blueGreen"
        )
        where = canary.location if canary is not None else item.place
        strategy = Fact("workload.update_strategy", default, Source("platform", None, where))
    workload.put(strategy)
    name = "workload.surge"
    if strategy.value == "recreate" or rules["surge"] is None:
        workload.put(Fact(name, 0.0, strategy.source))
        return
    surge = at(item.node, "spec", *rules["surge"].split("."))
    if surge is None:
        workload.put(Fact(name, float(rules["default_surge"]), Source("platform", None, item.place)))
        return
    wanted = workload.facts["workload.replicas_max"]
    fact = fact_of(surge, name, text)
    if isinstance(fact.value, str):
        if fact.value.endswith("%"):
            percent = integer(fact.value[:-1])
            fact = fact.with_value(percent / 100 if percent is not None else _unreadable(name))
        else:
            pods = integer(fact.value)
            if pods is None:
                fact = fact.with_value(_unreadable(name))
            elif pods == 0:
                fact = fact.with_value(0.0)
            elif isinstance(wanted.value, int) and wanted.value > 0:
                fact = Fact(
                    name, pods / wanted.value, fact.source, fact.shadowed, (wanted,), f"{pods} / {wanted.value} pods"
                )
            else:
                fact = fact.with_value(Unknown("the number of pods is unknown", (wanted.name,)))
    workload.put(fact)


def _unreadable(name: str) -> Unknown:
    return Unknown("neither a number of pods nor a percentage", (name,))


def _put_budget(workload: Workload, item: Object, context: Context) -> None:
    name = "workload.disruption_budget"
    for budget in context.store.of_kind("PodDisruptionBudget"):
        if budget.namespace and item.namespace and budget.namespace != item.namespace:
            continue
        wanted = strings(budget.node, "spec", "selector", "matchLabels")
        if wanted and wanted.items() <= workload.labels.items():
            workload.put(Fact(name, True, Source("manifest", budget.name, budget.place)))
            for field, fact_name in (
                ("minAvailable", "workload.min_available"),
                ("maxUnavailable", "workload.max_unavailable"),
            ):
                node = at(budget.node, "spec", field)
                if node is not None:
                    workload.put(fact_of(node, fact_name, text))
            return
    workload.put(Fact(name, False if context.complete else ABSENT, Source("manifest", None, item.place)))
