"""Which proxy a container runs, by its image, the image that is built on, or its command."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gwaudit.resolve.fact import Fact
    from gwaudit.resolve.service import Service


def image_of(service: Service, images: Sequence[str]) -> Fact | None:
    """The fact of the image, its own or the one it is built on, whose name is one of ``images``."""
    image = service.image
    for fact in (service.container.image, image.base if image is not None and image.local else None):
        text = fact.value.partition("@")[0] if fact is not None and isinstance(fact.value, str) else ""
        if text.rsplit("/", 1)[-1].partition(":")[0] in images:
            return fact
    return None


def runs(service: Service, product: str, images: Sequence[str]) -> bool:
    """Whether the container runs the product."""
    if image_of(service, images) is not None:
        return True
    for given in (service.container.entrypoint, service.container.arguments):
        first = given.value[:1] if given is not None and given.known and given.value else ()
        if first and isinstance(first[0], str) and first[0].rsplit("/", 1)[-1] == product:
            return True
    return False
