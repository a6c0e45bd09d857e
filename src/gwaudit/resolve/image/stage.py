"""One stage of a Dockerfile, instruction by instruction, onto the image it is built from."""

from __future__ import annotations

import posixpath

from gwaudit.parse.dockerfile import split
from gwaudit.resolve.command import Word
from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.image.context import copy, dotenv_files
from gwaudit.resolve.image.known import is_root
from gwaudit.resolve.image.variables import Scope, interpolate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.dockerfile.syntax import Dockerfile, Instruction
    from gwaudit.resolve.image.context import Context
    from gwaudit.resolve.image.record import Image
    from gwaudit.resolve.shell.text import Text

_PLATFORM_ARGUMENTS = (
    "TARGETPLATFORM", "TARGETOS", "TARGETARCH", "TARGETVARIANT", "BUILDPLATFORM", "BUILDOS", "BUILDARCH", "BUILDVARIANT",
)  # fmt: skip
# Directories of every image (Filesystem Hierarchy Standard), into which a copied file goes under its own name.
SYSTEM_DIRECTORIES = frozenset((
    "/", "/bin", "/etc", "/etc/cron.d", "/home", "/mnt", "/opt", "/root", "/sbin", "/srv", "/tmp", "/usr", "/usr/bin",
    "/usr/lib", "/usr/local", "/usr/local/bin", "/usr/local/etc", "/usr/local/lib", "/usr/local/sbin", "/usr/sbin",
    "/usr/share", "/usr/src", "/var", "/var/lib", "/var/log", "/var/run", "/var/tmp",
))  # fmt: skip
_PROXY_ARGUMENTS = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY")


