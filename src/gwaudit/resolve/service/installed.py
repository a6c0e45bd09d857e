"""What the image of a container installs, and in which versions."""

from __future__ import annotations

from gwaudit.resolve.fact import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.filesystem import Filesystem
    from gwaudit.resolve.image import Image
    from gwaudit.resolve.requirements import Installation
    from gwaudit.resolve.service import Service
    from gwaudit.resolve.workspace import Workspace


def take_packages(workspace: Workspace, service: Service) -> None:
    """What the image installs, and in which versions; the user's ``--assume`` wins."""
    from gwaudit.resolve.requirements import installation

    image, subject = service.image, service.subject
    assumed = workspace.assume.get("python")
    if assumed is not None:
        subject.set("python.version", assumed, Source("assumed"), assumed=True)
    elif image is not None and image.python_version is not None:
        subject.put(image.python_version.renamed("python.version"))
    python = subject.known("python.version")
    installs = image.installs if image is not None else ()
    context = image.context if image is not None and image.context else "."
    key = (id(image), service.filesystem.key(), service.container.directory, python, context)
    kept: dict[object, tuple[Installation, Image | None, Filesystem]] = workspace.cache.setdefault("installations", {})
    if key not in kept:
        made = installation(workspace, installs, service.filesystem, service.container.directory, python, context)
        kept[key] = made, image, service.filesystem  # the key names the last two by identity, so they must live as long
    service.installation = found = kept[key][0]
    for fact in found.facts():
        subject.put(fact)
    service.packages = found.packages
    for package in ("gunicorn", "uvicorn"):
        version = workspace.assume.get(package)
        if version is not None:
            subject.set(f"{package}.version", version, Source("assumed"), assumed=True)
        elif package in service.packages:
            subject.put(service.packages[package].renamed(f"{package}.version"))
