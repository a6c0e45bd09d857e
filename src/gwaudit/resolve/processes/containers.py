"""``docker run`` and ``podman run`` lines: a container by hand, with its options as a platform's statements."""

from __future__ import annotations

import posixpath

from gwaudit.parse.shell.syntax import Raw
from gwaudit.pattern import regex
from gwaudit.resolve.fact import Fact, Source, Unknown
from gwaudit.resolve.image.steps import simple_commands
from gwaudit.resolve.model import Container, Endpoint, Mount, TargetDraft, Workload
from gwaudit.resolve.processes.common import defaults, size
from gwaudit.resolve.processes.lines import scripts_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.shell import Script
    from gwaudit.parse.shell.syntax import Simple
    from gwaudit.resolve.workspace import Workspace
    from gwaudit.source import Location

RUN = regex(r"(?:docker|podman|nerdctl|finch|RUNTIME|ENGINE|DOCKER|CMD)[}\"')]*\s+(?:container\s+)?run[\s\\]")
_ENGINES = frozenset(("docker", "podman", "nerdctl", "finch"))


class RunWord:
    """A word of the line: its text (None where a variable makes it unknown) and its place."""

    __slots__ = ("location", "raw", "text")

    def __init__(self, text: str | None, raw: str, location: Location) -> None:
        self.text = text
        self.raw = raw
        self.location = location


def run_lines(workspace: Workspace, path: str) -> list[TargetDraft]:
    """A target per line that runs a container with a published port or a restart policy; others are one-offs."""
    found: list[TargetDraft] = []
    for script, target, _ in scripts_of(workspace, path, RUN):
        variables = _variables(script)
        for node, _ in simple_commands(script.body):
            words = _words(script, node, variables)
            start = _run_at(words)
            if start is not None and len(found) < 200:
                draft = _draft(workspace, path, script.place(node.start, node.end), words[start:], target)
                if draft is not None:
                    found.append(draft)
    return found


def _variables(script: Script) -> dict[str, str]:
    """Plain texts and ``${X:-text}`` defaults assigned once in the script."""
    from gwaudit.parse.shell import syntax

    seen: dict[str, str | None] = {}
    stack: list[syntax.Node] = [script.body]
    while stack:
        node = stack.pop()
        if isinstance(node, syntax.Simple):
            for item in node.assigns:
                raw = item.value.text.strip("\"'") if item.value is not None else None
                if (
                    raw is not None
                    and raw.startswith("${")
                    and ":-" in raw
                    and raw.endswith("}")
                    and raw.count("$") == 1
                ):
                    raw = raw.partition(":-")[2][:-1]
                if item.name in seen or raw is None or "$" in raw or "`" in raw:
                    seen[item.name] = None
                else:
                    seen[item.name] = raw
        elif isinstance(node, syntax.Sequence):
            stack.extend(item for item, _ in node.items)
    return {name: value for name, value in seen.items() if value is not None}


def _words(script: Script, node: Simple, variables: dict[str, str]) -> list[RunWord]:
    found: list[RunWord] = []
    for word in node.words:
        if isinstance(word, Raw):
            found.append(RunWord(plain(word.text, variables), word.text, script.place(word.start, word.end)))
    return found


def plain(raw: str, variables: dict[str, str]) -> str | None:
    """A word without quotes, with plain variables replaced; None where a part is not known."""
    found: list[str] = []
    index, quote = 0, ""
    while index < len(raw):
        char = raw[index]
        if quote and char == quote:
            quote = ""
        elif not quote and char in "\"'":
            quote = char
        elif quote == "'":
            found.append(char)
        elif char == "\\" and index + 1 < len(raw):
            index += 1
            if raw[index] != "\n":
                found.append(raw[index])
        elif char == "`":
            return None
        elif char == "$":
            braced = raw[index + 1 : index + 2] == "{"
            end = raw.find("}", index) if braced else index + 1
            if braced:
                if end < 0:
                    return None
                name, _, default = raw[index + 2 : end].partition(":-")
                end += 1
            else:
                while end < len(raw) and (raw[end].isalnum() or raw[end] == "_"):
                    end += 1
                name, default = raw[index + 1 : end], ""
            value = variables.get(name) or default
            if not value or "$" in value:
                return None
            found.append(value)
            index = end
            continue
        else:
            found.append(char)
        index += 1
    return "".join(found)


