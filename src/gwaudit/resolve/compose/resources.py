"""CPU, memory and file limits of a service; replicas, restarts and updates of its instances."""

from __future__ import annotations

from gwaudit.bundle import section
from gwaudit.parse.document import Mapping
from gwaudit.resolve.compose.fields import fact_of, itself
from gwaudit.resolve.compose.tree import known_text, source_of, text_of
from gwaudit.resolve.compose.units import bytes_of, integer_of, number_of, seconds_of
from gwaudit.resolve.fact import ABSENT, Fact, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.compose.fields import Service
    from gwaudit.resolve.model import Container, Workload

_LIMITS = ("deploy", "resources", "limits")
_RESERVED = ("deploy", "resources", "reservations")


def put_resources(container: Container, service: Service) -> None:
    """Limits and reservations; 0 means none. Where both places state a limit, ``deploy`` is taken."""
    for name, read, *paths in (
        ("container.cpu_limit", number_of, (*_LIMITS, "cpus"), ("cpus",)),
        ("container.cpu_request", number_of, (*_RESERVED, "cpus")),
        ("container.memory_limit", bytes_of, (*_LIMITS, "memory"), ("mem_limit",)),
        ("container.memory_request", bytes_of, (*_RESERVED, "memory"), ("mem_reservation",)),
    ):
        fact = service.first(name, read, *paths)
        if fact is None and name == "container.cpu_limit":
            fact = _quota(service)
        if fact is None:
            fact = service.absent(name)
        elif fact.known and not fact.value:
            fact = fact.with_value(ABSENT)
        container.put(fact)
    container.put(service.stated("container.cpuset", itself, "cpuset") or service.absent("container.cpuset"))
    container.put(_nofile(service) or service.absent("container.nofile"))


def _quota(service: Service) -> Fact | None:
    """``cpu_quota`` / ``cpu_period`` as a number of CPUs."""
    quota = service.stated("container.cpu_limit", integer_of, "cpu_quota")
    if quota is None or not quota.known:
        return quota
    period = service.stated("cpu_period", integer_of, "cpu_period")
    microseconds = period.value if period is not None else section("platforms/compose")["cpu_period"]
    if isinstance(microseconds, Unknown) or not microseconds:
        return quota.with_value(Unknown("cpu_period is not known"))
    return quota.with_value(float(quota.value) / microseconds)


def _nofile(service: Service) -> Fact | None:
    node = service.get("ulimits", "nofile")
    if isinstance(node, Mapping):
        soft = node.get("soft")
        return fact_of(service.project, "container.nofile", soft, integer_of) if soft is not None else None
    return service.stated("container.nofile", integer_of, "ulimits", "nofile")


def put_scale(workload: Workload, service: Service) -> None:
    """Replicas, mode, restart policy, grace period and the way of updates."""
    data = section("platforms/compose")
    mode = known_text(service.get("deploy", "mode")) or "replicated"
    replicas = service.first("workload.replicas", integer_of, ("deploy", "replicas"), ("scale",))
    if mode.startswith("global"):
        node = service.get("deploy", "mode")
        source = source_of(node) if node is not None else service.absent("").source
        replicas = Fact("workload.replicas", Unknown("one instance on every node", ("nodes",), low=1), source)
    if replicas is None:
        replicas = service.platform("workload.replicas", data["replicas"])
    workload.put(replicas)
    workload.put(replicas.renamed("workload.replicas_min"))
    workload.put(replicas.renamed("workload.replicas_max"))
    workload.put(service.platform("workload.autoscaled", False))
    if mode.endswith("-job"):
        workload.put(service.platform("workload.is_job", True))
    grace = service.stated("workload.grace_period", seconds_of, "stop_grace_period")
    workload.put(grace or service.platform("workload.grace_period", float(data["stop_grace_period"])))
    signal = service.stated("workload.stop_signal", itself, "stop_signal")
    if signal is not None:
        workload.put(signal)
    restart = service.first("workload.restart", _restart, ("restart",), ("deploy", "restart_policy", "condition"))
    workload.put(restart or service.platform("workload.restart", data["restart"]))
    _updates(workload, service, replicas)


def _restart(text: str) -> str:
    """Swarm's conditions in the words of ``restart``; ``on-failure:3`` without its count."""
    word = text.partition(":")[0]
    return {"any": "always", "none": "no", "false": "no", "true": "always"}.get(word, word)


def _updates(workload: Workload, service: Service, replicas: Fact) -> None:
    """Compose stops an instance before it starts the new one; ``deploy.update_config`` (Swarm) may order it otherwise."""
    order = service.get("deploy", "update_config", "order")
    if order is None or text_of(order) != "start-first":
        workload.put(service.platform("workload.update_strategy", "recreate"))
        workload.put(service.platform("workload.surge", 0.0))
        return
    workload.put(Fact("workload.update_strategy", "rolling", source_of(order)))
    parallel = service.stated("parallelism", integer_of, "deploy", "update_config", "parallelism")
    count = parallel.value if parallel is not None else 1
    if not isinstance(count, int) or not replicas.known or not replicas.value:
        surge: float | Unknown = Unknown("how many instances are updated at once is not known")
    else:
        surge = 1.0 if count == 0 else min(1.0, count / replicas.value)
    workload.put(Fact("workload.surge", surge, source_of(order)))
