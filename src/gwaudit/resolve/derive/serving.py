"""Whether a container is the audited web service, and what its base image and user are when nobody chose one."""

from __future__ import annotations

from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.service import Service

_SERVERS = ("gunicorn", "uvicorn", "hypercorn", "granian", "daphne", "waitress", "uwsgi")


def serving(service: Service) -> None:
    """``container.serves``, ``container.drops_root``; ``container.user`` stands at the FROM of a Dockerfile that sets none.

    A container serves where an application server of Python is its program, or where an image that a profile describes
    starts as it comes.
    """
    subject = service.subject
    server = service.server
    own = service.container.entrypoint is None and service.container.arguments is None
    serves: object
    if server in _SERVERS:
        serves = True
    elif server is not None or service.container.is_init:
        serves = False
    elif service.profile is not None and service.profile.complete and own:
        serves = True
    else:
        serves = Unknown("the program is not known before run time", ("process.server",))
    subject.set("container.serves", serves, Source("derived"))
    run = service.gunicorn
    user = run.settings.get("user") if run is not None else None
    drops: object = False
    if user is not None and user.source.layer != "default":
        drops = user.value if isinstance(user.value, Unknown) else user.value not in (None, 0, "0", "root")
    if server == "uwsgi":
        drops = Unknown("uid and gid of uwsgi.ini are not read")
    subject.set("container.drops_root", drops, Source("derived"))
    image = service.image
    place = image.base.location if image is not None and image.local and image.base is not None else None
    if image is not None and image.user is None and place is not None and not subject.fact("container.user").known:
        subject.put(Fact("container.user", ABSENT, Source("image", None, place)))
