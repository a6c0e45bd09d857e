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
        drops = user.value if isinstance(user.value, Unknown) else user.value not in (None, 0)
        if isinstance(user.value, Unknown) and user.value.depends_on == ("run.user",):
            drops = user.value.low is not None  # a name, which is not root's; without one the process stays as it is
    if server == "uwsgi":
        drops = Unknown("uid and gid of uwsgi.ini are not read")
    subject.set("container.drops_root", drops, Source("derived"))
    _identity(service)
    image = service.image
    place = image.base.location if image is not None and image.local and image.base is not None else None
    if image is not None and image.user is None and place is not None and not subject.fact("container.user").known:
        subject.put(Fact("container.user", ABSENT, Source("image", None, place)))


def _identity(service: Service) -> None:
    """``gunicorn.user`` and ``gunicorn.group`` where gunicorn keeps the user that the container starts it as.

    Who starts a configuration of which no deployment is known stays unknown.
    """
    run, subject = service.gunicorn, service.subject
    stated = subject.fact("container.user")
    who, colon, whose = str(stated.value).partition(":") if stated.known else ("", "", "")
    for name, text in (("user", who), ("group", whose if colon else who if who in ("0", "root") else "")):
        fact = run.settings.get(name) if run is not None else None
        if run is None or fact is None or not isinstance(fact.value, Unknown):
            continue
        if fact.value.depends_on != ("run.user",) or fact.value.low is not None:
            continue
        root = text == "root" or (not stated.known and subject.known("container.runs_as_root") is True)
        number = int(text) if text.isdigit() and len(text) < 10 else 0 if root else None
        if number is None:
            continue
        inputs = (stated,) if stated.known else ()
        decided = Fact(fact.name, number, fact.source, fact.shadowed, inputs)
        run.settings[name] = decided
        subject.put(decided)
