"""Small questions about Python syntax trees: dotted names, constants, imports, where a node stands."""

from __future__ import annotations

import ast
import gc
import warnings

from gwaudit.source import Location, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

MAX_BYTES = 2_000_000


class Module:
    """One module: its path, bytes and tree, and where a node of it stands."""

    __slots__ = ("_ascii", "_imported", "_lines", "data", "path", "tree")

    def __init__(self, path: str, data: bytes, tree: ast.Module) -> None:
        self.path = path
        self.data = data
        self.tree = tree
        self._ascii = data.isascii()
        self._lines: list[bytes] | None = None
        self._imported: dict[str, str] | None = None

    @property
    def imported(self) -> dict[str, str]:
        """See ``imports``."""
        if self._imported is None:
            self._imported = imports(self.tree)
        return self._imported

    def lines(self) -> list[bytes]:
        if self._lines is None:
            self._lines = self.data.split(b"\n")
        return self._lines

    def lines_with(self, pattern: re.Pattern[bytes]) -> list[int]:
        """The lines in which a pattern is found that matches within a line."""
        found: list[int] = []
        line, at, data = 1, 0, self.data
        for match in pattern.finditer(data):
            start = match.start()
            line += data.count(b"\n", at, start)
            at = start
            if not found or found[-1] != line:
                found.append(line)
        return found

    def location(self, node: ast.AST) -> Location:
        """The stretch of a node; its columns are bytes in the tree and characters here."""
        line = int(getattr(node, "lineno", 1))
        column = int(getattr(node, "col_offset", 0))
        end_line = int(getattr(node, "end_lineno", None) or line)
        end = int(getattr(node, "end_col_offset", None) or column)
        if not self._ascii:
            lines = self.lines()
            if line <= len(lines) and end_line <= len(lines):
                column = len(lines[line - 1][:column].decode("utf-8", "replace"))
                end = len(lines[end_line - 1][:end].decode("utf-8", "replace"))
        return Location(self.path, Span(line, column + 1, end_line, end + 1))


def module_of(path: str, data: bytes) -> Module | None:
    """The module; None where its text cannot be parsed."""
    tree = parse(data)
    return Module(path, data, tree) if tree is not None else None


def parse(data: bytes) -> ast.Module | None:
    """The tree of a module; None for a text that is no Python of this interpreter, or too deep for it."""
    if len(data) > MAX_BYTES:
        return None
    collecting = gc.isenabled()
    gc.disable()  # a tree of 100,000 objects without one cycle: looking for cycles takes a quarter of the time
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    finally:
        if collecting:
            gc.enable()


def dotted(node: ast.AST | None) -> str:
    """``a.b.c`` of a name or attribute; empty for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join((node.id, *reversed(parts)))


def text_of(node: ast.AST | None, constants: dict[str, str] | None = None) -> str | None:
    """The text of a string constant, a name bound to one, or a sum and f-string of such; None for anything else."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.Name) and constants is not None:
        return constants.get(node.id)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = text_of(node.left, constants), text_of(node.right, constants)
        return left + right if left is not None and right is not None else None
    if isinstance(node, ast.JoinedStr):
        parts = [text_of(v.value if isinstance(v, ast.FormattedValue) else v, constants) for v in node.values]
        return "".join(p for p in parts if p is not None) if all(p is not None for p in parts) else None
    return None


def leading_text(node: ast.AST | None, constants: dict[str, str]) -> str:
    """What a name that is put together surely begins with; empty where that is not known."""
    whole = text_of(node, constants)
    if whole is not None:
        return whole
    if isinstance(node, ast.JoinedStr) and node.values:
        found = ""
        for value in node.values:
            piece = text_of(value.value if isinstance(value, ast.FormattedValue) else value, constants)
            if piece is None:
                break
            found += piece
        return found
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Mod)):
        start = leading_text(node.left, constants)
        return start.split("%")[0] if isinstance(node.op, ast.Mod) else start
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr == "format":
            return leading_text(node.func.value, constants).split("{")[0]
        if node.func.attr in ("upper", "lower", "strip"):
            start = leading_text(node.func.value, constants)
            return start.upper() if node.func.attr == "upper" else start
    return ""


def string_constants(tree: ast.Module) -> dict[str, str]:
    """Module-level names bound once to a string."""
    found: dict[str, str] = {}
    twice: set[str] = set()
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        value = getattr(node, "value", None)
        for target in targets:
            if isinstance(target, ast.Name):
                text = text_of(value, found)
                if target.id in found or text is None:
                    twice.add(target.id)
                else:
                    found[target.id] = text
    return {name: text for name, text in found.items() if name not in twice}


def statements(tree: ast.AST) -> Iterator[ast.stmt]:
    """Every statement below a node, without looking into expressions."""
    stack: list[ast.AST] = [tree]
    while stack:
        inside = stack.pop().__dict__
        for field in ("body", "orelse", "finalbody", "handlers", "cases"):
            children = inside.get(field)
            if children.__class__ is list:
                for child in children:
                    if isinstance(child, ast.stmt):
                        yield child
                stack.extend(children)


def imports(tree: ast.Module) -> dict[str, str]:
    """Local name -> dotted name it was imported as, anywhere in the module (``from os import environ as e``: os.environ)."""
    found: dict[str, str] = {}
    for node in statements(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            for alias in node.names:
                found[alias.asname or alias.name] = f"{base}.{alias.name}" if base.strip(".") else f"{base}{alias.name}"
    return found


def full_name(node: ast.AST | None, imported: dict[str, str]) -> str:
    """The dotted name of an expression with its first part followed through the imports."""
    name = dotted(node)
    if not name:
        return ""
    first, dot, rest = name.partition(".")
    return f"{imported.get(first, first)}{dot}{rest}"


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((k.value for k in call.keywords if k.arg == name), None)


def strings(node: ast.AST | None, constants: dict[str, str] | None = None) -> Iterator[str]:
    """The strings of a constant or of a list, tuple or set of constants; the keys of a dict."""
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        for item in node.elts:
            yield from strings(item, constants)
    elif isinstance(node, ast.Dict):
        for key in node.keys:
            yield from strings(key, constants)
    else:
        found = text_of(node, constants)
        if found is not None:
            yield found
