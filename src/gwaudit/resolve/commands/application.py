"""Applications of managed platforms: every line that makes or changes one, put together into a target."""

from __future__ import annotations

import posixpath

from gwaudit.bundle import section
from gwaudit.resolve.commands.convert import convert
from gwaudit.resolve.commands.environment import put_environment, stores
from gwaudit.resolve.commands.options import match
from gwaudit.resolve.fact import Fact, Source, Unknown
from gwaudit.resolve.managed import begin, listen, route
from gwaudit.resolve.model import Build, Mount
from gwaudit.resolve.platform_limits import complete

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.commands.lines import CommandLine
    from gwaudit.resolve.commands.options import Options
    from gwaudit.resolve.commands.words import Word
    from gwaudit.resolve.model import Container, Endpoint, TargetDraft, Workload
    from gwaudit.resolve.workspace import Workspace

PLATFORMS = ("code-engine", "cloud-run", "container-apps")
# Fact -> option, kind of its value, default of the platform's data.
_WORKLOAD = (
    ("workload.request_timeout", "request_timeout", "seconds"),
    ("workload.replicas_min", "min", "integer"),
    ("workload.replicas_max", "max", "integer"),
    ("workload.grace_period", "grace", "seconds"),
)
_CONTAINER = (
    ("container.cpu_limit", "cpu", "cpu"),
    ("container.memory_limit", "memory", "memory"),
    ("container.concurrency", "concurrency", "integer"),
)
_MOUNTS = (("data_store", "network"), ("mounted_secret", "secret"), ("mounted_config", "config-map"))


def applications(workspace: Workspace, path: str, lines: list[CommandLine]) -> list[TargetDraft]:
    """A draft per application that the lines of a file make or change, in the order of its first line."""
    found: list[TargetDraft] = []
    for platform in PLATFORMS:
        data = section(f"platforms/{platform}")
        groups: dict[str, list[Options]] = {}
        for line in lines:
            options = match(line, data)
            if options is not None:
                name = _name_word(options)
                groups.setdefault((name.text or name.raw.strip("\"'")) if name is not None else "", []).append(options)
        if groups:
            kept = stores(workspace, path, lines, data)
            found.extend(_draft(workspace, path, platform, data, group, kept) for group in groups.values())
    return found


def _name_word(options: Options) -> Word | None:
    return options.last("name") or next(iter(options.positional), None)


def _draft(
    workspace: Workspace, path: str, platform: str, data: dict[str, Any], group: list[Options], kept: Any
) -> TargetDraft:
    # What makes the application comes first, whichever branch of a script stands first; changes go on top.
    group = sorted(group, key=lambda options: options.verb == "update")
    first = group[0]
    word = _name_word(first)
    name = (word.text or word.raw.strip("\"'${}()")) if word is not None else platform
    place = first.line.place
    label = f"{path}: {first.line.label}" if first.line.label else path
    draft, workload, container = begin(f"{label}: {name}", name, platform, data, place, (path,))
    made = first.verb != "update"
    for subject, table in ((workload, _WORKLOAD), (container, _CONTAINER)):
        for fact, option, kind in table:
            _state(subject, fact, group, option, kind, data["defaults"].get(option) if made else None, place)
    complete(workload, container, data, made)
    target = _last(group, "target")
    if target is not None:
        workload.put(_fact("workload.scale_target", target, "integer"))
    for probe, options in data["probes"].items():
        given = any(options_of.all(option) for options_of in group for option in options)
        if made and not given:
            container.absent(f"{probe}.kind", location=place)
    _image(container, group, path)
    for option, kind in _MOUNTS:
        for word in (each for options in group for each in options.all(option)):
            directory, _, name = word.text.partition("=")
            if directory.startswith("/"):
                container.mounts.append(Mount(directory, kind, name.partition(":")[0], location=word.place))
    put_environment(workspace, path, container, group, data, kept, made)
    word = _last(group, "port")
    port = listen(container, _fact("container.ports", word, "port") if word is not None else None, data, made)
    draft.endpoints.append(_endpoint(workload, group, data, port))
    workload.containers.append(container)
    draft.workloads.append(workload)
    return draft


def _last(group: list[Options], name: str) -> Word | None:
    return next((word for options in reversed(group) if (word := options.last(name)) is not None), None)


def _fact(name: str, word: Word, kind: str) -> Fact:
    value: Any = word.value
    if isinstance(value, str):
        read = convert(kind, value)
        value = read if read is not None else Unknown(f"{value[:40]} is not a valid value", (name,))
    return Fact(name, value, word.source(), assumed=word.assumed)


def _state(
    subject: Workload | Container, name: str, group: list[Options], option: str, kind: str, default: Any, place: Any
) -> None:
    """The fact by the last line that states it, above earlier ones, above the platform's default (where it is made)."""
    fact: Fact | None = None
    if default is not None:
        value = convert(kind, default) if isinstance(default, str) else default
        fact = Fact(name, value, Source("platform", None, place))
    for options in group:
        word = options.last(option)
        if word is not None and word.text != "default":
            fact = _fact(name, word, kind).over(fact)
        elif options.opaque is not None and word is None:
            reason = f"{options.opaque.raw[:40]} may hold options"
            fact = Fact(name, Unknown(reason, (name,)), Source("manifest", None, options.opaque.place))
    if fact is not None:
        subject.put(fact)


def _image(container: Container, group: list[Options], path: str) -> None:
    word, source = _last(group, "image"), _last(group, "source")
    if word is not None:
        container.image = Fact("container.image", word.value, word.source(), assumed=word.assumed)
    elif source is not None and source.text and "://" not in source.text:
        # Commands are written to run from the root of the repository; a script's folder counts where it names one.
        context = posixpath.normpath(source.text)
        dockerfile = _last(group, "dockerfile")
        if not context.startswith(("/", "..")):
            file = (
                posixpath.normpath(posixpath.join(context, dockerfile.text)) if dockerfile and dockerfile.text else None
            )
            container.build = Build(context, file, location=source.place)
    commands = [word for options in group for word in options.all("command")]
    arguments = [word for options in group for word in options.all("argument")]
    for words, name in ((commands, "entrypoint"), (arguments, "arguments")):
        if words:
            values = tuple(word.value for word in words)
            if len(words) == 1 and "," in words[0].text:
                values = tuple(words[0].text.split(","))
            fact = Fact(f"container.{name}", values, words[0].source())
            if name == "entrypoint":
                container.entrypoint = fact
            else:
                container.arguments = fact


def _endpoint(workload: Workload, group: list[Options], data: dict[str, Any], port: int | None) -> Endpoint:
    public: bool | None = data["public"]
    place = workload.place
    word = _last(group, "visibility")
    if word is not None:
        public = None if not word.text else word.text not in data["private"]
        place = word.place
    for options in group:
        for flags, answer in (("public_flags", True), ("private_flags", False)):
            for flag in data.get(flags, ()):
                if flag in options.flags and public is not False:
                    public, place = answer, options.flags[flag].place
    return route(workload, data, port, public, place)
