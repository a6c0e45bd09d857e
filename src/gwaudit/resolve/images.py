"""``image`` subjects: what a service runs, or the base of what is built for it."""

from __future__ import annotations

from gwaudit.bundle import section
from gwaudit.resolve.builds import image_name
from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.model import Subject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.service import Service
    from gwaudit.resolve.workspace import Workspace


def describe(workspace: Workspace, service: Service) -> None:
    """Add one ``image`` below the container; nothing where it runs without an image, or nobody knows which."""
    found, stated = service.image, service.container.image
    local = service.container.build is not None or (found is not None and found.local)
    reference = found.base if found is not None and local else stated
    if reference is None or service.container.directory is not None:
        return
    subject = Subject("image", service.subject.name, service.subject, reference.location)
    source = reference.source
    subject.put(reference.renamed("image.reference"))
    subject.set("image.builds_locally", local, source)
    subject.set("image.is_base", local, source)
    _tag(subject, reference)
    if local and service.container.build is None and stated is not None and _pulled(stated):
        _tag(_pulled_subject(service, stated), stated)
    today = workspace.assume.get("today")
    subject.set("image.today", today or _today(), Source("assumed" if today else "derived"))
    if found is None:
        return
    user = found.user
    if user is not None:
        subject.put(user.renamed("image.user"))
    elif found.runs_as_root is not None:
        subject.set("image.user", ABSENT, source)
    version = found.python_version
    if version is not None:
        place = version.source if version.location is not None else source
        subject.put(Fact("image.python_version", version.value, place, inputs=version.inputs))
        if version.known:
            ends = section("platforms/python")["end_of_life"].get(str(version.value))
            end: object = (
                ends if ends is not None else Unknown(f"the end of life of Python {version.value} is not known")
            )
            subject.set("image.python_end_of_life", end, Source("derived"))


def _pulled(stated: Fact) -> bool:
    """Whether a reference names a registry: though its Dockerfile lies in the tree, what runs is what was pushed there."""
    host, slash, _ = str(stated.value).partition("/") if stated.known else ("", "", "")
    return bool(slash) and ("." in host or ":" in host) and not host.startswith("localhost")


def _pulled_subject(service: Service, stated: Fact) -> Subject:
    subject = Subject("image", service.subject.name, service.subject, stated.location)
    subject.put(stated.renamed("image.reference"))
    subject.set("image.builds_locally", False, stated.source)
    subject.set("image.is_base", False, stated.source)
    return subject


def _tag(subject: Subject, reference: Fact) -> None:
    """``image.tag``, ``image.digest``, ``image.mutable``."""
    source = reference.source
    if not reference.known:
        return
    text = str(reference.value)
    name, digest = image_name(text), text.partition("@")[2]
    tag = text.split("@", 1)[0][len(name) + 1 :]
    subject.set("image.tag", tag or ABSENT, source)
    subject.set("image.digest", digest or ABSENT, source)
    moving = not tag or tag.lower() in section("platforms/tags")["moving"]
    subject.set("image.mutable", moving and not digest and name != "scratch", source)


def _today() -> str:
    import time

    return time.strftime("%Y-%m-%d")
