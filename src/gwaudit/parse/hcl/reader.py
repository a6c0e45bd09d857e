"""From the nodes of tree-sitter to the shared tree (see ``syntax``)."""

from __future__ import annotations

from gwaudit.parse.document import Mapping, Scalar, Sequence
from gwaudit.parse.hcl.strings import dedent, unescape
from gwaudit.parse.hcl.syntax import Block, Body, Expression, Key, Reference, Template

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.parse.document import Node
    from gwaudit.parse.hcl.positions import Positions
    from gwaudit.source import SourceFile

MAX_DEPTH = 60
_KINDS = {"operation": "operation", "conditional": "conditional", "for_expr": "for", "function_call": "function"}
_LOGIC = frozenset(("==", "!=", "&&", "||", "!"))


class TooDeep(Exception):
    """More than ``MAX_DEPTH`` levels of nesting, at a character offset."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at


def child_of(node: Any, type: str) -> Any:
    """The first child of a type, None where there is none."""
    return next((child for child in node.children if child.type == type), None)


class Reader:
    """Makes the tree; recursion goes one step a level of nesting and stops at ``MAX_DEPTH``."""

    def __init__(self, positions: Positions) -> None:
        self._file = positions.file
        self._at = positions.at
        self._span = positions.span
        self._raw = positions.raw

    def body(self, node: Any, start: int, end: int, depth: int) -> Body:
        body = Body(self._file, self._at(start), self._at(end))
        if depth > MAX_DEPTH:
            raise TooDeep(body.start)
        for child in node.children if node is not None else ():
            if child.type == "attribute":
                key, value = child.children[0], child_of(child, "expression")
                body.entries.append((Scalar(*self._span(key), self._raw(key)), self.expression(value, depth + 1)))
            elif child.type == "block":
                body.blocks.append(self.block(child, depth))
        return body

    def block(self, node: Any, depth: int) -> Block:
        names = [child for child in node.children if child.type in ("identifier", "string_lit")]
        type, *labels = (self.label(name) for name in names)
        inner = child_of(node, "body")
        first, last = child_of(node, "block_start"), child_of(node, "block_end")
        body = self.body(inner, first.end_byte, last.start_byte, depth + 1)
        return Block(*self._span(node), type, labels, body)

    def label(self, node: Any) -> Scalar:
        if node.type == "identifier":
            return Scalar(*self._span(node), self._raw(node))
        return Scalar(*self._span(node), unescape(self._raw(node)[1:-1]), "double")

    def expression(self, node: Any, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise TooDeep(self._at(node.start_byte))
        children = node.children
        while node.type == "expression" and len(children) == 3 and children[0].type == "(":
            node = children[1]
            children = node.children
        if node.type == "expression" and len(children) > 1:
            return self.reference(self._span(node), children)
        return self.term(children[0] if node.type == "expression" and children else node, depth)

    def term(self, only: Any, depth: int) -> Node:
        match only.type:
            case "literal_value":
                inner = only.children[0]
                return self.label(inner) if inner.type == "string_lit" else Scalar(*self._span(only), self._raw(only))
            case "template_expr":
                return self.template(only.children[0], depth)
            case "collection_value":
                return self.collection(only.children[0], depth)
            case "variable_expr":
                return Reference(*self._span(only), (self._raw(only),))
            case "operation" if _is_negative(only):
                return Scalar(*self._span(only), self._raw(only).replace(" ", ""))
        name = self._raw(only.children[0]) if only.type == "function_call" else ""
        try:
            name, parts = self.parts(only, name, depth + 1)
        except TooDeep:  # what cannot be worked out needs no parts
            parts = ()
        return Expression(*self._span(only), _KINDS.get(only.type, "other"), name, parts)

    def parts(self, only: Any, name: str, depth: int) -> tuple[str, tuple[Node, ...]]:
        """The function's name or the operator, and the arguments, branches or operands."""
        if depth > MAX_DEPTH:
            raise TooDeep(self._at(only.start_byte))
        if only.type == "function_call":
            listed = child_of(only, "function_arguments")
            given = listed.children if listed is not None else ()
            if any(child.type == "ellipsis" for child in given):
                return name, ()
            return name, tuple(self.expression(child, depth) for child in given if child.type == "expression")
        if only.type == "conditional":
            return name, tuple(self.expression(child, depth) for child in only.children if child.type == "expression")
        if only.type == "operation":
            children = only.children[0].children
            at = next((index for index, child in enumerate(children) if child.type in _LOGIC), None)
            if at is not None:
                sides = [side for side in (children[:at], children[at + 1 :]) if side]
                return children[at].type, tuple(self.operand(side, depth) for side in sides)
        return name, ()

    def operand(self, children: list[Any], depth: int) -> Node:
        if children[0].type == "(":
            return self.expression(children[1], depth)
        if len(children) > 1:
            file, start, _ = self._span(children[0])
            return self.reference((file, start, self._span(children[-1])[2]), children)
        return self.term(children[0], depth)

    def reference(self, span: tuple[SourceFile, int, int], children: list[Any]) -> Node:
        """``name.step[0]["key"]``; an index that is no literal, a splat and a call give an ``Expression``."""
        if children[0].type != "variable_expr":
            return Expression(*span, "other")
        steps = [self._raw(children[0])]
        for child in children[1:]:
            if child.type == "get_attr":
                steps.append(self._raw(child).lstrip(". \t\r\n"))
                continue
            inner = self._raw(child)[1:-1].strip()
            quoted = inner[:1] == '"' == inner[-1:] and "${" not in inner
            if child.type != "index" or not (quoted or inner.isdigit()):
                return Expression(*span, "splat" if child.type == "splat" else "other")
            steps.append(unescape(inner[1:-1]) if quoted else inner)
        return Reference(*span, tuple(steps))

    def collection(self, node: Any, depth: int) -> Node:
        if node.type == "tuple":
            items = [self.expression(child, depth + 1) for child in node.children if child.type == "expression"]
            return Sequence(*self._span(node), items)
        entries: list[tuple[Scalar, Node]] = []
        for child in node.children:
            if child.type == "object_elem":
                key, value = (part for part in child.children if part.type == "expression")
                entries.append((self.key(key, depth), self.expression(value, depth + 1)))
        return Mapping(*self._span(node), entries)

    def key(self, node: Any, depth: int) -> Scalar:
        """An object's key: a word, a string; one that is computed keeps its text and has the tag ``computed``."""
        found = self.expression(node, depth + 1)
        if isinstance(found, Scalar) and node.children[0].type != "(":
            return found
        if isinstance(found, Reference) and len(found.steps) == 1 and node.children[0].type != "(":
            return Scalar(*self._span(node), found.steps[0])
        return Key(*self._span(node), self._raw(node), found)

    def template(self, node: Any, depth: int) -> Node:
        """A quoted string or a heredoc: a ``Scalar`` where nothing is interpolated, else a ``Template``."""
        heredoc = node.type == "heredoc_template"
        children = node.children
        file, start, end = self._span(node)
        if heredoc:
            begin = self._file.text.find("\n", self._at(children[1].end_byte)) + 1
            finish = self._file.text.rfind("\n", begin - 1, self._at(children[-1].start_byte)) + 1
        else:
            begin, finish = start + 1, end - 1
        parts: list[str | Node] = []
        done = begin
        for child in children:
            if child.type not in ("template_interpolation", "template_directive"):
                continue
            at, after = self._at(child.start_byte), self._at(child.end_byte)
            parts.append(self.literal(done, at, heredoc))
            inner = child_of(child, "expression")
            if child.type == "template_directive" or inner is None:
                parts.append(Expression(file, at, after, "directive"))
            else:
                parts.append(self.expression(inner, depth + 1))
            done = after
        parts.append(self.literal(done, finish, heredoc))
        if heredoc and self._raw(children[0]) == "<<-":
            parts = dedent(parts)
        style = "literal" if heredoc else "double"
        if len(parts) == 1:
            return Scalar(file, start, end, str(parts[0]), style)
        return Template(file, start, end, [part for part in parts if part != ""], style)

    def literal(self, start: int, end: int, heredoc: bool) -> str:
        text = self._file.text[start:end]
        if heredoc:
            return text.replace("\r\n", "\n").replace("$${", "${").replace("%%{", "%{")
        return unescape(text)


def _is_negative(node: Any) -> bool:
    """Whether an operation is a minus before a number."""
    unary = node.children[0]
    parts = [child.type for child in unary.children]
    return unary.type == "unary_operation" and parts == ["-", "literal_value"]
