"""Statements: assignments, branches, definitions, imports; undecided branches are run both ways and joined."""

from __future__ import annotations

import ast

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.python.attributes import delete_attribute, set_attribute
from gwaudit.resolve.python.containers.changes import havoc, merge_dict, site, store, taint
from gwaudit.resolve.python.containers.items import items_of, key_of, new_list
from gwaudit.resolve.python.expressions import decide, evaluate, make_function, with_inputs
from gwaudit.resolve.python.failure import Broke, Continued, Exhausted, Raised, Returned
from gwaudit.resolve.python.machine import MAX_DEPTH, Frame
from gwaudit.resolve.python.operators import binary, truth
from gwaudit.resolve.python.value import (
    DELETED,
    MISSING,
    NONE,
    REST,
    ClassType,
    Dotted,
    Function,
    Opaque,
    Place,
    Ref,
    Value,
    blur,
    merge_inputs,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from gwaudit.resolve.python.machine import Machine

SIMPLE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Return, ast.Delete, ast.Import, ast.ImportFrom)


def run_block(m: Machine, body: Sequence[ast.stmt], frame: Frame) -> None:
    if m.depth >= MAX_DEPTH:
        raise Exhausted
    m.depth += 1
    try:
        for statement in body:
            run_statement(m, statement, frame)
    finally:
        m.depth -= 1


def run_statement(m: Machine, node: ast.stmt, frame: Frame) -> None:
    m.state.spend()
    handler = HANDLERS.get(type(node))
    if handler is None:
        m.doubt = m.doubt or "not followed"
        return
    if not isinstance(node, SIMPLE):
        handler(m, node, frame)
        return
    outer = m.statement
    m.statement = m.place(frame, node)
    try:
        if not m.tries:
            handler(m, node, frame)
            return
        before = m.state.snapshot()  # what an enclosing ``except`` would start from
        m.doubt = None
        handler(m, node, frame)
        if m.doubt is not None:
            kind = "ImportError" if isinstance(node, (ast.Import, ast.ImportFrom)) else ""
            cause = Value(Opaque(m.doubt))
            m.tries[-1].append((Raised(kind, m.doubt), before, cause))
            m.doubt = None
    except Raised as error:
        error.place = error.place or m.place(frame, node)
        raise
    finally:
        m.statement = outer


# ---- assignment


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
        from gwaudit.resolve.python import environ

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


# ---- branches


def _if(m: Machine, node: ast.If, frame: Frame) -> None:
    test, answer = decide(m, node.test, frame)
    if answer is not None:
        chosen = node.body if answer else node.orelse
        if not test.inputs:
            run_block(m, chosen, frame)
            return
        m.controls.append(Value(None, test.inputs))
        try:
            run_block(m, chosen, frame)
        finally:
            m.controls.pop()
        return
    m.fork(frame, test, _runner(m, node.body, frame), _runner(m, node.orelse, frame))


def _runner(m: Machine, body: Sequence[ast.stmt], frame: Frame) -> Callable[[], Value]:
    def run() -> Value:
        run_block(m, body, frame)
        return NONE

    return run


def _match(m: Machine, node: Any, frame: Frame) -> None:
    from gwaudit.resolve.python.patterns import matches

    subject = evaluate(m, node.subject, frame)

    def follow(index: int) -> Value:
        if index >= len(node.cases):
            return NONE
        case = node.cases[index]
        answer = matches(m, case.pattern, subject, frame)
        if answer is False:
            return follow(index + 1)
        test = subject
        if answer is True and case.guard is not None:
            test, answer = decide(m, case.guard, frame)
            if answer is False:
                return follow(index + 1)
        if answer is True:
            m.controls.append(Value(None, test.inputs))
            try:
                run_block(m, case.body, frame)
            finally:
                m.controls.pop()
            return NONE
        cause = test if isinstance(test.data, Opaque) else blur(test, reason="the case is not decided here")
        return m.fork(frame, cause, _runner(m, case.body, frame), lambda: follow(index + 1))

    if len(node.cases) > 60:
        raise Exhausted
    follow(0)


def _return(m: Machine, node: ast.Return, frame: Frame) -> None:
    value = evaluate(m, node.value, frame)
    raise Returned(with_inputs(value, *m.controls))


def _raise(m: Machine, node: ast.Raise, frame: Frame) -> None:
    if node.exc is None:
        raise Raised("RuntimeError", "an exception is raised again", m.place(frame, node))
    call = node.exc if isinstance(node.exc, ast.Call) else None
    func = call.func if call is not None else node.exc
    name = func.id if isinstance(func, ast.Name) else func.attr if isinstance(func, ast.Attribute) else "Exception"
    message = ""
    if call is not None and call.args:
        shown = evaluate(m, call.args[0], frame)
        message = shown.data if isinstance(shown.data, str) else ""
    bases: list[str] = []
    cls = evaluate(m, func, frame)
    stack = [cls.data]
    while stack and len(bases) < 20:
        item = stack.pop()
        if isinstance(item, ClassType):
            bases.append(item.name)
            stack += [base.data for base in item.bases]
        elif isinstance(item, Dotted):
            bases.append(item.name.rsplit(".", 1)[-1])
    raise Raised(name, message[:200], m.place(frame, node), tuple(bases))


