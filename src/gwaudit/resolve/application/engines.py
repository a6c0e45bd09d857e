"""The database engine that an application makes, and the size of its connection pool."""

from __future__ import annotations

import ast

from gwaudit.bundle import section
from gwaudit.resolve.application.import_time import calls_in
from gwaudit.resolve.application.syntax import full_name, keyword, statements
from gwaudit.resolve.fact import Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gwaudit.resolve.application.startup import Startup


def pool(startup: Startup) -> Iterator[Fact]:
    """``database.pool_*`` from the one call of SQLAlchemy's ``create_engine``.

    Nothing where there are several, or where a framework makes the application's own engine from its settings.
    """
    if any(word.encode() in data for data in startup.texts.values() for word in startup.data["own_engines"]):
        return
    engines = frozenset(startup.data["engines"])
    calls = [
        (module, call)
        for module in startup.holding((b"create_engine", b"create_async_engine"))
        for call in calls_in(list(statements(module.tree)))
        if full_name(call.func, module.imported) in engines
    ]
    if len(calls) != 1:
        return
    module, call = calls[0]
    source = Source("application", None, module.location(call))
    open_ended = any(argument.arg is None for argument in call.keywords)
    yield Fact("database.is_async", full_name(call.func, module.imported).endswith("create_async_engine"), source)
    pool = keyword(call, "poolclass")
    if pool is not None:
        if full_name(pool, module.imported).endswith("NullPool"):
            yield Fact("database.pooled", False, Source("application", None, module.location(pool)))
        return
    if not open_ended:
        yield Fact("database.pooled", True, source)
    defaults = section("profiles/generic")["library_defaults"]["sqlalchemy"]
    for name, fact in startup.data["pool_keywords"].items():
        value = keyword(call, name)
        if isinstance(value, ast.Constant) and isinstance(value.value, (int, float)):
            yield Fact(fact, value.value, Source("application", None, module.location(value)))
        elif value is not None or open_ended:
            place = module.location(value) if value is not None else source.location
            reason = Unknown(f"{name} is worked out when the application starts")
            yield Fact(fact, reason, Source("application", None, place))
        else:
            yield Fact(fact, defaults[fact], Source("default", None, source.location))
