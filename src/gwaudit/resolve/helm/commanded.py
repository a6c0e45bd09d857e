"""Releases that a command makes: ``helm upgrade --install NAME ./chart -f FILE --set KEY=VALUE`` of a chart in the tree.

Scripts, recipes of Makefiles and deploying jobs of CI files are read. A command with an option, a file or a key that the
text does not tell is left alone: its values are not known. A value that is not told stays unknown.
"""

from __future__ import annotations

import posixpath

from gwaudit.bundle import section
from gwaudit.parse.document import Mapping, Scalar
from gwaudit.pattern import regex
from gwaudit.resolve.commands import PIPELINES, pipeline_job
from gwaudit.resolve.commands.lines import command_lines
from gwaudit.resolve.commands.options import match
from gwaudit.resolve.helm.declared import Declared
from gwaudit.resolve.helm.provenance import PLACEHOLDER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.parse.document import Node
    from gwaudit.resolve.commands.options import Options
    from gwaudit.resolve.commands.words import Word
    from gwaudit.resolve.workspace import Workspace
    from gwaudit.source import SourceFile

    Tree = dict[str, "Tree | Scalar"]

MAX_RELEASES = 40  # of one repository
MAX_SETS = 500  # values of one command
_HELM = regex(r"\bhelm\b")
_VERB = regex(r"\bhelm\b[^\n]{0,80}\b(upgrade|install)\b")
_PIECE = regex(r"(?:\\.|[^,\\])+")
_KEY = regex(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+){0,20}")
_TYPED = regex(r"true|false|null|0|-?[1-9][0-9]{0,17}")


def commanded(workspace: Workspace, folders: frozenset[str]) -> list[Declared]:
    """The releases of charts in ``folders`` that commands make with values of their own."""
    found: list[Declared] = []
    paths = [path for path in workspace.paths("shell", "makefile") if workspace.role_of(path) == "deployment"]
    paths += [path for path in workspace.paths("yaml") if any(part in path for part in PIPELINES)]
    for path in paths:
        source = workspace.tree.source(path)
        if source is None or "helm" not in source.text or _VERB.search(source.text) is None:
            continue
        data = section("platforms/helm")["command"]
        for line in command_lines(workspace, path, _HELM):
            options = match(line, data)
            release = _release(workspace, source, options, data, folders) if options is not None else None
            if release is not None and len(found) < MAX_RELEASES:
                found.append(release)
    return found


def _release(
    workspace: Workspace, source: SourceFile, options: Options, data: dict[str, Any], folders: frozenset[str]
) -> Declared | None:
    if options.opaque is not None or options.all("other_values") or not options.positional:
        return None
    if any(flag in options.flags for flag in data["undecided"]):
        return None
    base = posixpath.dirname(source.path)
    chart = options.positional[-1].text
    above = next((one for one in ("", base) if _below(one, chart) in folders), None)
    sets, files = _sets(source, options), [word.text for word in options.all("values")]
    if above is None or sets is None or not (sets.entries or files) or not all(files):
        return None
    name = options.positional[0].text if len(options.positional) > 1 else "release-name"
    namespace = options.last("namespace")
    each = Declared(
        _below(above, chart), name, (namespace.text if namespace is not None else "") or "default",
        options.line.place, source.path,
    )  # fmt: skip
    each.label = options.line.label
    each.files = [_below(above, file) for file in files]
    each.inline = sets if sets.entries else None
    each.files = [file for file in each.files if file != f"{each.folder}/values.yaml"]
    if any(part in source.path for part in PIPELINES):
        role, stage = pipeline_job(workspace, source.path, options.line.place)
        if role != "deployment":
            return None
        each.stage = stage
        each.role = None if each.files else role
    # One values file and nothing else is what the chart's own sets of values are.
    return each if each.inline is not None or len(each.files) > 1 or (each.files and each.stage is not None) else None


def _below(folder: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(folder, path))


def _sets(source: SourceFile, options: Options) -> Mapping | None:
    """The values of ``--set`` and ``--set-string`` as a tree; None where one is written in a way that is not read."""
    root: Tree = {}
    for name, typed in (("set", True), ("set_string", False)):
        for word in options.all(name):
            written = word.text or word.raw.strip("\"'")
            pieces = _PIECE.findall(written)
            if len(pieces) > MAX_SETS or not all(_put(root, source, word, piece, typed) for piece in pieces):
                return None
    return _mapping(source, options.positional[-1], root)


def _put(root: Tree, source: SourceFile, word: Word, piece: str, typed: bool) -> bool:
    """One ``a.b=value`` into the tree; lists, indices and names with escapes are not read."""
    key, equals, value = piece.partition("=")
    if not equals or _KEY.fullmatch(key) is None or value[:1] in ("{", "["):
        return False
    *above, last = key.split(".")
    level = root
    for step in above:
        below = level.setdefault(step, {})
        if not isinstance(below, dict):
            below = level[step] = {}
        level = below
    start, end = _span(source, word)
    if not word.text and ("$" in value or "`" in value):
        level[last] = Scalar(source, start, end, PLACEHOLDER)
    else:
        text = value.replace("\\,", ",")
        level[last] = Scalar(source, start, end, text, "plain" if typed and _TYPED.fullmatch(text) else "double")
    return True


def _mapping(source: SourceFile, word: Word, tree: Tree) -> Mapping:
    start, end = _span(source, word)
    entries: list[tuple[Scalar, Node]] = []
    for key, value in tree.items():
        node = _mapping(source, word, value) if isinstance(value, dict) else value
        entries.append((Scalar(source, node.start, node.end, key, "double"), node))
    return Mapping(source, start, end, entries)


def _span(source: SourceFile, word: Word) -> tuple[int, int]:
    """The offsets of a word's place in the file."""
    span = word.place.span
    if span is None or word.place.path != source.path:
        return 0, 0
    starts = source.starts()
    return starts[span.line - 1] + span.column - 1, starts[span.end_line - 1] + span.end_column - 1
