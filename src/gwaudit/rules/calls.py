"""Calls of the rule language: each argument is checked against what the function takes."""

from __future__ import annotations

import ast

from gwaudit.rules import types
from gwaudit.rules.functions import ABOUT_FACT, TABLE
from gwaudit.rules.regex import why_not_linear

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.rules.expr import Checker, Form


def call(checker: Checker, node: ast.Call) -> tuple[Form, str]:
    if not isinstance(node.func, ast.Name):
        raise checker.fail(node.func, "only the functions of the rule language can be called")
    name = node.func.id
    entry = TABLE.get(name)
    if entry is None:
        near = types.nearest(name, TABLE)
        raise checker.fail(node.func, f"there is no function {name}", f"did you mean {near}?" if near else None)
    if node.keywords:
        raise checker.fail(node, f"{name} takes no named arguments")
    wanted, result, _ = entry
    repeats = wanted[-1] == "..."
    wanted = wanted[:-1] if repeats else wanted
    if len(node.args) < len(wanted) or (len(node.args) > len(wanted) and not repeats):
        raise checker.fail(node, f"{name} takes {len(wanted)}{' or more' if repeats else ''} arguments")
    forms: list[Form] = []
    kinds: list[str] = []
    for index, argument in enumerate(node.args):
        form, kind = _argument(checker, name, wanted[min(index, len(wanted) - 1)], argument)
        forms.append(form)
        kinds.append(kind)
    kind = kinds[0] if result == "same" else result
    if result == "common":
        kind = kinds[0]
        for other, argument in zip(kinds[1:], node.args[1:], strict=True):
            both = types.common(kind, other)
            if both is None:
                raise checker.fail(argument, f"{types.spoken(kind)} and {types.spoken(other)} do not go together")
            kind = both if not types.choices(kind) else kind
    if name in ABOUT_FACT:
        return ("about", name, forms[0], tuple(forms[1:])), kind
    return ("call", name, tuple(forms)), kind


def _argument(checker: Checker, function: str, wanted: str, node: ast.expr) -> tuple[Form, str]:
    form, kind = checker.visit(node)
    literal = form[0] == "lit"
    match wanted:
        case "fact":
            if form[0] != "fact":
                raise checker.fail(node, f"{function} takes the name of a fact")
        case "number":
            if not types.is_number(kind):
                raise checker.fail(node, f"{function} takes a number, this is {types.spoken(kind)}")
        case "text" if not types.is_text(kind):
            raise checker.fail(node, f"{function} takes text, this is {types.spoken(kind)}")
        case "list" if not types.is_list(kind):
            raise checker.fail(node, f"{function} takes a list, this is {types.spoken(kind)}")
        case "text or list" if not (types.is_text(kind) or types.is_list(kind)):
            raise checker.fail(node, f"{function} takes text or a list, this is {types.spoken(kind)}")
        case "version text" if kind not in ("version", "str", "any"):
            raise checker.fail(node, f"{function} takes a version, this is {types.spoken(kind)}")
        case "version":
            from gwaudit.rules.functions import version_key

            if literal and (not isinstance(form[1], str) or version_key(form[1]) is None):
                raise checker.fail(node, "this is no version", "a version is written in quotes, such as '26.0'")
        case "regex":
            if not literal or not isinstance(form[1], str):
                raise checker.fail(node, f"{function} takes a regular expression in quotes")
            problem = why_not_linear(form[1])
            if problem:
                raise checker.fail(node, problem)
    return form, kind
