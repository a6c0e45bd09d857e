"""Reads what installs packages: the install commands of an image, the files of a host's directory."""

from __future__ import annotations

import posixpath

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.project import normalise
from gwaudit.resolve.requirements import HOST_FILES
from gwaudit.resolve.requirements.files import pipfile_requirements, project_requirements, read_file
from gwaudit.resolve.requirements.locks import lock_beside, locked_packages, reached
from gwaudit.resolve.requirements.markers import applies
from gwaudit.resolve.requirements.record import Requirement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gwaudit.resolve.filesystem import Filesystem
    from gwaudit.resolve.requirements import Installation
    from gwaudit.resolve.requirements.files import RequirementFile
    from gwaudit.resolve.requirements.installs import Install
    from gwaudit.resolve.workspace import Workspace


def from_commands(
    workspace: Workspace,
    installs: Iterable[Install],
    filesystem: Filesystem,
    context: str,
    python: str | None,
    found: Installation,
) -> None:
    """The packages of an image\'s install commands, added to ``found``."""
    gaps: list[str] = []
    exact = True
    for install in installs:
        found.place = install.location or found.place
        if install.unknown:
            gaps.append(install.unknown)
        constraints = [
            read_file(workspace, path)
            for name in install.constraints
            if (path := _repository_path(workspace, filesystem, install.directory, name, context)) is not None
        ]
        for name in install.files:
            path = _repository_path(workspace, filesystem, install.directory, name, context)
            if path is None:
                gaps.append(f"{name} is not in the tree")
                continue
            if path.endswith("pyproject.toml"):
                part = project_requirements(workspace, path, frozenset(install.groups))
                _consider_lock(workspace, path, install, found)
            else:
                part = read_file(workspace, path)
                exact = exact and part.hashed
                for local in part.local:
                    other = project_requirements(workspace, posixpath.join(local, "pyproject.toml"), frozenset())
                    part.requirements.extend(other.requirements)
                _consider_lock(workspace, path, install, found)
            _take(part, constraints, python, found, gaps)
        for name, extras in install.projects:
            exact = _project(workspace, filesystem, install, name, extras, context, python, found, gaps) and exact
        for text in install.packages:
            exact = False
            _package(text, install, constraints, found)
    if gaps:
        found.complete = Unknown(gaps[0])
    elif exact and found.records:
        found.complete = True
    else:
        found.complete = Unknown("what the requirements pull in is decided when the image is built", ("package.index",))


def _project(
    workspace: Workspace,
    filesystem: Filesystem,
    install: Install,
    name: str,
    extras: tuple[str, ...],
    context: str,
    python: str | None,
    found: Installation,
    gaps: list[str],
) -> bool:
    """A project folder: through its lock where the tool follows it. Whether everything it installs is known."""
    folder = _project_folder(workspace, filesystem, install, name, context)
    if folder is None:
        gaps.append(f"the project {name} is not in the tree")
        return False
    path = posixpath.normpath(posixpath.join(folder, "pyproject.toml"))
    groups = frozenset({*extras, *install.groups})
    if install.tool == "pipenv":
        from gwaudit.resolve.requirements.files import RequirementFile

        part = RequirementFile()
        part.requirements = list(pipfile_requirements(workspace, posixpath.normpath(posixpath.join(folder, "Pipfile"))))
    elif workspace.tree.is_file(path):
        part = project_requirements(workspace, path, groups, install.defaults)
    else:
        gaps.append(f"{folder} has no pyproject.toml")
        return False
    lock = lock_beside(workspace, folder, install.tool if install.from_lock else None)
    if lock is not None and not install.offline:
        found.lock = found.lock or lock
        if found.lock_place is None or (install.from_lock and not found.uses_lock):
            found.lock_place = install.location
        found.uses_lock = bool(found.uses_lock) or install.from_lock
    if not install.from_lock or lock is None:
        _take(part, [], python, found, gaps)
        return False
    roots = [r for r in part.requirements if applies(r.marker, python) is not False]
    for record in reached(locked_packages(workspace, lock), roots).values():
        found.records.setdefault(record.name, record)
    gaps.extend(part.gaps)
    return True


