"""From what a platform states of a container to what really runs in it.

The way: image (its ENV, ENTRYPOINT, files) -> environment -> command, followed through launch scripts -> server settings
-> application -> profile. Every step adds facts to one container subject; a step that cannot be taken leaves its facts
Unknown with the reason.
"""

from __future__ import annotations

import posixpath

from gwaudit.resolve.command import Word
from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.filesystem import Filesystem
from gwaudit.resolve.model import Subject
from gwaudit.resolve.secrets.keeping import is_secret, keep, marked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.builds import Builds
    from gwaudit.resolve.command import Command
    from gwaudit.resolve.gunicorn.run import GunicornRun
    from gwaudit.resolve.image import Image
    from gwaudit.resolve.launch import Launch
    from gwaudit.resolve.model import Build, Container
    from gwaudit.resolve.profile import Profile
    from gwaudit.resolve.requirements import Installation
    from gwaudit.resolve.workspace import Workspace


class Service:
    """What was worked out of one container besides its facts: for the steps that join containers and variables."""

    __slots__ = (
        "command", "container", "defaulted", "environment", "filesystem", "gunicorn", "image", "installation", "launch",
        "packages", "profile", "protected", "server", "subject",
    )  # fmt: skip

    def __init__(self, container: Container, subject: Subject, filesystem: Filesystem) -> None:
        self.container = container
        self.subject = subject
        self.environment = container.environment
        self.filesystem = filesystem
        self.image: Image | None = None
        self.launch: Launch | None = None
        self.command: Command | None = None
        self.gunicorn: GunicornRun | None = None
        self.profile: Profile | None = None
        self.packages: dict[str, Fact] = {}
        self.installation: Installation | None = None
        self.server: str | None = None
        self.defaulted: dict[
            str, str
        ] = {}  # variables set by the default of an interpolation, with the one that it asks
        self.protected: frozenset[str] = frozenset()  # variables that come from an object made for secrets


def complete(workspace: Workspace, builds: Builds, container: Container, parent: Subject) -> Service:
    """The container subject below ``parent`` (a workload), with everything that the tree tells of it."""
    subject = Subject("container", container.name, parent, container.env_place or container.place)
    subject.draft = container
    subject.set("container.name", container.name, Source("manifest", container.name, container.place))
    for fact in container.facts.values():
        subject.put(fact)
    service = Service(container, subject, Filesystem(workspace.tree))
    _take_image(workspace, builds, service)
    _take_environment(workspace, service)
    _follow_command(workspace, service)
    _take_packages(workspace, service)
    _take_profile(workspace, service)
    _launch_of_profile(service)
    _take_server(workspace, service)
    _take_application(workspace, service)
    return service


def _take_image(workspace: Workspace, builds: Builds, service: Service) -> None:
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


def _defaulted(fact: Fact) -> str | None:
    """The variable of ``${NAME:-default}`` whose default is a part of the value, because nothing sets it."""
    raw = fact.source.raw or ""
    if fact.source.layer != "manifest" or "${" not in raw:
        return None
    from re import search

    unset = {one.name[4:] for one in fact.inputs if one.value is ABSENT}
    found = search(r"\$\{([A-Za-z_][A-Za-z0-9_]{0,100}):?-[^}]", raw)
    if found is None or (fact.inputs and found.group(1) not in unset):
        return None
    return found.group(1)


def _take_environment(workspace: Workspace, service: Service) -> None:
    """The image's ENV below what the platform sets, the user's what-if answers on top."""
    environment = service.container.environment
    if service.image is not None:
        environment = environment.on(service.image.environment)
    else:
        environment = environment.copy()
    for fact in workspace.assume.env.values():
        environment.put(fact)
    if service.subject.known("target.kind") == "image":
        environment.starter = "whoever starts the image sets it"
    service.protected = frozenset(fact.name[4:] for fact in environment if fact.secret)
    service.defaulted = {fact.name[4:]: name for fact in environment if (name := _defaulted(fact)) is not None}
    keep(environment)
    service.environment = environment
    service.subject.environment = environment


def _words(fact: Fact | None) -> list[Word] | None:
    """The words of an entrypoint or argument list; None where it is not given."""
    if fact is None or fact.value is None or fact.value is ABSENT:
        return None
    if isinstance(fact.value, Unknown):
        return [Word(fact.value, fact.source)]
    inputs = dict(enumerate(fact.inputs))
    words = []
    for index, value in enumerate(fact.value):
        item = inputs.get(index) if len(fact.inputs) == len(fact.value) else None
        words.append(Word(value, item.source if item is not None else fact.source, item.inputs if item else ()))
    return words


