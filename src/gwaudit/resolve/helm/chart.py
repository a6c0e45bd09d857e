"""A chart as it lies in the tree: its metadata, default values, templates, other files and vendored sub-charts."""

from __future__ import annotations

import posixpath
from bisect import bisect_left

from gwaudit.parse.document import Mapping, ParseFailure, Scalar, Sequence
from gwaudit.parse.yaml import parse
from gwaudit.resolve.helm.errors import EvaluationError
from gwaudit.resolve.helm.ignore import IgnoreRules
from gwaudit.resolve.helm.reading import Reader
from gwaudit.source import Location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from gwaudit.parse.document import Node
    from gwaudit.resolve.helm.provenance import Value
    from gwaudit.source import SourceFile
    from gwaudit.tree import Tree

    Loader: TypeAlias = Callable[[], "SourceFile | None"]

MAX_DEPTH = 6
MAX_CHARTS = 80


class Dependency:
    """A sub-chart that Chart.yaml (or requirements.yaml) declares."""

    __slots__ = ("alias", "condition", "imports", "name", "node", "tags", "version")

    def __init__(self, node: Mapping) -> None:
        def text(key: str) -> str:
            found = node.get(key)
            return found.text if isinstance(found, Scalar) else ""

        self.node = node
        self.name = text("name")
        self.alias = text("alias")
        self.version = text("version")
        self.condition = text("condition")
        tags, imports = node.get("tags"), node.get("import-values")
        self.tags = [item.text for item in tags.items if isinstance(item, Scalar)] if isinstance(tags, Sequence) else []
        self.imports = imports.items if isinstance(imports, Sequence) else []


class Chart:
    """One chart; ``folder`` is relative to the root, also inside an archive (``charts/x.tgz/x``)."""

    __slots__ = (
        "charts",
        "declared",
        "defaults",
        "files",
        "folder",
        "is_library",
        "name",
        "notes",
        "root",
        "templates",
    )

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.name = posixpath.basename(folder) or "chart"
        self.root: Node | None = None  # of Chart.yaml
        self.is_library = False
        self.defaults: dict[str, Value] = {}
        self.templates: dict[str, Loader] = {}
        self.files: dict[str, Loader] = {}
        self.charts: list[Chart] = []
        self.declared: list[Dependency] = []
        self.notes: list[tuple[Location, str]] = []


def load(tree: Tree, folder: str) -> Chart | None:
    """The chart in a folder of the tree, sub-charts included; None where its Chart.yaml cannot be read."""
    prefix = "" if folder in ("", ".") else folder + "/"
    listed = tree.list()
    start = bisect_left(listed, prefix)
    names: list[str] = []
    for path in listed[start:]:
        if not path.startswith(prefix):
            break
        names.append(path[len(prefix) :])
    present = set(names)
    for name in tree.children(prefix + "charts"):
        # archives are often ignored by git and there all the same
        if name.endswith(".tgz") and f"charts/{name}" not in present:
            names.append(f"charts/{name}")
    ignore = tree.source(prefix + ".helmignore")
    kept = IgnoreRules(ignore.text if ignore is not None else "").kept(names)

    def loader(path: str) -> Loader:
        return lambda: tree.source(prefix + path)

    archives = {name: prefix + name for name in kept if name.endswith(".tgz")}
    budget = [MAX_CHARTS]
    return assemble(folder, {name: loader(name) for name in kept}, tree, archives, budget, 0)


def assemble(
    folder: str, files: dict[str, Loader], tree: Tree | None, archives: dict[str, str], budget: list[int], depth: int
) -> Chart | None:
    """A chart from its files; names are relative to the chart. ``archives`` are those of them that are packed charts."""
    main = files.get("Chart.yaml")
    file = main() if main is not None else None
    if file is None:
        return None
    document = parse(file)
    if document is None or isinstance(document, ParseFailure) or not isinstance(document.root, Mapping):
        return None
    chart = Chart(folder)
    chart.root = document.root
    named = document.root.get("name")
    if isinstance(named, Scalar) and named.text:
        chart.name = named.text
    kind = document.root.get("type")
    chart.is_library = isinstance(kind, Scalar) and kind.text == "library"
    _dependencies(chart, document.root)
    subs: dict[str, dict[str, Loader]] = {}
    for name, load_file in files.items():
        if name in ("Chart.yaml", "Chart.lock", "values.yaml", "values.schema.json"):
            continue
        if name == "requirements.yaml":
            required = load_file()
            found = parse(required) if required is not None else None
            if found is not None and not isinstance(found, ParseFailure):
                _dependencies(chart, found.root)
        elif name.startswith("templates/"):
            chart.templates[name] = load_file
        elif name.startswith("charts/"):
            rest = name[7:]
            top, _, inner = rest.partition("/")
            if top[:1] in "_.":
                continue
            if not inner and name in archives and tree is not None:
                _archive(chart, tree, archives[name], budget, depth)
            elif inner:
                subs.setdefault(top, {})[inner] = load_file
        else:
            chart.files[name] = load_file
    _values(chart, files.get("values.yaml"))
    for top in sorted(subs):
        inner_archives = {
            name[len(top) + 8 :]: path for name, path in archives.items() if name.startswith(f"charts/{top}/charts/")
        }
        _add(chart, f"{folder}/charts/{top}", subs[top], tree, inner_archives, budget, depth)
    return chart


def _add(
    chart: Chart,
    folder: str,
    files: dict[str, Loader],
    tree: Tree | None,
    archives: dict[str, str],
    budget: list[int],
    depth: int,
) -> None:
    budget[0] -= 1
    if depth >= MAX_DEPTH or budget[0] < 0:
        chart.notes.append(
            (Location(f"{chart.folder}/Chart.yaml"), "sub-charts nested too deep, or too many, are not read")
        )
        return
    child = assemble(folder, files, tree, archives, budget, depth + 1)
    if child is not None:
        chart.charts.append(child)


def _archive(chart: Chart, tree: Tree, path: str, budget: list[int], depth: int) -> None:
    from gwaudit.resolve.helm.archive import unpack

    found = unpack(tree, path)
    if isinstance(found, str):
        chart.notes.append((Location(path), f"the packed chart is not read: {found}"))
        return
    for top, files in found.items():
        loaders: dict[str, Loader] = {name: (lambda file=file: file) for name, file in files.items()}  # type: ignore[misc]
        _add(chart, f"{path}/{top}", loaders, None, {}, budget, depth)


def _dependencies(chart: Chart, root: Node) -> None:
    found = root.get("dependencies") if isinstance(root, Mapping) else None
    for item in found.items if isinstance(found, Sequence) else []:
        if isinstance(item, Mapping):
            chart.declared.append(Dependency(item))


def _values(chart: Chart, load_file: Loader | None) -> None:
    file = load_file() if load_file is not None else None
    if file is not None:
        found, why = read_values(file)
        chart.defaults = found
        if why is not None:
            chart.notes.append(why)


def read_values(file: SourceFile) -> tuple[dict[str, Value], tuple[Location, str] | None]:
    """The values in a file, and a note where they could not be read."""
    document = parse(file)
    if document is None:
        return {}, None
    if isinstance(document, ParseFailure):
        return {}, (document.location, document.message)
    try:
        value = Reader().value(document.root)
    except (EvaluationError, RecursionError) as error:
        return {}, (Location(file.path), f"the values are not read: {error}")
    if isinstance(value.data, dict):
        return value.data, None
    return {}, None if value.data is None else (document.root.location, "the values are no mapping")
