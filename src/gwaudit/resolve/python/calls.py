"""Calls: arguments, functions of audited code, classes, methods; what is not read makes its result unknown."""

from __future__ import annotations

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.python import environ
from gwaudit.resolve.python.attributes import class_member
from gwaudit.resolve.python.containers.changes import havoc
from gwaudit.resolve.python.containers.items import items_of, new_list
from gwaudit.resolve.python.displays import elements
from gwaudit.resolve.python.environ_methods import environ_method
from gwaudit.resolve.python.failure import Raised
from gwaudit.resolve.python.functions import call_function
from gwaudit.resolve.python.instances import instantiate
from gwaudit.resolve.python.interpreter import evaluate
from gwaudit.resolve.python.machine import MAX_DEPTH, Frame
from gwaudit.resolve.python.objects import Bound, ClassType, Dotted, Function, Module, PathValue, Reader, Ref
from gwaudit.resolve.python.value import NONE, REST, Value, blur, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast

    from gwaudit.resolve.python.machine import Machine

# Modules whose functions do not change what they are given.
HARMLESS = frozenset(
    (
        "logging", "print", "builtins", "json", "math", "os", "sys", "time", "datetime", "uuid", "socket",
        "string", "re", "platform", "warnings", "structlog", "loguru", "prometheus_client", "sentry_sdk",
        "opentelemetry", "traceback", "signal", "subprocess", "shutil", "pathlib", "multiprocessing", "typing",
        "dataclasses", "functools", "itertools", "collections", "ssl", "hashlib", "secrets", "tempfile",
    )
)  # fmt: skip


def call_node(m: Machine, node: ast.Call, frame: Frame) -> Value:
    """The value of a call expression."""
    callee = evaluate(m, node.func, frame)
    args = elements(m, node.args, frame)
    keywords: dict[str, Value] = {}
    opaque_keywords: Value | None = None
    for keyword in node.keywords:
        value = evaluate(m, keyword.value, frame)
        if keyword.arg is not None:
            keywords[keyword.arg] = value
            continue
        cell = m.state.read(value.data.address) if isinstance(value.data, Ref) and value.data.kind == "dict" else None
        if isinstance(cell, dict) and REST not in cell and all(isinstance(key, str) for key in cell):
            keywords.update(cell)
        else:
            opaque_keywords = value
    m.here = m.place(frame, node)
    if isinstance(args, Value) or opaque_keywords is not None:
        whole = [part for part in (args, opaque_keywords, *keywords.values()) if isinstance(part, Value)]
        given = args if isinstance(args, list) else []
        m.doubt = m.doubt or "unknown arguments"
        for value in (*given, *whole):
            havoc(m, value, "it is given to a call with unknown arguments")
        return blur(*whole, *given, reason="the arguments of the call are not known")
    here = m.here
    result = call(m, callee, args, keywords, frame, node)
    m.here = here
    return result


def call(
    m: Machine, callee: Value, args: list[Value], keywords: dict[str, Value], frame: Frame, node: ast.AST | None = None
) -> Value:
    """The result of calling an abstract value."""
    m.state.spend()
    data = callee.data
    if m.depth >= MAX_DEPTH:
        m.doubt = m.doubt or "nested too deeply"
        return unknown("calls are nested too deeply to follow")
    m.depth += 1
    try:
        if isinstance(data, Function):
            return call_function(m, data, args, keywords, frame)
        if isinstance(data, Bound):
            return _call_bound(m, data, args, keywords, frame)
        if isinstance(data, ClassType):
            return instantiate(m, data, args, keywords, frame)
        if isinstance(data, Dotted):
            from gwaudit.resolve.python.library import call_library

            result = call_library(m, data.name, args, keywords, frame)
            return result if result is not None else _unread(m, data.name, callee, args, keywords)
        if isinstance(data, Reader):
            from gwaudit.resolve.python.readers import call_reader

            return call_reader(m, callee, "", args, keywords, frame)
        if isinstance(data, Ref) and data.kind == "object" and data.cls is not None:
            method = class_member(m, data.cls, "__call__")
            if method is not None and isinstance(method.data, Function):
                return call_function(m, method.data, [callee, *args], keywords, frame)
            return _unread(m, data.cls.name, callee, args, keywords)
        if isinstance(data, (Unknown, Module)):
            return _unread(m, "", callee, args, keywords)
        raise Raised("TypeError", f"'{type(data).__name__}' object is not callable", m.here)
    finally:
        m.depth -= 1


def _unread(m: Machine, name: str, callee: Value, args: list[Value], keywords: dict[str, Value]) -> Value:
    """A call of code that is not read: its result is unknown, and what it was given may have changed."""
    m.doubt = m.doubt or (f"{name}() is not read" if name else "the call is not read")
    if name.split(".", maxsplit=1)[0] not in HARMLESS:
        for value in (*args, *keywords.values()):
            havoc(m, value, f"{name or 'code that is not read'} may have changed it")
    if isinstance(callee.data, Unknown):
        return blur(callee, *args)
    return blur(*args, *keywords.values(), reason=f"{name}() is code that is not read")


def _call_bound(m: Machine, bound: Bound, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    owner, name = bound.owner, bound.name
    if bound.function is not None:
        return call_function(m, bound.function, [owner, *args], keywords, frame)
    data = owner.data
    if isinstance(data, Ref):
        if data.kind == "environ":
            if name == "update":
                for key, value in keywords.items():
                    environ.write(m, data, Value(key), value)
                return environ_method(m, owner, name, args) if args else NONE
            names = ("key", "default")
            return environ_method(m, owner, name, [*args, *(keywords[n] for n in names if n in keywords)])
        from gwaudit.resolve.python.methods import container_method

        return container_method(m, owner, name, args, keywords, frame)
    if isinstance(data, PathValue):
        from gwaudit.resolve.python.paths import path_method

        return path_method(m, owner, name, args, frame)
    if isinstance(data, Reader):
        from gwaudit.resolve.python.readers import call_reader

        return call_reader(m, owner, name, args, keywords, frame)
    if isinstance(data, tuple) and name in ("index", "count"):
        from gwaudit.resolve.python.methods import container_method

        return container_method(m, new_list(m, list(data)), name, args, keywords, frame)
    if name == "join" and len(args) == 1:
        items = items_of(m, args[0])
        if items is not None:
            args = [Value(m.state.new("list", items), args[0].inputs)]
            bad = next((i for i in items if not isinstance(i.data, (str, Unknown))), None)
            if bad is not None and isinstance(bad.data, (int, float, type(None))):
                raise Raised("TypeError", "sequence item: expected str instance", m.here)
    from gwaudit.resolve.python.strings import method

    return method(m, owner, name, args, keywords)
