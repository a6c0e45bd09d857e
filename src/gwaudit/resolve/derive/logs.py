"""Where gunicorn's own logs go, and what of a request its access log shows."""

from __future__ import annotations

from gwaudit.pattern import regex
from gwaudit.resolve.derive.storage import mount_of
from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.service import Service

_STREAMS = (
    "-",
    "/dev/stdout",
    "/dev/stderr",
    "/dev/null",
    "/proc/1/fd/1",
    "/proc/1/fd/2",
    "/proc/self/fd/1",
    "/proc/self/fd/2",
)
_FIELD = regex(r"%\(\{([A-Za-z0-9_-]{1,60})\}[ieo]\)s")
_SECRET_FIELDS = (
    "authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key", "x-auth-token", "x-access-token",
    "http_authorization", "http_cookie", "http_x_api_key", "x-csrf-token", "x-amz-security-token",
)  # fmt: skip


def logs(service: Service) -> None:
    """``gunicorn.log_files`` and ``gunicorn.logged_credentials``."""
    if service.gunicorn is None:
        return
    _files(service)
    _fields(service)


def _files(service: Service) -> None:
    """The log files in the container's own layer; a mount keeps them, and a stream takes them to the platform."""
    subject = service.subject
    found = []
    for name in ("gunicorn.errorlog", "gunicorn.accesslog"):
        fact = subject.fact(name)
        if (
            not isinstance(fact.value, str)
            or not fact.value
            or fact.value in _STREAMS
            or fact.source.layer == "default"
        ):
            continue
        path = fact.value if fact.value.startswith("/") else f"{_directory(service)}/{fact.value}"
        if path.startswith(("/dev/", "/proc/")) or _linked(service, path):
            continue
        if mount_of(service, path) is None:
            found.append(fact)
    if found and subject.known("target.kind") == "image":
        unknown = Unknown("whoever starts the image decides what is mounted", ("container.mounts",))
        subject.put(Fact("gunicorn.log_files", unknown, Source("derived", None, found[0].location), inputs=found))
        return
    source = Source("derived", None, found[0].location) if found else Source("derived")
    values = tuple(str(fact.value) for fact in found)
    subject.put(Fact("gunicorn.log_files", values or ABSENT, source, inputs=found))


def _directory(service: Service) -> str:
    directory = service.command.directory if service.command is not None else None
    return (directory or "").rstrip("/")


def _linked(service: Service, path: str) -> bool:
    """Whether the Dockerfile makes the file a link to a stream (``ln -sf /dev/stdout /var/log/...``)."""
    image = service.image
    tree = service.filesystem.tree
    file = tree.source(image.path) if tree is not None and image is not None and image.path else None
    return file is not None and "/dev/std" in file.text and path.rsplit("/", 1)[-1] in file.text


def _fields(service: Service) -> None:
    """Headers with credentials that ``access_log_format`` writes out, and queries where tokens travel in them."""
    subject = service.subject
    fact = subject.fact("gunicorn.access_log_format")
    if not isinstance(fact.value, str):
        return
    found = [name.lower() for name in _FIELD.findall(fact.value) if name.lower() in _SECRET_FIELDS]
    query = subject.fact("auth.query_parameter")
    if query.known and query.value is True and any(one in fact.value for one in ("%(q)s", "%(r)s")):
        found.append("query")
    inputs = (fact, query) if "query" in found else (fact,)
    if isinstance(subject.value("gunicorn.accesslog"), Unknown):
        subject.set("gunicorn.logged_credentials", Unknown("whether an access log is written is not known"))
        return
    written = bool(subject.known("gunicorn.accesslog"))
    source = Source("derived", None, fact.location, fact.source.via)
    subject.put(Fact("gunicorn.logged_credentials", tuple(found) if found and written else ABSENT, source, (), inputs))
