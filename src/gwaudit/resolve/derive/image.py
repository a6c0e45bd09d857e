"""The parts of an image reference, and the user and signal that an image brings."""

from __future__ import annotations

from gwaudit.resolve.builds import image_name
from gwaudit.resolve.fact import ABSENT, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.service import Service

_ON_HOST = ("systemd", "supervisor", "procfile", "directory")


def image(service: Service) -> None:
    """``container.image_name/tag/digest``, ``container.user`` and ``runs_as_root``, ``container.stop_signal``."""
    subject = service.subject
    reference = subject.fact("container.image")
    if reference.known:
        text = str(reference.value)
        name = image_name(text)
        digest = text.partition("@")[2]
        rest = text.split("@", 1)[0]
        tag = rest[len(name) + 1 :]
        subject.set("container.image_name", name, reference.source)
        subject.set("container.image_tag", tag or ABSENT, reference.source)
        subject.set("container.image_digest", digest or ABSENT, reference.source)
    kind = subject.known("target.kind")
    if kind is not None and service.container.directory is None:
        subject.set("container.runs_in_container", True, Source("platform"))
    elif kind in _ON_HOST:
        subject.set("container.runs_in_container", False, Source("platform"))
    _user(service)
    found = service.image
    if found is not None and found.stop_signal is not None and not subject.fact("container.stop_signal").known:
        subject.put(found.stop_signal.renamed("container.stop_signal"))


def _user(service: Service) -> None:
    """The platform's user wins, then the image's; neither is root only where the image is known."""
    subject, found = service.subject, service.image
    stated = subject.fact("container.user")
    value: object
    if stated.known:
        value = _is_root(str(stated.value))
    elif found is None:
        value = Unknown("the image's own user is not in the tree")
    else:
        if found.user is not None:
            subject.put(found.user.renamed("container.user"))
            stated = found.user
        if found.runs_as_root is not None:
            value = found.runs_as_root
        else:
            value = Unknown(found.unknown or "the user of the base image is not known")
    if subject.known("container.run_as_non_root") is True:
        value = False
    subject.set("container.runs_as_root", value, stated.source)


def _is_root(user: str) -> bool:
    return user.split(":", 1)[0] in ("0", "root")
