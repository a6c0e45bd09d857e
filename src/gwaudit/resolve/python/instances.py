"""Instances of classes of audited code: their initialiser, the fields of a dataclass."""

from __future__ import annotations

import ast

from gwaudit.resolve.python.attributes import class_member, closed
from gwaudit.resolve.python.containers.changes import havoc
from gwaudit.resolve.python.failure import Raised
from gwaudit.resolve.python.functions import call_function
from gwaudit.resolve.python.objects import ClassType, Function
from gwaudit.resolve.python.value import REST, Opaque, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.python.machine import Frame, Machine


def instantiate(m: Machine, cls: ClassType, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    """An instance of a class of audited code."""
    described = m.loader.settings_object(m, cls, keywords, frame)
    if described is not None:
        return described
    instance = Value(m.state.new("object", {}, cls))
    initialiser = class_member(m, cls, "__init__")
    if initialiser is not None and isinstance(initialiser.data, Function):
        call_function(m, initialiser.data, [instance, *args], keywords, frame)
        return instance
    if not closed(m, cls) or class_member(m, cls, "__new__") is not None:
        m.doubt = m.doubt or "a class that is not read"
        for value in (*args, *keywords.values()):
            havoc(m, value, "code that is not read may have changed it")
        cell = m.state.write(instance.data.address)
        cell.update(keywords)
        cell[REST] = Value(Opaque(f"{cls.name} is made by code that is not read"))
        return instance
    fields = dataclass_fields(cls)
    if fields is not None:
        _fill(m, cls, instance, fields, args, keywords)
        return instance
    if args or keywords:
        raise Raised("TypeError", f"{cls.name}() takes no arguments", m.here)
    return instance


def _fill(
    m: Machine, cls: ClassType, instance: Value, fields: list[str], args: list[Value], keywords: dict[str, Value]
) -> None:
    """What the ``__init__`` of a dataclass does."""
    cell = m.state.write(instance.data.address)
    given = dict(zip(fields, args, strict=False))
    given.update(keywords)
    for name in fields:
        value = given.get(name) or class_member(m, cls, name)
        if value is None:
            raise Raised("TypeError", f"{cls.name}() missing required argument '{name}'", m.here)
        cell[name] = value


def dataclass_fields(cls: ClassType) -> list[str] | None:
    """The fields of a dataclass in order, None for another class."""
    for decorator in cls.node.decorator_list:
        node = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
        if name == "dataclass":
            return [
                item.target.id
                for item in cls.node.body
                if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
            ]
    return None
