"""Where a path inside a container lies in the repository, as far as COPY, ADD, mounts and config maps tell."""

from __future__ import annotations

import posixpath

from gwaudit.resolve.fact import Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gwaudit.resolve.fact import Fact
    from gwaudit.tree import Tree


class Filesystem:
    """Maps container paths to repository paths; what is mapped later lies on top.

    ``locate`` answers the repository path of a file; None where the file surely is not there (everything that could put it
    there was read); Unknown where the base image, a build step or a volume may hold it.
    """

    __slots__ = ("_closed", "_hidden", "_made", "_mapped", "opaque", "place", "tree")

    def __init__(self, tree: Tree | None, opaque: str | None = None) -> None:
        self.tree = tree
        self.opaque = (
            opaque  # why files that no mapping names may exist (a base image), None where nothing else can be there
        )
        # (container path, repository path, which repository paths below it are left out), oldest first
        self._mapped: list[tuple[str, str, Callable[[str], bool] | None]] = []
        self._hidden: list[tuple[str, str]] = []  # (container path, reason): a volume or build step of unknown content
        self._made: set[str] = set()  # directories that surely exist, whatever stands in them
        self._closed: list[str] = []  # directories in which nothing stands but what is mapped
        self.place: Fact | None = None  # ``run.directory`` where the tree's own place stands for one that no file tells

    def key(self) -> tuple[object, ...]:
        """What tells this mapping from another one; valid while this file system lives (functions count by identity)."""
        mapped = tuple([(path, target, id(ignored)) for path, target, ignored in self._mapped])
        return (mapped, tuple(self._hidden), tuple(self._closed), self.opaque)

    def copy(self) -> Filesystem:
        other = Filesystem(self.tree, self.opaque)
        other._mapped = list(self._mapped)
        other._hidden = list(self._hidden)
        other._made = set(self._made)
        other._closed = list(self._closed)
        other.place = self.place
        return other

    def put(self, path: str, repository_path: str, ignored: Callable[[str], bool] | None = None) -> None:
        """A repository file or directory stands at ``path`` (absolute in the container), without what is ``ignored``."""
        self._mapped.append((posixpath.normpath(path), posixpath.normpath(repository_path), ignored))

    def graft(self, other: Filesystem, source: str, path: str, into: bool = False) -> None:
        """What stands at ``source`` in another file system stands at ``path`` here too (``COPY --from``).

        A file copied ``into`` a directory keeps its name; of a directory, what is in it is copied.
        """
        found = other.locate(source)
        is_file = isinstance(found, str) and (self.tree is None or self.tree.is_file(found))
        target = posixpath.join(path, posixpath.basename(source)) if into and is_file else path
        prefix = source.rstrip("/") + "/"
        if not isinstance(found, str) and not any(base.startswith(prefix) for base, _, _ in other._mapped):
            reason = found.reason if isinstance(found, Unknown) else f"{source} of another build stage"
            self.hide(target, reason)
            return
        for base, repository_path, ignored in other._mapped:
            if base == source or base.startswith(prefix):
                self.put(
                    posixpath.join(target, base[len(prefix) :]) if base != source else target, repository_path, ignored
                )
            elif base == "/" or source.startswith(base.rstrip("/") + "/"):
                rest = source[len(base.rstrip("/")) :].lstrip("/")
                below = posixpath.normpath(posixpath.join(repository_path, rest))
                if self.tree is None or self.tree.exists(below):
                    self.put(target, below, ignored)
        for base, reason in other._hidden:
            if base.startswith(prefix):
                self.hide(posixpath.join(target, base[len(prefix) :]), reason)
            elif base == source:
                self.hide(target, reason)

    def close(self, path: str) -> None:
        """Nothing stands below ``path`` but what is mapped there."""
        self._closed.append(posixpath.normpath(path))

    def hide(self, path: str, reason: str) -> None:
        """What lies below ``path`` is unknown (a volume, a generated directory)."""
        self._hidden.append((posixpath.normpath(path), reason))

    def locate(self, path: str, directory: str | None = "/") -> str | Unknown | None:
        if not path.startswith("/"):
            if directory is None:
                return Unknown(f"the working directory of {path} is unknown")
            path = posixpath.join(directory, path)
        path = posixpath.normpath(path)
        for base, target, ignored in reversed(self._mapped):
            if base in (path, "/") or path.startswith(base + "/"):
                rest = path[len(base) :].lstrip("/") if base != "/" else path.lstrip("/")
                found = posixpath.normpath(posixpath.join(target, rest)) if rest else target
                if (self.tree is None or self.tree.exists(found)) and not (ignored is not None and ignored(found)):
                    return found
        for base, reason in self._hidden:
            if base in (path, "/") or path.startswith(base + "/"):
                return Unknown(reason)
        if any(path == base or path.startswith(base + "/") for base in self._closed):
            return None
        return Unknown(self.opaque) if self.opaque else None

    def files_in(self, directory: str) -> tuple[str, ...]:
        """Container paths of the files that are known to stand directly in a directory, sorted."""
        directory, found = posixpath.normpath(directory), set[str]()
        for base, target, _ in self._mapped:
            if posixpath.dirname(base) == directory and base != "/":
                found.add(base)
            elif self.tree is not None and base != "/" and (directory == base or directory.startswith(base + "/")):
                below = posixpath.normpath(posixpath.join(target, directory[len(base) :].lstrip("/")))
                found.update(posixpath.join(directory, name) for name in self.tree.children(below))
        return tuple(sorted(path for path in found if self._is_file(path)))

    def _is_file(self, path: str) -> bool:
        found = self.locate(path)
        return isinstance(found, str) and (self.tree is None or self.tree.is_file(found))

    def covers(self, path: str) -> bool:
        """Whether anything of the repository is mapped at or above ``path``."""
        path = posixpath.normpath(path)
        return any(base in (path, "/") or path.startswith(base + "/") for base, _, _ in self._mapped)

    def make(self, path: str) -> None:
        """A directory is made at ``path`` (absolute), with those above it."""
        self._made.add(posixpath.normpath(path))

    def holds(self, path: str) -> bool:
        """Whether ``path`` surely is a directory: it was made, or something is known to stand below it."""
        normal = posixpath.normpath(path)
        prefix = normal.rstrip("/") + "/"
        if normal in self._made or any(one.startswith(prefix) for one in self._made):
            return True
        return any(base.startswith(prefix) for base, _, _ in self._mapped)

    def container_path(self, repository_path: str) -> str | None:
        """The container path where a repository file lies, None where nothing maps it."""
        repository_path = posixpath.normpath(repository_path)
        for base, target, _ in reversed(self._mapped):
            if repository_path == target:
                return base
            prefix = "" if target == "." else target + "/"
            if repository_path.startswith(prefix):
                return posixpath.join(base, repository_path[len(prefix) :])
        return None
