"""What a container starts, and with which variables: followed through shells, inits and launch scripts to a program."""

from __future__ import annotations

from gwaudit.resolve.command import Word
from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.secrets.keeping import is_secret, keep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.command import Command
    from gwaudit.resolve.environment import Environment
    from gwaudit.resolve.filesystem import Filesystem
    from gwaudit.resolve.image import Image
    from gwaudit.resolve.launch import Launch
    from gwaudit.resolve.service import Service
    from gwaudit.resolve.workspace import Workspace


_STARTERS = ("sh", "bash", "ash", "dash", "python", "python3", "uv", "poetry", "pipenv", "env")


def take_environment(workspace: Workspace, service: Service) -> None:
    """The image's ENV below what the platform sets; the user's what-if answers where they can reach the process."""
    environment = service.container.environment
    if service.image is not None:
        environment = environment.on(service.image.environment)
    else:
        environment = environment.copy()
    if workspace.assume.env:
        _take_answers(workspace, service, environment)
    if service.subject.known("target.kind") == "image":
        environment.starter = "whoever starts the image sets it"
    service.protected = frozenset(fact.name[4:] for fact in environment if fact.secret)
    service.defaulted = {fact.name[4:]: name for fact in environment if (name := _defaulted(fact)) is not None}
    keep(environment)
    service.environment = environment
    service.subject.environment = environment


# Deployments whose process has the environment of the shell that starts it, or of the ``docker run -e`` that one types.
_OF_THE_HOST = ("directory", "image", "procfile")


def _take_answers(workspace: Workspace, service: Service, environment: Environment) -> None:
    """``--env`` and ``--env-file``: the host's variables.

    A bare process has them as its own, and supervisord's programs inherit them below what its file sets. Compose used them
    in interpolation already and passes no other on; a manifest decides for its container. There an answer counts only
    where the deployment sets the variable from something that is not in the tree: an env_file, a Secret.
    """
    kind, stated = service.subject.known("target.kind"), service.container.environment
    unused = []
    for name, fact in workspace.assume.env.items():
        unknown = isinstance(stated.get(name).value, Unknown) and (kind != "compose" or name not in stated)
        if unknown or kind in _OF_THE_HOST or (kind == "supervisor" and name not in stated):
            environment.put(fact)
        elif kind != "compose":
            unused.append(name)
    if unused and service.container.place is not None:
        words = f"the host's variables do not reach a container of {kind}, whose manifest sets its own"
        workspace.remark(service.container.place, f"--env {', '.join(sorted(unused))}: {words}")


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


def follow_command(workspace: Workspace, service: Service) -> None:
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
