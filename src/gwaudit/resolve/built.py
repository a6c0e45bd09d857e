"""Which images commands build: ``docker build -t NAME -f FILE CONTEXT`` and its like, in scripts, Makefiles and CI files.

Nothing is executed. A command of which the name, the Dockerfile or the folder is not told, or that runs in another folder
than its file's (after ``cd``), is left alone.
"""

from __future__ import annotations

import posixpath

from gwaudit.bundle import section
from gwaudit.discover import format_of
from gwaudit.parse.document import Mapping, Scalar, Sequence
from gwaudit.pattern import regex
from gwaudit.resolve.commands import PIPELINES
from gwaudit.resolve.commands.lines import command_lines
from gwaudit.resolve.commands.options import match
from gwaudit.resolve.fact import Fact, Source, Unknown
from gwaudit.resolve.model import Build

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator
    from typing import Any

    from gwaudit.resolve.commands.options import Options
    from gwaudit.resolve.commands.words import Word
    from gwaudit.resolve.workspace import Workspace
    from gwaudit.source import Location

MAX_BUILDS = 400  # of one repository
MAX_TEXT = 200_000
_PROGRAMS = regex(r"\b(docker|podman|nerdctl|buildah|executor|gcloud|cd|pushd)\b")
_VARIABLE = regex(r"\$\{\{[^}\n]{0,200}\}\}|\$\{[^}\n]{0,200}\}|\$\([^)\n]{0,200}\)|\$[A-Za-z_][A-Za-z0-9_]{0,80}")
_FILLED = regex(r"\$\{\{[ ]{0,4}env\.([A-Za-z_][A-Za-z0-9_]{0,80})[ ]{0,4}\}\}")
_OUTPUT = regex(r"steps\.([A-Za-z0-9_-]{1,80})\.outputs")
_HOLE = "\0"


class Name:
    """The name of a built image: its last parts, and whether they are the whole of it."""

    __slots__ = ("parts", "whole")

    def __init__(self, parts: tuple[str, ...], whole: bool) -> None:
        self.parts = parts
        self.whole = whole

    def fits(self, name: str) -> bool:
        """Whether a manifest's name (without tag) is this one: equal, or equal after what only the registry tells."""
        parts = tuple(name.removeprefix("docker.io/").split("/"))
        return parts == self.parts if self.whole else parts[-len(self.parts) :] == self.parts


def builds_of(workspace: Workspace) -> list[tuple[Name, Build]]:
    """Every build that a command of the tree states."""
    found: list[tuple[Name, Build]] = []
    paths = [path for path in workspace.paths("shell", "makefile") if workspace.role_of(path) == "deployment"]
    paths += [path for path in workspace.paths("yaml") if any(part in path for part in PIPELINES)]
    data = section("platforms/builds")
    for path in paths:
        source = workspace.tree.source(path)
        if source is None or len(source.text) > MAX_TEXT or not any(trace in source.text for trace in data["traces"]):
            continue
        found += _commanded(workspace, path, data)
        if any(action in source.text for action in data["actions"]):
            found += _acted(workspace, path, data)
        if len(found) > MAX_BUILDS:
            break
    return found[:MAX_BUILDS]


def _commanded(workspace: Workspace, path: str, data: dict[str, Any]) -> Iterator[tuple[Name, Build]]:
    pipeline = any(part in path for part in PIPELINES)
    source = workspace.tree.source(path)
    if pipeline and source is not None and ("working-directory" in source.text or "workingDirectory" in source.text):
        return
    own = posixpath.dirname(path)
    bases = ("",) if pipeline else (own,) if format_of(path) == "makefile" else tuple(dict.fromkeys(("", own)))
    moved: set[str | None] = set()
    for line in command_lines(workspace, path, _PROGRAMS):
        if line.words and line.words[0].text in ("cd", "pushd"):
            moved.add(line.label)
        options = next((one for each in data["commands"] if (one := match(line, each)) is not None), None)
        if options is None or line.label in moved or options.opaque is not None or options.all("config"):
            continue
        build = _build(workspace, options, bases, data["roots"])
        for word in options.all("tag") if build is not None else ():
            name = _name(word.text or _filled(options, word))
            if name is not None and build is not None:
                yield name, build


def _build(workspace: Workspace, options: Options, bases: Iterable[str], roots: list[str]) -> Build | None:
    given = options.last("context") or next(iter(options.positional), None)
    file, target = options.last("file"), options.last("target")
    if len(options.positional) > 1 or (target is not None and not target.text):
        return None
    if given is None and options.line.words[0].text.rpartition("/")[2] not in ("executor", "gcloud"):
        return None
    context = _path(given, roots) if given is not None else "."
    named = _path(file, roots) if file is not None else None
    if context is None or (file is not None and named is None):
        return None
    places = {place for base in bases if (place := _dockerfile(workspace, base, context, named)) is not None}
    if len(places) != 1:
        return None
    folder, dockerfile = places.pop()
    arguments = dict(_argument(word.text or word.raw.strip("\"'"), word.place) for word in options.all("argument"))
    return Build(folder, dockerfile, target.text if target is not None else None, arguments, options.line.place)


