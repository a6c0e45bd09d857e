"""Load tests as they are started: command lines of hey, wrk, ab, k6, locust and others in scripts, Makefiles and CI files.

What each option means is the data of ``platforms/loadtools``. A run measures nothing; it tells the time limit of the tool,
which bounds every latency that a result of the same tool shows.
"""

from __future__ import annotations

import posixpath
import re

from gwaudit.bundle import section
from gwaudit.parse.document import Mapping, Scalar
from gwaudit.pattern import regex
from gwaudit.resolve.compose.units import integer_of, seconds_of
from gwaudit.resolve.fact import Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.commands.lines import CommandLine
    from gwaudit.resolve.commands.words import Word
    from gwaudit.resolve.workspace import Workspace
    from gwaudit.source import Location

_NAMES = r"hey|wrk2?|ab|oha|bombardier|autocannon|vegeta|k6|locust|artillery|jmeter"
_STARTED = regex(rf"(?:^|[\s;&|@(\"'/])(?:{_NAMES})[ \t]+(?:[-$\"'\\]|run|attack|quick|https?://)")
_PROGRAM = regex(rf"(?:.*/)?(?:{_NAMES})(?:\.sh)?")
_PIPELINES = (".github/", ".gitlab-ci", "azure-pipelines", "bitbucket-pipelines", ".circleci/", "pipelines/")
_CONTAINERS = ("docker", "podman", "nerdctl")
_ROLES = ("deployment", "test")
_CONVERT = {"requests": integer_of, "concurrency": integer_of, "duration": seconds_of, "timeout": seconds_of}
MAX_RUNS = 200


class LoadRun:
    """One command that starts a test; ``facts`` are what it states, by requests, concurrency, duration, timeout, url."""

    __slots__ = ("facts", "place", "tool")

    def __init__(self, tool: str, place: Location) -> None:
        self.tool = tool
        self.place = place
        self.facts: dict[str, Fact] = {}

    @property
    def url(self) -> str | None:
        """The address that is known, without credentials and query."""
        fact = self.facts.get("url")
        return fact.value if fact is not None and isinstance(fact.value, str) else None

    @property
    def name(self) -> str:
        return f"{posixpath.basename(self.place.path)}:{self.place.line}"

    def __repr__(self) -> str:
        return f"LoadRun({self.tool} at {self.place})"


def runs(workspace: Workspace) -> list[LoadRun]:
    """Every start of a load test in the tree, read once."""
    found: list[LoadRun] | None = workspace.cache.get("loadruns")
    if found is not None:
        return found
    found = workspace.cache["loadruns"] = []
    paths = workspace.paths("shell", "makefile")
    paths += [path for path in workspace.paths("yaml") if any(part in path for part in _PIPELINES)]
    for path in paths:
        source = workspace.tree.source(path) if workspace.role_of(path) in _ROLES else None
        if source is None or _STARTED.search(source.text) is None:
            continue
        from gwaudit.resolve.commands.lines import command_lines

        for line in command_lines(workspace, path, _PROGRAM):
            run = _run(workspace, path, line)
            if run is not None and len(found) < MAX_RUNS:
                found.append(run)
    return found


def _run(workspace: Workspace, path: str, line: CommandLine) -> LoadRun | None:
    data = section("platforms/loadtools")
    for at, word in enumerate(line.words[:6]):
        tool = posixpath.basename(word.text).removesuffix(".sh")
        if tool not in data or tool == "wrappers":
            if word.text not in data["wrappers"] and not _is_argument(word) and line.words[0].text not in _CONTAINERS:
                return None
            continue
        row, rest = data[tool], line.words[at + 1 :]
        if not rest or ("verb" in row and row["verb"] and rest[0].text not in row["verb"]):
            return None
        run = LoadRun(tool, line.place)
        positional = _options(run, rest[1:] if row.get("verb") else rest, row)
        _address(run, positional)
        if "script" in row:
            _script(workspace, path, run, positional, row["script"])
        if "plan" in row:
            _plan(workspace, path, run, positional, row["plan"])
        if "timeout" not in run.facts and "timeout" in row:
            source = Source("default", None, line.place)
            run.facts["timeout"] = Fact("loadtest.client_timeout", float(row["timeout"]), source)
        return run
    return None


def _is_argument(word: Word) -> bool:
    """Whether a word before the tool's name is an option, a number or an assignment of what starts it."""
    text = word.raw.strip("\"'")
    return text[:1] in "-$" or text[:1].isdigit() or "=" in text


