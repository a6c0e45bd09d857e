"""Comparisons and arithmetic of the rule language: which kinds go together, and in which unit the result is."""

from __future__ import annotations

import ast

from gwaudit.rules import types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.rules.expr import Checker, Form

_ORDER = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
_COMPARE = {**_ORDER, ast.Eq: "==", ast.NotEq: "!=", ast.In: "in", ast.NotIn: "not in"}
_SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%"}


def compare(checker: Checker, node: ast.Compare) -> tuple[Form, str]:
    left, left_kind = checker.visit(node.left)
    first, pairs, before = node.left, [], (left, left_kind)
    for operator, right_node in zip(node.ops, node.comparators, strict=True):
        sign = _COMPARE.get(type(operator))
        if sign is None:
            raise checker.fail(node, "`is` is not part of the rule language", "use ==, is_set(...) or is_absent(...)")
        right, kind = checker.visit(right_node)
        _comparable(checker, sign, first, before, right_node, (right, kind))
        pairs.append((sign, right))
        first, before = right_node, (right, kind)
    return ("cmp", left, tuple(pairs)), "bool"


def _comparable(
    checker: Checker, sign: str, left: ast.expr, one: tuple[Form, str], right: ast.expr, other: tuple[Form, str]
) -> None:
    (form, a), (other_form, b) = one, other
    if sign in ("in", "not in"):
        if not (types.is_list(b) or types.is_text(b)):
            raise checker.fail(right, f"this is {types.spoken(b)}, not a list")
        _member(checker, a, right, other_form)
        if types.choices(b):
            raise checker.fail(right, "this is one value, not a list", "use ==")
        return
    _member(checker, a, right, other_form)
    _member(checker, b, left, form)
    if types.common(a, b) is None:
        raise checker.fail(right, f"{types.spoken(a)} is compared with {types.spoken(b)}")
    if sign in _ORDER.values():
        for kind, node in ((a, left), (b, right)):
            if not (types.is_number(kind) or kind == "date" or (kind == "str" and "date" in (a, b))):
                hint = "use version_below(...)" if "version" in (a, b) else None
                raise checker.fail(node, f"{types.spoken(kind)} has no order", hint)
    if "version" in (a, b) and sign in ("==", "!=") and {a, b} != {"version"}:
        raise checker.fail(right, "versions are compared by version_below and version_at_least")


def _member(checker: Checker, kind: str, node: ast.expr, form: Form) -> None:
    """An enumeration is compared with its own values only."""
    allowed = types.choices(kind)
    if allowed and form[0] == "lit":
        for value in form[1] if isinstance(form[1], tuple) else (form[1],):
            if value not in allowed:
                near = types.nearest(str(value), allowed)
                hint = f"did you mean {near!r}?" if near else f"it is one of {', '.join(allowed)}"
                raise checker.fail(node, f"{value!r} is never its value", hint)


def arithmetic(checker: Checker, node: ast.BinOp) -> tuple[Form, str]:
    sign = _SIGNS.get(type(node.op))
    if sign is None:
        raise checker.fail(node, "this operator is not part of the rule language")
    left, a = checker.visit(node.left)
    right, b = checker.visit(node.right)
    if sign == "+" and types.is_text(a) and types.is_text(b) and "any" not in (a, b):
        return ("op", sign, left, right), "str"
    for kind, part in ((a, node.left), (b, node.right)):
        if not types.is_number(kind):
            raise checker.fail(part, f"this is {types.spoken(kind)}, not a number")
    result = _unit(sign, a, b)
    if result is None:
        raise checker.fail(node, f"{types.spoken(a)} {sign} {types.spoken(b)}: the units do not fit")
    return ("op", sign, left, right), result


def _unit(sign: str, left: str, right: str) -> str | None:
    """The type of an arithmetic result; None where the units do not fit."""
    if "any" in (left, right):
        return "any"
    counts = types.COUNTS | {"number"}
    if sign in "+-%":
        return types.common(left, right)
    if sign == "*":
        if left in counts and right in counts:
            return "number" if left == right == "number" else "float" if left != right else left
        return right if left in counts else left if right in counts else None
    if left in counts and right in counts:  # / and //
        return "number" if left == right == "number" else "float" if sign == "/" else "int"
    if left == right:
        return "float" if sign == "/" else "int"
    return left if right in counts else None
