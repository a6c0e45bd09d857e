"""The rule language: a checked subset of Python expressions, lowered to plain tuples that a bundle can hold.

Only this module imports ``ast``, and only when a rule is compiled; an ordinary run builds closures from the tuples (see
``closure``). Everything that is not listed here is an error with its place: names must be facts, parameters or ``let``
names, units must fit, enumerations must have the value, regular expressions must be linear.

Forms: ``("lit", value)``, ``("fact", name)`` or ``("fact", name, value where nothing states it)``,
``("let", name)``, ``("param", name)``, ``("list", items)``,
``("and", parts)``, ``("or", parts)``, ``("not", part)``, ``("cmp", left, ((op, right), ...))``,
``("op", sign, left, right)``, ``("neg", part)``, ``("if", condition, then, otherwise)``,
``("call", function, arguments)``, ``("about", function, fact, arguments)``.
"""

from __future__ import annotations

import ast

from gwaudit.rules import types
from gwaudit.rules.functions import ABOUT_FACT, TABLE
from gwaudit.rules.regex import why_not_linear

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    Form = tuple[Any, ...]

MAX_LENGTH = 2000
_ORDER = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
_COMPARE = {**_ORDER, ast.Eq: "==", ast.NotEq: "!=", ast.In: "in", ast.NotIn: "not in"}
_SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%"}


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
    return _Checker(text, scope).result()


