"""Which Python packages a service installs, in which versions, as requirement, project and lock files tell.

``installation`` follows the install commands of an image (or, for a process on a host, the files of its directory);
``packages_of`` is its short form. A version is exact where a lock that the image uses or an exact specifier fixes it, else
Unknown: an index decides when the image is built.
"""

from __future__ import annotations

import posixpath

from gwaudit.resolve.fact import Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gwaudit.resolve.filesystem import Filesystem
    from gwaudit.resolve.requirements.installs import Install
    from gwaudit.resolve.requirements.record import Requirement
    from gwaudit.resolve.workspace import Workspace
    from gwaudit.source import Location

PROJECT_FILE = "pyproject.toml"
HOST_FILES = ("requirements.txt", "requirements/production.txt", "requirements/prod.txt", "requirements/base.txt")


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
        from gwaudit.resolve.requirements.reading import from_commands

        from_commands(workspace, installs, filesystem, context, python, found)
    elif directory is not None:
        beside = [posixpath.normpath(posixpath.join(directory, name)) for name in (PROJECT_FILE, *HOST_FILES)]
        if any(workspace.tree.is_file(path) for path in beside):
            from gwaudit.resolve.requirements.reading import from_directory

            from_directory(workspace, directory, python, found)
    return found
