"""The rule language: a checked subset of Python expressions, lowered to plain tuples that a bundle can hold.

This module, ``operators`` and ``calls`` import ``ast``, and only when a rule is compiled; an ordinary run builds closures
from the tuples (see ``closure``). Everything that is not listed here is an error with its place: names must be facts,
parameters or ``let`` names, units must fit, enumerations must have the value, regular expressions must be linear.

Forms: ``("lit", value)``, ``("fact", name)`` or ``("fact", name, value where nothing states it)``,
``("let", name)``, ``("param", name)``, ``("list", items)``,
``("and", parts)``, ``("or", parts)``, ``("not", part)``, ``("cmp", left, ((op, right), ...))``,
``("op", sign, left, right)``, ``("neg", part)``, ``("if", condition, then, otherwise)``,
``("call", function, arguments)``, ``("about", function, fact, arguments)``.
"""

from __future__ import annotations

import ast

from gwaudit.rules import types
from gwaudit.rules.calls import call
from gwaudit.rules.operators import arithmetic, compare

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    Form = tuple[Any, ...]

MAX_LENGTH = 2000


class ExpressionError(Exception):
    """What is wrong at ``start``..``end`` (offsets into the expression's text), and what was probably meant."""

    def __init__(self, message: str, start: int, end: int, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end
        self.hint = hint


class Scope:
    """What an expression may name: facts seen from a kind of subject, parameters and ``let`` names with their types."""

    def __init__(self, subject: str, vocabulary: Mapping[str, Any], settings: frozenset[str] = frozenset()) -> None:
        self.subject = subject
        self.vocabulary = vocabulary
        self.settings = settings  # every setting of gunicorn, known by name where the vocabulary does not list it
        self.params: dict[str, str] = {}
        self.lets: dict[str, str] = {}


def check(text: str, scope: Scope) -> tuple[Form, str]:
    """The form of an expression and its type; ExpressionError where it is not one of the language."""
    return Checker(text, scope).result()


class Checker:
    """One expression being checked: ``visit`` answers the form and the type of a node."""

    def __init__(self, text: str, scope: Scope) -> None:
        self.text = text
        self.scope = scope
        self.lines = [0]
        for index, char in enumerate(text):
            if char == "\n":
                self.lines.append(index + 1)

    def result(self) -> tuple[Form, str]:
        if len(self.text) > MAX_LENGTH:
            raise ExpressionError(f"an expression has at most {MAX_LENGTH} characters", 0, 1)
        try:
            tree = ast.parse(f"({self.text}\n)", mode="eval")
        except SyntaxError as error:
            at = self._offset(error.lineno or 1, max(0, (error.offset or 1) - 1))
            at = min(at, len(self.text))
            raise ExpressionError(f"not an expression: {error.msg}", at, at + 1) from None
        except (ValueError, RecursionError, MemoryError):
            raise ExpressionError("not an expression", 0, 1) from None
        try:
            return self.visit(tree.body)
        except RecursionError:
            raise ExpressionError("nested too deeply", 0, len(self.text)) from None

    def _offset(self, line: int, column: int) -> int:
        """Offset of a line and a column in characters, without the parenthesis in front of the text."""
        start = self.lines[min(line, len(self.lines)) - 1]
        return max(0, start + column - (1 if line == 1 else 0))

    def _place(self, node: ast.expr) -> tuple[int, int]:
        def at(line: int, column: int) -> int:
            row = self.text.split("\n")[min(line, len(self.lines)) - 1]
            row = "(" + row if line == 1 else row
            return self._offset(line, len(row.encode()[:column].decode("utf-8", "replace")))

        return at(node.lineno, node.col_offset), at(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def fail(self, node: ast.expr, message: str, hint: str | None = None) -> ExpressionError:
        return ExpressionError(message, *self._place(node), hint)

    def visit(self, node: ast.expr) -> tuple[Form, str]:
        if isinstance(node, ast.Constant):
            if isinstance(node.value, (bool, int, float, str)):
                return ("lit", node.value), types.of_value(node.value)
            raise self.fail(node, "not a value of the language", "use is_absent(...) for what is not set")
        if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)):
            return self.name(node)
        if isinstance(node, ast.BoolOp):
            parts = tuple(self.condition(part) for part in node.values)
            return ("and" if isinstance(node.op, ast.And) else "or", parts), "bool"
        if isinstance(node, ast.UnaryOp):
            if isinstance(node.op, ast.Not):
                return ("not", self.condition(node.operand)), "bool"
            if isinstance(node.op, ast.USub):
                form, kind = self.number(node.operand)
                return (("lit", -form[1]) if form[0] == "lit" else ("neg", form)), kind
        if isinstance(node, ast.Compare):
            return compare(self, node)
        if isinstance(node, ast.BinOp):
            return arithmetic(self, node)
        if isinstance(node, ast.IfExp):
            condition = self.condition(node.test)
            then, left = self.visit(node.body)
            otherwise, right = self.visit(node.orelse)
            both = types.common(left, right)
            if both is None:
                raise self.fail(
                    node, f"either {types.spoken(left)} or {types.spoken(right)}: the two do not go together"
                )
            return ("if", condition, then, otherwise), both
        if isinstance(node, (ast.List, ast.Tuple)):
            items = [self.visit(item) for item in node.elts]
            return self.listing(items)
        if isinstance(node, ast.Call):
            return call(self, node)
        what = {ast.Lambda: "a lambda", ast.ListComp: "a loop", ast.GeneratorExp: "a loop", ast.Dict: "a dict"}
        raise self.fail(node, f"{what.get(type(node), 'this')} is not part of the rule language")

    @staticmethod
    def listing(items: list[tuple[Form, str]]) -> tuple[Form, str]:
        kinds = {kind for _, kind in items}
        kind = "list[int]" if kinds == {"number"} else "list[str]" if kinds <= {"str"} else "list[any]"
        if all(form[0] == "lit" for form, _ in items):
            return ("lit", tuple(form[1] for form, _ in items)), kind
        return ("list", tuple(form for form, _ in items)), kind

    # names

    def name(self, node: ast.Name | ast.Attribute | ast.Subscript) -> tuple[Form, str]:
        name = self.dotted(node)
        scope = self.scope
        if name in ("true", "false"):
            return ("lit", name == "true"), "bool"
        if name in scope.lets:
            return ("let", name), scope.lets[name]
        if name.startswith("params."):
            kind = scope.params.get(name[7:])
            if kind is None:
                raise self.unknown(node, name, [f"params.{one}" for one in scope.params], "parameter")
            return ("param", name[7:]), kind
        kind = self.fact_type(node, name)
        record = scope.vocabulary.get(name, {})
        return ("fact", name, record["otherwise"]) if "otherwise" in record else ("fact", name), kind

    def dotted(self, node: ast.expr) -> str:
        if isinstance(node, ast.Name):
            return node.id
        if isinstance(node, ast.Attribute) and isinstance(node.value, (ast.Name, ast.Attribute)):
            return f"{self.dotted(node.value)}.{node.attr}"
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == "env":
            key = node.slice
            if isinstance(key, ast.Constant) and isinstance(key.value, str) and key.value.replace("_", "a").isalnum():
                return f"env.{key.value}"
            raise self.fail(node, "env[...] takes the name of a variable in quotes")
        raise self.fail(node, "this is no name of a fact")

    def fact_type(self, node: ast.expr, name: str) -> str:
        if name.startswith("env."):
            if "container" not in (self.scope.subject, *types.ENCLOSING[self.scope.subject]):
                raise self.fail(node, f"a {self.scope.subject} has no environment")
            return "str"
        record = self.scope.vocabulary.get(name)
        if record is None:
            if name.startswith("gunicorn.") and name[9:] in self.scope.settings:
                return "any"
            raise self.unknown(node, name, [*self.scope.vocabulary, *self.scope.lets], "fact")
        seen = (self.scope.subject, *types.ENCLOSING[self.scope.subject])
        if record["of"] not in seen:
            raise self.fail(node, f"{name} is a fact of a {record['of']}, and this rule judges a {self.scope.subject}")
        return types.type_of(record)

    def unknown(self, node: ast.expr, name: str, known: list[str], what: str) -> ExpressionError:
        near = types.nearest(name, known)
        return self.fail(node, f"there is no {what} {name}", f"did you mean {near}?" if near else None)

    # checks of kinds

    def condition(self, node: ast.expr) -> Form:
        form, kind = self.visit(node)
        if kind not in ("bool", "any"):
            raise self.fail(node, f"this is {types.spoken(kind)}, not a condition", "compare it, or ask is_set(...)")
        return form

    def number(self, node: ast.expr) -> tuple[Form, str]:
        form, kind = self.visit(node)
        if not types.is_number(kind):
            raise self.fail(node, f"this is {types.spoken(kind)}, not a number")
        return form, kind
