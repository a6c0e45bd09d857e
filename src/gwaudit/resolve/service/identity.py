"""Which application a container runs: its profile, the launch that the profile knows, and what its own text tells."""

from __future__ import annotations

from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.secrets.keeping import marked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.image import Image
    from gwaudit.resolve.service import Service
    from gwaudit.resolve.workspace import Workspace


def take_profile(workspace: Workspace, service: Service) -> None:
    """The application's profile; else the conventions of gunicorn services, where a server runs that they are about."""
    from gwaudit.resolve.profile.choice import conventions, profile_for, profile_of_names

    image = service.container.image
    reference = str(image.value) if image is not None and image.known else None
    application = application_of(service)
    packages = service.packages if application is not None else None  # a library's dependants are not the application
    found = profile_for(workspace, reference, application, service.filesystem, packages)
    built = service.image
    if found is None and built is not None and built.base is not None and built.base.known and comes_as_base(built):
        found = profile_for(workspace, str(built.base.value), None)
    bare = service.container.directory is not None and service.command is None  # a dotenv file alone
    if found is None and bare:
        found = profile_of_names(fact.name[4:] for fact in service.environment)
    if found is None and (bare or service.server not in (None, "other")):
        found = conventions()
    service.profile = found
    place = image.source if image is not None else Source("profile")
    service.subject.set("app.profile", found.name if found is not None else ABSENT, place)


def comes_as_base(image: Image) -> bool:
    """Whether an image is started as the base image says, which is not in the tree."""
    return isinstance(image.entrypoint, Unknown) and isinstance(image.command, Unknown)


def launch_of_profile(service: Service) -> None:
    """An image that is not in the tree, started as it comes: its profile may know what that runs."""
    container = service.container
    own = container.entrypoint is None and container.arguments is None and container.shell is None
    inherited = service.image is None or comes_as_base(service.image)
    if service.profile is None or service.command is not None or not inherited or container.is_init or not own:
        return
    from gwaudit.resolve.profile.launcher import launched

    command = launched(service.profile, service.environment, service.filesystem)
    if command is not None:
        service.command, service.server = command, "gunicorn"
        source = Source("profile")
        service.subject.set("process.server", "gunicorn", source)
        service.subject.set("process.argv", tuple(word.text or "?" for word in command.words), source)


def application_of(service: Service) -> str | None:
    """The ``module:attribute`` among the words of a server's command."""
    if service.command is None or service.server in (None, "other", "celery"):
        return None
    for word in reversed(service.command.words[1:]):
        text = word.text
        if text and not text.startswith("-") and ":" in text and text.split(":")[0].replace(".", "").isidentifier():
            return text
    return None


def take_application(workspace: Workspace, service: Service) -> None:
    subject = service.subject
    if service.profile is not None:
        serves = _is_application(service)
        for fact in service.profile.apply(service.environment, subject):
            if serves or fact.name == "auth.closed_logins":  # a migration gets the same passwords, and opens no login
                subject.put(marked(fact))
    target = subject.known("app.object") or application_of(service)
    described = service.profile is not None and service.profile.complete and subject.fact("app.interface").known
    if target and service.command is not None and not described:
        for fact in _described(workspace, service, str(target)).values():
            if not subject.fact(fact.name).known:
                subject.put(fact)


def _described(workspace: Workspace, service: Service, target: str) -> dict[str, Fact]:
    """What the tree tells of an application object; the same image tells the same in every target, so it is kept."""
    from gwaudit.resolve.application import describe

    directory = service.command.directory if service.command is not None else None
    image = service.image.path if service.image is not None else service.container.directory
    mounted = tuple((mount.path, mount.source) for mount in service.container.mounts if mount.kind == "bind")
    key = f"application {target} {directory} {image} {mounted}"
    if key not in workspace.cache:
        workspace.cache[key] = describe(workspace, service.filesystem, directory, (), target)
    found: dict[str, Fact] = workspace.cache[key]
    return found


def _is_application(service: Service) -> bool:
    """Whether the container runs the application itself: a server does, or the image as it comes; a migration does not."""
    if service.server not in (None, "other"):
        return True
    container = service.container
    own = container.entrypoint is None and container.arguments is None and container.shell is None
    return service.server is None and own and not container.is_init
