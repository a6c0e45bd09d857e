"""Compare this project's rendering of a chart with that of the real helm.

    python tests/oracles/compare_helm.py CHART [VALUES...]

CHART is a chart's folder. Without VALUES its defaults are compared, with them each file on its own. The whole of every
object is compared, leaf by leaf; a leaf is *equal*, *unknown* (we say so, and do not guess) or *different*. Exit 1
where anything differs. helm is looked for in ``$GWAUDIT_ORACLES``, else in ``.oracles`` in the repository (see
``fetch_helm_kubectl.py``).
"""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import time
from typing import Any

import yaml

from gwaudit.parse.document import Mapping, Node, Scalar, Sequence
from gwaudit.resolve.helm.chart import load, read_values
from gwaudit.resolve.helm.library import Files
from gwaudit.resolve.helm.render import Rendering, render
from gwaudit.tree import Tree

UNKNOWN = object()
WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod", "ReplicaSet")


def helm_program() -> str | None:
    """The path of the real helm, None where it was not fetched."""
    here = pathlib.Path(__file__).resolve().parents[2] / ".oracles"
    path = pathlib.Path(os.environ.get("GWAUDIT_ORACLES") or here) / "helm"
    return str(path) if os.access(path, os.X_OK) else None


class _Loader(yaml.CSafeLoader):
    """Texts stay texts: only the structure and the written scalars are compared."""


_Loader.yaml_implicit_resolvers = {}


def helm_objects(helm: str, chart: pathlib.Path, name: str, values: pathlib.Path | None) -> list[Any] | str:
    """What ``helm template`` makes, or its complaint."""
    command = [helm, "template", name, str(chart), "--namespace", "default", "--skip-schema-validation"]
    if values is not None:
        command += ["-f", str(values)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if not line.startswith(("level=", "coalesce"))]
        return "\n".join(lines).strip()[:2000]
    return [found for found in yaml.load_all(done.stdout, Loader=_Loader) if found]


def plain(node: Node) -> Any:
    """A node as plain data, scalars as written, what is not known as ``UNKNOWN``."""
    if isinstance(node, Scalar):
        return UNKNOWN if node.origin.unknown is not None else node.text
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    if isinstance(node, Mapping):
        return {key.text: plain(value) for key, value in node.entries}
    return None


class Counts:
    """Leaves of the compared objects."""

    def __init__(self) -> None:
        self.equal = 0
        self.unknown = 0
        self.different: list[str] = []

    def compare(self, mine: Any, theirs: Any, path: str) -> None:
        if mine is UNKNOWN:
            self.unknown += 1
        elif isinstance(mine, dict) and isinstance(theirs, dict):
            for key in sorted({*mine, *theirs}):
                if key in mine and key in theirs:
                    self.compare(mine[key], theirs[key], f"{path}.{key}")
                else:
                    self.different.append(f"{path}.{key}: only {'here' if key in mine else 'helm has it'}")
        elif isinstance(mine, list) and isinstance(theirs, list) and len(mine) == len(theirs):
            for index, (one, other) in enumerate(zip(mine, theirs, strict=True)):
                self.compare(one, other, f"{path}[{index}]")
        elif mine == theirs or (mine in ("", None, "null", {}) and theirs in ("", None, "null", {})):
            self.equal += 1
        else:
            self.different.append(f"{path}: {str(mine)[:150]!r} instead of {str(theirs)[:150]!r}")


def key_of(item: Any) -> tuple[Any, ...]:
    metadata = item.get("metadata") if isinstance(item, dict) else None
    metadata = metadata if isinstance(metadata, dict) else {}
    names = [metadata.get(part) for part in ("namespace", "name")]
    return (item.get("apiVersion"), item.get("kind"), *[name if isinstance(name, str) else "?" for name in names])


def compare(rendering: Rendering, theirs: list[Any], only: tuple[str, ...] | None = None) -> Counts:
    """Leaves of all objects, matched by kind and name (objects of one name in their order)."""
    counts = Counts()
    tables: list[dict[tuple[Any, ...], list[Any]]] = [{}, {}]
    for table, objects in zip(tables, (map(plain, rendering.nodes), theirs), strict=True):
        for item in objects:
            if isinstance(item, dict) and (only is None or item.get("kind") in only):
                table.setdefault(key_of(item), []).append(item)
    for key in sorted({*tables[0], *tables[1]}, key=str):
        mine, others = tables[0].get(key, []), tables[1].get(key, [])
        for index in range(max(len(mine), len(others))):
            name = "/".join(str(part) for part in key[1:] if part)
            if index >= len(mine):
                counts.different.append(f"{name}: only helm has it")
            elif index >= len(others):
                counts.different.append(f"{name}: only here")
            else:
                counts.compare(mine[index], others[index], name)
    return counts


def main(arguments: list[str]) -> int:
    helm = helm_program()
    if helm is None or not arguments:
        print(__doc__ if helm else "helm is not there: run tests/oracles/fetch_helm_kubectl.py", file=sys.stderr)
        return 2
    folder = pathlib.Path(arguments[0]).resolve()
    tree = Tree(str(folder))
    chart = load(tree, ".")
    if chart is None:
        print(f"{folder}: no chart", file=sys.stderr)
        return 2
    templates = Files()
    failed = False
    for given in [None] if len(arguments) == 1 else arguments[1:]:
        path = pathlib.Path(given).resolve() if given is not None else None
        values: dict[str, Any] = {}
        if path is not None:
            source = Tree(str(path.parent)).source(path.name)
            values = read_values(source)[0] if source is not None else {}
        started = time.process_time()
        rendering = render(chart, values, templates)
        seconds = time.process_time() - started
        label = f"{folder.name} {path.name if path else '(defaults)'}"
        theirs = helm_objects(helm, folder, chart.name, path)
        if isinstance(theirs, str):
            print(f"{label}: helm refuses: {theirs.splitlines()[0][:300] if theirs else ''}")
            print(f"    here: {[f'{place}: {text}' for place, text in rendering.notes][:3]}")
            continue
        counts = compare(rendering, theirs)
        runs = compare(rendering, theirs, WORKLOADS)
        print(
            f"{label}: {counts.equal} equal, {counts.unknown} unknown, {len(counts.different)} different; workloads: "
            f"{runs.equal} equal, {runs.unknown} unknown, {len(runs.different)} different; {len(rendering.nodes)} objects, "
            f"{seconds * 1000:.0f} ms"
        )
        for line in counts.different[:12]:
            print(f"    {line}")
        for place, text in rendering.notes[:8]:
            print(f"    note {place}: {text}")
        failed = failed or bool(counts.different)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
