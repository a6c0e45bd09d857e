"""A group as a workload: instances, ports, services with their checks, and the stop of its tasks."""

from __future__ import annotations

from gwaudit.bundle import section
from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.model import Endpoint, Workload
from gwaudit.resolve.nomad.task import task_container
from gwaudit.resolve.nomad.units import count, seconds
from gwaudit.resolve.nomad.values import blocks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.hcl.syntax import Block
    from gwaudit.resolve.model import Container, TargetDraft
    from gwaudit.resolve.nomad.values import Scope


class Port:
    """A port of a group's network: inside (``to``) and on the host (``static``), None where Nomad chooses."""

    __slots__ = ("block", "inner", "outer")

    def __init__(self, block: Block, inner: int | None, outer: int | None) -> None:
        self.block = block
        self.inner = inner
        self.outer = outer


def put_group(draft: TargetDraft, job: Block, group: Block, scope: Scope) -> None:
    """Add a group's workload with its containers and endpoints to the draft."""
    data = section("platforms/nomad")
    place = group.head.location
    workload = Workload(group.label or job.label, "group", place)
    kind = _text(scope, job, "type") or "service"
    runs_out = data["job_types"].get(kind, False) or bool(
        blocks(job.body, "periodic") + blocks(job.body, "parameterized")
    )
    workload.state("workload.is_job", bool(runs_out), Source("manifest", kind, job.head.location))
    _scale(workload, job, group, scope, kind in data["per_node"])
    ports = _ports(group, scope)
    tasks = blocks(group.body, "task") if group.type.text == "group" else [group]
    for task in tasks:
        workload.containers.append(task_container(task, scope, {name: port.inner for name, port in ports.items()}))
    _grace(workload)
    for name, port in ports.items():
        if port.outer is not None:
            location = port.block.head.location
            draft.endpoints.append(
                Endpoint("published-port", workload.name, port.inner, port.outer, True, None, location)
            )
        workload.aliases.add(f"{workload.name}-{name}")
    for service in blocks(group.body, "service") if group.type.text == "group" else []:
        _service(workload, workload.containers, service, scope, ports)
    for task, container in zip(tasks, workload.containers, strict=True):
        for service in blocks(task.body, "service"):
            _service(workload, [container], service, scope, ports)
    for container in workload.containers:
        container.absent("liveness.kind", "readiness.kind", location=place)
    draft.workloads.append(workload)


def _text(scope: Scope, block: Block, name: str) -> str | None:
    node = block.body.get(name)
    text = scope.text(node)[0] if node is not None else None
    return text if isinstance(text, str) else None


def _scale(workload: Workload, job: Block, group: Block, scope: Scope, per_node: bool) -> None:
    """``count``, or the bounds of an enabled ``scaling`` block; a system job runs on every node."""
    place = group.head.location
    node = group.body.get("count")
    if per_node:
        unknown = Unknown("a system job runs one instance on every eligible node", ("nodes",), low=1)
        for name in ("replicas", "replicas_min", "replicas_max"):
            workload.state(f"workload.{name}", unknown, Source("platform", None, job.head.location))
        return
    scaling = next(iter(blocks(group.body, "scaling")), None)
    enabled = scaling is not None and _text(scope, scaling, "enabled") != "false"
    workload.state(
        "workload.autoscaled", enabled, Source("manifest", None, scaling.head.location if scaling else place)
    )
    workload.state(
        "workload.replicas_stated", node is not None, Source("manifest", None, node.location if node else place)
    )
    default = section("platforms/nomad")["count"]
    if scaling is not None and node is None:
        node = scaling.body.get("min")
    stated = scope.state(workload.put, "workload.replicas", node, count, default, place)
    for bound in ("min", "max"):
        limit = scaling.body.get(bound) if scaling is not None and enabled else None
        name = f"workload.replicas_{bound}"
        workload.put(scope.fact(name, limit, count) if limit is not None else stated.renamed(name))