class _Checker:
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
            return self.compare(node)
        if isinstance(node, ast.BinOp):
            return self.arithmetic(node)
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
            return self.call(node)
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

    def compare(self, node: ast.Compare) -> tuple[Form, str]:
        left, left_kind = self.visit(node.left)
        first, pairs, before = node.left, [], (left, left_kind)
        for operator, right_node in zip(node.ops, node.comparators, strict=True):
            sign = _COMPARE.get(type(operator))
            if sign is None:
                raise self.fail(node, "`is` is not part of the rule language", "use ==, is_set(...) or is_absent(...)")
            right, kind = self.visit(right_node)
            self.comparable(sign, first, before, right_node, (right, kind))
            pairs.append((sign, right))
            first, before = right_node, (right, kind)
        return ("cmp", left, tuple(pairs)), "bool"

    def comparable(
        self, sign: str, left: ast.expr, one: tuple[Form, str], right: ast.expr, other: tuple[Form, str]
    ) -> None:
        (form, a), (other_form, b) = one, other
        if sign in ("in", "not in"):
            if not (types.is_list(b) or types.is_text(b)):
                raise self.fail(right, f"this is {types.spoken(b)}, not a list")
            self.member(a, right, other_form)
            if types.choices(b):
                raise self.fail(right, "this is one value, not a list", "use ==")
            return
        self.member(a, right, other_form)
        self.member(b, left, form)
        if types.common(a, b) is None:
            raise self.fail(right, f"{types.spoken(a)} is compared with {types.spoken(b)}")
        if sign in _ORDER.values():
            for kind, node in ((a, left), (b, right)):
                if not (types.is_number(kind) or kind == "date" or (kind == "str" and "date" in (a, b))):
                    hint = "use version_below(...)" if "version" in (a, b) else None
                    raise self.fail(node, f"{types.spoken(kind)} has no order", hint)
        if "version" in (a, b) and sign in ("==", "!=") and {a, b} != {"version"}:
            raise self.fail(right, "versions are compared by version_below and version_at_least")

    def member(self, kind: str, node: ast.expr, form: Form) -> None:
        """An enumeration is compared with its own values only."""
        allowed = types.choices(kind)
        if allowed and form[0] == "lit":
            for value in form[1] if isinstance(form[1], tuple) else (form[1],):
                if value not in allowed:
                    near = types.nearest(str(value), allowed)
                    hint = f"did you mean {near!r}?" if near else f"it is one of {', '.join(allowed)}"
                    raise self.fail(node, f"{value!r} is never its value", hint)

    def arithmetic(self, node: ast.BinOp) -> tuple[Form, str]:
        sign = _SIGNS.get(type(node.op))
        if sign is None:
            raise self.fail(node, "this operator is not part of the rule language")
        left, a = self.visit(node.left)
        right, b = self.visit(node.right)
        if sign == "+" and types.is_text(a) and types.is_text(b) and "any" not in (a, b):
            return ("op", sign, left, right), "str"
        for kind, part in ((a, node.left), (b, node.right)):
            if not types.is_number(kind):
                raise self.fail(part, f"this is {types.spoken(kind)}, not a number")
        result = _unit(sign, a, b)
        if result is None:
            raise self.fail(node, f"{types.spoken(a)} {sign} {types.spoken(b)}: the units do not fit")
        return ("op", sign, left, right), result

    def call(self, node: ast.Call) -> tuple[Form, str]:
        if not isinstance(node.func, ast.Name):
            raise self.fail(node.func, "only the functions of the rule language can be called")
        name = node.func.id
        entry = TABLE.get(name)
        if entry is None:
            near = types.nearest(name, TABLE)
            raise self.fail(node.func, f"there is no function {name}", f"did you mean {near}?" if near else None)
        if node.keywords:
            raise self.fail(node, f"{name} takes no named arguments")
        wanted, result, _ = entry
        repeats = wanted[-1] == "..."
        wanted = wanted[:-1] if repeats else wanted
        if len(node.args) < len(wanted) or (len(node.args) > len(wanted) and not repeats):
            raise self.fail(node, f"{name} takes {len(wanted)}{' or more' if repeats else ''} arguments")
        forms: list[Form] = []
        kinds: list[str] = []
        for index, argument in enumerate(node.args):
            form, kind = self.argument(name, wanted[min(index, len(wanted) - 1)], argument)
            forms.append(form)
            kinds.append(kind)
        kind = kinds[0] if result == "same" else result
        if result == "common":
            kind = kinds[0]
            for other, argument in zip(kinds[1:], node.args[1:], strict=True):
                both = types.common(kind, other)
                if both is None:
                    raise self.fail(argument, f"{types.spoken(kind)} and {types.spoken(other)} do not go together")
                kind = both if not types.choices(kind) else kind
        if name in ABOUT_FACT:
            return ("about", name, forms[0], tuple(forms[1:])), kind
        return ("call", name, tuple(forms)), kind

    def argument(self, function: str, wanted: str, node: ast.expr) -> tuple[Form, str]:
        form, kind = self.visit(node)
        literal = form[0] == "lit"
        match wanted:
            case "fact":
                if form[0] != "fact":
                    raise self.fail(node, f"{function} takes the name of a fact")
            case "number":
                if not types.is_number(kind):
                    raise self.fail(node, f"{function} takes a number, this is {types.spoken(kind)}")
            case "text" if not types.is_text(kind):
                raise self.fail(node, f"{function} takes text, this is {types.spoken(kind)}")
            case "list" if not types.is_list(kind):
                raise self.fail(node, f"{function} takes a list, this is {types.spoken(kind)}")
            case "text or list" if not (types.is_text(kind) or types.is_list(kind)):
                raise self.fail(node, f"{function} takes text or a list, this is {types.spoken(kind)}")
            case "version text" if kind not in ("version", "str", "any"):
                raise self.fail(node, f"{function} takes a version, this is {types.spoken(kind)}")
            case "version":
                from gwaudit.rules.functions import version_key

                if literal and (not isinstance(form[1], str) or version_key(form[1]) is None):
                    raise self.fail(node, "this is no version", "a version is written in quotes, such as '26.0'")
            case "regex":
                if not literal or not isinstance(form[1], str):
                    raise self.fail(node, f"{function} takes a regular expression in quotes")
                problem = why_not_linear(form[1])
                if problem:
                    raise self.fail(node, problem)
        return form, kind


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