def _follow_command(workspace: Workspace, service: Service) -> None:
    """What the platform starts, followed through shells, inits and launch scripts to the final program."""
    container, image, subject = service.container, service.image, service.subject
    directory = container.working_dir or (image.working_dir if image is not None else None)
    start = directory.value if directory is not None and isinstance(directory.value, str) else None
    if start is None and container.directory is not None:
        place = service.filesystem.place
        start = place.value if place is not None and isinstance(place.value, str) else "/"
    entrypoint, arguments = _words(container.entrypoint), _words(container.arguments)
    if container.shell is not None:
        from gwaudit.resolve.launch import follow_shell

        service.launch = follow_shell(
            workspace, container.shell, service.environment, start, service.filesystem, image=image
        )
    else:
        shell_form = False
        if entrypoint is None and image is not None:
            if isinstance(image.entrypoint, Unknown):
                subject.set("process.argv", image.entrypoint, Source("image"))
                return
            entrypoint = list(image.entrypoint) if image.entrypoint is not None else None
            shell_form = image.entrypoint_shell
            if arguments is None and not isinstance(image.command, Unknown) and image.command is not None:
                arguments = list(image.command)
                shell_form = shell_form or image.command_shell
        if entrypoint is None and image is None and container.directory is None and not _names_program(arguments):
            subject.set("process.argv", Unknown("the entrypoint of the image is not in the tree"), Source("image"))
            return
        words = [*(entrypoint or ()), *(arguments or ())]
        if not words:
            subject.set("process.argv", ABSENT, Source("image"))
            return
        service.launch = _followed(
            workspace, service, words, start, shell_form, subject.known("container.init") is True,
            _as_root(subject.fact("container.user")),
        )  # fmt: skip
    _choose_command(service)


def _followed(
    workspace: Workspace,
    service: Service,
    words: list[Word],
    start: str | None,
    shell_form: bool,
    init: bool,
    root: bool | None,
) -> Launch:
    """The launch of a container; the same one in several targets is followed once."""
    from gwaudit.resolve.alike import of_environment, of_words
    from gwaudit.resolve.launch import follow

    image, filesystem, assumed = service.image, service.filesystem, sorted(map(str, workspace.assume.values.items()))
    key = (
        of_words(words), of_environment(service.environment), filesystem.key(), start, shell_form, init, id(image), root,
        tuple(assumed),
    )  # fmt: skip
    kept: dict[object, tuple[Launch, Image | None, Filesystem]] = workspace.cache.setdefault("launches", {})
    if key not in kept:
        found = follow(
            workspace,
            words,
            service.environment,
            start,
            filesystem,
            shell_form=shell_form,
            init=init,
            image=image,
            root=root,
        )
        kept[key] = found, image, filesystem  # the key names the last two by identity, so they must live as long
    return kept[key][0]


_STARTERS = ("sh", "bash", "ash", "dash", "python", "python3", "uv", "poetry", "pipenv", "env")


def _as_root(user: Fact) -> bool | None:
    """Whether the platform runs the container as root; None where it leaves that to the image."""
    return str(user.value).split(":", 1)[0] in ("0", "root") if user.known else None


def _names_program(arguments: list[Word] | None) -> bool:
    """Whether arguments begin with a server, a shell or a wrapper: an unread entrypoint is taken to run them then."""
    from gwaudit.bundle import section

    data = section("platforms/launchers")
    first = arguments[0].text if arguments else None
    if first is None:
        return False
    name = first.rsplit("/", 1)[-1]
    return name in data["servers"] or name in data["wrappers"] or name in _STARTERS


def _choose_command(service: Service) -> None:
    """The server among the commands a launch may end in; a server is preferred to helpers beside it."""
    from gwaudit.resolve.launch import server_of

    chosen = service.launch.server if service.launch is not None else None
    subject = service.subject
    if chosen is None:
        subject.set("process.argv", Unknown("the launch scripts end in no command that can be read"), Source("image"))
        return
    service.command = chosen
    service.server = server_of(chosen)
    place = _place(chosen)
    words = tuple(word.text if word.text is not None else "?" for word in chosen.words)
    subject.set("process.argv", words, place, secret=any(is_secret("word", word) for word in words))
    server: object = service.server or Unknown("the program is not known before run time")
    subject.set("process.server", server, place)
    signals = chosen.foreground if chosen.foreground is not None else Unknown("the shell decides whether it stays")
    subject.set("process.receives_signals", signals, place)
    subject.set("process.shell_form", chosen.shell_form, place)
    subject.set("process.piped", chosen.piped, place)