def _consider_lock(workspace: Workspace, path: str, install: Install, found: Installation) -> None:
    """Note a lock file beside a project file that an install command bypasses."""
    if found.lock is None and path.endswith("pyproject.toml") and not install.offline:
        found.lock = lock_beside(workspace, posixpath.dirname(path))
        if found.lock is not None:
            found.uses_lock, found.lock_place = False, install.location or found.place


def _take(
    part: RequirementFile,
    constraints: list[RequirementFile],
    python: str | None,
    found: Installation,
    gaps: list[str],
) -> None:
    gaps.extend(part.gaps)
    for requirement in part.requirements:
        if applies(requirement.marker, python) is False:
            continue
        for file in constraints:
            limit = next((r for r in file.requirements if r.name == requirement.name), None)
            if limit is not None and limit.exact is not None and requirement.exact is None:
                requirement.locked, requirement.locked_at = limit.exact, limit.location
        before = found.records.get(requirement.name)
        if before is None or (requirement.pinned and not before.pinned):
            found.records[requirement.name] = requirement


def _package(text: str, install: Install, constraints: list[RequirementFile], found: Installation) -> None:
    """A package named on the command line."""
    from gwaudit.parse.requirements import read_requirement
    from gwaudit.source import Location, SourceFile

    line = read_requirement(SourceFile("", text), 0, len(text), text)
    if line is None or not line.name:
        return
    place = install.location or Location("")
    record = Requirement(normalise(line.name), line.specifier, place, line.extras)
    for file in constraints:
        limit = next((r for r in file.requirements if r.name == record.name), None)
        if limit is not None and limit.exact is not None and record.exact is None:
            record.locked, record.locked_at = limit.exact, limit.location
    before = found.records.get(record.name)
    if before is None or (record.pinned and not before.pinned):
        found.records[record.name] = record


def _repository_path(
    workspace: Workspace, filesystem: Filesystem, directory: str | None, name: str, context: str
) -> str | None:
    """The file of the tree that a command names: by the file system, else below the build context."""
    located = filesystem.locate(name, directory)
    if isinstance(located, str):
        return located if workspace.tree.is_file(located) else None
    for candidate in (name.lstrip("/"), posixpath.basename(name)):
        path = posixpath.normpath(posixpath.join(context, candidate))
        if workspace.tree.is_file(path):
            return path
    return None


def _project_folder(
    workspace: Workspace, filesystem: Filesystem, install: Install, name: str, context: str
) -> str | None:
    located = filesystem.locate(name, install.directory)
    markers = ("pyproject.toml", "Pipfile", "setup.py")
    for folder in (
        located if isinstance(located, str) else None,
        posixpath.normpath(posixpath.join(context, name.lstrip("/"))),
        context,
    ):
        if folder is not None and any(
            workspace.tree.is_file(posixpath.normpath(posixpath.join(folder, m))) for m in markers
        ):
            return folder
    return None


def from_directory(workspace: Workspace, directory: str, python: str | None, found: Installation) -> None:
    """A process on a host: its directory's lock, else its requirement files, else its project file."""
    project = posixpath.normpath(posixpath.join(directory, "pyproject.toml"))
    lock = lock_beside(workspace, directory)
    if lock is not None and workspace.tree.is_file(project):
        part = project_requirements(workspace, project, frozenset(), True)
        roots = [r for r in part.requirements if applies(r.marker, python) is not False]
        found.records = reached(locked_packages(workspace, lock), roots)
        found.lock, found.uses_lock, found.complete = (
            lock,
            None,
            Unknown("how the host installs them is not written down"),
        )
        return
    for name in HOST_FILES:
        path = posixpath.normpath(posixpath.join(directory, name))
        if workspace.tree.is_file(path):
            part = read_file(workspace, path)
            _take(part, [], python, found, [])
            found.complete = Unknown("what the requirements pull in is decided when they are installed")
            return
    if workspace.tree.is_file(project):
        _take(project_requirements(workspace, project), [], python, found, [])
        found.complete = Unknown("what the requirements pull in is decided when they are installed")
