"""Where a path inside a container lies in the repository, as far as COPY, ADD, mounts and config maps tell."""

from __future__ import annotations

import posixpath

from gwaudit.resolve.fact import Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.tree import Tree


class Filesystem:
    """Maps container paths to repository paths; what is mapped later lies on top.

    ``locate`` answers the repository path of a file; None where the file surely is not there (everything that could put it
    there was read); Unknown where the base image, a build step or a volume may hold it.
    """

    __slots__ = ("_hidden", "_mapped", "opaque", "tree")

    def __init__(self, tree: Tree, opaque: str | None = None) -> None:
        self.tree = tree
        self.opaque = (
            opaque  # why files that no mapping names may exist (a base image), None where nothing else can be there
        )
        self._mapped: list[tuple[str, str]] = []  # (container path, repository path), oldest first
        self._hidden: list[tuple[str, str]] = []  # (container path, reason): a volume or build step of unknown content

    def copy(self) -> Filesystem:
        other = Filesystem(self.tree, self.opaque)
        other._mapped = list(self._mapped)
        other._hidden = list(self._hidden)
        return other

    def put(self, path: str, repository_path: str) -> None:
        """A repository file or directory stands at ``path`` (absolute in the container)."""
        self._mapped.append((posixpath.normpath(path), posixpath.normpath(repository_path)))

    def hide(self, path: str, reason: str) -> None:
        """What lies below ``path`` is unknown (a volume, a generated directory)."""
        self._hidden.append((posixpath.normpath(path), reason))

    def locate(self, path: str, directory: str | None = "/") -> str | Unknown | None:
        if not path.startswith("/"):
            if directory is None:
                return Unknown(f"the working directory of {path} is unknown")
            path = posixpath.join(directory, path)
        path = posixpath.normpath(path)
        for base, target in reversed(self._mapped):
            if base in (path, "/") or path.startswith(base + "/"):
                rest = path[len(base) :].lstrip("/") if base != "/" else path.lstrip("/")
                found = posixpath.normpath(posixpath.join(target, rest)) if rest else target
                if self.tree.exists(found):
                    return found
        for base, reason in self._hidden:
            if base in (path, "/") or path.startswith(base + "/"):
                return Unknown(reason)
        return Unknown(self.opaque) if self.opaque else None

    def covers(self, path: str) -> bool:
        """Whether anything of the repository is mapped at or above ``path``."""
        path = posixpath.normpath(path)
        return any(base in (path, "/") or path.startswith(base + "/") for base, _ in self._mapped)

    def container_path(self, repository_path: str) -> str | None:
        """The container path where a repository file lies, None where nothing maps it."""
        repository_path = posixpath.normpath(repository_path)
        for base, target in reversed(self._mapped):
            if repository_path == target:
                return base
            prefix = "" if target == "." else target + "/"
            if repository_path.startswith(prefix):
                return posixpath.join(base, repository_path[len(prefix) :])
        return None
