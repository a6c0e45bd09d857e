"""Conditions of Terraform: which part of an expression it comes to, where that can be decided.

Comparisons, conditionals and the functions that only pass one of their arguments on are worked out.
"""

from __future__ import annotations

from gwaudit.parse.document import Scalar
from gwaudit.parse.hcl.syntax import Expression
from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.terraform.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.document import Node
    from gwaudit.resolve.terraform.scope import Scope

_SAME = frozenset(
    ("tostring", "tonumber", "tobool", "tolist", "toset", "tomap", "sensitive", "nonsensitive", "trimspace")
)
_FIRST = frozenset(("coalesce", "try"))


def choose(scope: Scope, node: Expression, steps: int) -> Node | Unknown | None:
    """What an expression comes to, where that is one of its own parts; None where it is not."""
    if node.kind == "conditional" and len(node.parts) == 3:
        answer = holds(scope, node.parts[0], steps)
        return node.parts[1 if answer else 2] if answer is not None else None
    if node.kind == "function" and node.name in _SAME and len(node.parts) == 1:
        return node.parts[0]
    if node.kind == "function" and node.name in _FIRST:
        for part in node.parts:
            found = scope.follow(Value(part, scope), steps + 2)
            if isinstance(found.node, Unknown):
                return found.node
            empty = isinstance(found.node, Scalar) and not found.node.text and node.name == "coalesce"
            if not found.is_null and not empty:
                return part
    if node.kind == "function" and node.name == "lookup" and len(node.parts) == 3:
        key = scope.text(Value(node.parts[1], scope), steps + 2)[0]
        if isinstance(key, str) and "." not in key:
            inner = scope.child(Value(node.parts[0], scope), key, steps + 2)
            return node.parts[2] if inner is None else inner.node if inner.scope is scope else None
    return None


def holds(scope: Scope, node: Node, steps: int) -> bool | None:
    """Whether a condition is true, None where nobody can know."""
    found = scope.follow(Value(node, scope), steps + 2)
    node = found.node if not isinstance(found.node, Unknown) else node
    if isinstance(node, Scalar):
        return {"true": True, "false": False}.get(node.text)
    if not isinstance(node, Expression) or node.kind != "operation":
        return None
    if node.name in ("==", "!="):
        sides = [found.scope.follow(Value(part, found.scope), steps + 2) for part in node.parts]
        if len(sides) != 2 or any(isinstance(side.node, Unknown) for side in sides):
            return None
        if sides[0].is_null or sides[1].is_null:
            same = sides[0].is_null and sides[1].is_null
        else:
            texts = [side.scope.text(side, steps + 2)[0] for side in sides]
            if not all(isinstance(text, str) for text in texts):
                return None
            same = texts[0] == texts[1]
        return same == (node.name == "==")
    answers = [holds(found.scope, part, steps + 2) for part in node.parts]
    if node.name == "!" and len(answers) == 1:
        return not answers[0] if answers[0] is not None else None
    if node.name in ("&&", "||"):
        decisive = node.name == "||"
        return decisive if decisive in answers else None if None in answers else not decisive
    return None
