"""The proxies that a target runs: from their configuration files to what they take and where they pass it on."""

from __future__ import annotations

from gwaudit.bundle import section

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.proxy.model import Proxy
    from gwaudit.resolve.service import Service
    from gwaudit.resolve.targets import Target
    from gwaudit.resolve.workspace import Workspace


def proxies(workspace: Workspace, target: Target) -> list[Proxy]:
    """Every proxy of the target whose configuration can be read."""
    from gwaudit.resolve.proxy import haproxy, nginx

    found: list[Proxy] = []
    for service in target.services:
        if service.container.is_init or not _may_hold_proxy(service):
            continue
        proxy = nginx.in_service(workspace, service) or haproxy.in_service(workspace, service)
        if proxy is not None:
            found.append(proxy)
            target.draft.notes.extend(proxy.notes)
    return found


def _may_hold_proxy(service: Service) -> bool:
    """Whether something of a proxy is mapped into the container at all (most containers are told by this alone)."""
    filesystem, container = service.filesystem, service.container
    data = section("platforms/proxies")
    places = [
        *data["nginx"]["main"],
        *data["nginx"]["sites"],
        data["nginx"]["templates"]["directory"],
        *data["haproxy"]["main"],
    ]
    if any(filesystem.covers(path) or filesystem.files_in(path) for path in places):
        return True
    texts = set(container.texts) | (set(service.image.texts) if service.image is not None else set())
    return any("nginx" in path or "haproxy" in path for path in texts)
