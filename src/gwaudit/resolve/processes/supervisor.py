"""supervisord: one workload a ``[program:x]``."""

from __future__ import annotations

import posixpath
import re

from gwaudit.pattern import regex
from gwaudit.resolve.fact import Fact, Source, Unknown
from gwaudit.resolve.model import Container, TargetDraft, Workload
from gwaudit.resolve.processes.common import defaults

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.document import Scalar
    from gwaudit.parse.ini import Section
    from gwaudit.resolve.workspace import Workspace

_FORMAT = regex(r"%\(([A-Za-z0-9_]+)\)([0-9]*)([sd])|%%")


def programs(workspace: Workspace, path: str) -> list[TargetDraft]:
    """The target of one supervisord configuration; none where it has no program."""
    document = workspace.document(path, "supervisor")
    sections: list[Section] = document.root if document is not None else []
    listed = [s for s in sections if s.name.startswith(("program:", "fcgi-program:"))]
    if not listed:
        return []
    folder = posixpath.dirname(path)
    draft = TargetDraft(folder or path, "supervisor", listed[0].location, (path,))
    main = next((s for s in sections if s.name == "supervisord"), None)
    for section in listed:
        command = section.get("command")
        if command is not None:
            draft.workloads.append(_program(workspace, path, folder, section, command, main))
    return [draft]


def _program(
    workspace: Workspace, path: str, folder: str, section: Section, command: Scalar, main: Section | None
) -> Workload:
    row = defaults("supervisor")
    name = section.name.partition(":")[2]
    workload = Workload(name, "process", section.location)
    workload.state("workload.kind", "process", Source("manifest", None, section.location))
    for fact, key, default in (
        ("workload.grace_period", "stopwaitsecs", row["grace_period"]),
        ("workload.replicas", "numprocs", row["numprocs"]),
    ):
        value = section.get(key)
        text = value.text if value is not None and value.text.isdigit() and len(value.text) < 9 else None
        source = Source("manifest", text, value.location) if value is not None and text else Source("platform")
        number = int(text if text is not None else default)
        workload.state(fact, float(number) if fact.endswith("period") else number, source)
    signal = section.get("stopsignal")
    source = Source("manifest", signal.text, signal.location) if signal is not None else Source("platform")
    stop = (signal.text if signal is not None else str(row["stop_signal"])).upper()
    workload.state("workload.stop_signal", stop if stop.startswith("SIG") else f"SIG{stop}", source)
    container = Container(name, section.location)
    container.env_place = section.location
    container.directory = _home(workspace, folder)
    for holder in (main, section):
        value = holder.get("environment") if holder is not None else None
        if value is not None:
            for key, text in pairs(value.text):
                known = formatted(text, container, folder, name)
                container.environment.set(key, known, Source("manifest", text, value.location))
    user = section.get("user") or (main.get("user") if main is not None else None)
    if user is not None:
        source = Source("manifest", user.text, user.location)
        container.state("container.user", user.text, source)
        container.state("container.runs_as_root", user.text in ("root", "0"), source)
    directory = section.get("directory")
    if directory is not None:
        source = Source("manifest", directory.text, directory.location)
        where = formatted(directory.text, container, folder, name)
        container.working_dir = Fact("container.working_dir", where, source)
        if isinstance(where, str) and where.startswith("/"):
            container.files[posixpath.normpath(where)] = container.directory or "."
    line = formatted(command.text.replace("\n", " "), container, folder, name)
    source = Source("manifest", command.text, command.location)
    words = tuple(shell_words(line)) if isinstance(line, str) else line
    container.entrypoint = Fact("container.entrypoint", words, source)
    container.absent("container.cpu_limit", "container.memory_limit", location=section.location)
    workload.containers.append(container)
    return workload


def _home(workspace: Workspace, folder: str) -> str:
    from gwaudit.resolve.processes.common import home_of

    return home_of(workspace, posixpath.join(folder, "x"))


def formatted(text: str, container: Container, folder: str, name: str) -> str | Unknown:
    """``%(ENV_X)s`` and its like, as supervisord replaces them."""
    unknown: list[Unknown] = []

    def replace(match: re.Match[str]) -> str:
        key = match.group(1)
        if key is None:
            return "%"
        if key == "program_name":
            return name
        if key.startswith("ENV_"):
            value = container.environment.get(key[4:]).value
            if isinstance(value, str):
                return value
            unknown.append(Unknown(f"{key[4:]} is taken from supervisord's own environment", (f"env.{key[4:]}",)))
            return ""
        unknown.append(Unknown(f"supervisord's {key} is known at run time only"))
        return ""

    result = _FORMAT.sub(replace, text)
    return unknown[0] if unknown else result


def pairs(text: str) -> list[tuple[str, str]]:
    """``KEY="value",KEY2=value2`` over lines."""
    found: list[tuple[str, str]] = []
    index, size = 0, len(text)
    while index < size:
        match = re.compile(r"[\s,]*([A-Za-z_][A-Za-z0-9_]*)\s*=\s*").match(text, index)
        if match is None:
            break
        index = match.end()
        if index < size and text[index] in "\"'":
            close = text.find(text[index], index + 1)
            close = size if close < 0 else close
            value, index = text[index + 1 : close], close + 1
        else:
            close = index
            while close < size and text[close] not in ",\n":
                close += 1
            value, index = text[index:close].strip(), close
        found.append((match.group(1), value))
    return found


def shell_words(line: str) -> list[str]:
    """supervisord splits with Python's shlex: quotes and backslashes, no variables."""
    found: list[str] = []
    index, size = 0, len(line)
    while index < size:
        if line[index].isspace():
            index += 1
            continue
        word: list[str] = []
        quote = ""
        while index < size and (quote or not line[index].isspace()):
            char = line[index]
            if char == "\\" and quote != "'" and index + 1 < size:
                index += 1
                if quote and line[index] not in ('"', "\\"):
                    word.append("\\")
                word.append(line[index])
            elif quote and char == quote:
                quote = ""
            elif not quote and char in "\"'":
                quote = char
            else:
                word.append(char)
            index += 1
        found.append("".join(word))
    return found
