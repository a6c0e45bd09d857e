"""The proxies that a target runs: from their configuration files to what they take and where they pass it on."""

from __future__ import annotations

import posixpath

from gwaudit.bundle import section
from gwaudit.resolve.filesystem import Filesystem
from gwaudit.resolve.proxy.product import runs

_ON_HOST = ("systemd", "supervisor")
MAX_SITES = 50

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.proxy.model import Proxy
    from gwaudit.resolve.service import Service
    from gwaudit.resolve.targets import Target
    from gwaudit.resolve.workspace import Workspace


def proxies(workspace: Workspace, target: Target) -> list[Proxy]:
    """Every proxy of the target whose configuration can be read."""
    found: list[Proxy] = []
    for service in target.services:
        if service.container.is_init or not _may_hold_proxy(service):
            continue
        proxy = _in_service(workspace, service)
        if proxy is not None:
            if proxy.product == "traefik":
                from gwaudit.resolve.proxy.traefik import put_limits

                put_limits(target.draft, proxy)
            found.append(proxy)
            target.draft.notes.extend(proxy.notes)
    if target.draft.kind in _ON_HOST:
        found.extend(_beside(workspace, target))
    return found


def _in_service(workspace: Workspace, service: Service) -> Proxy | None:
    """The proxy that a container runs, by its image or command, else by the files in it."""
    if _names(service, "traefik"):
        from gwaudit.resolve.proxy import traefik

        return traefik.in_service(workspace, service)
    if _names(service, "caddy"):
        from gwaudit.resolve.proxy import caddy

        return caddy.in_service(workspace, service)
    from gwaudit.resolve.proxy import haproxy, nginx

    return nginx.in_service(workspace, service) or haproxy.in_service(workspace, service)


def _names(service: Service, product: str) -> bool:
    return runs(service, product, section("platforms/proxies")[product]["images"])


def _beside(workspace: Workspace, target: Target) -> list[Proxy]:
    """nginx on the host of processes: the tree's configuration files of it that no container of another target mounts.

    A file belongs to the processes of the folders around it: sites that lie beside a unit or above it.
    """
    from gwaudit.resolve.proxy import nginx

    found = []
    for path in workspace.paths("nginx")[:MAX_SITES]:
        if workspace.role_of(path) != "deployment" or not any(_near(path, own) for own in target.draft.paths):
            continue
        proxy = nginx.on_host(workspace, path, Filesystem(workspace.tree))
        if proxy is not None and proxy.passages:
            found.append(proxy)
    return found


def _near(path: str, own: str) -> bool:
    """Whether one of the two files stands below the folder above the other's."""
    first, second = (posixpath.dirname(posixpath.dirname(each)) for each in (path, own))
    return any(not upper or f"{lower}/".startswith(f"{upper}/") for upper, lower in ((first, second), (second, first)))


def _may_hold_proxy(service: Service) -> bool:
    """Whether something of a proxy is mapped into the container at all (most containers are told by this alone)."""
    if _names(service, "traefik") or _names(service, "caddy"):
        return True
    filesystem, container = service.filesystem, service.container
    data = section("platforms/proxies")
    places = [
        *data["nginx"]["main"],
        *data["nginx"]["sites"],
        data["nginx"]["templates"]["directory"],
        *data["haproxy"]["main"],
    ]
    if container.directory is not None:  # a process on a host: its directory is mapped as a whole, so only files tell
        if any(isinstance(filesystem.locate(path), str) or filesystem.files_in(path) for path in places):
            return True
    elif any(filesystem.covers(path) or filesystem.files_in(path) for path in places):
        return True
    texts = set(container.texts) | (set(service.image.texts) if service.image is not None else set())
    return any("nginx" in path or "haproxy" in path for path in texts)
