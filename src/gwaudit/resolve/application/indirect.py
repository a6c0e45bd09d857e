"""Names of variables that stand elsewhere: in a loop over texts, or with the callers of a function."""

from __future__ import annotations

import ast

from gwaudit.resolve.application.syntax import strings


class Wrapper:
    """A function that looks up the variable that its caller names: the position and name of that parameter.

    ``prefix`` says that the parameter only begins the name.
    """

    __slots__ = ("name", "parameter", "position", "prefix")

    def __init__(self, name: str, position: int, parameter: str, prefix: bool = False) -> None:
        self.name = name
        self.position = position
        self.parameter = parameter
        self.prefix = prefix


def wrapper_of(functions: list[ast.FunctionDef | ast.AsyncFunctionDef], name: str, prefix: bool) -> Wrapper | None:
    """The innermost of the functions around that has the parameter ``name``, as a wrapper; None where none has it."""
    for function in reversed(functions):
        arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        names = [argument.arg for argument in arguments]
        if name in names:
            position = names.index(name) - (1 if names[:1] in (["self"], ["cls"]) else 0)
            return Wrapper(function.name, position, name, prefix)
    return None


def loop_texts(target: ast.expr, over: ast.expr, constants: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """Names that a loop over literals binds: ``for name in ("A", "B")``, ``for name, x in {...}.items()``."""
    first = target.elts[0] if isinstance(target, ast.Tuple) and target.elts else target
    source: ast.AST = over
    if isinstance(over, ast.Call) and isinstance(over.func, ast.Attribute) and over.func.attr in ("items", "keys"):
        source = over.func.value
    if isinstance(target, ast.Tuple) and isinstance(source, (ast.List, ast.Tuple)):
        heads = [item.elts[0] for item in source.elts if isinstance(item, (ast.Tuple, ast.List)) and item.elts]
        values = tuple(text for head in heads for text in strings(head, constants))
    else:
        values = tuple(strings(source, constants)) if not isinstance(source, (ast.Name, ast.Constant)) else ()
    return {first.id: values} if isinstance(first, ast.Name) and values else {}


def first_name(node: ast.expr | None) -> str | None:
    """The name that a text put together begins with: ``f"{prefix}_X"``, ``prefix + "_X"``."""
    if isinstance(node, ast.JoinedStr) and node.values:
        first = node.values[0]
        return first.value.id if isinstance(first, ast.FormattedValue) and isinstance(first.value, ast.Name) else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return node.left.id if isinstance(node.left, ast.Name) else first_name(node.left)
    return None


def last_name(node: ast.AST | None) -> str:
    """``settings.env`` -> ``env``."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
