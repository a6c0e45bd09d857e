"""``docker run`` and ``podman run`` lines: a container by hand, with its options as a platform's statements."""

from __future__ import annotations

import posixpath

from gwaudit.pattern import regex
from gwaudit.resolve.fact import Fact, Source, Unknown
from gwaudit.resolve.image.steps import simple_commands
from gwaudit.resolve.model import Container, TargetDraft, Workload
from gwaudit.resolve.processes.common import defaults
from gwaudit.resolve.processes.lines import scripts_of
from gwaudit.resolve.processes.run_options import put_option
from gwaudit.resolve.processes.run_words import RunWord, plain_variables, run_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.workspace import Workspace
    from gwaudit.source import Location

    Option = tuple[str, RunWord | None, RunWord]  # its name, its value, the word that names it

RUN = regex(r"(?:docker|podman|nerdctl|finch|RUNTIME|ENGINE|DOCKER|CMD)[}\"')]*\s+(?:container\s+)?run[\s\\]")
_ENGINES = frozenset(("docker", "podman", "nerdctl", "finch"))


def run_lines(workspace: Workspace, path: str) -> list[TargetDraft]:
    """A target per line that runs a container with a published port or a restart policy; others are one-offs."""
    found: list[TargetDraft] = []
    for script, target, _ in scripts_of(workspace, path, RUN):
        variables = plain_variables(script)
        for node, _ in simple_commands(script.body):
            words = run_words(script, node, variables)
            start = _run_at(words)
            if start is not None and len(found) < 200:
                draft = _draft(workspace, path, script.place(node.start, node.end), words[start:], target)
                if draft is not None:
                    found.append(draft)
    return found


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


def _options(words: list[RunWord], valued: frozenset[str]) -> tuple[list[Option], int]:
    """The options after ``run``, and the index of the first word that is none: the image."""
    options: list[Option] = []
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
    return options, index


def _draft(
    workspace: Workspace, path: str, place: Location, words: list[RunWord], target: str | None
) -> TargetDraft | None:
    row = defaults("docker-run")
    options, index = _options(words, frozenset(row["valued"]))
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
        put_option(workspace, draft, workload, container, option, given, word, path)
    rest = words[index + 1 :]
    if rest:
        arguments = tuple(w.text if w.text is not None else Unknown("a word that a variable makes") for w in rest)
        container.arguments = Fact("container.arguments", arguments, Source("manifest", None, rest[0].location))
    workload.containers.append(container)
    draft.workloads.append(workload)
    return draft
