"""Look-ups of the environment in one Python module, in the spellings of the standard library and the common packages.

os, decouple, starlette.config, django-environ, environs, envparse, dj-database-url, click and typer, dynaconf, Flask. A
function that hands its parameter to such a look-up is a look-up itself (``wrappers``); its calls are found afterwards.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_left

from gwaudit.pattern import regex
from gwaudit.resolve.application.syntax import (
    full_name,
    keyword,
    leading_text,
    statements,
    string_constants,
    strings,
    text_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gwaudit.resolve.application.reads import Collector
    from gwaudit.resolve.application.syntax import Module

_GETTERS = ("get", "setdefault", "pop", "__getitem__", "__contains__")
_ENVIRON_URLS = {
    "db": "DATABASE_URL", "db_url": "DATABASE_URL", "cache": "CACHE_URL", "cache_url": "CACHE_URL",
    "email": "EMAIL_URL", "email_url": "EMAIL_URL", "search_url": "SEARCH_URL", "channels": "CHANNELS_URL",
}  # fmt: skip
_MAKERS = frozenset(
    (
        "environ.Env", "environ.FileAwareEnv", "environ.environ.Env", "environs.Env", "environs.FileAwareEnv",
        "envparse.Env", "starlette.config.Config", "decouple.Config", "decouple.AutoConfig",
    )
)  # fmt: skip
_READY = frozenset(("decouple.config", "envparse.env", "environs.env", "prettyconf.config"))
_LOADERS = frozenset(("dotenv.load_dotenv", "dotenv.main.load_dotenv", "dotenv.dotenv_values", "dotenv.find_dotenv"))
# A line without any of these looks nothing up, apart from readers under other names.
_TELLING = (
    rb"environ", rb"getenv", rb"envvar", rb"dotenv", rb"read_env", rb"ynaconf", rb"LazySettings", rb"expandvars",
    rb"environ_name", rb"[Vv]alue\(", rb"prefixed", rb"dj_database_url", rb"Env\(", rb"Config\(",
)  # fmt: skip
_VARIABLE = regex(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))")


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
                if made in _MAKERS:
                    self.readers.update(name for target in targets if (name := _last(target)))
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
        """Names that a loop over literals binds: ``for name in ("A", "B")``, ``for name, x in {...}.items()``."""
        first = target.elts[0] if isinstance(target, ast.Tuple) and target.elts else target
        source: ast.AST = over
        if isinstance(over, ast.Call) and isinstance(over.func, ast.Attribute) and over.func.attr in ("items", "keys"):
            source = over.func.value
        if isinstance(target, ast.Tuple) and isinstance(source, (ast.List, ast.Tuple)):
            heads = [item.elts[0] for item in source.elts if isinstance(item, (ast.Tuple, ast.List)) and item.elts]
            values = tuple(text for head in heads for text in strings(head, self.constants))
        else:
            values = tuple(strings(source, self.constants)) if not isinstance(source, (ast.Name, ast.Constant)) else ()
        self.loops.append({first.id: values} if isinstance(first, ast.Name) and values else {})

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
            self._look_up(node.slice, node)
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        tested = node.comparators[0] if isinstance(node.ops[0], (ast.In, ast.NotIn)) else None
        if tested is not None and self._is_environ(tested):
            self._look_up(node.left, node)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        name = full_name(node.func, self.imported)
        first = node.args[0] if node.args else None
        getter = (
            isinstance(node.func, ast.Attribute) and node.func.attr in _GETTERS and self._is_environ(node.func.value)
        )
        if getter or name in ("os.getenv", "os.getenvb"):
            self._look_up(first or keyword(node, "key"), node)
        elif name in _LOADERS or name.endswith(".read_env") or name == "load_dotenv":
            self.found.dotenv.append(self.module.location(node))
        elif name in ("dj_database_url.config",):
            self._look_up(keyword(node, "env") or ast.Constant("DATABASE_URL"), node)
        elif name == "os.path.expandvars" and first is not None:
            for match in _VARIABLE.finditer(text_of(first, self.constants) or ""):
                self._name(match.group(1) or match.group(2), node)
        elif name in _MAKERS:
            self._maker(name, node)
        elif name.startswith("configurations.values.") and keyword(node, "environ_name") is not None:
            self._configured(text_of(keyword(node, "environ_name"), self.constants) or "", node)
        elif name.rpartition(".")[2] in ("Dynaconf", "LazySettings") and name.partition(".")[0] in (
            "dynaconf",
            "Dynaconf",
        ):
            prefix = text_of(keyword(node, "envvar_prefix"), self.constants)
            self.found.prefix(f"{prefix or 'DYNACONF'}_", self.module.location(node))
        elif isinstance(node.func, ast.Attribute) and node.func.attr == "from_prefixed_env":
            prefix = text_of(first or keyword(node, "prefix"), self.constants) or "FLASK"
            self.found.prefix(f"{prefix}_", self.module.location(node))
        elif isinstance(node.func, ast.Attribute) and node.func.attr == "from_envvar" and first is not None:
            self._look_up(first, node)
        elif self._is_reader(node.func):
            self._reader(node, first)
        elif _last(node.func) in self.wrappers:
            self._chained(node, self.wrappers[_last(node.func)])
        self._option(node)

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
                self._configured(named, node.value)
        self.generic_visit(node)

    def _configured(self, named: str, call: ast.Call) -> None:
        prefix = keyword(call, "environ_prefix")
        begin = "DJANGO_" if prefix is None else (text_of(prefix, self.constants) or "")
        if begin and not begin.endswith("_"):
            begin += "_"
        if not isinstance(value := keyword(call, "environ"), ast.Constant) or value.value is not False:
            self._name(begin + named, call)

    def _option(self, node: ast.Call) -> None:
        """click's and typer's ``envvar=`` and ``auto_envvar_prefix=``."""
        for argument in node.keywords:
            if argument.arg == "envvar":
                for name in strings(argument.value, self.constants):
                    self._name(name, node)
            elif argument.arg == "auto_envvar_prefix":
                prefix = text_of(argument.value, self.constants)
                if prefix:
                    self.found.prefix(f"{prefix}_", self.module.location(node))
            elif argument.arg == "context_settings" and isinstance(argument.value, ast.Dict):
                for key, value in zip(argument.value.keys, argument.value.values, strict=True):
                    if text_of(key) == "auto_envvar_prefix" and text_of(value, self.constants):
                        self.found.prefix(f"{text_of(value, self.constants)}_", self.module.location(node))

    def _maker(self, name: str, node: ast.Call) -> None:
        """``environ.Env(DEBUG=(bool, False))`` names variables, ``Config(".env", env_prefix="X_")`` a file and a prefix."""
        if name.endswith(".Env") or name.endswith("FileAwareEnv"):
            for argument in node.keywords:
                if argument.arg and argument.arg.isupper():
                    self._name(argument.arg, node)
        if name == "starlette.config.Config":
            if node.args or keyword(node, "env_file") is not None:
                self.found.dotenv.append(self.module.location(node))
            prefix = text_of(keyword(node, "env_prefix"), self.constants)
            if prefix:
                self.found.prefix(prefix, self.module.location(node))
        elif name == "decouple.AutoConfig":
            self.found.dotenv.append(self.module.location(node))

    def _is_reader(self, func: ast.expr) -> bool:
        if isinstance(func, ast.Name):
            return func.id in self.readers
        if isinstance(func, ast.Attribute):
            return _last(func) in self.readers or _last(func.value) in self.readers
        return False

    def _reader(self, node: ast.Call, first: ast.expr | None) -> None:
        """``env("X")``, ``env.str("X")``, ``config("X")``, ``env.db()``."""
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if first is None:
            first = keyword(node, "var") or keyword(node, "name") or keyword(node, "key")
        if first is None:
            if method in _ENVIRON_URLS:
                self._name(_ENVIRON_URLS[method], node)
            return
        if method in ("prefixed", "seal", "read_env", "__call__", "path_add", "add_parser", "parser_for"):
            return
        self._look_up(first, node)

    def _is_environ(self, node: ast.AST) -> bool:
        return full_name(node, self.imported) in ("os.environ", "os.environb")

    def _look_up(self, key: ast.expr | None, node: ast.AST) -> None:
        """One look-up by ``key``: a text, a loop over texts, a parameter of a wrapper, or a name put together."""
        text = text_of(key, self.constants)
        if text is not None:
            self._name("".join(self.prefixed) + text, node)
            return
        place = self.module.location(node)
        if isinstance(key, ast.Name):
            for loop in reversed(self.loops):
                if key.id in loop:
                    for name in loop[key.id]:
                        self._name(name, node)
                    return
            if self._wraps(key.id):
                return
        start = leading_text(key, self.constants) if key is not None else ""
        if len(start) > 1:
            self.found.prefix("".join(self.prefixed) + start, place)
        elif (begin := _first_name(key)) is not None and self._wraps(begin, True):
            return
        else:
            self.found.opaque.append(("reads a variable whose name is put together at run time", place))

    def _wraps(self, name: str, prefix: bool = False) -> bool:
        """Whether ``name`` is a parameter of the function around: then its callers name the variable, or its beginning."""
        for function in reversed(self.functions):
            arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
            names = [argument.arg for argument in arguments]
            if name in names:
                position = names.index(name) - (1 if names[:1] in (["self"], ["cls"]) else 0)
                self.wrappers[function.name] = Wrapper(function.name, position, name, prefix)
                return True
        return False

    def _name(self, name: str, node: ast.AST) -> None:
        self.found.name(name, self.module.location(node))


def _first_name(node: ast.expr | None) -> str | None:
    """The name that a text put together begins with: ``f"{prefix}_X"``, ``prefix + "_X"``."""
    if isinstance(node, ast.JoinedStr) and node.values:
        first = node.values[0]
        return first.value.id if isinstance(first, ast.FormattedValue) and isinstance(first.value, ast.Name) else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return node.left.id if isinstance(node.left, ast.Name) else _first_name(node.left)
    return None


def _last(node: ast.AST | None) -> str:
    """``settings.env`` -> ``env``."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
