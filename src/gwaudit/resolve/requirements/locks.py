"""The lock file of a project, and which of its packages an install reaches from the project's own requirements."""

from __future__ import annotations

import posixpath

from gwaudit.resolve.project import normalise
from gwaudit.resolve.requirements.record import Requirement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gwaudit.parse.lock import LockedPackage
    from gwaudit.resolve.workspace import Workspace

LOCKS = {
    "uv": ("uv.lock",),
    "poetry": ("poetry.lock",),
    "pdm": ("pdm.lock",),
    "pipenv": ("Pipfile.lock",),
    "pip": ("pylock.toml",),
}
ORDER = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml")


def lock_beside(workspace: Workspace, folder: str, tool: str | None = None) -> str | None:
    """The lock file of the project in ``folder``: of that tool, or the first there is; uv looks above for a workspace's."""
    names, start = LOCKS.get(tool or "", ORDER), folder
    while True:
        for name in names:
            path = posixpath.normpath(posixpath.join(folder, name))
            if workspace.tree.is_file(path) and (folder == start or _is_workspace(workspace, folder)):
                return path
        if tool not in ("uv", None) or folder in ("", "."):
            return None
        folder = posixpath.dirname(folder)


def _is_workspace(workspace: Workspace, folder: str) -> bool:
    """Whether the project in ``folder`` is the root of a uv workspace, whose lock serves the projects below."""
    project = workspace.tree.source(posixpath.normpath(posixpath.join(folder, "pyproject.toml")))
    return project is not None and "[tool.uv.workspace]" in project.text


def locked_packages(workspace: Workspace, path: str) -> dict[str, list[LockedPackage]]:
    """The packages of a lock file by normalised name; several versions where markers choose one."""
    document = workspace.document(path, "lock")
    found: dict[str, list[LockedPackage]] = {}
    for package in document.root if document is not None and isinstance(document.root, tuple) else ():
        found.setdefault(normalise(package.name), []).append(package)
    return found


def reached(packages: dict[str, list[LockedPackage]], roots: Iterable[Requirement]) -> dict[str, Requirement]:
    """Everything that the roots pull in: the roots themselves, locked, and what they depend on.

    Markers of dependencies are not decided: a package of another platform may be among them, none is missing. A package
    that the lock holds in several versions stays without one.
    """
    found: dict[str, Requirement] = {}
    queue: list[tuple[str, tuple[str, ...]]] = []
    for root in roots:
        queue.append((root.name, root.extras))
        found.setdefault(root.name, root)
    seen: set[tuple[str, str]] = set()
    while queue:
        name, extras = queue.pop()
        for package in packages.get(name, ()):
            wanted = [("", package.dependencies)]
            wanted += [(extra, package.extras.get(extra, ())) for extra in extras]
            for extra, names in wanted:
                if (package.version + name, extra) in seen:
                    continue
                seen.add((package.version + name, extra))
                queue.extend((normalise(other), asked) for other, asked in names)
        entries = packages.get(name, ())
        if not entries:
            continue
        record = found.get(name)
        if record is None:
            first = entries[0]
            record = found[name] = Requirement(name, "", first.location, hashed=first.hashed, direct=False)
        if len({package.version for package in entries}) == 1 and entries[0].version:
            record.locked, record.locked_at = entries[0].version, entries[0].location
            record.hashed = record.hashed or entries[0].hashed
    return found
