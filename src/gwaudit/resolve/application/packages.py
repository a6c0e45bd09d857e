"""Look-ups of the environment in the spellings of packages.

django-environ, environs, starlette, decouple, dj-database-url, django-configurations, dynaconf, Flask, click, typer.
"""

from __future__ import annotations

import ast

from gwaudit.pattern import regex
from gwaudit.resolve.application.syntax import keyword, strings, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.application.lookups import Lookups

_ENVIRON_URLS = {
    "db": "DATABASE_URL", "db_url": "DATABASE_URL", "cache": "CACHE_URL", "cache_url": "CACHE_URL",
    "email": "EMAIL_URL", "email_url": "EMAIL_URL", "search_url": "SEARCH_URL", "channels": "CHANNELS_URL",
}  # fmt: skip
MAKERS = frozenset(
    (
        "environ.Env", "environ.FileAwareEnv", "environ.environ.Env", "environs.Env", "environs.FileAwareEnv",
        "envparse.Env", "starlette.config.Config", "decouple.Config", "decouple.AutoConfig",
    )
)  # fmt: skip
_VARIABLE = regex(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))")


def package_call(visitor: Lookups, name: str, node: ast.Call, first: ast.expr | None) -> bool:
    """Note what a call of a package's own function reads; ``name`` is its full name. False where it is none of them."""
    if name in ("dj_database_url.config",):
        visitor.look_up(keyword(node, "env") or ast.Constant("DATABASE_URL"), node)
    elif name == "os.path.expandvars" and first is not None:
        for match in _VARIABLE.finditer(text_of(first, visitor.constants) or ""):
            visitor.name(match.group(1) or match.group(2), node)
    elif name in MAKERS:
        maker(visitor, name, node)
    elif name.startswith("configurations.values.") and keyword(node, "environ_name") is not None:
        configured(visitor, text_of(keyword(node, "environ_name"), visitor.constants) or "", node)
    elif name.rpartition(".")[2] in ("Dynaconf", "LazySettings") and name.partition(".")[0] in (
        "dynaconf",
        "Dynaconf",
    ):
        prefix = text_of(keyword(node, "envvar_prefix"), visitor.constants)
        visitor.found.prefix(f"{prefix or 'DYNACONF'}_", visitor.module.location(node))
    elif isinstance(node.func, ast.Attribute) and node.func.attr == "from_prefixed_env":
        prefix = text_of(first or keyword(node, "prefix"), visitor.constants) or "FLASK"
        visitor.found.prefix(f"{prefix}_", visitor.module.location(node))
    elif isinstance(node.func, ast.Attribute) and node.func.attr == "from_envvar" and first is not None:
        visitor.look_up(first, node)
    else:
        return False
    return True


def maker(visitor: Lookups, name: str, node: ast.Call) -> None:
    """``environ.Env(DEBUG=(bool, False))`` names variables, ``Config(".env", env_prefix="X_")`` a file and a prefix."""
    if name.endswith(".Env") or name.endswith("FileAwareEnv"):
        for argument in node.keywords:
            if argument.arg and argument.arg.isupper():
                visitor.name(argument.arg, node)
    if name == "starlette.config.Config":
        if node.args or keyword(node, "env_file") is not None:
            visitor.found.dotenv.append(visitor.module.location(node))
        prefix = text_of(keyword(node, "env_prefix"), visitor.constants)
        if prefix:
            visitor.found.prefix(prefix, visitor.module.location(node))
    elif name == "decouple.AutoConfig":
        visitor.found.dotenv.append(visitor.module.location(node))


def configured(visitor: Lookups, named: str, call: ast.Call) -> None:
    """A value of django-configurations: its name behind its prefix, ``DJANGO_`` unless another is given."""
    prefix = keyword(call, "environ_prefix")
    begin = "DJANGO_" if prefix is None else (text_of(prefix, visitor.constants) or "")
    if begin and not begin.endswith("_"):
        begin += "_"
    if not isinstance(value := keyword(call, "environ"), ast.Constant) or value.value is not False:
        visitor.name(begin + named, call)


def option(visitor: Lookups, node: ast.Call) -> None:
    """click's and typer's ``envvar=`` and ``auto_envvar_prefix=``."""
    for argument in node.keywords:
        if argument.arg == "envvar":
            for name in strings(argument.value, visitor.constants):
                visitor.name(name, node)
        elif argument.arg == "auto_envvar_prefix":
            prefix = text_of(argument.value, visitor.constants)
            if prefix:
                visitor.found.prefix(f"{prefix}_", visitor.module.location(node))
        elif argument.arg == "context_settings" and isinstance(argument.value, ast.Dict):
            for key, value in zip(argument.value.keys, argument.value.values, strict=True):
                if text_of(key) == "auto_envvar_prefix" and text_of(value, visitor.constants):
                    visitor.found.prefix(f"{text_of(value, visitor.constants)}_", visitor.module.location(node))


def reader_call(visitor: Lookups, node: ast.Call, first: ast.expr | None) -> None:
    """``env("X")``, ``env.str("X")``, ``config("X")``, ``env.db()``."""
    method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    if first is None:
        first = keyword(node, "var") or keyword(node, "name") or keyword(node, "key")
    if first is None:
        if method in _ENVIRON_URLS:
            visitor.name(_ENVIRON_URLS[method], node)
        return
    if method in ("prefixed", "seal", "read_env", "__call__", "path_add", "add_parser", "parser_for"):
        return
    visitor.look_up(first, node)
