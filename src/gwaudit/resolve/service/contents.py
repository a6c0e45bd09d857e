"""What is in a container: its image, and the files that the platform puts over it."""

from __future__ import annotations

import posixpath

from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.filesystem import Filesystem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.builds import Builds
    from gwaudit.resolve.image import Image
    from gwaudit.resolve.model import Build
    from gwaudit.resolve.service import Service
    from gwaudit.resolve.workspace import Workspace


def take_image(workspace: Workspace, builds: Builds, service: Service) -> None:
    """Find the image's own text: the Dockerfile it is built from, or what is known of a public image."""
    container, subject = service.container, service.subject
    if container.image is not None:
        subject.put(container.image.renamed("container.image"))
    build = container.build or (builds.of(container.image, container.name) if container.image is not None else None)
    found: Image | Unknown | None = None
    if build is not None:
        found = _built(workspace, build)
    elif container.image is not None and container.image.known:
        found = _public(workspace, str(container.image.value))
    place = container.image.source if container.image is not None else Source("manifest", None, container.place)
    subject.set("container.builds_locally", build is not None, place)
    if found is None or isinstance(found, Unknown):
        if container.directory is not None:  # a process on a host: its directory is its file system
            service.filesystem = _of_a_process(workspace, container.directory, subject.known("target.kind"))
        else:
            reason = found.reason if isinstance(found, Unknown) else "the image is not in the tree"
            service.filesystem = Filesystem(workspace.tree, reason)
    else:
        service.image = found
        service.filesystem = found.filesystem.copy()
        _inherit(service, found)
    for path, repository_path in container.files.items():
        service.filesystem.put(path, repository_path)
    for mount in container.mounts:
        if mount.kind == "bind" and mount.source is not None and workspace.tree.exists(mount.source):
            service.filesystem.put(mount.path, mount.source)
        elif mount.path not in container.files and mount.kind not in ("tmpfs", "memory"):
            service.filesystem.hide(mount.path, f"{mount.path} is a volume")
    for path, scalar in container.texts.items():
        from gwaudit.resolve.kubernetes.rewrite import EmbeddedFile

        embedded = f"{scalar.file.path}#{scalar.start}"
        workspace.tree.embed(embedded, EmbeddedFile(scalar))
        service.filesystem.put(path, embedded)


def _of_a_process(workspace: Workspace, folder: str, kind: object) -> Filesystem:
    """The files of a process outside any image: its folder of the tree, of which no file tells where it will lie.

    A configuration on its own is taken to run where it lies (assumed); elsewhere what tells the place is unknown.
    """
    if kind in ("systemd", "supervisor"):
        files = Filesystem(workspace.tree, "the files of a host are not in the tree")
        files.put("/", folder)
    elif kind == "directory":
        place = posixpath.normpath(posixpath.join(workspace.tree.root.replace("\\", "/"), folder))
        files = Filesystem(workspace.tree, "the files of the machine are not in the tree")
        files.put(place, folder)
        files.close(place)
        files.place = Fact("run.directory", place, Source("assumed"), assumed=True)
    else:
        files = Filesystem(workspace.tree)
        files.put("/", folder)
        reason = "where the files lie on the machine is not known"
        files.place = Fact("run.directory", Unknown(reason, ("run.directory",)))
    return files


def _built(workspace: Workspace, build: Build) -> Image | Unknown:
    """The image of a build; overlays of one project build the same one again and again, so it is kept."""
    from gwaudit.resolve.image import image_for

    arguments = tuple(sorted((name, repr(fact.value)) for name, fact in build.arguments.items()))
    key = (build.context, build.dockerfile, build.stage, arguments)
    found = workspace.images.get(key)
    if found is None:
        found = workspace.images[key] = image_for(workspace, build)
    return found


def _public(workspace: Workspace, reference: str) -> Image | None:
    """What is known of a public image, once for all services that run it."""
    key = f"public image {reference}"
    if key not in workspace.cache:
        from gwaudit.resolve.image import image_of_reference

        workspace.cache[key] = image_of_reference(reference, workspace.tree)
    found: Image | None = workspace.cache[key]
    return found


def _inherit(service: Service, image: Image) -> None:
    """What the image states and the platform left open: exposed ports and, outside Kubernetes, the health check."""
    subject = service.subject
    if not subject.fact("container.ports").known and image.ports:
        ports = tuple(port.value for port in image.ports)
        subject.put(Fact("container.ports", ports, image.ports[0].source, inputs=image.ports))
    if subject.known("target.kind") in ("compose", "image", "nomad", "fly"):
        for fact in image.healthcheck.values():
            if subject.value(fact.name) is ABSENT or fact.name not in subject.facts:
                subject.put(fact)
