"""The audited tree: the one place that touches the disk and git, and never outside the root.

In a git work tree, tracked files and untracked files that are not ignored are listed; outside git, a plain walk. git is
run by its absolute path and hardened, because listing files in a hostile clone can run what its ``.git/config`` says.
"""

from __future__ import annotations

import os
import stat

from gwaudit.parse.document import ParseFailure
from gwaudit.source import Location, SourceFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAX_BYTES = 2_000_000  # a configuration file above this is reported and not read
SKIPPED = frozenset(
    (
        ".git", ".hg", ".svn", "node_modules", ".venv", "venv", "__pycache__", ".tox", ".nox", ".mypy_cache", ".ruff_cache",
        ".pytest_cache", ".eggs",
    )
)  # fmt: skip


class Tree:
    """``root`` is absolute; every path in and out is relative to it, with ``/`` separators.

    ``failures`` are files and directories that could not be read. ``git`` tells whether git answers for this tree.
    """

    def __init__(self, root: str, paths: Iterable[str] = (".",), tracked_only: bool = False) -> None:
        self.root = os.path.realpath(root)
        self.git = os.path.lexists(os.path.join(self.root, ".git"))
        self.tracked_only = tracked_only
        self.failures: list[ParseFailure] = []
        self.given = tuple(os.path.normpath(path).replace(os.sep, "/") for path in paths)
        self._tracked: frozenset[str] | None = None
        self._files: dict[str, SourceFile | ParseFailure] = {}
        self._embedded: set[str] = set()
        self._real: dict[str, str | None] = {}  # real paths that were asked for: the disk stays as it is during a run
        self._listed: tuple[str, ...] | None = None
        self._listed_set: frozenset[str] = frozenset()
        self._excluded: tuple[str, ...] = ()
        self.excluding: set[str] = set()  # the patterns that leave some file out

    @property
    def whole(self) -> bool:
        """Whether the walk covers everything below the root."""
        return "." in self.given and not self._excluded and not self.tracked_only

    def exclude(self, patterns: Iterable[str]) -> None:
        """Leave files out of the walk; a file named explicitly is read all the same."""
        self._excluded = tuple(patterns)
        self._listed = None

    def list(self) -> tuple[str, ...]:
        """The files of the walk, sorted; explicit files are always among them."""
        if self._listed is None:
            explicit = {path for path in self.given if os.path.isfile(os.path.join(self.root, path))}
            folders = [path for path in self.given if path not in explicit]
            found = {path for path in self._walk(folders) if path not in explicit} if folders else set()
            if self._excluded:
                from gwaudit.glob import matches

                out = {pattern: {p for p in found if matches(pattern, p)} for pattern in self._excluded}
                self.excluding = {pattern for pattern, paths in out.items() if paths}
                found = found.difference(*out.values())
            self._listed = tuple(sorted(found | explicit))
            self._listed_set = frozenset(self._listed)
        return self._listed

    def tracked(self, path: str) -> bool | None:
        """Whether git tracks the file; None where nobody can tell."""
        if not self.git:
            return None
        if self._tracked is None:
            from gwaudit.git import list_files

            answer = list_files(self.root, (".",), others=False)
            if answer is None:
                self._without_git()
                return None
            self._tracked = frozenset(answer[0])
        return path in self._tracked

    def embed(self, path: str, file: SourceFile) -> None:
        """Take a text inside a manifest for a file of that path (``manifest.yaml#OFFSET``), which is on no disk."""
        self._files[path] = file
        self._embedded.add(path)

    def exists(self, path: str) -> bool:
        """Whether a file or directory of that path lies inside the root."""
        return path in self._embedded or self._inside(path) is not None

    def is_file(self, path: str) -> bool:
        if path in self._embedded:
            return True
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

    def sources(self) -> Iterable[SourceFile]:
        """Every file that was read so far, by path."""
        return [file for _, file in sorted(self._files.items()) if isinstance(file, SourceFile)]

    def read_bytes(self, path: str, limit: int) -> bytes | None:
        """The raw content of a file inside the root; None where there is none, or it is larger than ``limit`` bytes."""
        real = self._inside(path)
        if real is None or not os.path.isfile(real):
            return None
        try:
            with open(real, "rb") as stream:
                data = stream.read(limit + 1)
        except OSError:
            return None
        return data if len(data) <= limit else None

    def head(self, path: str, size: int) -> bytes:
        """The first bytes of a file inside the root; empty where there is none or it cannot be read."""
        real = self._inside(path)
        try:
            if real is None or not os.path.isfile(real):
                return b""
            with open(real, "rb") as stream:
                return stream.read(size)
        except OSError:
            return b""

    def _read(self, path: str) -> SourceFile | ParseFailure | None:
        real = self._inside(path)
        if real is None or not os.path.isfile(real):
            return None
        self.list()
        listed = path in self._listed_set
        tracked = self.tracked(path)
        if self.tracked_only and tracked is False and not listed:
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
        referred = bool(tracked is False and not listed)
        return SourceFile(path, text, tracked, referred)

    def _inside(self, path: str) -> str | None:
        """The real path, None where it does not exist or leaves the root (symbolic links followed)."""
        if path in self._real:
            return self._real[path]
        found = None
        if "\0" not in path:
            real = os.path.realpath(os.path.join(self.root, path))
            inside = real == self.root or real.startswith(self.root.rstrip(os.sep) + os.sep)
            found = real if inside and os.path.exists(real) else None
        if len(self._real) < 20_000:
            self._real[path] = found
        return found

    def _without_git(self) -> None:
        """Go on without git where it is missing or refuses (a repository of another owner)."""
        self.git = False
        self.failures.append(ParseFailure(Location(".git"), "git does not answer: tracked files cannot be told"))

    def _walk(self, below: Sequence[str]) -> Iterable[str]:
        if self.git:
            from gwaudit.git import list_files

            answer = list_files(self.root, below, others=not self.tracked_only)
            if answer is not None:
                tracked, others = answer
                if "." in below:
                    self._tracked = frozenset(tracked)
                return self._regular((*tracked, *others))
            self._without_git()
        return self._scan(below)

    def _scan(self, below: Sequence[str]) -> Iterable[str]:
        found: list[str] = []
        stack = ["" if path == "." else path for path in below]
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
                else:
                    found.append(path)
        return self._regular(found)

    def _regular(self, paths: Iterable[str]) -> Iterable[str]:
        """Regular files, and links to files inside the root that are not listed under their own name."""
        found: list[str] = []
        links: list[str] = []
        closed: set[str] = set()
        for path in paths:
            try:
                mode = os.lstat(os.path.join(self.root, path)).st_mode
            except PermissionError as error:
                folder = os.path.dirname(path)
                if folder not in closed:
                    closed.add(folder)
                    self.failures.append(ParseFailure(Location(folder or "."), f"not read: {error.strerror}"))
                continue
            except OSError:
                continue  # tracked, but deleted in the work tree
            if stat.S_ISREG(mode):
                found.append(path)
            elif stat.S_ISLNK(mode) and self.is_file(path):
                links.append(path)
        names = set(found)
        for path in links:
            real = self._inside(path)
            if real is not None and os.path.relpath(real, self.root) not in names:
                found.append(path)
        return found
