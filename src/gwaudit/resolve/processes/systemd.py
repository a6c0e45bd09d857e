"""A systemd service unit: ExecStart, its environment, limits and how it is stopped."""

from __future__ import annotations

import posixpath

from gwaudit.resolve.fact import Fact, Source, Unknown
from gwaudit.resolve.model import Container, TargetDraft, Workload
from gwaudit.resolve.processes.common import defaults, home_of, seconds, size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.document import Scalar
    from gwaudit.parse.ini import Section
    from gwaudit.resolve.workspace import Workspace

_PREFIXES = "@-:+!|"


def unit(workspace: Workspace, path: str) -> list[TargetDraft]:
    """The target of one unit; none for a unit that starts nothing."""
    document = workspace.document(path, "systemd")
    service: Section | None = None
    if document is not None:
        service = next((s for s in document.root if s.name == "Service"), None)
    starts = service.all("ExecStart") if service is not None else []
    if service is None or not starts:
        return []
    row = defaults("systemd")
    name = posixpath.basename(path).removesuffix(".service")
    start = starts[-1]
    draft = TargetDraft(name, "systemd", service.location, (path,))
    workload = Workload(name, "process", start.location)
    kind = service.get("Type")
    workload.state("workload.kind", "process", Source("manifest", None, start.location))
    workload.state(
        "workload.is_job", kind is not None and kind.text == "oneshot", Source("manifest", None, start.location)
    )
    _stop(workload, service, row)
    container = Container(name, start.location)
    home = home_of(workspace, path)
    container.directory = home
    container.env_place = service.location
    _environment(workspace, container, service)
    _limits(container, service)
    directory = service.get("WorkingDirectory")
    if directory is not None:
        where = directory.text.lstrip("-")
        source = Source("manifest", directory.text, directory.location)
        if where.startswith("/") and "%" not in where:
            container.working_dir = Fact("container.working_dir", posixpath.normpath(where), source)
            container.files[posixpath.normpath(where)] = home
        else:
            container.working_dir = Fact("container.working_dir", Unknown("a specifier or the user's home"), source)
    user = service.get("User")
    if user is not None:
        source = Source("manifest", user.text, user.location)
        container.state("container.user", user.text, source)
        container.state("container.runs_as_root", user.text in ("root", "0"), source)
    else:
        container.state("container.runs_as_root", True, Source("platform"))
    words = command_words(container, start)
    source = Source("manifest", start.text, start.location)
    container.entrypoint = Fact("container.entrypoint", tuple(words), source)
    workload.containers.append(container)
    draft.workloads.append(workload)
    draft.stage_hints.append((1, "a systemd unit", service.location))
    return [draft]


def _stop(workload: Workload, service: Section, row: dict[str, object]) -> None:
    timeout = service.get("TimeoutStopSec") or service.get("TimeoutSec")
    if timeout is None:
        workload.state("workload.grace_period", float(str(row["grace_period"])), Source("platform"))
    else:
        value = seconds(timeout.text)
        source = Source("manifest", timeout.text, timeout.location)
        workload.state("workload.grace_period", value if value is not None else Unknown("no limit"), source)
    signal = service.get("KillSignal")
    source = Source("manifest", signal.text, signal.location) if signal is not None else Source("platform")
    name = signal.text if signal is not None else str(row["stop_signal"])
    workload.state("workload.stop_signal", name if name.startswith("SIG") else f"SIG{name}", source)
    restart = service.get("Restart")
    source = Source("manifest", restart.text, restart.location) if restart is not None else Source("platform")
    workload.state("workload.restart", restart.text if restart is not None else str(row["restart"]), source)