def _grace(workload: Workload) -> None:
    """The grace period is a task's; the workload has the one that its containers share."""
    facts = [c.facts["workload.grace_period"] for c in workload.containers if not c.is_init]
    if facts and all(fact == facts[0] and fact.known for fact in facts):
        workload.put(facts[0])


def _ports(group: Block, scope: Scope) -> dict[str, Port]:
    """The ports of the group's network, or of a task's ``resources`` in older jobs."""
    networks = blocks(group.body, "network")
    for task in [group, *blocks(group.body, "task")]:
        for resources in blocks(task.body, "resources"):
            networks.extend(blocks(resources.body, "network"))
    found: dict[str, Port] = {}
    for network in networks:
        host = _text(scope, network, "mode") in (None, "host")
        for block in blocks(network.body, "port"):
            static, to = (_number(scope, block, name) for name in ("static", "to"))
            # Without ``to`` (or with -1) the port inside is the one on the host.
            inner = to if to is not None and to > 0 else static
            outer = static if static is not None else (inner if host and to is None else None)
            found[block.label] = Port(block, inner, outer)
    return found


def _number(scope: Scope, block: Block, name: str) -> int | None:
    text = _text(scope, block, name)
    return count(text) if text is not None else None


def _service(
    workload: Workload, containers: list[Container], service: Block, scope: Scope, ports: dict[str, Port]
) -> None:
    """A service's names and its first check, which decides whether requests come: the readiness of the task behind it."""
    name = _text(scope, service, "name")
    if name:
        workload.aliases |= {name, f"{name}.service.consul"}
    served = _text(scope, service, "task")
    behind = [c for c in containers if not c.is_init and served in (None, c.name)]
    for check in blocks(service.body, "check"):
        checked = _text(scope, check, "task")
        chosen = [c for c in behind if checked in (None, c.name)] or behind
        if len(chosen) > 1:
            label = _text(scope, check, "port") or _text(scope, service, "port")
            port = ports[label].inner if label in ports else None
            chosen = [c for c in chosen if port is not None and port in _listens(c)] or chosen[:1]
        for container in chosen:
            _check(container, "readiness", service, check, scope, ports)
            if blocks(check.body, "check_restart") or blocks(service.body, "check_restart"):
                _check(container, "liveness", service, check, scope, ports)


def _listens(container: Container) -> tuple[object, ...]:
    fact = container.facts.get("container.ports")
    return fact.value if fact is not None and isinstance(fact.value, tuple) else ()


def _check(
    container: Container, probe: str, service: Block, check: Block, scope: Scope, ports: dict[str, Port]
) -> None:
    if f"{probe}.kind" in container.facts:
        return
    place = check.type.location
    kinds: dict[str, str] = section("platforms/nomad")["check_kinds"]
    kind = check.body.get("type")
    if kind is None:
        return
    scope.state(container.put, f"{probe}.kind", kind, kinds.get)
    for name, key, convert in (
        ("path", "path", str),
        ("period", "interval", seconds),
        ("timeout", "timeout", seconds),
    ):
        node = check.body.get(key)
        if node is not None:
            container.put(scope.fact(f"{probe}.{name}", node, convert))
    node = check.body.get("port") or service.body.get("port")
    if node is not None:
        container.put(scope.fact(f"{probe}.port", node, lambda text: _port(text, ports)))
    command = check.body.get("command")
    if command is not None:
        words = tuple(scope.text(word)[0] for word in (command, *scope.items(check.body.get("args"))))
        container.put(Fact(f"{probe}.command", words, Source("manifest", None, command.location)))
    restart = next(iter(blocks(check.body, "check_restart") or blocks(service.body, "check_restart")), None)
    if restart is not None and probe == "liveness":
        scope.state(container.put, "liveness.failure_threshold", restart.body.get("limit"), count, ABSENT, place)


def _port(text: str, ports: dict[str, Port]) -> int | None:
    port = ports.get(text)
    return port.inner if port is not None else count(text)
