"""Which service of a target a host name means."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.model import Workload
    from gwaudit.resolve.service import Service
    from gwaudit.resolve.targets import Target


class Directory:
    """Host names inside one target: workload names, service names, aliases."""

    __slots__ = ("_by_name", "services")

    def __init__(self, target: Target) -> None:
        self._by_name: dict[str, Workload] = {}
        self.services: dict[str, list[Service]] = {}
        for workload in target.draft.workloads:
            for alias in workload.aliases:
                self._by_name.setdefault(alias.lower(), workload)
        for service in target.services:
            parent = service.subject.parent
            if parent is not None:
                self.services.setdefault(parent.name, []).append(service)

    def workload(self, host: str) -> Workload | None:
        """The workload that answers to ``host``, also under its cluster-qualified names."""
        host = host.lower().rstrip(".")
        found = self._by_name.get(host)
        if found is None and (".svc" in host or host.count(".") == 1):
            found = self._by_name.get(host.split(".", 1)[0])
        return found

    def of(self, host: str) -> list[Service]:
        """The services (containers) of the workload that answers to ``host``."""
        workload = self.workload(host)
        return self.services.get(workload.name, []) if workload is not None else []
