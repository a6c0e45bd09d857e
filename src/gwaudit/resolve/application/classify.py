"""What an application object is: ASGI or WSGI, of which framework, and whether an adapter wraps it; by its text alone."""

from __future__ import annotations

import ast

from gwaudit.bundle import section
from gwaudit.resolve.application.import_time import loaded_statements
from gwaudit.resolve.application.kind import Kind, Scope, agreed, by_signature
from gwaudit.resolve.application.syntax import dotted, full_name, keyword

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from gwaudit.resolve.application.modules import Modules
    from gwaudit.resolve.application.syntax import Module

MAX_STEPS = 200


class Classifier:
    """Follows an object through assignments, imports, factories and wrappers, at most ``MAX_STEPS`` steps."""

    def __init__(self, modules: Modules) -> None:
        self.modules = modules
        self.data: dict[str, Any] = section("platforms/frameworks")
        self.steps = 0
        self.given: ast.expr | None = None  # the object as the command names it, which stands in no module

    def classify(self, module: Module, expression: str) -> Kind | None:
        """``app``, ``api.app`` or ``create_app("prod")`` in a module; None where its text does not tell."""
        try:
            node = ast.parse(expression, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        self.given = node
        return self.of(node, Scope(module))

    def of(self, node: ast.expr | None, scope: Scope) -> Kind | None:
        self.steps += 1
        if node is None or self.steps > MAX_STEPS:
            return None
        if isinstance(node, ast.Await):
            return self.of(node.value, scope)
        if isinstance(node, ast.Name):
            return self.name(node.id, scope)
        if isinstance(node, ast.Attribute):
            return self.attribute(node, scope)
        if isinstance(node, ast.Call):
            return self.call(node, scope)
        if isinstance(node, ast.IfExp):
            return agreed([self.of(node.body, scope), self.of(node.orelse, scope)])
        return None

    def attribute(self, node: ast.Attribute, scope: Scope) -> Kind | None:
        full = full_name(node, scope.module.imported)
        found = self.modules.of_name(scope.module, full) if full and "." in full else None
        if found is not None and found[1]:
            other = self.modules.load(found[0])
            if other is not None and other is not scope.module:
                return self.name(found[1], Scope(other))
        if node.attr in self.data["attributes"]:
            return self.of(node.value, scope)
        return None

    def call(self, node: ast.Call, scope: Scope) -> Kind | None:
        full = full_name(node.func, scope.module.imported)
        place = scope.module.location(node)
        wrapper = self.data["wrappers"].get(full)
        inner = node.args[0] if node.args else keyword(node, "app") or keyword(node, "application")
        if wrapper is not None:
            wrapped = self.of(inner, scope)
            framework = wrapped.framework if wrapped is not None else None
            adapter = bool(wrapper.get("adapter")) or (wrapped.adapter if wrapped is not None else False)
            return Kind(wrapper["interface"], framework, place, adapter)
        known = self.data["applications"].get(full)
        if known is not None:
            return Kind(known["interface"], known["framework"], place)
        if isinstance(node.func, ast.Attribute):
            method = self.data["methods"].get(node.func.attr)
            if method is not None:
                return Kind(method["interface"], method.get("framework"), place)
        found = self.definition(node.func, scope)
        if found is not None:
            module, definition = found
            if isinstance(definition, ast.ClassDef):
                return self.instance(module, definition, scope, node)
            return self.returned(module, definition)
        last = full.rpartition(".")[2]
        if inner is not None and (last.endswith(("Middleware", "MiddlewareStack")) or "middleware" in full.lower()):
            return self.of(inner, scope)
        return None

    def definition(
        self, func: ast.expr, scope: Scope
    ) -> tuple[Module, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef] | None:
        """The function or class of the tree that a call names."""
        name = dotted(func)
        if not name:
            return None
        if "." not in name:
            for node in reversed(loaded_statements(scope.module.tree.body)):
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node.name == name:
                    return scope.module, node
        full = full_name(func, scope.module.imported)
        found = self.modules.of_name(scope.module, full) if full != name or "." in full else None
        if found is None and "." not in name and self.steps <= MAX_STEPS:
            for starred in self.starred_modules(scope.module):
                self.steps += 1
                definition = self.definition(ast.Name(name), Scope(starred))
                if definition is not None:
                    return definition
        if found is None or not found[1]:
            return None
        other = self.modules.load(found[0])
        self.steps += 1
        if other is None or other is scope.module or self.steps > MAX_STEPS:
            return None
        return self.definition(ast.Name(found[1]), Scope(other))

    def returned(self, module: Module, function: ast.FunctionDef | ast.AsyncFunctionDef) -> Kind | None:
        """What a factory returns: all its returns must agree."""
        kinds = []
        stack: list[ast.AST] = list(function.body)
        while stack:
            node = stack.pop()
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
                continue
            if isinstance(node, ast.Return) and node.value is not None:
                kinds.append(self.of(node.value, Scope(module, function, node.lineno)))
            stack.extend(ast.iter_child_nodes(node))
        return agreed(kinds)

    def instance(self, module: Module, node: ast.ClassDef, scope: Scope, call: ast.Call) -> Kind | None:
        """An object of a class of the tree: by the class it extends, else by its ``__call__``."""
        place = module.location(node) if call is self.given else scope.module.location(call)
        for base in node.bases:
            full = full_name(base, module.imported)
            known = self.data["applications"].get(full)
            if known is not None:
                return Kind(known["interface"], known["framework"], place)
            found = self.definition(base, Scope(module))
            self.steps += 1
            if found is not None and isinstance(found[1], ast.ClassDef) and self.steps < MAX_STEPS:
                kind = self.instance(found[0], found[1], scope, call)
                if kind is not None:
                    return kind
        for item in node.body:
            if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)) and item.name == "__call__":
                return by_signature(item, place, 1)
        return None

    def name(self, name: str, scope: Scope) -> Kind | None:
        """What a name is bound to: in the function around, else in the module, else where it is imported from."""
        self.steps += 1
        if self.steps > MAX_STEPS:
            return None
        if scope.function is not None:
            kind, bound = self.bound(name, loaded_statements(scope.function.body), scope)
            if bound:
                return kind
        outer = Scope(scope.module, None, scope.before if scope.function is None else None)
        kind, bound = self.bound(name, loaded_statements(scope.module.tree.body), outer)
        if bound:
            return kind
        imported = scope.module.imported.get(name)
        if imported is None:
            return self.starred(name, scope)
        known = self.data["applications"].get(imported)
        if known is not None and known["interface"] is None:
            return None
        found = self.modules.of_name(scope.module, imported)
        if found is None:
            return None
        other = self.modules.load(found[0])
        if other is None or not found[1] or (other is scope.module and found[1] == name):
            return None
        return self.name(found[1], Scope(other))

    def starred(self, name: str, scope: Scope) -> Kind | None:
        """``from .base import *``."""
        for other in self.starred_modules(scope.module):
            kind = self.name(name, Scope(other))
            if kind is not None:
                return kind
        return None

    def starred_modules(self, module: Module) -> Iterator[Module]:
        for node in module.tree.body:
            if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
                base = self.modules.absolute(module.path, "." * node.level + (node.module or ""))
                path = self.modules.find(base.rstrip("."))
                other = self.modules.load(path) if path is not None else None
                if other is not None and other is not module:
                    yield other

    def bound(self, name: str, statements: list[ast.stmt], scope: Scope) -> tuple[Kind | None, bool]:
        """The last binding before a line, and whether there is any; bindings in branches must agree."""
        kinds: list[Kind | None] = []
        for node in reversed(statements):
            if scope.before is not None and node.lineno >= scope.before:
                continue
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == name:
                kinds.append(by_signature(node, scope.module.location(node), 0))
            elif isinstance(node, (ast.Assign, ast.AnnAssign)):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if any(isinstance(target, ast.Name) and target.id == name for target in targets):
                    inner = Scope(scope.module, scope.function, node.lineno)
                    kinds.append(self.of(node.value, inner))
            if kinds and node.col_offset == (statements[0].col_offset if statements else 0):
                break  # a binding that no branch decides; earlier ones are gone
        return (agreed(kinds), True) if kinds else (None, False)