def _limits(container: Container, service: Section) -> None:
    quota, memory, files = service.get("CPUQuota"), service.get("MemoryMax"), service.get("LimitNOFILE")
    container.absent("container.cpu_limit", "container.memory_limit", location=service.location)
    if quota is not None and quota.text.rstrip("%").replace(".", "", 1).isdigit():
        value = float(quota.text.rstrip("%")) / 100
        container.state("container.cpu_limit", value, Source("manifest", quota.text, quota.location))
    memory = memory or service.get("MemoryLimit")
    amount = size(memory.text) if memory is not None else None
    if memory is not None and amount is not None:
        container.state("container.memory_limit", amount, Source("manifest", memory.text, memory.location))
    if files is not None:
        soft = files.text.split(":")[0]
        if soft.isdigit() and len(soft) < 12:
            container.state("container.nofile", int(soft), Source("manifest", files.text, files.location))


def _environment(workspace: Workspace, container: Container, service: Section) -> None:
    for value in service.all("Environment"):
        for text, start, end in words_of(value):
            name, equals, rest = text.partition("=")
            if equals and name.isidentifier():
                source = Source("manifest", rest, value.file.location(start, end))
                container.environment.set(name, rest if "%" not in rest else Unknown("a systemd specifier"), source)
    for value in service.all("EnvironmentFile"):
        named = value.text.lstrip("-")
        found = _file_in_tree(workspace, container, service, named)
        if found is not None:
            from gwaudit.resolve.env_file import apply, read

            file = workspace.source(found)
            if file is not None:
                apply(read(file, "docker"), container.environment, "env-file")
                continue
        container.environment.opaque(f"the EnvironmentFile {named} is not in the tree")


def _file_in_tree(workspace: Workspace, container: Container, service: Section, named: str) -> str | None:
    """The repository path of a file below the unit's working directory."""
    directory = service.get("WorkingDirectory")
    base = directory.text.lstrip("-").rstrip("/") + "/" if directory is not None else None
    if base is not None and named.startswith(base):
        path = posixpath.normpath(posixpath.join(container.directory or ".", named[len(base) :]))
        return path if workspace.tree.is_file(path) else None
    return None


def words_of(value: Scalar) -> list[tuple[str, int, int]]:
    """systemd's words: quotes around a whole word or a part, C escapes; of joined lines the whole value's place."""
    text = value.text
    exact = value.file.text[value.start : value.start + len(text)] == text
    found: list[tuple[str, int, int]] = []
    index, size_ = 0, len(text)
    while index < size_:
        if text[index].isspace():
            index += 1
            continue
        begin = index
        word: list[str] = []
        quote = ""
        while index < size_ and (quote or not text[index].isspace()):
            char = text[index]
            if char == "\\" and index + 1 < size_:
                index += 1
                word.append({"n": "\n", "t": "\t", "s": " "}.get(text[index], text[index]))
            elif quote and char == quote:
                quote = ""
            elif not quote and char in "\"'":
                quote = char
            else:
                word.append(char)
            index += 1
        start, end = (value.start + begin, value.start + index) if exact else (value.start, value.end)
        found.append(("".join(word), start, end))
    return found


def command_words(container: Container, start: Scalar) -> list[str | Unknown]:
    """ExecStart's words with ``$NAME`` and ``${NAME}`` replaced as systemd does (no shell)."""
    found: list[str | Unknown] = []
    for number, (word, _, _) in enumerate(words_of(start)):
        if number == 0:
            word = word.lstrip(_PREFIXES)
        if word == ";":
            break
        if "%" in word.replace("%%", ""):
            found.append(Unknown("a systemd specifier"))
            continue
        if word.startswith("$") and word[1:].isidentifier():
            fact = container.environment.get(word[1:])
            if isinstance(fact.value, str):
                found.extend(fact.value.split())
            elif isinstance(fact.value, Unknown):
                found.append(fact.value)
            continue
        found.append(_braces(container, word))
    return found


def _braces(container: Container, word: str) -> str | Unknown:
    """``${NAME}`` inside a word."""
    pieces = word.replace("%%", "%").split("${")
    text = pieces[0]
    for piece in pieces[1:]:
        name, close, rest = piece.partition("}")
        if not close:
            return Unknown("a word that is not understood")
        value = container.environment.get(name).value
        if isinstance(value, Unknown):
            return Unknown(value.reason, value.depends_on or (f"env.{name}",))
        text += (value if isinstance(value, str) else "") + rest
    return text.replace("$$", "$")
