"""Which deployments the charts of a tree describe: every chart with its defaults and with each values file meant for it."""

from __future__ import annotations

import posixpath

from gwaudit.parse.document import ParseFailure
from gwaudit.pattern import regex
from gwaudit.resolve.fact import Source
from gwaudit.resolve.helm.chart import load, read_values
from gwaudit.resolve.helm.declared import declared
from gwaudit.resolve.helm.library import Files
from gwaudit.resolve.helm.render import render
from gwaudit.resolve.kubernetes import drafts_from_objects
from gwaudit.source import Location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.document import Node
    from gwaudit.resolve.helm.chart import Chart
    from gwaudit.resolve.helm.provenance import Value
    from gwaudit.resolve.helm.render import Rendering
    from gwaudit.resolve.model import TargetDraft
    from gwaudit.resolve.workspace import Workspace

MAX_SETS = 12  # values files of one chart
MAX_RELEASES = 150  # of one repository
_NAMED = regex(r"values[-._].*\.ya?ml|.*[-._]values\.ya?ml")
_FOLDERS = frozenset(
    ("ci", "env", "envs", "environments", "environment", "profiles", "values", "overrides", "stages", "examples")
)


def chart_targets(workspace: Workspace) -> list[TargetDraft]:
    """The drafts of every chart that is no sub-chart and no library, and of every release that is declared."""
    drafts: list[TargetDraft] = []
    known = frozenset(posixpath.dirname(path) for path in workspace.paths("helm-chart"))
    files = Files()
    releases = declared(workspace, known)
    left = MAX_RELEASES
    for folder in sorted(known):
        if _is_vendored(folder, known):
            continue
        chart = load(workspace.tree, folder or ".")
        if chart is None or chart.is_library or not (chart.templates or chart.charts):
            continue
        sets: list[str | None] = [None, *values_files(workspace, chart, folder, known)]
        own = [release for release in releases if release.folder == folder]
        left -= len(sets) + len(own)
        if left < 0 or len(sets) + len(own) > MAX_SETS:
            workspace.note(
                ParseFailure(
                    Location(f"{folder}/Chart.yaml"), "too many charts or values files: not all are read", True
                )
            )
        if left < 0:
            break
        for path in sets[:MAX_SETS]:
            drafts += _release(workspace, chart, folder, path, files)
        for release in own[:MAX_SETS]:
            values = release.values(workspace)
            if values is not None:
                found = render(chart, values, files, release.name, release.namespace)
                paths = [*reversed(release.files), release.source]
                made = _drafts(workspace, folder, found, release.title, paths, release.namespace)
                for draft in made:
                    draft.role = release.role
                    if release.stage is not None:
                        draft.facts["stage"] = release.stage
                drafts += made
    return drafts


def _is_vendored(folder: str, known: frozenset[str]) -> bool:
    """Whether the folder is a sub-chart of a chart that is read itself."""
    parts = folder.split("/")
    return any(parts[i] == "charts" and "/".join(parts[:i]) in known for i in range(1, len(parts)))


def values_files(workspace: Workspace, chart: Chart, folder: str, known: frozenset[str]) -> list[str]:
    """The values files meant for a chart: named so, in its folder or one for environments, or beside a single chart."""
    prefix = folder + "/" if folder else ""
    parent = posixpath.dirname(folder)
    alone = sum(posixpath.dirname(other) == parent for other in known) == 1 and bool(folder)
    found: list[str] = []
    for path in workspace.paths("yaml"):
        inside = path.startswith(prefix)
        if not inside and not (alone and path.startswith(parent + "/" if parent else "")):
            continue
        rest = path[len(prefix) :] if inside else path[len(parent) + 1 if parent else 0 :]
        *folders, name = rest.split("/")
        if not inside and len(folders) > 1:
            continue
        if folders and (folders[0] in ("templates", "charts", "crds", "tests") or not _FOLDERS.intersection(folders)):
            continue
        named = bool(_NAMED.fullmatch(name.lower()))
        if (named or folders) and name not in ("values.yaml", "Chart.yaml") and _fits(workspace, chart, path, named):
            found.append(path)
    return found


def _fits(workspace: Workspace, chart: Chart, path: str, named: bool) -> bool:
    """Whether a file's keys are values of the chart; a file of that name may also be empty of them."""
    file = workspace.source(path)
    if file is None or "apiVersion:" in file.text[:400]:
        return False
    values, note = read_values(file)
    if note is not None or not values:
        return note is not None and named
    names = {
        *chart.defaults,
        "global",
        *(sub.name for sub in chart.charts),
        *(d.alias or d.name for d in chart.declared),
    }
    shared = sum(name in names for name in values)
    return shared * 2 >= len(values) if named else shared == len(values)


def _release(workspace: Workspace, chart: Chart, folder: str, path: str | None, files: Files) -> list[TargetDraft]:
    values: dict[str, Value] = {}
    if path is not None:
        file = workspace.source(path)
        values, note = read_values(file) if file is not None else ({}, None)
        if file is None or note is not None:
            return []
    prefix = folder + "/" if folder else ""
    rest = path[len(prefix) :] if path is not None and path.startswith(prefix) else path
    name = chart.name if path is None else f"{chart.name} ({rest})"
    return _drafts(workspace, folder, render(chart, values, files), name, [path] if path else [], "default")


def _drafts(
    workspace: Workspace, folder: str, rendering: Rendering, name: str, paths: list[str], namespace: str
) -> list[TargetDraft]:
    """The draft of a rendering; ``paths`` are the files of its values, the one that wins first."""
    nodes, hooks = _installed(rendering)
    prefix = folder + "/" if folder else ""
    own = [f"{prefix}values.yaml"] if workspace.tree.is_file(f"{prefix}values.yaml") else []
    every = list(dict.fromkeys([*paths, *own, f"{prefix}Chart.yaml", *rendering.paths]))
    drafts = drafts_from_objects(
        nodes, name, "helm", Location(every[0]), every, rendering.complete, namespace, rendering.notes
    )
    if not drafts and workspace.role_of(every[0]) == "deployment":
        for note in rendering.notes:  # nothing that it runs is known, and this is why
            workspace.remark(*note)
    for draft in drafts:
        for workload in draft.workloads:
            place = hooks.get((workload.kind, workload.name))
            if place is not None:
                workload.state("workload.is_job", True, Source("manifest", "helm.sh/hook", place))
    return drafts


def _installed(rendering: Rendering) -> tuple[list[Node], dict[tuple[str, str], Location]]:
    """The objects that are installed (tests run on demand only), and those that run as a hook."""
    nodes: list[Node] = []
    hooks: dict[tuple[str, str], Location] = {}
    for node in rendering.nodes:
        hook = _text(node, "metadata", "annotations", "helm.sh/hook")
        if hook is not None:
            kinds = {kind.strip() for kind in hook[0].split(",")}
            if kinds <= {"test", "test-success", "test-failure"}:
                continue
            kind, name = _text(node, "kind"), _text(node, "metadata", "name")
            if kind is not None and name is not None:
                hooks[kind[0].lower(), name[0]] = hook[1]
        nodes.append(node)
    return nodes, hooks


def _text(node: Node, *path: str) -> tuple[str, Location] | None:
    from gwaudit.parse.document import Mapping, Scalar

    found = node.get(*path) if isinstance(node, Mapping) else None
    return (found.text, found.location) if isinstance(found, Scalar) else None
