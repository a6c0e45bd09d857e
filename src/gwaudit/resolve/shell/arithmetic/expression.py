"""The grammar of arithmetic expressions: precedence climbing into nested tuples ``(operator, operands...)``."""

from __future__ import annotations

from gwaudit.pattern import regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAX_DEPTH = 60
TOKEN = regex(
    r"\s+|(?P<num>0[xX][0-9a-fA-F]+|\d+(?:#[0-9a-zA-Z]+)?)|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<op>\*\*|<<=|>>=|<<|>>|<=|>=|==|!=|&&|\|\||\+\+|--|[-+*/%&|^]=|[-+*/%<>!~&|^?:=(),])"
)
_BINARY = {
    "||": 1, "&&": 2, "|": 3, "^": 4, "&": 5, "==": 6, "!=": 6, "<": 7, ">": 7, "<=": 7, ">=": 7,
    "<<": 8, ">>": 8, "+": 9, "-": 9, "*": 10, "/": 10, "%": 10, "**": 11,
}  # fmt: skip


class NotArithmetic(Exception):
    """The text is no arithmetic expression that this reader understands."""


class Expression:
    """The tokens (kind, text) of an expression, read from left to right."""

    def __init__(self, tokens: list[tuple[str, Any]]) -> None:
        self.tokens = tokens
        self.at = 0

    def peek(self) -> tuple[str, Any]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def take(self, operator: str) -> None:
        if self.peek() != ("op", operator):
            raise NotArithmetic
        self.at += 1

    def expression(self, floor: int, depth: int, comma: bool = True) -> Any:
        """``comma``: whether a comma goes on with the expression; it binds less than an assignment does."""
        if depth > MAX_DEPTH:
            raise NotArithmetic
        left = self.unary(depth)
        while True:
            kind, operator = self.peek()
            if kind != "op":
                return left
            if floor == 0 and comma and operator == ",":
                self.at += 1
                left = (",", left, self.expression(0, depth + 1, False))
            elif floor == 0 and operator == "?":
                self.at += 1
                yes = self.expression(0, depth + 1)
                self.take(":")
                left = ("?", left, yes, self.expression(0, depth + 1, False))
            elif floor == 0 and operator.endswith("=") and operator not in ("==", "!=", "<=", ">="):
                if left[0] != "name":
                    raise NotArithmetic
                self.at += 1
                right = self.expression(0, depth + 1, False)
                left = ("=", left[1], right if operator == "=" else (operator[:-1], left, right))
            elif operator in _BINARY and _BINARY[operator] >= max(floor, 1):
                self.at += 1
                level = _BINARY[operator]
                left = (operator, left, self.expression(level if operator == "**" else level + 1, depth + 1))
            else:
                return left

    def unary(self, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise NotArithmetic
        kind, value = self.peek()
        self.at += 1
        if kind == "num":
            base, _, digits = value.partition("#")
            if digits:
                return ("num", int(digits, int(base)) if 2 <= int(base) <= 36 else 0)
            if value[:2] in ("0x", "0X"):
                return ("num", int(value, 16))
            try:
                return ("num", int(value, 8) if value[0] == "0" and len(value) > 1 else int(value[:19]))
            except ValueError as error:
                raise NotArithmetic from error
        if kind == "text":
            return ("text", value)
        if kind == "name":
            if self.peek() in (("op", "++"), ("op", "--")):
                operator = self.peek()[1]
                self.at += 1
                return ("post", value, operator[0])
            return ("name", value)
        if kind == "op" and value in ("++", "--"):
            kind, name = self.peek()
            if kind != "name":
                raise NotArithmetic
            self.at += 1
            return ("=", name, (value[0], ("name", name), ("num", 1)))
        if kind == "op" and value in "+-!~":
            return ("unary", value, self.unary(depth + 1))
        if kind == "op" and value == "(":
            inner = self.expression(0, depth + 1)
            self.take(")")
            return inner
        raise NotArithmetic
