"""Which Python packages a service installs, in which versions, as requirement, project and lock files tell.

``installation`` follows the install commands of an image (or, for a process on a host, the files of its directory);
``packages_of`` is its short form. A version is exact where a lock that the image uses or an exact specifier fixes it, else
Unknown: an index decides when the image is built.
"""

from __future__ import annotations

import posixpath

from gwaudit.resolve.fact import Fact, Source, Unknown
from gwaudit.resolve.project import normalise
from gwaudit.resolve.requirements.files import pipfile_requirements, project_requirements, read_file
from gwaudit.resolve.requirements.locks import lock_beside, locked_packages, reached
from gwaudit.resolve.requirements.markers import applies
from gwaudit.resolve.requirements.record import Requirement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gwaudit.resolve.filesystem import Filesystem
    from gwaudit.resolve.requirements.files import RequirementFile
    from gwaudit.resolve.requirements.installs import Install
    from gwaudit.resolve.workspace import Workspace
    from gwaudit.source import Location

_HOST_FILES = ("requirements.txt", "requirements/production.txt", "requirements/prod.txt", "requirements/base.txt")


class Installation:
    """The packages of one service.

    ``records`` by normalised name; ``complete`` is True where everything that is installed is known (a lock decides),
    else Unknown with the reason; ``lock`` is the project's lock file, ``uses_lock`` whether the install follows it (None:
    there is no lock), decided at ``lock_place``; ``place`` is the last install command.
    """

    __slots__ = ("complete", "lock", "lock_place", "place", "records", "uses_lock")

    def __init__(self) -> None:
        self.records: dict[str, Requirement] = {}
        self.complete: bool | Unknown = Unknown("no install command that was read names its packages")
        self.lock: str | None = None
        self.uses_lock: bool | None = None
        self.place: Location | None = None
        self.lock_place: Location | None = None

    @property
    def packages(self) -> dict[str, Fact]:
        """Package name -> ``package.version``."""
        return {name: record.version() for name, record in self.records.items()}

    def facts(self) -> list[Fact]:
        """``dependencies.complete``, ``dependencies.names``, and ``image.lock_file`` with ``image.installs_from_lock``."""
        source = Source("manifest", None, self.place)
        found = [Fact("dependencies.complete", self.complete, source)]
        if self.records:
            found.append(Fact("dependencies.names", tuple(sorted(self.records)), source))
        if self.lock is not None and self.uses_lock is not None:
            where = Source("manifest", None, self.lock_place or self.place)
            found.append(Fact("image.lock_file", self.lock, where))
            found.append(Fact("image.installs_from_lock", self.uses_lock, where))
        return found


def packages_of(
    workspace: Workspace, installs: Sequence[Install], filesystem: Filesystem, directory: str | None = None
) -> dict[str, Fact]:
    """Package name -> version fact; see ``installation``."""
    return installation(workspace, installs, filesystem, directory).packages


def installation(
    workspace: Workspace,
    installs: Sequence[Install],
    filesystem: Filesystem,
    directory: str | None = None,
    python: str | None = None,
    context: str = ".",
) -> Installation:
    """What the install commands of an image bring; without any, what the files of a host's ``directory`` ask for.

    ``python`` is the image's Python (major.minor), which decides markers; ``context`` the build context, where files are
    looked for that the image's file system does not show (bind mounts of a build step, other stages).
    """
    found = Installation()
    if installs:
        _from_commands(workspace, installs, filesystem, context, python, found)
    elif directory is not None:
        _from_directory(workspace, directory, python, found)
    return found


def _from_commands(
    workspace: Workspace,
    installs: Iterable[Install],
    filesystem: Filesystem,
    context: str,
    python: str | None,
    found: Installation,
) -> None:
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


def _from_directory(workspace: Workspace, directory: str, python: str | None, found: Installation) -> None:
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
    for name in _HOST_FILES:
        path = posixpath.normpath(posixpath.join(directory, name))
        if workspace.tree.is_file(path):
            part = read_file(workspace, path)
            _take(part, [], python, found, [])
            found.complete = Unknown("what the requirements pull in is decided when they are installed")
            return
    if workspace.tree.is_file(project):
        _take(project_requirements(workspace, project), [], python, found, [])
        found.complete = Unknown("what the requirements pull in is decided when they are installed")
