"""Which manifest files are applied together.

The rule: ``kubectl apply -R -f FOLDER`` is what people run, so the topmost folder that holds manifests of its own is one
target with everything below it, and sibling folders below a deployment folder (``k8s/``, ``manifests/``, ``deploy/``, ...)
are one target too. Three things split a group:

* A folder named after an environment (dev, staging, prod, ...) is a target of its own. Where it runs nothing itself
  (only a ConfigMap, say), the workloads beside the environment folders are added to each of them.
* Two folders that define the same object (kind, namespace, name) cannot be applied together: each is its own target.
* Two files of one folder that define the same object are alternatives: each belongs to another variant of the target, files
  whose names share the same environment token (``deployment-dev.yaml``, ``service-dev.yaml``) to the same one; all other
  files belong to every variant.
"""

from __future__ import annotations

import posixpath

from gwaudit.resolve.kubernetes.platform import kubernetes
from gwaudit.resolve.kubernetes.stage import stage_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gwaudit.resolve.kubernetes.objects import Object

    Files = dict[str, list[Object]]

MAX_VARIANTS = 40


class Group:
    """Files that make one target; ``folder`` names it, ``variant`` tells alternatives of one folder apart."""

    __slots__ = ("folder", "paths", "variant")

    def __init__(self, folder: str, paths: Iterable[str], variant: str = "") -> None:
        self.folder = folder
        self.paths = sorted(paths)
        self.variant = variant

    @property
    def name(self) -> str:
        return f"{self.folder} ({self.variant})" if self.variant else self.folder


def groups(files: Files, runs: set[str]) -> list[Group]:
    """The groups of manifest files; ``runs`` are the paths whose objects carry workloads."""
    roots: dict[str, list[str]] = {}
    holders = {posixpath.dirname(path) for path in files}
    for path in sorted(files):
        roots.setdefault(_root_of(posixpath.dirname(path), holders), []).append(path)
    found: list[Group] = []
    for root, paths in sorted(roots.items()):
        for folder, members in _by_environment(root, paths, runs):
            for place, together in _by_conflict(folder, members, files):
                found.extend(_variants(place, together, files))
    return found


def _root_of(folder: str, holders: set[str]) -> str:
    """The topmost folder on the way to ``folder`` that holds manifests, or whose name says that it is for deployment."""
    deployment = set(kubernetes()["deployment_folders"])
    parts = folder.split("/") if folder else []
    for count in range(len(parts) + 1):
        here = "/".join(parts[:count])
        name = parts[count - 1].lower() if count else ""
        if (here in holders and count) or name in deployment or here == folder:
            return here
    return folder


def _by_environment(root: str, paths: list[str], runs: set[str]) -> list[tuple[str, list[str]]]:
    shared: list[str] = []
    split: dict[str, list[str]] = {}
    for path in paths:
        environment = _environment_folder(root, posixpath.dirname(path))
        if environment is None:
            shared.append(path)
        else:
            split.setdefault(environment, []).append(path)
    bare = [folder for folder, members in split.items() if not runs.intersection(members)]
    if bare and runs.intersection(shared):
        for folder in bare:
            split[folder] = [*shared, *split[folder]]
        shared = []
    elif bare:
        for folder in bare:
            shared += split.pop(folder)
    return ([(root, sorted(shared))] if shared else []) + sorted(split.items())


def _environment_folder(root: str, folder: str) -> str | None:
    """The first folder below ``root`` on the way to ``folder`` that is named after an environment."""
    rest = folder[len(root) :].strip("/")
    here = root
    for part in rest.split("/") if rest else []:
        here = f"{here}/{part}" if here else part
        if stage_of(part) is not None:
            return here
    return None


def _by_conflict(folder: str, paths: list[str], files: Files) -> list[tuple[str, list[str]]]:
    """Split by sub-folder where two folders define the same object; a folder and its own sub-folders stay together."""
    owners: dict[tuple[str, ...], set[str]] = {}
    for path in paths:
        for item in files[path]:
            owners.setdefault(item.key(), set()).add(posixpath.dirname(path))
    clashing = {place for where in owners.values() if len(where) > 1 for place in where}
    if not clashing:
        return [(folder, paths)]
    found: dict[str, list[str]] = {}
    for path in paths:
        place = posixpath.dirname(path)
        best = max(
            (each for each in clashing if place == each or place.startswith(each + "/")), key=len, default=folder
        )
        found.setdefault(best, []).append(path)
    return sorted(found.items())


def _variants(folder: str, paths: list[str], files: Files) -> list[Group]:
    owners: dict[tuple[str, ...], set[str]] = {}
    for path in paths:
        for key in {item.key() for item in files[path]}:
            owners.setdefault(key, set()).add(path)
    clashing = sorted({path for where in owners.values() if len(where) > 1 for path in where})
    if not clashing:
        return [Group(folder, paths)]
    common = [path for path in paths if path not in clashing]
    variants: list[tuple[str | None, set[tuple[str, ...]], list[str]]] = []
    for path in clashing:
        stage = stage_of(posixpath.basename(path).rpartition(".")[0])
        keys: set[tuple[str, ...]] = {item.key() for item in files[path]}
        for other, taken, members in variants:
            if other == stage and not taken & keys:
                taken |= keys
                members.append(path)
                break
        else:
            variants.append((stage, set(keys), [path]))
    return [
        Group(folder, [*common, *members], posixpath.basename(members[0])) for _, _, members in variants[:MAX_VARIANTS]
    ]
