"""Where a Python module of a container lies in the tree."""

from __future__ import annotations

import os
import posixpath

from gwaudit.resolve.application.syntax import Module, module_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gwaudit.resolve.filesystem import Filesystem
    from gwaudit.resolve.workspace import Workspace

MAX_BYTES = 2_000_000


class Modules:
    """Finds modules by their dotted name: in the container's search path, else by their one place in the tree."""

    def __init__(
        self, workspace: Workspace, filesystem: Filesystem, directory: str | None, search: Iterable[str] = ()
    ) -> None:
        self.workspace = workspace
        self.filesystem = filesystem
        bases = [*((directory,) if directory else ()), *search]
        self.bases = [*bases, *(posixpath.join(base, "src") for base in bases)]
        self.paths = frozenset(workspace.paths("python", "gunicorn"))
        self._modules: dict[str, Module | None] = {}
        self._found: dict[str, str | None] = {}
        self._tops: dict[str, str | None] = {}
        self._by_file: dict[str, list[str]] | None = None

    def find(self, name: str) -> str | None:
        """The repository path of ``a.b.c`` (``a/b/c.py``, ``a/b/c/__init__.py``); None where there is none, or several."""
        if name not in self._found:
            self._found[name] = self._find(name) if name.replace(".", "").replace("_", "a").isalnum() else None
        return self._found[name]

    def _find(self, name: str) -> str | None:
        top, _, rest = name.partition(".")
        if top not in self._tops:
            self._tops[top] = self._top(top)
        place = self._tops[top]
        if place is not None:
            stem = posixpath.join(place, rest.replace(".", "/")) if rest else place
            stem = stem.removeprefix("./")
            return next((path for path in (f"{stem}.py", f"{stem}/__init__.py") if path in self.paths), None)
        return self._only_one(name.replace(".", "/")) if rest or f"{top}.py" in self.paths else None

    def _top(self, top: str) -> str | None:
        """The repository path of a top-level package or module, without ``.py``."""
        for base in self.bases:
            for ending in ("", ".py"):
                path = self.filesystem.locate(posixpath.join(base, top + ending), "/")
                if isinstance(path, str):
                    if ending:
                        return path.removesuffix(".py")
                    if self.workspace.tree.is_directory(path):
                        return path
        return None

    def _only_one(self, relative: str) -> str | None:
        """The one file of the tree that the module can be, where the image's file system does not show it."""
        if self._by_file is None:
            self._by_file = {}
            for path in self.paths:
                self._by_file.setdefault(posixpath.basename(path), []).append(path)
        for form in (f"{relative}.py", f"{relative}/__init__.py"):
            for exact in (form, f"src/{form}"):
                if exact in self.paths:
                    return exact
            among = [path for path in self._by_file.get(posixpath.basename(form), ()) if path.endswith(f"/{form}")]
            if len(among) == 1 and "/" in relative:
                return among[0]
        return None

    def read(self, path: str) -> bytes | None:
        """The bytes of a module of the walk."""
        if path not in self.paths:
            return None
        try:
            with open(os.path.join(self.workspace.tree.root, path), "rb") as stream:
                return stream.read(MAX_BYTES)
        except OSError:
            return None

    def load(self, path: str) -> Module | None:
        """The module at a repository path; None where it cannot be read or parsed."""
        if path not in self._modules:
            data = self.read(path)
            self._modules[path] = module_of(path, data) if data is not None else None
        return self._modules[path]

    def absolute(self, importer: str, name: str) -> str:
        """A dotted name as imported in the file ``importer``, a relative beginning made absolute (``..db.engine``)."""
        level = len(name) - len(name.lstrip("."))
        if not level:
            return name
        package = self.dotted(importer).split(".")
        if not importer.endswith("/__init__.py"):
            package = package[:-1]
        package = package[: len(package) - (level - 1)] if level > 1 else package
        return ".".join([*package, name[level:]]) if package else name[level:]

    def dotted(self, path: str) -> str:
        """The dotted name of a repository file: from the highest folder above it that is a package."""
        parts = path.removesuffix("/__init__.py").removesuffix(".py").split("/")
        start = len(parts) - 1
        while start > 0 and "/".join([*parts[:start], "__init__.py"]) in self.paths:
            start -= 1
        return ".".join(parts[start:])

    def of_name(self, module: Module, name: str) -> tuple[str, str] | None:
        """The file and the name in it that a dotted name leads to (``pkg.db.engine``: ``pkg/db.py``, ``engine``)."""
        full = self.absolute(module.path, name)
        path = self.find(full)
        if path is not None:
            return path, ""
        head, _, last = full.rpartition(".")
        path = self.find(head) if head else None
        return (path, last) if path is not None else None
