"""What a managed platform makes of limits that an application leaves out or switches off, by the platform's data."""

from __future__ import annotations

from gwaudit.resolve.fact import Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.model import Container, Workload


def complete(workload: Workload, container: Container, data: dict[str, Any], made: bool) -> None:
    """Puts the facts that follow from stated ones; ``made``: the application is made here and the defaults hold.

    ``grace_is`` names the limit that is the time to stop as well, ``concurrency_per_cpu`` is the concurrency of each vCPU
    where none is stated, ``unlimited`` the most instances that mean no limit.
    """
    limit = workload.facts.get(f"workload.{data['grace_is']}") if "grace_is" in data else None
    if limit is not None and "workload.grace_period" not in workload.facts:
        workload.put(limit.renamed("workload.grace_period"))
    most = workload.facts.get("workload.replicas_max")
    if most is not None and "unlimited" in data and most.value == data["unlimited"]:
        workload.put(most.with_value(Unknown("as many instances as requests ask for", (most.name,), low=1)))
    each, cpu = data.get("concurrency_per_cpu"), container.facts.get("container.cpu_limit")
    if each is None or cpu is None or not made or "container.concurrency" in container.facts:
        return
    if isinstance(cpu.value, float) and cpu.value >= 1:
        value: int | Unknown = int(each * cpu.value)
    else:
        value = Unknown("it goes by the number of CPUs", ("container.concurrency",))
    container.put(Fact("container.concurrency", value, Source("platform", None, container.place)))
