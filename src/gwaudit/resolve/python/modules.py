"""Imports: modules of the audited tree are evaluated, everything else is a name that is not read."""

from __future__ import annotations

import posixpath
import sys

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.python.attributes import class_member
from gwaudit.resolve.python.failure import Exhausted, Raised
from gwaudit.resolve.python.interpreter import run_block
from gwaudit.resolve.python.machine import Frame
from gwaudit.resolve.python.objects import ClassType, Dotted, Module
from gwaudit.resolve.python.text import parse
from gwaudit.resolve.python.value import REST, Opaque, Value, blur, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Sequence

    from gwaudit.resolve.fact import Fact
    from gwaudit.resolve.filesystem import Filesystem
    from gwaudit.resolve.python.machine import Machine
    from gwaudit.resolve.workspace import Workspace
    from gwaudit.source import SourceFile

MAX_MODULES = 30
_ON_EVERY_LINUX = frozenset(("/", "/dev", "/dev/null", "/dev/shm", "/etc", "/proc", "/sys", "/tmp", "/usr", "/var"))
MAX_NESTED = 6
MODULE_FUEL = 20_000


class Loader:
    """Finds modules and files for one evaluation.

    ``search`` are repository directories in the order of ``sys.path``; ``directory`` is the working directory in the
    container, None where it is unknown; ``filesystem`` maps its paths, None for a bare file.
    """

    def __init__(
        self,
        workspace: Workspace,
        search: Sequence[str],
        directory: str | None = None,
        filesystem: Filesystem | None = None,
    ) -> None:
        self.workspace = workspace
        self.search = tuple(dict.fromkeys(search))
        self.directory = directory
        self.filesystem = filesystem
        self.patched: dict[str, bool] = {}
        self.read: list[str] = []  # repository paths of what was evaluated or opened
        self._nested = 0

    # ---- modules

    def find(self, name: str) -> tuple[str | None, str] | None:
        """(repository path of the module's file or None for a package without one, its directory or "")."""
        parts = name.split(".")
        tree = self.workspace.tree
        if parts[0] in sys.stdlib_module_names or len(parts) > 10:
            return None
        for base in self.search:
            folder = posixpath.join(base, *parts[:-1]) if base != "." else posixpath.join(*parts[:-1], "")
            stem = posixpath.normpath(posixpath.join(folder, parts[-1]))
            if tree.is_file(f"{stem}/__init__.py"):
                return f"{stem}/__init__.py", stem
            if tree.is_file(f"{stem}.py"):
                return f"{stem}.py", ""
            if tree.is_directory(stem) and any(child.endswith(".py") for child in tree.children(stem)):
                return None, stem
        return None

    def module(self, m: Machine, name: str, frame: Frame) -> Value:
        """The module of that full name, evaluated where it is in the tree."""
        if name in m.modules:
            return m.modules[name]
        described = self.described(m, name, frame)
        if described is not None:
            return described
        found = self.find(name)
        if found is None:
            if name.split(".", maxsplit=1)[0] not in sys.stdlib_module_names:
                m.doubt = m.doubt or f"{name} may not be installed"
                if self.find(name.split(".", maxsplit=1)[0]) is not None:
                    return unknown(f"the module {name} is not in the tree")
            return Value(Dotted(name))
        path, folder = found
        parent = name.rpartition(".")[0]
        if parent and parent not in m.modules:
            self.module(m, parent, frame)
        scope = m.state.new("scope", {"__name__": Value(name)})
        value = Value(Module(name, path or folder, scope.address))
        m.modules[name] = value
        package = name if folder else parent
        if path is None:
            return value
        file = self.workspace.source(path)
        tree = parse(file.text) if file is not None else "it cannot be read"
        if isinstance(tree, str) or self._nested >= MAX_NESTED or len(m.modules) > MAX_MODULES or file is None:
            why = tree if isinstance(tree, str) else "too many modules"
            m.doubt = m.doubt or f"{name}: {why}"
            m.state.write(scope.address)[REST] = Value(Opaque(f"{name} is not evaluated: {why}"))
            return value
        self.read.append(path)
        self._run(m, tree, file, scope.address, name, package)
        return value

    def _run(self, m: Machine, tree: ast.Module, file: SourceFile, address: int, name: str, package: str) -> None:
        """Evaluate a module's body; what fails or takes too long leaves it unknown, and nothing changed."""
        cell = m.state.write(address)
        cell["__file__"] = self.file_value(file.path)
        cell["__package__"] = Value(package)
        before = m.state.snapshot()
        fuel = m.state.fuel
        m.state.fuel = min(fuel, MODULE_FUEL)
        budget = m.state.fuel
        depth, controls, tries, statement = m.depth, m.controls, m.tries, m.statement
        m.controls, m.tries, m.depth = [], [], min(depth, 40)
        self._nested += 1
        why = ""
        try:
            run_block(m, tree.body, Frame((address,), file))
        except Exhausted:
            why = "it takes too much work to evaluate"
        except Raised as error:
            why = f"it seems to raise {error}"
        finally:
            self._nested -= 1
            m.depth, m.controls, m.tries, m.statement = depth, controls, tries, statement
            m.state.fuel = fuel - (budget - max(m.state.fuel, 0))
        m.doubt = m.doubt or "code of the project"
        if why:
            m.state.restore(before)
            m.state.write(address)[REST] = Value(Opaque(f"{name} is not known: {why}"))

    def attribute(self, m: Machine, module: Module, name: str, frame: Frame) -> Value:
        cell = m.state.read(module.address)
        if isinstance(cell, Opaque):
            return Value(Opaque(cell.reason))
        found = cell.get(name)
        if found is not None:
            if found.maybe:
                m.doubt = m.doubt or found.maybe
            return Value(found.data, found.inputs, found.place)
        full = f"{module.name}.{name}"
        if full in m.modules:
            return m.modules[full]
        if REST in cell:
            m.doubt = m.doubt or "the name may be set by code that is not read"
            return blur(cell[REST])
        raise Raised("AttributeError", f"module '{module.name}' has no attribute '{name}'", m.here)

    # ---- what profiles and readers describe

    def described(self, m: Machine, name: str, frame: Frame) -> Value | None:
        from gwaudit.resolve.python.readers import described

        return described(m, name)

    def settings_object(self, m: Machine, cls: ClassType, keywords: dict[str, Value], frame: Frame) -> Value | None:
        from gwaudit.resolve.python.settings import settings_object

        return settings_object(m, cls, keywords, frame)

    def has_method(self, m: Machine, cls: ClassType, names: Sequence[str]) -> bool:
        return any(class_member(m, cls, name) is not None for name in names)

    # ---- files

    def file_value(self, path: str) -> Value:
        """``__file__`` of a repository file: its path in the container."""
        if self.filesystem is not None:
            inside = self.filesystem.container_path(path)
            if inside is not None:
                return Value(inside, self.doubt())
        return unknown("where the file lies in the container is not known", "file.path", kind="str")

    def doubt(self) -> tuple[Fact, ...]:
        """What a text rests on that tells where the files lie."""
        place = self.filesystem.place if self.filesystem is not None else None
        return () if place is None else (place,)

    def _locate(self, path: str) -> str | Unknown | None:
        if self.filesystem is None:
            return Unknown("the file system is not known")
        return self.filesystem.locate(path, self.directory)

    def exists(self, path: str, kind: str) -> bool | None:
        found = self._locate(path)
        if not isinstance(found, str) and kind != "is_file" and posixpath.normpath(path) in _ON_EVERY_LINUX:
            return True
        if isinstance(found, Unknown):
            return None
        if found is None:
            return False
        if kind == "exists":
            return True
        tree = self.workspace.tree
        return tree.is_file(found) if kind == "is_file" else tree.is_directory(found)

    def read_text(self, path: str) -> str | None:
        found = self._locate(path)
        if not isinstance(found, str) or not self.workspace.tree.is_file(found):
            return None
        file = self.workspace.source(found)
        if file is None or len(file.text) > 100_000:
            return None
        self.read.append(found)
        return file.text
