"""A value of Terraform on its way to a text: a node, and the scope in which its names mean something."""

from __future__ import annotations

from gwaudit.parse.document import Scalar
from gwaudit.parse.hcl.syntax import Body, Expression

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.document import Node
    from gwaudit.resolve.fact import Unknown
    from gwaudit.resolve.terraform.scope import Scope

_WORDS = {
    "function": "a function of Terraform makes it",
    "operation": "an operation of Terraform makes it",
    "conditional": "a condition of Terraform decides it",
    "for": "a for expression of Terraform makes it",
}


class Value:
    """A node, the scope in which its names mean something, and whether a default was taken on the way to it."""

    __slots__ = ("assumed", "node", "scope", "secret")

    def __init__(self, node: Node | Unknown, scope: Scope, assumed: bool = False, secret: bool = False) -> None:
        self.node = node
        self.scope = scope
        self.assumed = assumed
        self.secret = secret

    @property
    def is_null(self) -> bool:
        return isinstance(self.node, Scalar) and self.node.style == "plain" and self.node.text == "null"


def reason(node: Node) -> str:
    """Why a node is no single value that can be known."""
    if isinstance(node, Expression):
        named = f" ({node.name})" if node.kind == "function" else ""
        return _WORDS.get(node.kind, "an expression of Terraform makes it") + named
    if isinstance(node, Body):
        return "a block stands where a single value is expected"
    return "a list or map stands where a single value is expected"