def _path(word: Word, roots: list[str]) -> str | None:
    text = word.text or word.raw.strip("\"'")
    return _below(text, roots)


def _below(text: str, roots: list[str]) -> str | None:
    for root in roots:
        text = text.removeprefix(root)
    text = text.lstrip("/") if text.startswith("/") and "$" not in text else text
    return None if "$" in text or "`" in text or text == "-" else text or "."


def _dockerfile(workspace: Workspace, base: str, context: str, named: str | None) -> tuple[str, str] | None:
    """The folder and the Dockerfile, both below the root; a Dockerfile stands beside the command, not in the context."""
    folder = posixpath.normpath(posixpath.join(base, context))
    path = posixpath.normpath(posixpath.join(base, named) if named else posixpath.join(folder, "Dockerfile"))
    if folder.startswith("..") or path.startswith("..") or not workspace.tree.is_file(path):
        return None
    return folder, path


def _argument(text: str, place: Location) -> tuple[str, Fact]:
    key, equals, value = text.partition("=")
    known = bool(equals) and "$" not in value and "`" not in value
    why = Unknown(f"the command that builds the image sets {key[:60]}")
    return key, Fact(f"arg.{key}", value if known else why, Source("manifest", None, place))


def _filled(options: Options, word: Word) -> str:
    """A word of which only a part is known, such as ``$(IMAGE):$(shell git describe)``: the known variables filled in."""
    variables, place = options.line.variables, word.place

    def fill(match: re.Match[str]) -> str:
        return variables.word(match[0], lambda _start, _end: place).text or match[0]

    return _VARIABLE.sub(fill, word.raw.strip("\"'"))


def _name(text: str) -> Name | None:
    """The name in ``-t TEXT``, without tag; what variables hold is a hole, and nothing before the last hole counts."""
    text = _VARIABLE.sub(_HOLE, text.strip()).removeprefix("docker.io/")
    head, _, last = text.split("@", 1)[0].rpartition("/")
    last = last.split(":", 1)[0]
    if not last or _HOLE in last or "$" in text or "`" in text or " " in text:
        return None
    parts = [*head.split("/"), last] if head else [last]
    hole = max((index for index, part in enumerate(parts) if _HOLE in part), default=-1)
    host = len(parts) > 1 and hole < 0 and ("." in parts[0] or ":" in parts[0])
    return Name(tuple(parts[hole + 1 :]), host)


def _acted(workspace: Workspace, path: str, data: dict[str, Any]) -> Iterator[tuple[Name, Build]]:
    """Steps of GitHub's workflows that use an action to build."""
    for document in workspace.documents(path):
        root = document.root
        jobs = root.get("jobs") if isinstance(root, Mapping) else None
        for _, job in jobs.entries if isinstance(jobs, Mapping) else ():
            steps = job.get("steps") if isinstance(job, Mapping) else None
            variables = {**_texts(root.get("env")), **_texts(job.get("env"))} if isinstance(job, Mapping) else {}
            described: dict[str, list[str]] = {}
            for step in steps.items if isinstance(steps, Sequence) else ():
                if not isinstance(step, Mapping):
                    continue
                uses, given = _text(step.get("uses")).split("@", 1)[0], _texts(step.get("with"), variables)
                if uses in data["metadata"]:
                    described[_text(step.get("id"))] = given.get("images", "").replace(",", "\n").split()
                elif uses in data["actions"]:
                    build = _of_action(workspace, given, step.location, data["roots"])
                    if build is not None:
                        yield from ((name, build) for name in _tags(given.get("tags", ""), described))


def _of_action(workspace: Workspace, given: dict[str, str], place: Location, roots: list[str]) -> Build | None:
    context, named = _below(given.get("context") or ".", roots), _below(given.get("file", ""), roots)
    target = given.get("target")
    if context is None or named is None or (target is not None and "$" in target):
        return None
    found = _dockerfile(workspace, "", context, named if named != "." else None)
    if found is None:
        return None
    lines = [line.strip() for line in given.get("build-args", "").split("\n")]
    arguments = dict(_argument(line, place) for line in lines if line)
    return Build(found[0], found[1], target, arguments, place)


def _tags(text: str, described: dict[str, list[str]]) -> Iterator[Name]:
    for tag in text.replace(",", "\n").split("\n"):
        output = _OUTPUT.search(tag)
        for each in described.get(output[1], ()) if output is not None else (tag,):
            name = _name(each)
            if name is not None:
                yield name


def _texts(node: object, variables: dict[str, str] | None = None) -> dict[str, str]:
    """A mapping's texts by key, with the workflow's own variables filled in."""
    known = variables or {}
    entries = node.entries if isinstance(node, Mapping) else ()
    return {
        key.text: _FILLED.sub(lambda match: known.get(match[1], match[0]), value.text)
        for key, value in entries
        if isinstance(value, Scalar)
    }


def _text(node: object) -> str:
    return node.text if isinstance(node, Scalar) else ""
