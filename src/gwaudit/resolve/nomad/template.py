"""``template`` blocks: variables where ``env = true``, else a file that the task finds below its directory."""

from __future__ import annotations

import posixpath
import re

from gwaudit.parse.document import Scalar
from gwaudit.resolve.fact import Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.hcl.syntax import Block
    from gwaudit.resolve.model import Container
    from gwaudit.resolve.nomad.values import Scope

_LINE = re.compile(r"^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*(.*?)[ \t]*$")
_OPENS = re.compile(r"\{\{-?\s*(?:range|with|if|define|block)\b")
_CLOSES = re.compile(r"\{\{-?\s*end\b")
_REFERENCE = re.compile(r"(?<!\$)\$\{\s*(var|local)\.([A-Za-z_][A-Za-z0-9_-]*)\s*\}")


def put_template(container: Container, template: Block, scope: Scope) -> None:
    """The variables, each with its line as its place, or the file."""
    data = template.body.get("data")
    as_env = template.body.get("env")
    if as_env is None or scope.text(as_env)[0] != "true":
        destination = template.body.get("destination")
        path = scope.text(destination)[0] if destination is not None else None
        if isinstance(data, Scalar) and "{{" not in data.text and isinstance(path, str):
            inside = path.replace("${NOMAD_TASK_DIR}", "local").replace("${NOMAD_SECRETS_DIR}", "secrets")
            container.texts[posixpath.normpath(posixpath.join("/", inside))] = data
        return
    if data is None:
        container.environment.opaque("a template of the task is filled in from a file that is not in the job")
        return
    file, at, depth = data.file, data.start, 0
    heredoc = file.text.startswith("<<", data.start)
    lines = file.text[data.start : data.end].splitlines(keepends=True)
    if not heredoc:
        text = scope.text(data)[0]
        lines = text.splitlines(keepends=True) if isinstance(text, str) else lines
    for index, raw in enumerate(lines):
        line = raw.rstrip("\r\n")
        start, end = at, at + len(line)
        at += len(raw)
        if heredoc and index in (0, len(lines) - 1):
            continue
        match = _LINE.match(line)
        conditional = depth > 0
        depth = max(0, depth + len(_OPENS.findall(line)) - len(_CLOSES.findall(line)))
        if match is None:
            if "=" in line and "{{" in line and not line.lstrip().startswith("#"):
                container.environment.opaque("a template of the task makes names of variables")
            continue
        name, value = match[1], match[2]
        place = file.location(start + match.start(2), end) if heredoc else data.location
        known = _value(value, scope)
        if conditional and isinstance(known, str):
            known = Unknown("a condition of the template decides it", (f"env.{name}",))
        source = Source("manifest", known if isinstance(known, str) else None, place)
        container.environment.set(name, known, source)


def _value(text: str, scope: Scope) -> str | Unknown:
    """The value of a line: quotes removed (Nomad reads the lines as a dotenv file), HCL's variables replaced."""
    if "{{" in text:
        return Unknown("Nomad fills in the template when it places the task")

    unknown: list[Unknown] = []

    def replace(match: re.Match[str]) -> str:
        from gwaudit.parse.hcl.syntax import Reference
        from gwaudit.source import SourceFile

        node = Reference(SourceFile("", ""), 0, 0, (match[1], match[2]))
        found = scope.text(node)[0]
        if isinstance(found, Unknown):
            unknown.append(found)
            return ""
        return found

    result = _REFERENCE.sub(replace, text)
    if unknown:
        return unknown[0]
    if "${" in result.replace("$${", ""):
        return Unknown("an expression of HCL makes it")
    result = result.replace("$${", "${")
    if len(result) > 1 and result[0] == result[-1] and result[0] in "\"'":
        return result[1:-1]
    return result.partition(" #")[0].rstrip()
