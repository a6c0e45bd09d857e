"""Look-ups of the environment in one Python module, in the spellings of the standard library and the common packages.

os, decouple, starlette.config, django-environ, environs, envparse, dj-database-url, click and typer, dynaconf, Flask. A
function that hands its parameter to such a look-up is a look-up itself (``wrappers``); its calls are found afterwards.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_left

from gwaudit.resolve.application.indirect import Wrapper, first_name, last_name, loop_texts, wrapper_of
from gwaudit.resolve.application.packages import MAKERS, configured, option, package_call, reader_call
from gwaudit.resolve.application.syntax import full_name, keyword, leading_text, statements, string_constants, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gwaudit.resolve.application.reads import Collector
    from gwaudit.resolve.application.syntax import Module

_GETTERS = ("get", "setdefault", "pop", "__getitem__", "__contains__")
_READY = frozenset(("decouple.config", "envparse.env", "environs.env", "prettyconf.config"))
_LOADERS = frozenset(("dotenv.load_dotenv", "dotenv.main.load_dotenv", "dotenv.dotenv_values", "dotenv.find_dotenv"))
# A line without any of these looks nothing up, apart from readers under other names.
_TELLING = (
    rb"environ", rb"getenv", rb"envvar", rb"dotenv", rb"read_env", rb"ynaconf", rb"LazySettings", rb"expandvars",
    rb"environ_name", rb"[Vv]alue\(", rb"prefixed", rb"dj_database_url", rb"Env\(", rb"Config\(",
)  # fmt: skip


class Lookups(ast.NodeVisitor):
    """Visits one module; ``found`` receives what it reads."""

    def __init__(self, module: Module, found: Collector, shared: Iterable[str] = ()) -> None:
        """``shared`` are readers of other modules that this one imports (``from .settings import env``)."""
        self.module = module
        self.found = found
        self.imported = module.imported
        self.constants = string_constants(module.tree)
        self.readers: set[str] = {name for name, full in self.imported.items() if full in _READY}
        self.readers.update(shared)
        self.prefixed: list[str] = []
        self.functions: list[ast.FunctionDef | ast.AsyncFunctionDef] = []
        self.loops: list[dict[str, tuple[str, ...]]] = []
        self.wrappers: dict[str, Wrapper] = {}
        for node in statements(module.tree):
            if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, ast.Call):
                made = full_name(node.value.func, self.imported)
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if made in MAKERS:
                    self.readers.update(name for target in targets if (name := last_name(target)))
        known = -1
        while len(self.wrappers) > known:  # a wrapper that was found makes further lines worth a look
            known = len(self.wrappers)
            own = sorted({*self.readers, *self.wrappers, *self._renamed()})
            words = b"|".join([*_TELLING, *(rb"\b" + re.escape(name.encode()) + rb"\b" for name in own)])
            telling = re.compile(words)
            self.hits = module.lines_with(telling)
            self.visit(module.tree)

    def _renamed(self) -> list[str]:
        """Other names under which the module knows os.environ, os.getenv and the loaders."""
        wanted = ("os", "os.environ", "os.getenv", "dotenv", "dj_database_url", "dynaconf", *_LOADERS)
        return [
            name
            for name, full in self.imported.items()
            if full in wanted and name not in ("os", full.rpartition(".")[2])
        ]

    def exported(self) -> set[str]:
        """Readers that other modules may import from this one."""
        return {name for name in self.readers if name not in self.imported or self.imported[name] in _READY}

    def generic_visit(self, node: ast.AST) -> None:
        """Statements without a telling word on any of their lines are passed by."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt):
                decorators = getattr(child, "decorator_list", None)
                first = min(child.lineno, decorators[0].lineno) if decorators else child.lineno
                at = bisect_left(self.hits, first)
                if at == len(self.hits) or self.hits[at] > (child.end_lineno or child.lineno):
                    continue
            self.visit(child)

    # Where we are

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._function(node)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.functions.append(node)
        self.generic_visit(node)
        self.functions.pop()

    def visit_For(self, node: ast.For) -> None:
        self._loop(node.target, node.iter)
        self.generic_visit(node)
        self.loops.pop()

    def visit_ListComp(self, node: ast.ListComp) -> None:
        self._comprehension(node, node.generators)

    def visit_SetComp(self, node: ast.SetComp) -> None:
        self._comprehension(node, node.generators)

    def visit_DictComp(self, node: ast.DictComp) -> None:
        self._comprehension(node, node.generators)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        self._comprehension(node, node.generators)

    def _comprehension(self, node: ast.AST, generators: list[ast.comprehension]) -> None:
        for generator in generators:
            self._loop(generator.target, generator.iter)
        self.generic_visit(node)
        del self.loops[len(self.loops) - len(generators) :]

    def _loop(self, target: ast.expr, over: ast.expr) -> None:
        self.loops.append(loop_texts(target, over, self.constants))

    def visit_With(self, node: ast.With) -> None:
        added = 0
        for item in node.items:
            call = item.context_expr
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "prefixed":
                self.prefixed.append(text_of(call.args[0], self.constants) or "" if call.args else "")
                added += 1
        self.generic_visit(node)
        del self.prefixed[len(self.prefixed) - added :]

    # What is looked up

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if self._is_environ(node.value) and isinstance(node.ctx, ast.Load):
            self.look_up(node.slice, node)
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        tested = node.comparators[0] if isinstance(node.ops[0], (ast.In, ast.NotIn)) else None
        if tested is not None and self._is_environ(tested):
            self.look_up(node.left, node)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        name = full_name(node.func, self.imported)
        first = node.args[0] if node.args else None
        getter = (
            isinstance(node.func, ast.Attribute) and node.func.attr in _GETTERS and self._is_environ(node.func.value)
        )
        if getter or name in ("os.getenv", "os.getenvb"):
            self.look_up(first or keyword(node, "key"), node)
        elif name in _LOADERS or name.endswith(".read_env") or name == "load_dotenv":
            self.found.dotenv.append(self.module.location(node))
        elif not package_call(self, name, node, first):
            if self._is_reader(node.func):
                reader_call(self, node, first)
            elif last_name(node.func) in self.wrappers:
                self._chained(node, self.wrappers[last_name(node.func)])
        option(self, node)

    def _chained(self, node: ast.Call, wrapper: Wrapper) -> None:
        """A function that hands its parameter to a wrapper is one itself."""
        given = node.args[wrapper.position] if wrapper.position < len(node.args) else keyword(node, wrapper.parameter)
        if isinstance(given, ast.Name) and text_of(given, self.constants) is None:
            self._wraps(given.id, wrapper.prefix)

    def visit_Assign(self, node: ast.Assign) -> None:
        """django-configurations: ``NAME = values.Value(environ_name=..., environ_prefix=...)``, else ``DJANGO_NAME``."""
        if isinstance(node.value, ast.Call) and isinstance(node.targets[0], ast.Name):
            made = full_name(node.value.func, self.imported)
            if made.startswith("configurations.values."):
                named = text_of(keyword(node.value, "environ_name"), self.constants) or node.targets[0].id
                configured(self, named, node.value)
        self.generic_visit(node)

    def _is_reader(self, func: ast.expr) -> bool:
        if isinstance(func, ast.Name):
            return func.id in self.readers
        if isinstance(func, ast.Attribute):
            return last_name(func) in self.readers or last_name(func.value) in self.readers
        return False

    def _is_environ(self, node: ast.AST) -> bool:
        return full_name(node, self.imported) in ("os.environ", "os.environb")

    def look_up(self, key: ast.expr | None, node: ast.AST) -> None:
        """One look-up by ``key``: a text, a loop over texts, a parameter of a wrapper, or a name put together."""
        text = text_of(key, self.constants)
        if text is not None:
            self.name("".join(self.prefixed) + text, node)
            return
        place = self.module.location(node)
        if isinstance(key, ast.Name):
            for loop in reversed(self.loops):
                if key.id in loop:
                    for name in loop[key.id]:
                        self.name(name, node)
                    return
            if self._wraps(key.id):
                return
        start = leading_text(key, self.constants) if key is not None else ""
        if len(start) > 1:
            self.found.prefix("".join(self.prefixed) + start, place)
        elif (begin := first_name(key)) is not None and self._wraps(begin, True):
            return
        else:
            self.found.opaque.append(("reads a variable whose name is put together at run time", place))

    def _wraps(self, name: str, prefix: bool = False) -> bool:
        """Whether ``name`` is a parameter of the function around: then its callers name the variable, or its beginning."""
        wrapper = wrapper_of(self.functions, name, prefix)
        if wrapper is not None:
            self.wrappers[wrapper.name] = wrapper
        return wrapper is not None

    def name(self, name: str, node: ast.AST) -> None:
        """The variable ``name`` is read at ``node``."""
        self.found.name(name, self.module.location(node))