def _run_at(words: list[RunWord]) -> int | None:
    """The index after ``docker run``, ``docker container run``."""
    for index in range(min(len(words) - 1, 4)):
        first = words[index]
        name = (first.text or "").rsplit("/", 1)[-1]
        engine = name in _ENGINES or first.raw.strip("\"'").strip("${}").upper() in (
            "CONTAINERRUNTIME", "CONTAINER_ENGINE", "DOCKER", "RUNTIME", "ENGINE", "CONTAINER_CMD", "DOCKER_CMD",
        )  # fmt: skip
        if engine:
            rest = [w.text for w in words[index + 1 : index + 3]]
            if rest[:1] == ["run"]:
                return index + 2
            if rest == ["container", "run"]:
                return index + 3
            return None
        if name not in ("sudo", "exec", "nohup", "time"):
            return None
    return None


def _draft(
    workspace: Workspace, path: str, place: Location, words: list[RunWord], target: str | None
) -> TargetDraft | None:
    row = defaults("docker-run")
    valued = frozenset(row["valued"])
    options: list[tuple[str, RunWord | None, RunWord]] = []
    index = 0
    while index < len(words):
        text = words[index].text
        if text is None:
            raw = words[index].raw.upper()
            if any(part in raw for part in ("ARG", "OPT", "FLAG", "ENV", "MOUNT", "VOLUME", "PORT", "NETWORK")):
                index += 1  # a variable that holds options, or nothing
                continue
            break
        if not text.startswith("-") or text == "-":
            break
        name, equals, value = text.partition("=")
        if equals:
            options.append((name, RunWord(value, words[index].raw, words[index].location), words[index]))
        elif name in valued:
            index += 1
            options.append((name, words[index] if index < len(words) else None, words[index - 1]))
        elif name[:2] != "--" and len(name) > 2 and "-" + name[1] in valued:
            options.append((name[:2], RunWord(name[2:], words[index].raw, words[index].location), words[index]))
        else:
            options.append((name, None, words[index]))
        index += 1
    if index >= len(words):
        return None
    image = words[index]
    flags = {name for name, _, _ in options}
    published = any(name in ("-p", "--publish", "-P", "--publish-all") for name in flags)
    if not published and "--restart" not in flags:
        return None
    label = next((v.text for n, v, _ in options if n == "--name" and v is not None and v.text), None)
    name = label or (image.text or "container").rsplit("/", 1)[-1].split(":")[0]
    draft = TargetDraft(f"{target or posixpath.basename(path)}: {name}", "docker-run", place, (path,))
    workload = Workload(name, "container", place)
    workload.state("workload.grace_period", float(row["grace_period"]), Source("platform"))
    workload.state("workload.restart", row["restart"], Source("platform"))
    container = Container(name, place)
    container.image = Fact(
        "container.image",
        image.text if image.text is not None else Unknown("an image named by a variable", ("image",)),
        Source("manifest", image.raw, image.location),
    )
    container.absent("container.cpu_limit", "container.memory_limit", "liveness.kind", "readiness.kind", location=place)
    for option, given, word in options:
        _option(workspace, draft, workload, container, option, given, word, path)
    rest = words[index + 1 :]
    if rest:
        arguments = tuple(w.text if w.text is not None else Unknown("a word that a variable makes") for w in rest)
        container.arguments = Fact("container.arguments", arguments, Source("manifest", None, rest[0].location))
    workload.containers.append(container)
    draft.workloads.append(workload)
    return draft


