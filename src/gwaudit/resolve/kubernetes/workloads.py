"""Workloads and containers from the objects that carry a pod template."""

from __future__ import annotations

from gwaudit.parse.document import Mapping, Node, Scalar, Sequence
from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.kubernetes.platform import kubernetes
from gwaudit.resolve.kubernetes.probes import pre_stop, put_probes
from gwaudit.resolve.kubernetes.reading import (
    at,
    boolean,
    fact_of,
    hidden,
    integer,
    items,
    seconds,
    source_of,
    state,
    strings,
    text,
    text_at,
)  # fmt: skip
from gwaudit.resolve.kubernetes.resources import put_resources
from gwaudit.resolve.kubernetes.security import put_security
from gwaudit.resolve.kubernetes.variables import expand, fill_environment
from gwaudit.resolve.kubernetes.volumes import put_mounts, volumes_of
from gwaudit.resolve.model import Container, Workload

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.environment import Environment
    from gwaudit.resolve.kubernetes.context import Context
    from gwaudit.resolve.kubernetes.objects import Object

_JOBS = frozenset(("Job", "CronJob", "ScaledJob"))


def pod_of(item: Object) -> Node | None:
    """The pod template of an object (a node with ``metadata`` and ``spec``); None where the kind carries none.

    A kind that is not known and has ``spec.template.spec.containers`` (operators' own deployments) is taken as well.
    """
    path = kubernetes()["pod_templates"].get(item.kind)
    if item.kind == "Service" and item.group != "serving.knative.dev":
        return None
    if path is None:
        found = at(item.node, "spec", "template")
        return found if isinstance(at(found, "spec", "containers"), Sequence) else None
    pod = at(item.node, *path.split(".")) if path else item.node
    return pod if pod is not None and at(pod, "spec") is not None else None


def workload_of(item: Object, pod: Node, context: Context) -> Workload:
    """A workload with its containers; scaling and services are added by those that know them."""
    kind = item.kind.lower()
    workload = Workload(item.name or kind, kind, item.place)
    workload.labels = strings(pod, "metadata", "labels")
    place = item.place
    source = Source("manifest", item.kind, place)
    workload.state("workload.is_job", item.kind in _JOBS, source)
    if item.namespace:
        workload.state("workload.namespace", item.namespace, Source("manifest", item.namespace, place))
    spec = at(pod, "spec")
    spec_place = spec.location if spec is not None else place
    defaults = kubernetes()["defaults"]
    grace = at(spec, "terminationGracePeriodSeconds")
    state(workload, "workload.grace_period", grace, seconds, float(defaults["termination_grace_period"]), place)
    state(workload, "workload.host_network", at(spec, "hostNetwork"), boolean, False, place)
    token = at(spec, "automountServiceAccountToken") or _account_token(item, spec, context)
    state(workload, "workload.mounts_service_account_token", token, boolean, True, place)
    state(workload, "workload.restart", at(spec, "restartPolicy"), text, defaults["restart_policy"], place)
    reason = hidden(spec) or hidden(at(spec, "containers"))
    if reason:
        context.notes.append((spec_place, f"the containers of {item.kind} {item.name} are not known: {reason}"))
    volumes = volumes_of(item, pod, context)
    hooks: list[Fact] = []
    for field, is_init in (("initContainers", True), ("containers", False)):
        for node in items(spec, field):
            if not isinstance(node, Mapping):
                continue
            container = _container(node, item, pod, context)
            # An init container that is always restarted is a sidecar: it runs beside the others (Kubernetes 1.29).
            container.is_init = is_init and text_at(node, "restartPolicy") != "Always"
            put_mounts(container, node, volumes, item, context)
            workload.containers.append(container)
            if not container.is_init:
                hooks.append(pre_stop(node, container.place))
    if hooks:
        workload.put(longest(hooks))
    modes = tuple(sorted({mode for each in workload.containers for mount in each.mounts for mode in mount.access}))
    if modes:
        workload.state("workload.volume_access_modes", modes, source)
    return workload


