"""Where a container can write, and whether it lasts."""

from __future__ import annotations

import posixpath

from gwaudit.resolve.fact import Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.model import Mount
    from gwaudit.resolve.service import Service

_IN_MEMORY = ("tmpfs", "memory")
_LASTING = ("persistent", "volume", "bind")
_TEMPORARY = ("/tmp", "/var/tmp", "/usr/tmp")


def storage(service: Service) -> None:
    """``container.*_paths`` from the mounts; ``container.has_usable_tmp`` and ``tmp_in_memory`` from them and gunicorn."""
    subject, mounts = service.subject, service.container.mounts
    if service.container.directory is not None and not mounts:
        return
    _paths(service, "container.writable_paths", [m for m in mounts if not m.read_only])
    _paths(service, "container.tmpfs_paths", [m for m in mounts if m.kind in _IN_MEMORY])
    _paths(service, "container.persistent_paths", [m for m in mounts if m.kind in _LASTING])
    _paths(service, "container.network_paths", [m for m in mounts if m.kind == "network"])
    temporary = subject.fact("env.TMPDIR")
    candidates = (str(temporary.value),) if temporary.known else _TEMPORARY
    read_only = subject.fact("container.read_only_root")
    if read_only.known and read_only.value is True:
        writable = any(mount_of(service, path) is not None for path in (*candidates, service_directory(service)))
        subject.set("container.has_usable_tmp", writable, read_only.source)
    elif read_only.known:
        subject.set("container.has_usable_tmp", True, read_only.source)
    where = subject.fact("gunicorn.worker_tmp_dir")
    path = str(where.value) if where.known and where.value else candidates[0]
    mount = mount_of(service, path)
    in_memory = mount.kind in _IN_MEMORY if mount is not None else subject.known("target.root_in_memory") is True
    in_memory = in_memory or path.startswith("/dev/shm")
    subject.set("container.tmp_in_memory", in_memory, where.source)


def service_directory(service: Service) -> str:
    return service.command.directory or "/" if service.command is not None else "/"


def mount_of(service: Service, path: str) -> Mount | None:
    """The writable mount that ``path`` lies on, None for the container's own layer."""
    path = posixpath.normpath(path)
    found: Mount | None = None
    for mount in service.container.mounts:
        base = posixpath.normpath(mount.path)
        inside = path == base or path.startswith(base.rstrip("/") + "/")
        if inside and not mount.read_only and (found is None or len(base) > len(found.path)):
            found = mount
    return found


def _paths(service: Service, name: str, mounts: list[Mount]) -> None:
    inputs = [Fact(name, mount.path, Source("manifest", mount.path, mount.location)) for mount in mounts]
    place = inputs[0].source if inputs else Source("manifest", None, service.container.place)
    service.subject.put(Fact(name, tuple(mount.path for mount in mounts), place, inputs=inputs))


def storage_of(service: Service, path: str) -> str | Unknown:
    """Where a file lives: container-layer, memory, ephemeral-volume, persistent or network."""
    mount = mount_of(service, path)
    if mount is None:
        return "container-layer"
    kinds = {"tmpfs": "memory", "memory": "memory", "empty-dir": "ephemeral-volume", "network": "network"}
    if mount.kind in kinds:
        return kinds[mount.kind]
    return "persistent" if mount.kind in _LASTING else Unknown(f"what {mount.path} is mounted from is not known")
