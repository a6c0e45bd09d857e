"""What is said of an application object, where it is looked for, and how several answers agree."""

from __future__ import annotations

import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.application.syntax import Module
    from gwaudit.source import Location


class Kind:
    """``interface``: asgi, wsgi or None (not known); ``framework``: a name or None; ``adapter``: whether one wraps it."""

    __slots__ = ("adapter", "framework", "interface", "place")

    def __init__(self, interface: str | None, framework: str | None, place: Location, adapter: bool = False) -> None:
        self.interface = interface
        self.framework = framework
        self.place = place
        self.adapter = adapter


class Scope:
    """Where a name is looked up: a module, the function around the expression, and before which line."""

    __slots__ = ("before", "function", "module")

    def __init__(
        self, module: Module, function: ast.FunctionDef | ast.AsyncFunctionDef | None = None, before: int | None = None
    ) -> None:
        self.module = module
        self.function = function
        self.before = before


def by_signature(node: ast.FunctionDef | ast.AsyncFunctionDef, place: Location, skip: int) -> Kind | None:
    """``async def app(scope, receive, send)`` speaks ASGI, ``def app(environ, start_response)`` WSGI."""
    names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)][skip:]
    if isinstance(node, ast.AsyncFunctionDef) and len(names) == 3:
        return Kind("asgi", None, place)
    if (
        isinstance(node, ast.FunctionDef)
        and len(names) == 2
        and ("environ" in names[0] or "start_response" in names[1])
    ):
        return Kind("wsgi", None, place)
    return None


def agreed(kinds: list[Kind | None]) -> Kind | None:
    """The one that all agree with; None where they differ or one is not known."""
    if not kinds or any(kind is None for kind in kinds):
        known = [kind for kind in kinds if kind is not None]
        return known[0] if known and len({kind.interface for kind in known}) == 1 and len(kinds) > 1 else None
    first = kinds[0]
    same = all(kind is not None and first is not None and kind.interface == first.interface for kind in kinds)
    return first if same else None