def _place(command: Command) -> Source:
    location = command.words[0].source.location if command.words else command.location
    via = command.words[0].source.via if command.words else command.via
    return Source("command-line", None, location or command.location, via)


def _take_packages(workspace: Workspace, service: Service) -> None:
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


def _take_profile(workspace: Workspace, service: Service) -> None:
    """The application's profile; else the conventions of gunicorn services, where a server runs that they are about."""
    from gwaudit.resolve.profile import conventions, profile_for, profile_of_names

    image = service.container.image
    reference = str(image.value) if image is not None and image.known else None
    application = application_of(service)
    packages = service.packages if application is not None else None  # a library's dependants are not the application
    found = profile_for(workspace, reference, application, service.filesystem, packages)
    built = service.image
    if found is None and built is not None and built.base is not None and built.base.known and _comes_as_base(built):
        found = profile_for(workspace, str(built.base.value), None)
    bare = service.container.directory is not None and service.command is None  # a dotenv file alone
    if found is None and bare:
        found = profile_of_names(fact.name[4:] for fact in service.environment)
    if found is None and (bare or service.server not in (None, "other")):
        found = conventions()
    service.profile = found
    place = image.source if image is not None else Source("profile")
    service.subject.set("app.profile", found.name if found is not None else ABSENT, place)


def _comes_as_base(image: Image) -> bool:
    """Whether an image is started as the base image says, which is not in the tree."""
    return isinstance(image.entrypoint, Unknown) and isinstance(image.command, Unknown)


def _launch_of_profile(service: Service) -> None:
    """An image that is not in the tree, started as it comes: its profile may know what that runs."""
    container = service.container
    own = container.entrypoint is None and container.arguments is None and container.shell is None
    inherited = service.image is None or _comes_as_base(service.image)
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


def _take_server(workspace: Workspace, service: Service) -> None:
    if service.command is None or service.server != "gunicorn":
        return
    from gwaudit.resolve.gunicorn.effective import effective

    version = service.subject.fact("gunicorn.version")
    service.gunicorn = run = effective(workspace, service.command, _configuration_files(service), version)
    run.launched = service.subject.known("target.kind") != "directory"
    for fact in run.settings.values():
        service.subject.put(marked(fact))
    service.subject.put(run.config_file.renamed("gunicorn.config_file"))
    service.subject.put(run.app.renamed("app.object"))
    if not isinstance(run.config_file.value, Unknown):  # a file that nobody can read seldom changes the environment
        keep(run.environment)
        service.environment = run.environment
        service.subject.environment = run.environment
    if run.cpu_derived and isinstance(run.settings["workers"].value, Unknown):
        _on_host(workspace, service, run.settings["workers"])


def _configuration_files(service: Service) -> Filesystem:
    """Where gunicorn looks for its configuration file; the launch that a profile tells names its file, or none is read."""
    if service.launch is not None or service.command is None:
        return service.filesystem
    named = any(word.text == "--config" for word in service.command.words)
    return service.filesystem if named else Filesystem(service.filesystem.tree)


HOST_CPUS = 16  # a common size of node, for the example in a message


def _on_host(workspace: Workspace, service: Service, workers: Fact) -> None:
    """``gunicorn.workers_on_host``: the workers that the same command would start on a machine of a common size."""
    from gwaudit.resolve.gunicorn.effective import effective

    assumed = dict(workspace.assume.values)
    workspace.assume.values["cpus"] = HOST_CPUS
    try:
        command = service.command
        if command is not None and any(isinstance(word.value, Unknown) for word in command.words):
            kept, facts = (service.launch, service.command, service.server), dict(service.subject.facts)
            _follow_command(workspace, service)
            command = service.command
            service.launch, service.command, service.server = kept
            service.subject.facts = facts
        if command is not None:
            version = service.subject.fact("gunicorn.version")
            count = effective(workspace, command, _configuration_files(service), version).settings["workers"]
            if count.known:
                text = f"{count.value} on {HOST_CPUS} cores"
                service.subject.set("gunicorn.workers_on_host", text, workers.source)
    finally:
        workspace.assume.values.clear()
        workspace.assume.values.update(assumed)


def _take_application(workspace: Workspace, service: Service) -> None:
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