class Stage:
    """A stage while it is built."""

    def __init__(
        self,
        root: Dockerfile,
        context: Context,
        image: Image,
        scope: Scope,
        globals_: dict[str, Fact],
        given: dict[str, Fact],
        stages: dict[str, Image],
    ) -> None:
        self.root = root
        self.context = context
        self.image = image
        self.scope = scope
        self.globals = globals_
        self.given = given
        self.stages = stages
        self.shell: tuple[Word, ...] | None = None
        self.own_command = False  # CMD set in this stage (a base's CMD is dropped by an ENTRYPOINT)

    def run(self, instruction: Instruction) -> None:
        action = getattr(self, f"do_{instruction.keyword.lower()}", None)
        if action is not None:
            action(instruction)

    # -- variables

    def text(self, instruction: Instruction, start: int = 0, end: int | None = None) -> Text:
        end = len(instruction.value) if end is None else end
        return interpolate(instruction, self.scope, start, end, self.root.escape)

    def do_arg(self, instruction: Instruction) -> None:
        for token in split(instruction.value, self.root.escape):
            argument(instruction, token.start, token.end, self.scope, self.given, self.globals, self.root.escape)

    def do_env(self, instruction: Instruction) -> None:
        tokens = split(instruction.value, self.root.escape)
        found: list[tuple[str, Text]] = []
        if tokens and "=" not in tokens[0].text:
            rest = tokens[0].end
            while rest < len(instruction.value) and instruction.value[rest].isspace():
                rest += 1
            found.append((tokens[0].text, self.text(instruction, rest)))
        else:
            for token in tokens:
                name, equals, _ = token.text.partition("=")
                if equals:
                    found.append((name, self.text(instruction, token.start + len(name) + 1, token.end)))
        for name, text in found:
            value = text.value()
            fact = Fact(f"env.{name}", value, at_layer(text.source), inputs=text.inputs)
            self.image.environment.put(fact)
            self.scope.environment[name] = fact

    # -- how it starts

    def words(self, instruction: Instruction) -> tuple[tuple[Word, ...], bool]:
        """The words of CMD, ENTRYPOINT: JSON form as written, shell form behind the SHELL in effect."""
        if instruction.words is not None:
            found = tuple(
                Word(token.text, Source("image", token.text, instruction.locate(token.start, token.end)))
                for token in instruction.words
            )
            return found, False
        place = instruction.locate(0, len(instruction.value))
        source = Source("image", instruction.value, place)
        shell = self.shell or (Word("/bin/sh", source), Word("-c", source))
        return (*shell, Word(instruction.value, source)), True

    def do_cmd(self, instruction: Instruction) -> None:
        if instruction.words == [] or not instruction.value:
            self.image.command, self.image.command_shell = None, False
        else:
            self.image.command, self.image.command_shell = self.words(instruction)
        self.own_command = True

    def do_entrypoint(self, instruction: Instruction) -> None:
        if instruction.words == [] or not instruction.value:
            self.image.entrypoint, self.image.entrypoint_shell = None, False
        else:
            self.image.entrypoint, self.image.entrypoint_shell = self.words(instruction)
        if not self.own_command:
            self.image.command, self.image.command_shell = None, False

    def do_shell(self, instruction: Instruction) -> None:
        if instruction.words:
            self.shell = self.words(instruction)[0]

    def do_workdir(self, instruction: Instruction) -> None:
        text = self.text(instruction)
        value = text.value()
        current = self.directory
        if isinstance(value, str):
            if not value.startswith("/"):
                value = posixpath.join(current, value) if current is not None else Unknown("the directory is unknown")
            value = posixpath.normpath(value) if isinstance(value, str) else value
        if isinstance(value, str):
            self.image.filesystem.make(value)
        self.image.working_dir = Fact("container.working_dir", value, at_layer(text.source), inputs=text.inputs)

    @property
    def directory(self) -> str | None:
        fact = self.image.working_dir
        return fact.value if fact is not None and isinstance(fact.value, str) else None

    def do_user(self, instruction: Instruction) -> None:
        text = self.text(instruction)
        value = text.value()
        self.image.user = Fact("container.user", value, at_layer(text.source), inputs=text.inputs)
        self.image.runs_as_root = is_root(value) if isinstance(value, str) else None

    def do_expose(self, instruction: Instruction) -> None:
        for token in split(instruction.value, self.root.escape):
            text = self.text(instruction, token.start, token.end)
            known = text.known
            for word in (known or "").split():
                low, _, high = word.split("/")[0].partition("-")
                if low.isdigit() and len(low) < 6 and not high:
                    port = int(low)
                    if all(fact.value != port for fact in self.image.ports):
                        self.image.ports.append(Fact("container.ports", port, at_layer(text.source)))

    def do_volume(self, instruction: Instruction) -> None:
        tokens = instruction.words if instruction.words is not None else split(instruction.value, self.root.escape)
        for token in tokens:
            path = token.text if instruction.words is not None else self.text(instruction, token.start, token.end).known
            if path:
                self.image.volumes.append((path, instruction.locate(token.start, token.end)))

    def do_stopsignal(self, instruction: Instruction) -> None:
        text = self.text(instruction)
        value = text.value()
        if isinstance(value, str):
            value = signal_name(value)
        self.image.stop_signal = Fact("container.stop_signal", value, at_layer(text.source))

    def do_healthcheck(self, instruction: Instruction) -> None:
        from gwaudit.resolve.image.health import healthcheck

        self.image.healthcheck = healthcheck(instruction)

    # -- files

    def do_copy(self, instruction: Instruction) -> None:
        if instruction.words is not None:
            texts: list[str | None] = [token.text for token in instruction.words]
            destination_raw = texts[-1] if texts else None
        else:
            tokens = split(instruction.value, self.root.escape)
            texts = [self.text(instruction, t.start, t.end).known for t in tokens]
            destination_raw = texts[-1] if texts else None
        if len(texts) < 2 or destination_raw is None:
            return
        target = destination_raw
        if not target.startswith("/"):
            if self.directory is None:
                self.image.problems.append((instruction.location, "copied into a directory that is not known"))
                return
            target = posixpath.join(self.directory, target)
        into = destination_raw.endswith("/") or destination_raw in (".", "./", "..") or self.is_directory(target)
        path = posixpath.normpath(target)
        sources = [text for text in texts[:-1] if text is not None]
        if any(text is None for text in texts[:-1]):
            self.image.filesystem.hide(path, "files that a build argument chooses are copied here")
        for heredoc in instruction.heredocs:
            where = posixpath.join(path, heredoc.name) if into else path
            if heredoc.quoted or "$" not in heredoc.text:
                self.image.texts[where] = (heredoc.text, instruction.file.location(heredoc.start, heredoc.end))
            self.image.filesystem.hide(where, "its text stands in the Dockerfile")
        sources = [s for s in sources if not s.startswith("<<")]
        origin = instruction.flag("from")
        if origin is not None:
            self.copy_from(origin, sources, path, into)
            return
        remote = [s for s in sources if "://" in s or s.startswith("git@")]
        for source in remote:
            self.image.filesystem.hide(path, f"{source.split('?')[0][:60]} is fetched when the image is built")
        if instruction.keyword == "ADD":
            archives = [s for s in sources if s.endswith((".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2", ".zip"))]
            for _ in archives:
                self.image.filesystem.hide(path, "an archive is unpacked here")
            sources = [s for s in sources if s not in archives]
        dotenv = dotenv_files(self.context, [s for s in sources if s not in remote])
        if dotenv:
            self.image.copied.append((instruction.location, dotenv))
        missing = copy(self.context, self.image.filesystem, [s for s in sources if s not in remote], path, into)
        for source in missing:
            self.image.filesystem.hide(
                posixpath.join(path, posixpath.basename(source)) if into else path,
                f"{source} is copied here and is not in the tree",
            )

    do_add = do_copy

    def copy_from(self, origin: str, sources: list[str], path: str, into: bool) -> None:
        """COPY --from: another stage's files where they are known, an unknown image's otherwise."""
        stage = self.stages.get(origin.lower())
        for source in sources:
            absolute = posixpath.normpath(posixpath.join("/", source))
            target = posixpath.join(path, posixpath.basename(absolute)) if into and stage is None else path
            if stage is None:
                self.image.filesystem.hide(target, f"{absolute} of the image {origin} is copied here")
                continue
            self.image.filesystem.graft(stage.filesystem, absolute, path, into)
            for name, text in stage.texts.items():
                if name == absolute or name.startswith(absolute.rstrip("/") + "/"):
                    rest = name[len(absolute) :].lstrip("/")
                    where = posixpath.join(path, rest or (posixpath.basename(absolute) if into else ""))
                    self.image.texts[where.rstrip("/")] = text
            if brings_packages(absolute, stage):
                self.image.installs.extend(i for i in stage.installs if i not in self.image.installs)

    def is_directory(self, path: str) -> bool:
        """Whether the destination is already a directory of the image: one that a step made, or of every system."""
        normal = posixpath.normpath(path)
        if normal == (self.directory or "") or normal in SYSTEM_DIRECTORIES:
            return True
        found = self.image.filesystem.locate(normal)
        if isinstance(found, str) and self.context.tree.is_directory(found):
            return True
        return self.image.filesystem.holds(normal)

    def do_run(self, instruction: Instruction) -> None:
        from gwaudit.resolve.image.steps import build_step

        build_step(self, instruction)

    def do_onbuild(self, instruction: Instruction) -> None:
        self.image.onbuild.append(instruction.value)


