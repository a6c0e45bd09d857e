"""What a value may refer to: objects on the heap, functions, classes, modules, names of code that is not read."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Sequence
    from typing import Any

    from gwaudit.resolve.python.value import Value
    from gwaudit.source import SourceFile


class Ref:
    """A mutable object on the heap. ``kind``: list, dict, set, frozenset, object, environ."""

    __slots__ = ("address", "cls", "kind")

    def __init__(self, address: int, kind: str, cls: ClassType | None = None) -> None:
        self.address = address
        self.kind = kind
        self.cls = cls

    def __repr__(self) -> str:
        return f"Ref({self.kind} {self.address})"


class Function:
    """A function or lambda of audited code; ``scopes`` are the addresses of the enclosing scopes, innermost first."""

    __slots__ = ("defaults", "file", "is_property", "keyword_defaults", "name", "node", "scopes", "static")

    def __init__(
        self,
        name: str,
        node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
        file: SourceFile,
        scopes: tuple[int, ...],
        defaults: Sequence[Value] = (),
        keyword_defaults: dict[str, Value] | None = None,
    ) -> None:
        self.name = name
        self.node = node
        self.file = file
        self.scopes = scopes
        self.defaults = tuple(defaults)
        self.keyword_defaults = keyword_defaults or {}
        self.static = ""  # "static" or "class" for methods declared so
        self.is_property = False

    def __repr__(self) -> str:
        return f"<function {self.name}>"


class Bound:
    """A method bound to its object: ``name`` of a built-in type's method, or a ``function`` of audited code."""

    __slots__ = ("function", "name", "owner")

    def __init__(self, owner: Value, name: str, function: Function | None = None) -> None:
        self.owner = owner
        self.name = name
        self.function = function


class ClassType:
    """A class of audited code; its attributes are the scope at ``address``."""

    __slots__ = ("address", "bases", "file", "name", "node")

    def __init__(self, name: str, node: ast.ClassDef, file: SourceFile, bases: tuple[Value, ...], address: int) -> None:
        self.name = name
        self.node = node
        self.file = file
        self.bases = bases
        self.address = address

    def __repr__(self) -> str:
        return f"<class {self.name}>"


class Module:
    """A module of the audited tree, evaluated; its names are the scope at ``address``."""

    __slots__ = ("address", "name", "path")

    def __init__(self, name: str, path: str, address: int) -> None:
        self.name = name
        self.path = path
        self.address = address


class Dotted:
    """A module, or something in one, that is not read: its full name (``os.path.join``). Known names have meanings."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"<{self.name}>"


class PathValue:
    """A ``pathlib`` path (POSIX)."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PathValue) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Path({self.text!r})"


class Reader:
    """An object that reads environment variables (django-environ's ``Env()``): its kind in the readers' table."""

    __slots__ = ("kind", "options")

    def __init__(self, kind: str, options: dict[str, Any] | None = None) -> None:
        self.kind = kind
        self.options = options or {}