def _option(
    workspace: Workspace,
    draft: TargetDraft,
    workload: Workload,
    container: Container,
    option: str,
    given: RunWord | None,
    word: RunWord,
    path: str,
) -> None:
    text = given.text if given is not None else None
    place = given.location if given is not None else word.location
    source = Source("manifest", text, place)
    if option in ("-e", "--env"):
        raw = given.raw.strip("\"'") if given is not None else ""
        name, equals, value = (text if text is not None else raw).partition("=")
        if name.isidentifier():
            known = (
                value if equals and text is not None else Unknown(f"{name} is taken from the shell", (f"env.{name}",))
            )
            container.environment.set(name, known, Source("manifest", value if text else None, place))
    elif option == "--env-file":
        file = (
            posixpath.normpath(posixpath.join(posixpath.dirname(path), text))
            if text and not text.startswith("/")
            else None
        )
        found = next((f for f in (file, text) if f and workspace.tree.is_file(f)), None)
        source_file = workspace.source(found) if found is not None else None
        if source_file is None:
            container.environment.opaque(f"the env file {text or 'of a variable'} is not in the tree")
        else:
            from gwaudit.resolve.env_file import apply, note_reader, read

            note_reader(workspace, source_file.path, "docker")
            apply(read(source_file, "docker"), container.environment, "env-file")
    elif option in ("-p", "--publish") and text is not None:
        _publish(draft, workload, text, place)
    elif option == "--cpus" and text is not None and text.replace(".", "", 1).isdigit():
        container.state("container.cpu_limit", float(text), source)
    elif option in ("-m", "--memory") and text is not None and size(text) is not None:
        container.state("container.memory_limit", size(text), source)
    elif option == "--memory-reservation" and text is not None and size(text) is not None:
        container.state("container.memory_request", size(text), source)
    elif option == "--restart" and text is not None:
        workload.state("workload.restart", text, source)
    elif option in ("-u", "--user") and text is not None:
        from gwaudit.resolve.image.known import is_root

        container.state("container.user", text, source)
        container.state("container.runs_as_root", is_root(text), source)
    elif option in ("-w", "--workdir") and text is not None:
        container.working_dir = Fact("container.working_dir", text, source)
    elif option == "--entrypoint":
        container.entrypoint = Fact("container.entrypoint", (text,) if text else Unknown("a variable"), source)
    elif option == "--read-only":
        container.state("container.read_only_root", text != "false", source)
    elif option == "--privileged":
        container.state("container.privileged", text != "false", source)
    elif option == "--init":
        container.state("container.init", text != "false", source)
    elif option == "--stop-timeout" and text is not None and text.isdigit() and len(text) < 9:
        workload.state("workload.grace_period", float(text), source)
    elif option == "--stop-signal" and text is not None:
        workload.state("workload.stop_signal", text if text.startswith("SIG") else f"SIG{text}", source)
    elif option in ("-v", "--volume") and text is not None:
        container.mounts.append(_mount(path, text, place))
    elif option == "--tmpfs" and text is not None:
        container.mounts.append(Mount(text.split(":")[0], "tmpfs", location=place))
    elif option in ("--network", "--net") and text == "host":
        workload.state("workload.host_network", True, source)


def _publish(draft: TargetDraft, workload: Workload, text: str, place: Location) -> None:
    """``[address:]host:container[/protocol]``."""
    body = text.split("/", maxsplit=1)[0]
    address, _, rest = body.rpartition(":")
    host_address, _, outer = address.rpartition(":")
    inner = int(rest) if rest.isdigit() and len(rest) < 6 else None
    port = int(outer) if outer.isdigit() and len(outer) < 6 else None
    public = host_address not in ("127.0.0.1", "localhost", "[::1]")
    draft.endpoints.append(Endpoint("published-port", workload.name, inner, port, public, host_address or None, place))


def _mount(path: str, text: str, place: Location) -> Mount:
    parts = text.split(":")
    if len(parts) == 1:
        return Mount(parts[0], "volume", location=place)
    read_only = len(parts) > 2 and "ro" in parts[2].split(",")
    if parts[0].startswith("."):
        source = posixpath.normpath(posixpath.join(posixpath.dirname(path), parts[0]))
        return Mount(parts[1], "bind", source, read_only, location=place)
    kind = "unknown" if parts[0].startswith(("/", "~", "$")) else "volume"
    return Mount(parts[1], kind, parts[0], read_only, location=place)
