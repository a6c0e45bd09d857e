"""``file`` subjects: gunicorn configurations that nothing loads, env files beside their examples; and what CI runs."""

from __future__ import annotations

import posixpath
import re

from gwaudit.bundle import section
from gwaudit.pattern import regex
from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.model import Subject
from gwaudit.source import Location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gwaudit.resolve.targets import Started, Used
    from gwaudit.resolve.workspace import Workspace

_EXAMPLES = ("{name}.example", "{name}.sample", "{name}.template", "{name}.dist", "example{name}", "sample{name}")
_PLAIN_EXAMPLES = ("env.example", "env.sample", "example.env", "sample.env")
_NAMING = (
    "dockerfile", "shell", "compose", "yaml", "helm-template", "makefile", "procfile", "systemd", "supervisor", "toml",
    "pyproject", "python", "gunicorn", "text", "json", "fly", "nomad", "dotenv",
)  # fmt: skip
_NO_USE = ("COPY ", "ADD ", "#", "//")  # lines that copy a file or speak of it
_MAX_SEARCHED = 400_000  # bytes of a file that is searched for a name


def gunicorn_configs(workspace: Workspace, repository: Subject, used: Used) -> None:
    """One ``file`` per gunicorn configuration that no service loads, where a service that could have loaded it is known."""
    for path in workspace.paths("gunicorn"):
        if path in used.loaded or workspace.role_of(path) != "deployment":
            continue
        starts = [start for start in used.starts if _covers(start.folder, path)]
        file = workspace.source(path)
        if not starts or file is None or not _sets_something(file.text):
            continue
        subject = Subject("file", path, repository, Location(path))
        place = Source("config-file", None, Location(path, file.span(0, 1)) if file.text else Location(path))
        subject.set("file.path", path, place)
        subject.set("file.kind", "gunicorn-config", place)
        loaded: object = False
        if used.unread_launches or any(isinstance(start.config.value, Unknown) for start in starts):
            loaded = Unknown("a launch that could not be read may load it")
        elif (named := _named_in(workspace, path)) is not None:
            loaded = Unknown(f"{named} names it")
        inputs = [
            Fact("process.argv", ("gunicorn",), Source("command-line", None, s.place))
            for s in starts
            if s.place is not None
        ]
        source = Source("derived", None, place.location if loaded is False else None)
        subject.put(Fact("file.loaded", loaded, source, inputs=inputs[:3]))
        first = starts[0]
        instead = str(first.config.value) if first.config.known else ABSENT
        subject.set("file.loaded_instead", instead, Source("derived"))
        subject.set("file.not_loaded_reason", _reason(path, first), Source("derived"))


def _covers(folder: str, path: str) -> bool:
    return folder in (".", "") or path.startswith(folder.rstrip("/") + "/")


def _sets_something(text: str) -> bool:
    """Whether a module assigns a setting of gunicorn: others have gunicorn in their name as well."""
    names = section("gunicorn/settings")["settings"]
    found = re.findall(r"^([a-z_]{2,40})[ \t]*(?::[^=\n]{1,60})?=[^=]", text, re.MULTILINE)
    return any(name in names for name in found)


def _named_in(workspace: Workspace, path: str) -> str | None:
    """A file that names the configuration otherwise than to copy it: it may be what loads it."""
    name = posixpath.basename(path)
    module = name.removesuffix(".py")
    if name == "gunicorn.conf.py":
        return None  # the name that gunicorn looks for by itself is named by nobody
    for other in workspace.paths(*_NAMING):
        if other == path or workspace.role_of(other) in ("documentation", "test", "vendored"):
            continue
        data = workspace.tree.read_bytes(other, _MAX_SEARCHED)
        if data is None or module.encode() not in data:
            continue
        for line in data.decode("utf-8", "replace").split("\n"):
            if not line.lstrip().startswith(_NO_USE) and (name in line or (module in line and "python:" in line)):
                return other
    return None


def _reason(path: str, start: Started) -> str:
    if start.config.known:
        return f"gunicorn is started with {start.config.value}"
    where = f" in {start.directory}" if start.directory not in (None, "/") else " in its working directory"
    return f"gunicorn is started without -c and looks for gunicorn.conf.py{where}"


def env_file(workspace: Workspace, file: Subject, path: str, names: Iterable[tuple[str, Location]]) -> None:
    """``file.example`` and ``file.missing_in_example`` of an env file; ``names`` are its variables with their places."""
    folder, name = posixpath.split(path)
    candidates = [pattern.format(name=name) for pattern in _EXAMPLES]
    if name == ".env":
        candidates += _PLAIN_EXAMPLES
    beside = [posixpath.join(folder, candidate) for candidate in candidates]
    example = next((one for one in beside if workspace.tree.is_file(one)), None)
    source = Source("env-file", None, Location(path))
    file.set("file.example", example or ABSENT, source)
    text = workspace.source(example) if example is not None else None
    if text is None:
        return
    words = set(re.findall(r"[A-Za-z_][A-Za-z0-9_]*", text.text))
    missing = {key: place for key, place in names if key not in words}
    inputs = [Fact(f"env.{key}", ABSENT, Source("env-file", None, place)) for key, place in missing.items()]
    place = Source("env-file", None, next(iter(missing.values()))) if missing else source
    file.put(Fact("file.missing_in_example", tuple(missing), place, inputs=inputs[:1]))


def ci(workspace: Workspace, repository: Subject) -> None:
    """``repository.ci_files`` and ``repository.ci_scanners``, from CI files and what they call."""
    data = section("platforms/ci")
    wanted, called = _any(data["files"]), _any(data["called"])
    listed, marks = workspace.tree.list(), data["marks"]
    files = [path for path in listed if any(mark in path for mark in marks) and wanted.search(path)]
    place = Source("derived", None, Location(files[0])) if files else Source("derived")
    repository.put(Fact("repository.ci_files", tuple(files), place))
    if not files:
        return
    scanners: dict[str, None] = {}
    left = {name: [mark.lower() for mark in words] for name, words in data["scanners"].items()}
    for path in [*files, *(path for path in listed if called.search(path))]:
        data_of = workspace.tree.read_bytes(path, _MAX_SEARCHED)
        text = data_of.decode("utf-8", "replace").lower() if data_of is not None else ""
        for name in [name for name, words in left.items() if any(word in text for word in words)]:
            scanners[name] = None
            del left[name]
    repository.put(Fact("repository.ci_scanners", tuple(scanners), place))


def _any(patterns: Iterable[str]) -> re.Pattern[str]:
    return regex("|".join(f"(?:{pattern})" for pattern in patterns))
