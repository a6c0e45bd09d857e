"""A chart and a set of values become text, the text becomes objects, and every scalar knows the line it came from."""

from __future__ import annotations

import posixpath
from bisect import bisect_right

from gwaudit.parse.document import Mapping, ParseFailure, Scalar, Sequence
from gwaudit.parse.yaml import parse_documents
from gwaudit.resolve.helm.errors import EvaluationError, Exhausted
from gwaudit.resolve.helm.functions import FUNCTIONS
from gwaudit.resolve.helm.instance import instantiate, missing
from gwaudit.resolve.helm.library import Files as TemplateFiles
from gwaudit.resolve.helm.library import Library
from gwaudit.resolve.helm.machine import Machine, Template
from gwaudit.resolve.helm.objects import Files, capabilities, metadata, release
from gwaudit.resolve.helm.provenance import CONTEXT, PLACEHOLDER, Builder, Value
from gwaudit.source import Location, Origin, SourceFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.document import Node
    from gwaudit.resolve.helm.chart import Chart
    from gwaudit.resolve.helm.instance import Instance
    from gwaudit.resolve.helm.provenance import Mark

NO_VALUE = "<no value>"  # what Go writes for nil; Helm takes it out of the finished text


class RenderedFile(SourceFile):
    """The text that a template made; its places are those of what the text was made from."""

    __slots__ = ("_ends", "_origins", "_runs", "template")

    def __init__(self, template: SourceFile, out: Builder) -> None:
        text = "".join(out.parts)
        super().__init__(template.path, "", template.tracked, template.referred)
        self.text = text if text.endswith("\n") else text + "\n"
        self.template = template
        self._runs = out.runs
        self._ends = [run[0] for run in out.runs]
        self._origins: dict[tuple[int, int], Origin] = {}

    def marks(self, start: int, end: int, limit: int = 200) -> list[tuple[Mark, int, int]]:
        """What the text between two offsets was made from: mark, offset in the mark's file (or -1), length."""
        found: list[tuple[Mark, int, int]] = []
        index = bisect_right(self._ends, start)
        begin = self._ends[index - 1] if index else 0
        for stop, mark, offset in self._runs[index : index + limit]:
            if begin >= end and found:
                break
            low = max(begin, start)
            if mark is not None:
                found.append((mark, offset + low - begin if offset >= 0 else -1, min(stop, max(end, low)) - low))
            begin = stop
        return found

    def mark(self, start: int, end: int) -> tuple[Mark, int, int] | None:
        """The piece that decides where the text is edited: of a values file first, for a collection its first piece."""
        one = self._is_scalar(start, end)
        found = self.marks(start, end, 200 if one else 1)
        if len(found) > 1:
            unknown = next((piece for piece in found if piece[0].unknown), None)
            best = next((piece for piece in found if piece[0].node is not None), None)
            return (
                unknown if unknown is not None and (best is None or unknown[0].node is not None) else best or found[0]
            )
        return found[0] if found else None

    def _is_scalar(self, start: int, end: int) -> bool:
        return self.text[start : start + 1] in ("|", ">", '"', "'") or "\n" not in self.text[start:end]

    def origin(self, start: int, end: int) -> Origin:
        known = self._origins.get((start, end))
        if known is None:
            known = self._origins[start, end] = self._origin(start, end)
        return known

    def _origin(self, start: int, end: int) -> Origin:
        found = self.mark(start, end)
        if found is None:
            return Origin(Location(self.path))
        mark, at, length = found
        location = (
            mark.file.location(at, at + length) if at >= 0 and mark.linear else mark.file.location(mark.start, mark.end)
        )
        via = [place[0].location(place[1], place[2]) for place in mark.via]
        unknown = mark.unknown
        if unknown is None and PLACEHOLDER in self.text and self._is_scalar(start, end):
            unknown = next((piece[0].unknown for piece in self.marks(start, end) if piece[0].unknown), None)
            if unknown is None and PLACEHOLDER in self.text[start:end]:
                unknown = "made from a value that is not known"
        return Origin(location, via, unknown)

    def location(self, start: int, end: int) -> Location:
        return self.origin(start, end).location


class Rendering:
    """What one chart makes of one set of values."""

    __slots__ = ("complete", "files", "instance", "nodes", "notes", "paths", "values")

    def __init__(self, instance: Instance, values: dict[str, Value]) -> None:
        self.instance = instance
        self.values = values
        self.files: list[RenderedFile] = []
        self.nodes: list[Node] = []
        self.notes: list[tuple[Location, str]] = []
        self.paths: list[str] = []  # of the templates that made objects
        self.complete = True