def longest(hooks: list[Fact]) -> Fact:
    """The preStop hook that decides: the longest known one, an unknown one where any is unknown, else ABSENT."""
    unknown = [fact for fact in hooks if isinstance(fact.value, Unknown)]
    known = [fact for fact in hooks if fact.known]
    if unknown:
        return unknown[0]
    return max(known, key=lambda fact: float(fact.value)) if known else hooks[0]


def _account_token(item: Object, spec: Node | None, context: Context) -> Node | None:
    """automountServiceAccountToken of the pod's ServiceAccount, where the target defines it."""
    name = text_at(spec, "serviceAccountName") or text_at(spec, "serviceAccount") or "default"
    account = context.store.find("ServiceAccount", name, item.namespace)
    return at(account.node, "automountServiceAccountToken") if account is not None else None


def _container(node: Mapping, item: Object, pod: Node, context: Context) -> Container:
    name_node = at(node, "name")
    name = name_node.text if isinstance(name_node, Scalar) else item.name
    container = Container(name, (name_node or node).location)
    env = node.key("env")
    if env is not None:
        container.env_place = env.location
    image = at(node, "image")
    if image is not None:
        container.image = fact_of(image, "container.image", text)
    put_resources(container, node, item, context)
    put_security(container, node, pod)
    ports: dict[str, int] = {}
    numbers: list[int] = []
    for port in items(node, "ports"):
        number = integer(text_at(port, "containerPort") or "")
        if number is not None:
            numbers.append(number)
            port_name = text_at(port, "name")
            if port_name:
                ports[port_name] = number
    listed = at(node, "ports")
    if listed is not None:
        unknown = hidden(listed)
        value: Any = Unknown(unknown, ("container.ports",)) if unknown else tuple(numbers)
        container.put(Fact("container.ports", value, source_of(listed)))
    else:
        container.absent("container.ports", location=container.place)
    put_probes(container, node, ports)
    fill_environment(container, node, item, pod, context)
    working_dir = at(node, "workingDir")
    if working_dir is not None:
        container.working_dir = fact_of(working_dir, "container.working_dir", text)
    for field, fact_name in (("command", "container.entrypoint"), ("args", "container.arguments")):
        words = at(node, field)
        if words is not None:
            fact = _words(words, fact_name, container.environment)
            if field == "command":
                container.entrypoint = fact
            else:
                container.arguments = fact
    return container


def named_ports(workload: Workload, nodes: Node | None) -> dict[str, int]:
    """Names of container ports of a pod template and their numbers."""
    found: dict[str, int] = {}
    for field in ("containers", "initContainers"):
        for node in items(nodes, "spec", field):
            for port in items(node, "ports"):
                name, number = text_at(port, "name"), integer(text_at(port, "containerPort") or "")
                if name and number is not None:
                    found.setdefault(name, number)
    return found


def _words(node: Node, name: str, environment: Environment) -> Fact:
    """``command`` or ``args``: a tuple of str and Unknown words, ``$(VAR)`` filled in from the environment.

    Its inputs are the words as facts, each with its own place and the variables that it was made from.
    """
    reason = hidden(node)
    if reason or not isinstance(node, Sequence):
        return Fact(name, Unknown(reason or "not a list of words", (name,)), source_of(node))
    words: list[Fact] = []
    for item in node.items:
        # Shell text in a word is full of ${...} of its own: only an unknown origin makes a word unknown.
        unknown = hidden(item)
        if unknown or not isinstance(item, Scalar):
            words.append(Fact("word", Unknown(unknown or "not a word", (name,)), source_of(item)))
            continue
        filled, inputs, hidden_by = expand(item.text, environment)
        word: Any = filled
        if hidden_by is not None:
            word = Unknown(hidden_by, tuple(fact.name for fact in inputs))
        elif any(fact.secret for fact in inputs):
            word = Unknown("it contains a secret", tuple(fact.name for fact in inputs))
        words.append(Fact("word", word, source_of(item), (), inputs))
    shadowed = [_words(lower, name, environment) for lower in node.shadowed]
    value: Any = tuple(word.value for word in words)
    return Fact(name, value if words else ABSENT, source_of(node), shadowed, words)