def _options(run: LoadRun, words: list[Word], row: dict[str, Any]) -> list[Word]:
    """Note what the options state; the positional words."""
    names = {option: name for name, options in row["options"].items() for option in options}
    positional: list[Word] = []
    index = 0
    while index < len(words):
        word = words[index]
        index += 1
        # A word with a variable in it still shows the option that it begins with.
        text = word.text or word.raw.strip("\"'")
        if not text.startswith("-") or text == "-":
            positional.append(word)
            continue
        option, equals, value = text.partition("=")
        short = row.get("attached") and not option.startswith("--") and len(option) > 2 and option not in row["flags"]
        if short and option not in names:
            option, value, equals = option[:2], text[2:], "="
        if "properties" in row and option.startswith("-J"):
            option = next((key for key, pattern in row["properties"].items() if _named(option[2:], pattern)), "")
            names[option] = option
        if equals:
            known = word.text != ""
            _state(run, names.get(option), word.part(value if known else word.value, value))
        elif option not in row["flags"] and index < len(words):
            _state(run, names.get(option), words[index])
            index += 1
    return positional


def _named(name: str, pattern: str) -> bool:
    return re.search(rf"(?:^|[._-]){pattern}$", name, re.I) is not None


def _state(run: LoadRun, name: str | None, word: Word) -> None:
    if name == "url":
        _address(run, [word])
    convert = _CONVERT.get(name or "")
    if name is None or convert is None:
        return
    fact = f"loadtest.{'client_timeout' if name == 'timeout' else name}"
    value: Any = word.value
    if isinstance(value, str):
        value = convert(value)
        if value is None:
            value = Unknown("not a valid value", (fact,))
    run.facts[name] = Fact(fact, value, word.source(), assumed=word.assumed)


def _address(run: LoadRun, words: list[Word]) -> None:
    """The URL among the positional words, without what may be secret in it."""
    for word in words:
        text = word.text or word.raw.strip("\"'")
        if "url" in run.facts or not (text.startswith(("http://", "https://")) or "://" in text[:200]):
            continue
        if isinstance(word.value, Unknown):
            run.facts["url"] = Fact("loadtest.url", word.value, word.source(True))
            continue
        run.facts["url"] = Fact("loadtest.url", _bare(text), word.source(True), assumed=word.assumed)


def _bare(url: str) -> str:
    """The URL without credentials, query and fragment."""
    head, _, rest = url.partition("://")
    rest = re.split(r"[?#]", rest, maxsplit=1)[0]
    host, slash, path = rest.partition("/")
    return f"{head}://{host.rpartition('@')[2]}{slash}{path}"


def _beside(workspace: Workspace, path: str, words: list[Word], endings: list[str]) -> str | None:
    """The file that a positional word names: below the root, else beside the file of the command."""
    for word in words:
        if word.text.endswith(tuple(endings)) and not word.text.startswith(("/", "~")):
            beside = posixpath.normpath(posixpath.join(posixpath.dirname(path), word.text))
            choices = (posixpath.normpath(word.text), beside)
            return next((each for each in choices if workspace.tree.is_file(each)), None)
    return None


def _script(workspace: Workspace, path: str, run: LoadRun, words: list[Word], spec: dict[str, Any]) -> None:
    """The one address and the one time limit that a script of k6 states for its requests."""
    found = _beside(workspace, path, words, spec["endings"])
    file = workspace.tree.source(found) if found is not None else None
    if file is None:
        return
    for name, convert in (("url", _bare), ("timeout", seconds_of)):
        matches = list(re.finditer(spec[name], file.text))[:100]
        if not matches or name in run.facts:
            continue
        fact = "loadtest.url" if name == "url" else "loadtest.client_timeout"
        texts = {match[1] for match in matches}
        source = Source("manifest", None, file.location(matches[0].start(1), matches[0].end(1)))
        value: Any = Unknown("the script's requests have several", (fact,))
        if name == "timeout" and len(texts) == 1:
            text = texts.pop()
            value = int(text) * spec["bare"] if text.isdigit() else convert(text)
        elif len({_origin(text) for text in texts}) == 1:
            value = _bare(matches[0][1])
        if value is not None:
            run.facts[name] = Fact(fact, value, source)


def _origin(url: str) -> str:
    return "/".join(url.split("/")[:3])


def _plan(workspace: Workspace, path: str, run: LoadRun, words: list[Word], spec: dict[str, Any]) -> None:
    """What the YAML file of a test states."""
    found = _beside(workspace, path, words, [".yml", ".yaml"])
    document = workspace.document(found, "yaml") if found is not None else None
    if document is None or not isinstance(document.root, Mapping):
        return
    for name, fact in (("url", "loadtest.url"), ("timeout", "loadtest.client_timeout")):
        node = document.root.get(*spec[name])
        if isinstance(node, Scalar) and name not in run.facts and "{{" not in node.text:
            value = _bare(node.text) if name == "url" else seconds_of(node.text)
            if value is not None:
                run.facts[name] = Fact(fact, value, Source("manifest", None, node.location))