def render(
    chart: Chart,
    values: dict[str, Value],
    files: TemplateFiles,
    name: str | None = None,
    namespace: str = "default",
) -> Rendering:
    """Everything that ``helm template NAME CHART`` would show of the chart with these values on top of its own."""
    instance, effective = instantiate(chart, values)
    found = Rendering(instance, effective)
    found.notes += [*chart.notes, *missing(chart, effective)]
    found.complete = not found.notes
    from gwaudit.bundle import section

    shared = {
        "Release": release(name or chart.name, namespace),
        "Capabilities": Value(capabilities(section("platforms/helm"))),
    }
    work: dict[str, tuple[SourceFile, Value, str]] = {}
    _collect(instance, Value(effective), chart.name, shared, files, work, True)
    library = Library(files)
    order = sorted(work, key=lambda path: (path.count("/"), path), reverse=True)
    for full in order:
        library.add(full, work[full][0])
    machine = Machine(library, FUNCTIONS)
    made: dict[str, list[Node]] = {}
    for full in order:  # the order matters where a template changes the values (set)
        file, dot, base = work[full]
        if posixpath.basename(full).startswith("_") or posixpath.basename(full) == "NOTES.txt":
            continue
        dot.data["Template"] = Value({"Name": Value(full, CONTEXT), "BasePath": Value(base, CONTEXT)})
        template = library.get(full)
        if template is None:
            continue
        try:
            made[full] = _execute(machine, template, dot, file, found)
        except Exhausted as error:
            found.notes.append((Location(file.path), f"rendering stops here: {error.message}"))
            found.complete = False
            break
    found.nodes = [node for full in sorted(made) for node in made[full]]
    found.paths = list(dict.fromkeys(work[full][0].path for full in sorted(made) if made[full]))
    found.notes += machine.notes + library.failures
    found.complete = found.complete and not library.failures
    return found


def _collect(
    instance: Instance,
    values: Value,
    base: str,
    shared: dict[str, Value],
    files: TemplateFiles,
    work: dict[str, tuple[SourceFile, Value, str]],
    is_root: bool,
) -> Value:
    """The templates of a chart and its sub-charts under their full names, each with its dot."""
    subcharts: dict[str, Value] = {}
    dot = Value(
        {
            **shared,
            "Chart": metadata(instance.chart.root, instance.name, is_root),
            "Files": Value(Files(instance.chart.files)),
            "Values": values,
            "Subcharts": Value(subcharts),
        }
    )
    for child in instance.children:
        table = values.data.get(child.name)
        inner = table if table is not None and isinstance(table.data, dict) else Value({})
        subcharts[child.name] = _collect(child, inner, f"{base}/charts/{child.name}", shared, files, work, False)
    for name, load in instance.chart.templates.items():
        if instance.chart.is_library and not posixpath.basename(name).startswith("_"):
            continue
        file = files.file(f"{instance.chart.folder}/{name}", load)
        if file is not None:
            work[f"{base}/{name}"] = (file, dot, f"{base}/templates")
    return dot


def _execute(machine: Machine, template: Template, dot: Value, file: SourceFile, found: Rendering) -> list[Node]:
    """The objects that one template makes; what fails is noted."""
    out = Builder()
    try:
        machine.execute(template, dot, out)
    except (EvaluationError, RecursionError) as error:
        why = error.message if isinstance(error, EvaluationError) else "nested too deep"
        found.notes.append((Location(file.path), f"the template is not rendered: {why}"))
        found.complete = False
        return []
    text = "".join(out.parts)
    if not text.strip():
        return []
    if NO_VALUE in text:
        out = without_no_value(text, out)
    rendered = RenderedFile(file, out)
    found.files.append(rendered)
    nodes: list[Node] = []
    for document in parse_documents(rendered):
        if isinstance(document, ParseFailure):
            found.notes.append((document.location, f"what the template makes is not read: {document.message}"))
            found.complete = False
        elif isinstance(document.root, Mapping):
            _shadow(rendered, document.root)
            nodes.append(document.root)
        elif isinstance(document.root, Scalar) and PLACEHOLDER in document.root.text:
            found.notes.append((document.root.location, f"not known: {document.root.origin.unknown}"))
            found.complete = False
    return nodes


def without_no_value(text: str, out: Builder) -> Builder:
    """The text without what Go wrote for missing values."""
    from gwaudit.resolve.helm.provenance import cut

    kept = Builder()
    runs = tuple(out.runs)
    start = 0
    while True:
        at = text.find(NO_VALUE, start)
        end = at if at >= 0 else len(text)
        if end > start:
            kept.add(text[start:end], cut(runs, start, end))
        if at < 0:
            return kept
        start = at + len(NO_VALUE)


def _shadow(file: RenderedFile, root: Node) -> None:
    """Give the scalars that a values file overrode what they replaced."""
    stack: list[Node] = [root]
    seen: set[int] = set()
    while stack:
        node = stack.pop()
        if isinstance(node, Mapping):
            stack.extend(value for _, value in node.entries)
        elif isinstance(node, Sequence):
            stack.extend(node.items)
        elif id(node) not in seen:
            seen.add(id(node))
            found = file.mark(node.start, node.end)
            if found is not None and found[0].shadowed:
                node.shadowed = found[0].shadowed