def brings_packages(path: str, stage: Image) -> bool:
    """Whether copying ``path`` of a stage takes installed packages along: an environment, a prefix, the directory."""
    if any(part in path for part in ("venv", "site-packages", "/usr/local", "/.local", "/install", "/wheels", "/deps")):
        return True
    fact = stage.working_dir
    directory = fact.value if fact is not None and isinstance(fact.value, str) else None
    return directory is not None and directory != "/" and (directory + "/").startswith(path.rstrip("/") + "/")


def at_layer(source: Source) -> Source:
    """The source in the image layer, wherever the text came from."""
    return source if source.layer == "image" else Source("image", source.raw, source.location, source.via)


def signal_name(value: str) -> str:
    numbers = {
        "1": "SIGHUP",
        "2": "SIGINT",
        "3": "SIGQUIT",
        "9": "SIGKILL",
        "10": "SIGUSR1",
        "12": "SIGUSR2",
        "15": "SIGTERM",
    }
    value = numbers.get(value, value.upper())
    return value if value.startswith("SIG") else f"SIG{value}"


def argument(
    instruction: Instruction,
    start: int,
    end: int,
    scope: Scope,
    given: dict[str, Fact],
    globals_: dict[str, Fact],
    escape: str,
) -> Fact:
    """``ARG NAME`` or ``ARG NAME=default``: what the build passes, else the default, else the global ARG."""
    name, equals, _ = instruction.value[start:end].partition("=")
    place = instruction.locate(start, end)
    found: Fact | None = None
    passed = given.get(name)
    if passed is not None:
        source = passed.source if passed.source.location is None else passed.source.through(place, f"ARG {name}")
        found = Fact(f"build.{name}", passed.value, source, inputs=(passed,))
    elif equals:
        text = interpolate(instruction, scope, start + len(name) + 1, end, escape)
        found = Fact(f"build.{name}", text.value(), at_layer(text.source), inputs=text.inputs)
    elif name in globals_:
        found = globals_[name]
    elif name in _PLATFORM_ARGUMENTS or name in _PROXY_ARGUMENTS:
        why = Unknown(f"{name} is decided when the image is built", (f"build.{name}",))
        found = Fact(f"build.{name}", why, Source("image", None, place))
    else:
        found = Fact(f"build.{name}", ABSENT, Source("image", None, place), assumed=True)
    scope.arguments[name] = found
    return found
