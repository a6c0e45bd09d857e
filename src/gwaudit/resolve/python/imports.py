"""Import statements: what names they bind, relative imports, and ``import *``."""

from __future__ import annotations

import ast
import sys

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.python.assignment import set_name
from gwaudit.resolve.python.attributes import attribute
from gwaudit.resolve.python.containers.changes import merge_dict, taint
from gwaudit.resolve.python.failure import Raised
from gwaudit.resolve.python.library.constants import constant
from gwaudit.resolve.python.objects import Dotted, Module
from gwaudit.resolve.python.value import REST, Opaque, Value, blur, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.python.machine import Frame, Machine


def run_import(m: Machine, node: ast.Import | ast.ImportFrom, frame: Frame) -> None:
    """Run ``import`` or ``from ... import``: the names it binds are set in the innermost scope."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            value = m.loader.module(m, alias.name, frame)
            if alias.asname is None:
                value = m.loader.module(m, alias.name.split(".")[0], frame) if "." in alias.name else value
            set_name(m, alias.asname or alias.name.split(".")[0], value, frame)
        return
    base = _base(m, node, frame)
    if base is None:
        m.doubt = m.doubt or "a relative import outside a package"
        for alias in node.names:
            set_name(m, alias.asname or alias.name, unknown("a relative import that is not resolved"), frame)
        return
    for alias in node.names:
        if alias.name == "*":
            _star(m, base, frame)
            continue
        described = m.loader.described(m, f"{base}.{alias.name}", frame)
        value = described if described is not None else _member(m, base, alias.name, frame)
        set_name(m, alias.asname or alias.name, value, frame)


def _base(m: Machine, node: ast.ImportFrom, frame: Frame) -> str | None:
    """The full name of the module that ``from`` names; relative ones count from the package around."""
    if not node.level:
        return node.module
    cell = m.state.read(frame.scopes[-1])
    package = cell.get("__package__") if isinstance(cell, dict) else None
    if package is None or not isinstance(package.data, str) or not package.data:
        raise Raised("ImportError", "attempted relative import with no known parent package", m.here)
    parts = package.data.split(".")
    if node.level - 1 >= len(parts):
        raise Raised("ImportError", "attempted relative import beyond top-level package", m.here)
    parts = parts[: len(parts) - (node.level - 1)]
    return ".".join([*parts, *([node.module] if node.module else [])])


def _member(m: Machine, base: str, name: str, frame: Frame) -> Value:
    module = m.loader.module(m, base, frame)
    if isinstance(module.data, Module):
        cell = m.state.read(module.data.address)
        if isinstance(cell, dict) and name not in cell and m.loader.find(f"{base}.{name}") is not None:
            return m.loader.module(m, f"{base}.{name}", frame)
        try:
            return m.loader.attribute(m, module.data, name, frame)
        except Raised:
            m.doubt = m.doubt or "the name is not found"
            return unknown(f"{name} is not found in {base}")
    if isinstance(module.data, Unknown):
        return blur(module)
    return attribute(m, module, name, frame)


def _star(m: Machine, base: str, frame: Frame) -> None:
    module = m.loader.module(m, base, frame)
    target = frame.scopes[0]
    if not isinstance(module.data, Module):
        if base.split(".", maxsplit=1)[0] not in sys.stdlib_module_names:
            taint(m, target, Value(Opaque(f"everything is imported from {base}, which is not read")))
        elif base in ("os", "os.path", "math", "multiprocessing", "pathlib"):
            _star_library(m, base, frame)
        return
    cell = m.state.read(module.data.address)
    if isinstance(cell, Opaque):
        taint(m, target, Value(Opaque(cell.reason)))
        return
    listed = m.state.plain(cell["__all__"].data) if "__all__" in cell else None
    names = (
        listed
        if isinstance(listed, (list, tuple))
        else [key for key in cell if isinstance(key, str) and not key.startswith("_")]
    )
    chosen = Value(m.state.new("dict", {key: cell[key] for key in names if key in cell}))
    if REST in cell:
        taint(m, target, cell[REST])
    merge_dict(m, target, chosen)


def _star_library(m: Machine, base: str, frame: Frame) -> None:
    from importlib import import_module

    library = import_module(base)
    for name in getattr(library, "__all__", None) or [n for n in vars(library) if not n.startswith("_")]:
        full = f"{base}.{name}"
        set_name(m, name, constant(m, full) or Value(Dotted(full)), frame)
