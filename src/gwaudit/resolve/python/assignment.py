"""Assignment: binding names, attributes and items, unpacking, augmented assignment, ``del``."""

from __future__ import annotations

import ast

from gwaudit.resolve.python import environ
from gwaudit.resolve.python.attributes import delete_attribute, set_attribute
from gwaudit.resolve.python.containers.changes import havoc, merge_dict, site, store, taint
from gwaudit.resolve.python.containers.items import items_of, key_of, new_list
from gwaudit.resolve.python.failure import Raised
from gwaudit.resolve.python.interpreter import evaluate
from gwaudit.resolve.python.objects import Ref
from gwaudit.resolve.python.operators import binary
from gwaudit.resolve.python.value import DELETED, MISSING, REST, Opaque, Value, blur, merge_inputs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gwaudit.resolve.python.machine import Frame, Machine


def assign(m: Machine, target: ast.expr, value: Value, frame: Frame) -> None:
    """Bind a value to a name, an attribute, an item, or unpack it."""
    m.state.spend()
    if isinstance(target, ast.Name):
        set_name(m, target.id, value, frame)
    elif isinstance(target, (ast.Tuple, ast.List)):
        _unpack(m, target.elts, value, frame)
    elif isinstance(target, ast.Attribute):
        set_attribute(m, evaluate(m, target.value, frame), target.attr, value)
    elif isinstance(target, ast.Subscript):
        owner = evaluate(m, target.value, frame)
        if isinstance(target.slice, ast.Slice):
            havoc(m, owner, "a slice of it was set")
        else:
            store(m, owner, evaluate(m, target.slice, frame), value)
    elif isinstance(target, ast.Starred):
        assign(m, target.value, value, frame)


def set_name(m: Machine, name: str, value: Value, frame: Frame) -> None:
    address = frame.declared.get(name, frame.scopes[0])
    cell = m.state.write(address)
    if isinstance(cell, dict):
        cell[name] = Value(value.data, merge_inputs((value, *m.controls)), value.place)
        site(m, address, name)


def _unpack(m: Machine, targets: list[ast.expr], value: Value, frame: Frame) -> None:
    items = items_of(m, value)
    if items is None:
        m.doubt = m.doubt or "an unknown value is unpacked"
        for target in targets:
            assign(m, target, blur(value, reason="a part of an unknown value"), frame)
        return
    star = next((i for i, target in enumerate(targets) if isinstance(target, ast.Starred)), None)
    if star is None:
        if len(items) != len(targets):
            raise Raised("ValueError", "wrong number of values to unpack")
        for target, item in zip(targets, items, strict=True):
            assign(m, target, item, frame)
        return
    after = len(targets) - star - 1
    if len(items) < star + after:
        raise Raised("ValueError", "not enough values to unpack")
    middle = new_list(m, items[star : len(items) - after])
    row = [*items[:star], middle, *items[len(items) - after :]]
    for target, item in zip(targets, row, strict=True):
        assign(m, target, item, frame)


def _assign(m: Machine, node: ast.Assign, frame: Frame) -> None:
    value = evaluate(m, node.value, frame)
    for target in node.targets:
        assign(m, target, value, frame)


def _ann_assign(m: Machine, node: ast.AnnAssign, frame: Frame) -> None:
    if node.value is not None:  # an annotation without a value sets nothing
        assign(m, node.target, evaluate(m, node.value, frame), frame)


def _aug_assign(m: Machine, node: ast.AugAssign, frame: Frame) -> None:
    target = node.target
    load: ast.expr
    if isinstance(target, ast.Name):
        load = ast.copy_location(ast.Name(target.id, ast.Load()), target)
    elif isinstance(target, ast.Attribute):
        load = ast.copy_location(ast.Attribute(target.value, target.attr, ast.Load()), target)
    else:
        load = ast.copy_location(ast.Subscript(target.value, target.slice, ast.Load()), target)
    left, right = evaluate(m, load, frame), evaluate(m, node.value, frame)
    op = type(node.op).__name__
    if isinstance(left.data, Ref) and left.data.kind == "list" and op == "Add":
        from gwaudit.resolve.python.methods import container_method

        container_method(m, left, "extend", [right], {}, frame)
        assign(m, target, left, frame)
        return
    if isinstance(left.data, Ref) and left.data.kind == "dict" and op == "BitOr":
        merge_dict(m, left.data.address, right)
        assign(m, target, left, frame)
        return
    assign(m, target, binary(m, op, left, right), frame)


def _delete(m: Machine, node: ast.Delete, frame: Frame) -> None:
    for target in node.targets:
        if isinstance(target, ast.Name):
            address = frame.declared.get(target.id, frame.scopes[0])
            cell = m.state.write(address)
            if isinstance(cell, dict):
                if target.id not in cell and REST not in cell:
                    raise Raised("NameError", f"name '{target.id}' is not defined")
                cell.pop(target.id, None)
        elif isinstance(target, ast.Subscript) and not isinstance(target.slice, ast.Slice):
            _delete_item(m, evaluate(m, target.value, frame), evaluate(m, target.slice, frame))
        elif isinstance(target, ast.Subscript):
            havoc(m, evaluate(m, target.value, frame), "a slice of it was deleted")
        elif isinstance(target, ast.Attribute):
            delete_attribute(m, evaluate(m, target.value, frame), target.attr)


def _delete_item(m: Machine, owner: Value, key: Value) -> None:
    data = owner.data
    if isinstance(data, Ref) and data.kind == "environ":
        if environ.has(m, data, key) is False:
            raise Raised("KeyError", str(key.data))
        environ.write(m, data, key, Value(DELETED))
    elif isinstance(data, Ref) and data.kind == "dict":
        plain = key_of(m, key)
        cell = m.state.write(data.address)
        if plain is MISSING or isinstance(cell, Opaque):
            taint(m, data.address, key)
        elif plain in cell:
            del cell[plain]
        elif REST not in cell:
            raise Raised("KeyError", str(plain)[:80])
    else:
        havoc(m, owner, "an item of it was deleted")


HANDLERS: dict[type, Callable[[Machine, Any, Frame], None]] = {
    ast.Assign: _assign,
    ast.AnnAssign: _ann_assign,
    ast.AugAssign: _aug_assign,
    ast.Delete: _delete,
}
