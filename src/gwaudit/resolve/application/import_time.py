"""What runs when a module is imported: its statements, the calls among them, the modules that it imports itself."""

from __future__ import annotations

import ast
import re
from bisect import bisect_right

from gwaudit.pattern import regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gwaudit.resolve.application.modules import Modules


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


def calls_in(body: list[ast.stmt]) -> Iterator[ast.Call]:
    """Calls in the expressions of statements; the statements inside them are listed by themselves."""
    for statement in body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        kinds = (ast.expr, ast.withitem, ast.keyword)
        stack: list[ast.AST] = [child for child in ast.iter_child_nodes(statement) if isinstance(child, kinds)]
        while stack:
            node = stack.pop()
            if isinstance(node, ast.Lambda):
                continue
            if isinstance(node, ast.Call):
                yield node
            stack.extend(ast.iter_child_nodes(node))
