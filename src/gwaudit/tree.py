"""The audited tree: the one place that touches the disk and git, and never outside the root.

In a git work tree, tracked files and untracked files that are not ignored are listed; outside git, a plain walk. git is
run by its absolute path and hardened, because listing files in a hostile clone can run what its ``.git/config`` says.
"""

from __future__ import annotations

import os

from gwaudit.parse.document import ParseFailure
from gwaudit.source import Location, SourceFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_BYTES = 2_000_000  # a configuration file above this is reported and not read
SKIPPED = frozenset(
    (
        ".git",
        ".hg",
        ".svn",
        "node_modules",
        ".venv",
        "venv",
        "__pycache__",
        ".tox",
        ".nox",
        ".mypy_cache",
        ".ruff_cache",
        ".pytest_cache",
        ".eggs",
    )
)


class Tree:
    """``root`` is absolute; every path in and out is relative to it, with ``/`` separators."""

    def __init__(self, root: str, paths: Iterable[str] = (".",), tracked_only: bool = False) -> None:
        self.root = os.path.realpath(root)
        self.git = os.path.lexists(os.path.join(self.root, ".git"))
        self.tracked_only = tracked_only
        self.failures: list[ParseFailure] = []
        self._tracked: frozenset[str] | None = None
        self._files: dict[str, SourceFile | ParseFailure] = {}
        self._given = tuple(paths)
        self._listed: tuple[str, ...] | None = None

    def list(self) -> tuple[str, ...]:
        """The files of the walk, sorted; explicit files are always among them."""
        if self._listed is None:
            found: set[str] = set()
            for given in self._given:
                path = os.path.normpath(given).replace(os.sep, "/")
                if os.path.isfile(os.path.join(self.root, path)):
                    found.add(path)
                else:
                    found.update(self._walk("" if path == "." else path))
            self._listed = tuple(sorted(found))
        return self._listed

    def tracked(self, path: str) -> bool | None:
        """Whether git tracks the file; None where nobody can tell."""
        if not self.git:
            return None
        if self._tracked is None:
            from gwaudit.git import list_files

            tracked, _ = list_files(self.root, self._given, others=False)
            self._tracked = frozenset(tracked)
        return path in self._tracked

    def exists(self, path: str) -> bool:
        """Whether a file or directory of that path lies inside the root."""
        return self._inside(path) is not None

    def is_file(self, path: str) -> bool:
        real = self._inside(path)
        return real is not None and os.path.isfile(real)

    def is_directory(self, path: str) -> bool:
        real = self._inside(path)
        return real is not None and os.path.isdir(real)

    def children(self, path: str) -> tuple[str, ...]:
        """Names in a directory, sorted."""
        real = self._inside(path or ".")
        if real is None or not os.path.isdir(real):
            return ()
        try:
            return tuple(sorted(os.listdir(real)))
        except OSError:
            return ()

    def read(self, path: str) -> SourceFile | ParseFailure | None:
        """The file; None where there is none inside the root, a failure where it cannot be read. Cached."""
        path = os.path.normpath(path).replace(os.sep, "/")
        if path not in self._files:
            found = self._read(path)
            if found is None:
                return None
            self._files[path] = found
        return self._files[path]

    def source(self, path: str) -> SourceFile | None:
        """The file where it can be read, else None."""
        found = self.read(path)
        return found if isinstance(found, SourceFile) else None

    def _read(self, path: str) -> SourceFile | ParseFailure | None:
        real = self._inside(path)
        if real is None or not os.path.isfile(real):
            return None
        listed = path in self._listed_set()
        if not listed and self.tracked_only and self.tracked(path) is False:
            return None
        try:
            if os.path.getsize(real) > MAX_BYTES:
                return ParseFailure(Location(path), f"not read: larger than {MAX_BYTES:,} bytes")
            with open(real, "rb") as stream:
                data = stream.read(MAX_BYTES + 1)
        except OSError as error:
            return ParseFailure(Location(path), f"not read: {error.strerror or error}")
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            if b"\0" in data[:8000]:
                return ParseFailure(Location(path), "not read: a binary file")
            text = data.decode("utf-8", "replace")
            note = f"not UTF-8 (byte {error.start}); read with replacements"
            self.failures.append(ParseFailure(Location(path), note))
        tracked = self.tracked(path)
        referred = bool(self.git and tracked is False and not listed)
        return SourceFile(path, text, tracked, referred)

    def _listed_set(self) -> frozenset[str]:
        listed = getattr(self, "_listed_frozen", None)
        if listed is None:
            listed = self._listed_frozen = frozenset(self.list())
        return listed

    def _inside(self, path: str) -> str | None:
        """The real path, None where it does not exist or leaves the root (symbolic links followed)."""
        if "\0" in path:
            return None
        real = os.path.realpath(os.path.join(self.root, path))
        if real != self.root and not real.startswith(self.root + os.sep):
            return None
        return real if os.path.exists(real) else None

    def _walk(self, below: str) -> Iterable[str]:
        if self.git:
            from gwaudit.git import list_files

            tracked, others = list_files(self.root, (below or ".",), others=not self.tracked_only)
            if self._tracked is None and not below:
                self._tracked = frozenset(tracked)
            return [p for p in (*tracked, *others) if os.path.isfile(os.path.join(self.root, p)) and self._inside(p)]
        found: list[str] = []
        stack = [below]
        while stack:
            folder = stack.pop()
            try:
                entries = list(os.scandir(os.path.join(self.root, folder)))
            except OSError as error:
                self.failures.append(ParseFailure(Location(folder or "."), f"not read: {error.strerror or error}"))
                continue
            for entry in entries:
                path = f"{folder}/{entry.name}" if folder else entry.name
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in SKIPPED:
                        stack.append(path)
                elif self._inside(path) and entry.is_file():
                    found.append(path)
        return found
