"""Launch lines: commands in shell scripts and Makefiles that start a server, found without following the whole script."""

from __future__ import annotations

import re

from gwaudit.parse.shell import Script
from gwaudit.parse.shell.syntax import Raw
from gwaudit.pattern import regex
from gwaudit.resolve.image.steps import simple_commands

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gwaudit.parse.makefile import Makefile, Recipe
    from gwaudit.parse.shell.syntax import Simple
    from gwaudit.resolve.workspace import Workspace
    from gwaudit.source import Location

_REFERENCE = regex(r"\$\(([A-Za-z0-9_.-]+)\)|\$\{([A-Za-z0-9_.-]+)\}|\$\$|\$(\w)")
_SERVING = regex(r"gunicorn|uvicorn|hypercorn|granian|daphne|waitress|uwsgi|fastapi|mcpgateway")
MAX_EXPANSION = 20_000


class LaunchLine:
    """A command that starts ``server``: in ``path``, below Makefile target ``target`` (None in a script).

    ``text`` is the shell text of the line or script, with Make's variables replaced; ``words`` are the raw words.
    """

    __slots__ = ("location", "path", "server", "target", "text", "words")

    def __init__(
        self, path: str, location: Location, server: str, words: tuple[str, ...], text: str, target: str | None = None
    ) -> None:
        self.path = path
        self.location = location
        self.server = server
        self.words = words
        self.text = text
        self.target = target

    def __repr__(self) -> str:
        return f"LaunchLine({self.location}: {' '.join(self.words)[:80]})"


def find_launch_lines(workspace: Workspace) -> list[LaunchLine]:
    """Every line of a script or Makefile that starts gunicorn, uvicorn or another application server."""
    found: list[LaunchLine] = []
    for path in workspace.paths("shell", "makefile"):
        source = workspace.tree.source(path)
        if source is None or _SERVING.search(source.text) is None:
            continue
        for script, target, _ in scripts_of(workspace, path, _SERVING):
            for node, _ in simple_commands(script.body):
                server = _server(node)
                if server is not None:
                    words = tuple(w.text for w in node.words if isinstance(w, Raw))
                    text = script.text if target is not None else ""
                    found.append(LaunchLine(path, script.place(node.start, node.end), server, words, text, target))
    return found


def _server(node: Simple) -> str | None:
    """The application server that a command starts, behind the wrappers that need no evaluation."""
    from gwaudit.resolve.shell.wrappers import table

    servers = table()["servers"]
    words = [w.text.strip("\"'") for w in node.words if isinstance(w, Raw)]
    for _ in range(8):
        if not words:
            return None
        name = words[0].rsplit("/", 1)[-1]
        pair = " ".join((name, *words[1:2]))
        if name in ("exec", "nohup", "env", "time", "setsid") or ("=" in name and name.split("=")[0].isidentifier()):
            words = words[1:]
        elif pair in ("uv run", "poetry run", "pipenv run", "pdm run", "hatch run") or name in (
            "opentelemetry-instrument",
            "ddtrace-run",
        ):
            words = words[1 + (pair.endswith(" run")) :]
            while words and words[0].startswith("-"):
                words = words[1:]
        elif name.startswith("python") or name.upper().strip("${}").startswith("PYTHON"):
            words = words[2:] if words[1:2] == ["-m"] else []
        else:
            found = servers.get(pair) or servers.get(name)
            queries = ("--help", "--version", "-h", "--check-config", "--print-config")
            return None if found in (None, "other", "celery") or any(w in queries for w in words) else str(found)
    return None


def scripts_of(workspace: Workspace, path: str, wanted: re.Pattern[str]) -> Iterator[tuple[Script, str | None, str]]:
    """The shell texts of a file in which ``wanted`` occurs: a script as a whole, or recipe lines of a Makefile."""
    from gwaudit.discover import format_of

    if format_of(path) != "makefile":
        document = workspace.document(path, "shell")
        if document is not None:
            yield document.root, None, path
        return
    document = workspace.document(path, "makefile")
    if document is None:
        return
    root: Makefile = document.root
    for rule in root.rules:
        for recipe in rule.recipes:
            text = expanded(root, recipe.text)
            if wanted.search(text) is not None:
                yield Script(text, _placed(recipe, text == recipe.text)), rule.targets[0], path


def _placed(recipe: Recipe, verbatim: bool) -> Callable[[int, int], Location]:
    """Places in a recipe line: exact where no variable of Make was replaced, else the whole line."""
    file, begin, whole = recipe.file, recipe.start, recipe.location
    return (lambda start, end: file.location(begin + start, begin + end)) if verbatim else (lambda _start, _end: whole)


def expanded(root: Makefile, text: str, depth: int = 0) -> str:
    """Make's variables replaced by what the file assigns; an unknown one becomes a shell variable of that name."""

    def replace(match: re.Match[str]) -> str:
        if match.group() == "$$":
            return "$"
        name = match.group(1) or match.group(2) or match.group(3)
        variable = root.variable(name)
        if name in ("@", "<", "^", "*"):
            return name
        if variable is None or depth > 8 or variable.operator == "!=" or "$(shell" in variable.value.text:
            return "${" + re.sub(r"\W", "_", name) + "}"
        return expanded(root, variable.value.text, depth + 1)

    result = _REFERENCE.sub(replace, text)
    return result if len(result) <= MAX_EXPANSION else text
