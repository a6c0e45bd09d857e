"""Where a Python module of a container lies in the tree, and which other modules of the tree it imports."""

from __future__ import annotations

import ast
import os
import posixpath
import re
from bisect import bisect_right

from gwaudit.pattern import regex
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


_IMPORT = regex(
    rb"^(?P<indent>[ \t]{0,40})(?:import[ \t]+(?P<plain>[^\r\n#;]{1,500})"
    rb"|from[ \t]+(?P<base>[.\w]{1,200})[ \t]+import[ \t]+(?:\((?P<many>[^)]{0,5000})\)|(?P<some>[^\r\n#;]{1,500})))",
    re.M,
)
_HEAD = regex(
    rb"^(?:(?P<function>(?:async[ \t]+)?def)[ \t]+(?P<name>\w+)|(?P<klass>class)\b|[A-Za-z_]\w*)[^\r\n]{0,120}", re.M
)


def imported_modules(modules: Modules, path: str, data: bytes) -> list[str]:
    """Repository paths of the modules that a module imports when it is loaded, in order; by its text, unparsed."""
    found: dict[str, None] = {}
    starts, heads = _heads(data)
    for match in _IMPORT.finditer(data):
        at = bisect_right(starts, match.start()) - 1
        if match.group("indent") and not (at >= 0 and _at_load(heads[at])):
            continue
        names: list[str] = []
        if match.group("plain"):
            names = [
                part.split()[0] for part in match.group("plain").decode("utf-8", "replace").split(",") if part.split()
            ]
        else:
            base = match.group("base").decode("utf-8", "replace")
            listed = (match.group("many") or match.group("some") or b"").decode("utf-8", "replace")
            items = [line.partition("#")[0] for line in listed.splitlines()]
            last = [part.split()[0] for part in ",".join(items).replace("\\", " ").split(",") if part.split()]
            base = modules.absolute(path, base)
            names = [base.rstrip("."), *(f"{base.rstrip('.')}.{name}" for name in last if name != "*")]
        for name in names:
            parts = name.split(".")
            for count in range(1, len(parts) + 1):
                path_of = modules.find(".".join(parts[:count]))
                if path_of is not None:
                    found[path_of] = None
    return list(found)


def _heads(data: bytes) -> tuple[list[int], list[re.Match[bytes]]]:
    """The lines of a module that begin at its margin with a word: their offsets and matches."""
    matches = list(_HEAD.finditer(data))
    return [match.start() for match in matches], matches


def _at_load(head: re.Match[bytes] | None) -> bool:
    """Whether what is indented below a line at the margin runs at import: a branch, no function, no class."""
    if head is None or head.group("function") or head.group("klass"):
        return False
    line = head.group()
    return line.startswith((b"if", b"try", b"except", b"else", b"elif", b"with")) and (
        b"TYPE_CHECKING" not in line and b"__name__" not in line
    )


def calls_by_place(data: bytes, words: Iterable[bytes]) -> tuple[bool, set[bytes]]:
    """Whether a call of one of the names seems to run at import, and the functions at the margin in which one stands.

    By the text alone: a quick answer that says where a closer look is worth its time.
    """
    offsets = [m.start() for word in words if word in data for m in re.finditer(re.escape(word) + rb"\s{0,5}\(", data)]
    if not offsets:
        return False, set()
    starts, heads = _heads(data)
    here, functions = False, set()
    for offset in offsets:
        begin = data.rfind(b"\n", 0, offset) + 1
        indent = len(data[begin:offset]) - len(data[begin:offset].lstrip(b" \t"))
        at = bisect_right(starts, offset) - 1
        head = heads[at] if at >= 0 else None
        if head is not None and head.group("function"):
            if head.group("name") != data[offset : offset + len(head.group("name"))]:
                functions.add(head.group("name"))
        elif head is None or not head.group("klass") or indent <= 4:
            here = True
    return here, functions


def loaded_statements(body: Iterable[ast.stmt]) -> list[ast.stmt]:
    """Statements that run when a module is loaded, but for those of functions, of type checking and of ``__main__``."""
    found: list[ast.stmt] = []
    stack = list(reversed(list(body)))
    while stack:
        node = stack.pop()
        found.append(node)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        if isinstance(node, ast.If) and _never_at_load(node.test):
            stack.extend(reversed(node.orelse))
            continue
        inner: list[ast.stmt] = []
        for field in ("body", "orelse", "finalbody"):
            inner.extend(getattr(node, field, ()) or ())
        for handler in getattr(node, "handlers", ()) or ():
            inner.extend(handler.body)
        stack.extend(reversed(inner))
    return found


def _never_at_load(test: ast.expr) -> bool:
    text = ast.unparse(test) if isinstance(test, (ast.Name, ast.Attribute, ast.Compare)) else ""
    return text in ("TYPE_CHECKING", "typing.TYPE_CHECKING", "t.TYPE_CHECKING") or "__name__" in text