def _assert(m: Machine, node: ast.Assert, frame: Frame) -> None:
    _, answer = decide(m, node.test, frame)
    if answer is False:
        raise Raised("AssertionError", "", m.place(frame, node))
    if answer is None:
        m.doubt = m.doubt or "an assertion that is not decided"


# ---- definitions


def _function(m: Machine, node: ast.FunctionDef | ast.AsyncFunctionDef, frame: Frame) -> None:
    value = make_function(m, node.name, node, frame)
    for decorator in reversed(node.decorator_list):
        value = _decorated(m, decorator, value, frame)
    m.statement = m.place(frame, node)
    set_name(m, node.name, value, frame)


KEEPING = frozenset(("functools.lru_cache", "functools.cache", "functools.wraps", "typing.no_type_check"))


def _decorated(m: Machine, node: ast.expr, value: Value, frame: Frame) -> Value:
    if isinstance(node, ast.Call) and isinstance(evaluate(m, node.func, frame).data, Dotted):
        decorator = evaluate(m, node.func, frame)
    else:
        decorator = evaluate(m, node, frame)
    name = decorator.data.name if isinstance(decorator.data, Dotted) else ""
    function = value.data
    if isinstance(function, Function):
        if name in ("builtins.staticmethod", "builtins.classmethod"):
            function.static = name.removeprefix("builtins.").removesuffix("method")
            return value
        if name in ("builtins.property", "functools.cached_property"):
            function.is_property = True
            return value
        if name in KEEPING:
            return value
    if isinstance(decorator.data, Function):
        from gwaudit.resolve.python.calls import call_function

        return call_function(m, decorator.data, [value], {}, frame)
    if isinstance(function, ClassType) and name.startswith(("dataclasses.", "attr.", "attrs.")):
        return value
    m.doubt = m.doubt or "a decorator that is not read"
    return blur(decorator, reason="it is decorated by code that is not read")


def _class(m: Machine, node: ast.ClassDef, frame: Frame) -> None:
    bases = tuple(evaluate(m, base, frame) for base in node.bases if not isinstance(base, ast.Starred))
    scope = m.state.new("scope", {})
    cls = ClassType(node.name, node, frame.file, bases, scope.address)
    inner = Frame((scope.address, *frame.scopes), frame.file)
    run_block(m, node.body, inner)
    cell = m.state.write(scope.address)
    if isinstance(cell, dict):  # methods do not see the class's own names
        for member in cell.values():
            if isinstance(member.data, Function) and member.data.scopes[:1] == (scope.address,):
                member.data.scopes = member.data.scopes[1:]
    value = Value(cls, (), Place(frame.file, node))
    for decorator in reversed(node.decorator_list):
        value = _decorated(m, decorator, value, frame)
    m.statement = m.place(frame, node)
    set_name(m, node.name, value, frame)


def _global(m: Machine, node: ast.Global, frame: Frame) -> None:
    for name in node.names:
        frame.declared[name] = frame.scopes[-1]


def _nonlocal(m: Machine, node: ast.Nonlocal, frame: Frame) -> None:
    for name in node.names:
        for address in frame.scopes[1:]:
            cell = m.state.read(address)
            if isinstance(cell, dict) and name in cell:
                frame.declared[name] = address
                break


def _expression(m: Machine, node: ast.Expr, frame: Frame) -> None:
    if not isinstance(node.value, ast.Constant):
        evaluate(m, node.value, frame)


def _pass(m: Machine, node: ast.stmt, frame: Frame) -> None:
    return


def _break(m: Machine, node: ast.Break, frame: Frame) -> None:
    raise Broke


def _continue(m: Machine, node: ast.Continue, frame: Frame) -> None:
    raise Continued


def _import(m: Machine, node: ast.Import | ast.ImportFrom, frame: Frame) -> None:
    m.here = m.place(frame, node)
    m.loader.run_import(m, node, frame)


def _loop(m: Machine, node: Any, frame: Frame) -> None:
    from gwaudit.resolve.python.loops import run_for, run_while

    (run_while if isinstance(node, ast.While) else run_for)(m, node, frame)


def _guarded(m: Machine, node: Any, frame: Frame) -> None:
    from gwaudit.resolve.python.guarded import run_try, run_with

    (run_try if not isinstance(node, (ast.With, ast.AsyncWith)) else run_with)(m, node, frame)


HANDLERS: dict[type, Callable[[Machine, Any, Frame], None]] = {
    ast.Assign: _assign,
    ast.AnnAssign: _ann_assign,
    ast.AugAssign: _aug_assign,
    ast.Delete: _delete,
    ast.If: _if,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Assert: _assert,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Global: _global,
    ast.Nonlocal: _nonlocal,
    ast.Expr: _expression,
    ast.Pass: _pass,
    ast.Break: _break,
    ast.Continue: _continue,
    ast.Import: _import,
    ast.ImportFrom: _import,
    ast.For: _loop,
    ast.While: _loop,
    ast.AsyncFor: _loop,
    ast.Try: _guarded,
    ast.With: _guarded,
    ast.AsyncWith: _guarded,
    ast.Match: _match,
}
if hasattr(ast, "TryStar"):
    HANDLERS[ast.TryStar] = _guarded

__all__ = ["Unknown", "assign", "run_block", "run_statement", "set_name", "truth"]
