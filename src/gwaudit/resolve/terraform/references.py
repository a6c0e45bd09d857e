"""References of Terraform: variables, locals, resources of the module, ``each`` and ``count``.

A variable counts with the argument of the module's caller, else with the variable files that Terraform loads by itself, else
with its default (``assumed``: a ``-var`` option or ``TF_VAR_`` variable may say otherwise).
"""

from __future__ import annotations

import re

from gwaudit.parse.document import Scalar
from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.terraform.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.hcl.syntax import Reference
    from gwaudit.resolve.terraform.module import Module
    from gwaudit.resolve.terraform.scope import Scope


def look_up(scope: Scope, node: Reference, steps: int) -> Value:
    """One step of a reference."""
    name, second, *rest = (*node.steps, "", "")
    rest = [step for step in rest if step]
    text = ".".join(node.steps)
    bound = scope.bound.get(f"{name}.{second}")
    if bound is not None:
        found = bound
    elif name == "var":
        found = _variable(scope, second)
    elif name == "local":
        local = scope.module.locals.get(second)
        found = Value(local if local is not None else Unknown(f"{text} is not declared"), scope)
    elif (name, second) in scope.module.resources:
        while rest and rest[0].isdigit():
            rest = rest[1:]
        body = scope.module.resources[name, second].body
        stated = body.get(rest[0]) if rest else None
        if stated is None:
            return Value(Unknown(f"the provider makes {text} when it is applied", (text,)), scope)
        found, rest = Value(stated, scope), rest[1:]
    else:
        return Value(Unknown(_outside(name, text), (text,)), scope)
    for step in rest:
        inner = scope.child(found, step, steps + 2)
        if inner is None and name in ("var", "each") and may_lack(step, scope.module):
            return Value(Scalar(node.file, node.start, node.end, "null"), scope)
        if inner is None:
            return Value(Unknown(f"{text} cannot be followed", (text,)), scope)
        found = Value(inner.node, inner.scope, found.assumed or inner.assumed, found.secret or inner.secret)
    return found


def _variable(scope: Scope, name: str) -> Value:
    block = scope.module.variables.get(name)
    flag = block.body.get("sensitive") if block is not None else None
    secret = isinstance(flag, Scalar) and flag.text == "true"
    if scope.arguments is not None and name in scope.arguments:
        given = scope.arguments[name]
        return Value(given.node, given.scope, given.assumed, given.secret or secret)
    if scope.arguments is None and name in scope.module.given:
        return Value(scope.module.given[name], scope, secret=secret)
    default = block.body.get("default") if block is not None else None
    if default is None:
        why = "has no default" if block is not None else "is not declared"
        return Value(Unknown(f"the variable {name} {why}", (f"var.{name}",)), scope)
    return Value(default, scope, assumed=True, secret=secret)


def may_lack(name: str, module: Module) -> bool:
    """Whether a type of the module's variables has the attribute as ``optional(...)`` without a default: then it is null."""
    for block in module.variables.values():
        type = block.body.get("type")
        text = type.file.text[type.start : type.end] if type is not None else ""
        match = re.search(rf"(?<![\w-]){re.escape(name)}[ \t]*=[ \t]*optional\(", text)
        if match is None:
            continue
        depth = 1
        for char in text[match.end() :]:
            depth += (char in "([{") - (char in ")]}")
            if not depth:
                return True
            if char == "," and depth == 1:
                return False
    return False


def _outside(name: str, text: str) -> str:
    match name:
        case "data":
            return f"Terraform asks the provider for {text}"
        case "module":
            return f"{text} is an output of a module"
        case "each" | "count":
            return f"{text} differs between the instances"
    return f"{text} is known when Terraform runs"
