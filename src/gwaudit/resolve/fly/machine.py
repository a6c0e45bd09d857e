"""The machine that a process group of Fly runs on: CPUs, memory, volumes.

Source: fly.io/docs/reference/configuration (vm, mounts).
"""

from __future__ import annotations

from gwaudit.parse.document import Scalar
from gwaudit.resolve.compose.units import bytes_of, integer_of
from gwaudit.resolve.fact import Source
from gwaudit.resolve.fly.fields import fact, tables
from gwaudit.resolve.model import Mount

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.parse.document import Mapping
    from gwaudit.resolve.model import Container


def put_machine(container: Container, root: Mapping, group: str, data: dict[str, Any]) -> None:
    """CPUs and memory of the machine: the preset by ``size``, overridden by ``cpus``, ``cpu_kind`` and ``memory``."""
    machines = tables(root, "vm", group)
    machine = next((m for m in machines if m.get("processes") is not None), machines[0] if machines else None)
    if machine is None:
        # Without the section the machine may have been scaled by hand (`fly scale`).
        return
    size, kind, cpus = machine.get("size"), machine.get("cpu_kind"), machine.get("cpus")
    preset = data["sizes"].get(size.text if isinstance(size, Scalar) else data["default_size"])
    place = size if size is not None else machine
    if cpus is not None:
        container.put(fact("container.cpu_limit", cpus, lambda text: float(integer_of(text) or 0) or None))
    elif preset is not None:
        container.state("container.cpu_limit", float(preset["cpus"]), Source("platform", None, place.location))
    memory = machine.get("memory") or machine.get("memory_mb")
    if memory is not None:
        container.put(fact("container.memory_limit", memory, _memory))
    elif cpus is not None:
        each = data["kinds"].get(kind.text if isinstance(kind, Scalar) else "shared")
        count = container.facts["container.cpu_limit"].value
        if each and isinstance(count, float):
            container.state("container.memory_limit", int(count) * each << 20, Source("platform", None, cpus.location))
    elif preset is not None:
        container.state("container.memory_limit", preset["memory"] << 20, Source("platform", None, place.location))


def _memory(text: str) -> int | None:
    """``1gb``, ``512mb``, or a bare number of MiB."""
    number = integer_of(text)
    return number << 20 if number is not None else bytes_of(text)


def put_mounts(container: Container, root: Mapping, group: str) -> None:
    """Volumes, which outlive the machine."""
    for name in ("mounts", "mount"):
        for mount in tables(root, name, group):
            volume, destination = mount.get("source"), mount.get("destination")
            if isinstance(destination, Scalar):
                named = volume.text if isinstance(volume, Scalar) else None
                container.mounts.append(Mount(destination.text, "persistent", named, location=destination.location))
