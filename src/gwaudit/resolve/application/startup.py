"""What happens when an application is imported: connections it opens, engines it makes, and what its modules tell."""

from __future__ import annotations

import ast
import re

from gwaudit.bundle import section
from gwaudit.resolve.application.engines import pool
from gwaudit.resolve.application.import_time import calls_by_place, calls_in, imported_modules, loaded_statements
from gwaudit.resolve.application.syntax import full_name
from gwaudit.resolve.fact import Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from gwaudit.resolve.application.modules import Modules
    from gwaudit.resolve.application.syntax import Module

    Function = ast.FunctionDef | ast.AsyncFunctionDef

MAX_MODULES = 400
MAX_BYTES = 12_000_000
MAX_PARSED = 25
MAX_CALLS = 3  # how many functions deep a call at import is followed


class Startup:
    """The modules of the tree that an application imports, breadth first; ``complete`` where none was left out.

    A module is parsed only where a word of interest stands in it; most never are.
    """

    def __init__(self, modules: Modules, first: Module) -> None:
        self.modules = modules
        self.texts: dict[str, bytes] = {}
        self.complete = True
        self.data: dict[str, Any] = section("platforms/frameworks")
        self._connections = frozenset(self.data["connections"])
        self._openers: set[bytes] = set()  # functions of the tree in which such a call stands, or one of theirs
        queue, seen, size = [first.path], {first.path}, 0
        while queue:
            path = queue.pop(0)
            data = first.data if path == first.path else modules.read(path)
            size += len(data or b"")
            if data is None or len(self.texts) >= MAX_MODULES or size > MAX_BYTES:
                self.complete = False
                break
            self.texts[path] = data
            for other in imported_modules(modules, path, data):
                if other not in seen:
                    seen.add(other)
                    queue.append(other)

    def holding(self, words: Iterable[bytes]) -> list[Module]:
        """The imported modules in which one of the words stands, parsed."""
        wanted = tuple(words)
        found = []
        for path, data in self.texts.items():
            if any(word in data for word in wanted):
                module = self.modules.load(path)
                if module is None:
                    self.complete = False
                else:
                    found.append(module)
        return found

    def facts(self) -> Iterator[Fact]:
        yield self.connections()
        yield from pool(self)
        for word in self.data["stream_words"]:
            place = self._mention(word)
            if place is not None:
                yield Fact("app.streams", True, place)
                break
        gathered = any(self._mention(word) is not None for word in self.data["metrics_gathered"])
        for package in () if gathered else self.data["metrics_packages"]:
            place = self._mention(f"import {package}") or self._mention(f"from {package}")
            if place is not None:
                yield Fact("app.metrics", True, place)
                break

    def connections(self) -> Fact:
        """``app.opens_connections_at_import``: by the calls that run at import, functions of the tree among them."""
        name = "app.opens_connections_at_import"
        for module in self._candidates():
            call = self._opens(module, calls_in(loaded_statements(module.tree.body)), 0, set())
            if call is not None:
                return Fact(name, True, Source("application", None, module.location(call)))
        if not self.complete:
            return Fact(name, Unknown("not every module that the application imports was read"))
        return Fact(name, False, Source("application"))

    def _candidates(self) -> Iterator[Module]:
        """Modules in which such a call, or one of a function that holds such a call, seems to run at import."""
        names = sorted({full.rpartition(".")[2].encode() for full in self._connections})
        packages = b"|".join(sorted({full.partition(".")[0].encode() for full in self._connections}))
        imported = re.compile(rb"(?:from|import)[ \t]+(?:" + packages + rb")\b")
        telling: dict[str, None] = {}
        fresh: set[bytes] = set()
        for path, data in self.texts.items():
            if imported.search(data):
                here, functions = calls_by_place(data, names)
                fresh |= functions
                if here:
                    telling[path] = None
        for _ in range(MAX_CALLS):
            self._openers |= fresh
            if not fresh:
                break
            further: set[bytes] = set()
            for path, data in self.texts.items():
                here, functions = calls_by_place(data, fresh)
                further |= functions
                if here:
                    telling[path] = None
            fresh = further - self._openers
        for path in list(telling)[:MAX_PARSED]:
            yield from self._parsed(path)
        self.complete = self.complete and len(telling) <= MAX_PARSED

    def _parsed(self, path: str) -> Iterator[Module]:
        module = self.modules.load(path)
        if module is None:
            self.complete = False
        else:
            yield module

    def _opens(
        self, module: Module, calls: Iterator[ast.Call], depth: int, seen: set[tuple[str, str]]
    ) -> ast.Call | None:
        """The first of the calls that opens a connection, itself or in a function that it runs."""
        for call in calls:
            full = full_name(call.func, module.imported)
            if full in self._connections:
                return call
            last = full.rpartition(".")[2].encode()
            found = self._function(module, call.func, full) if last in self._openers and depth < MAX_CALLS else None
            if found is None or (found[0].path, found[1].name) in seen:
                continue
            seen.add((found[0].path, found[1].name))
            if self._opens(found[0], calls_in(loaded_statements(found[1].body)), depth + 1, seen) is not None:
                return call
        return None

    def _function(self, module: Module, func: ast.expr, full: str) -> tuple[Module, Function] | None:
        """The function of the tree that a call names."""
        if isinstance(func, ast.Name) and func.id not in module.imported:
            return _defined(module, func.id)
        found = self.modules.of_name(module, full)
        if found is None or not found[1] or found[0] not in self.texts:
            return None
        other = self.modules.load(found[0])
        return _defined(other, found[1]) if other is not None else None

    def _mention(self, word: str) -> Source | None:
        data = word.encode()
        for path, text in self.texts.items():
            at = text.find(data)
            if at >= 0:
                from gwaudit.resolve.application.reads import places

                return Source("application", None, places(path, text, (at,))[0])
        return None


def _defined(module: Module, name: str) -> tuple[Module, Function] | None:
    """The function of that name among the statements that a module runs when it is loaded."""
    for node in loaded_statements(module.tree.body):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == name:
            return module, node
    return None
