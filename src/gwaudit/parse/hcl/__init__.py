"""HCL as Nomad and Terraform write it: tree-sitter reads it, this module makes the shared tree (see ``syntax``).

tree-sitter counts bytes; every offset given out counts characters. Files ending in ``.json`` are read as JSON. A file with a
syntax error gives only the failure, since Nomad and Terraform refuse it as a whole.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate

from gwaudit.parse.document import Document, Mapping, ParseFailure, Scalar, Sequence
from gwaudit.parse.hcl.strings import dedent, unescape
from gwaudit.parse.hcl.syntax import Block, Body, Expression, Key, Reference, Template

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.parse.document import Node
    from gwaudit.source import SourceFile

MAX_CHARACTERS = 150_000  # what cannot be parsed at all takes tree-sitter 11 s a megabyte
MAX_DEPTH = 60
_KINDS = {"operation": "operation", "conditional": "conditional", "for_expr": "for", "function_call": "function"}
_LOGIC = frozenset(("==", "!=", "&&", "||", "!"))


def parse_documents(file: SourceFile) -> list[Document | ParseFailure]:
    """One document whose root is a ``Body`` (HCL) or a ``Mapping`` (JSON), or the failure."""
    if file.path.endswith(".json"):
        from gwaudit.parse.yaml import parse_documents as parse_json

        return parse_json(file)
    if len(file.text) > MAX_CHARACTERS:
        return [ParseFailure(file.location(0, 0), f"HCL is not read: more than {MAX_CHARACTERS:,} characters")]
    import tree_sitter
    import tree_sitter_hcl

    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))
    # Surrogates (bytes that were no UTF-8) and NUL, which ends tree-sitter's input, are no HCL; one character each stays.
    text = file.text.encode("utf-8", "replace").replace(b"\0", b"?")
    root = parser.parse(text).root_node
    reader = _Reader(file, text)
    if root.has_error:
        return [reader.failure(root)]
    try:
        return [Document(file, "hcl", reader.body(_child(root, "body"), 0, len(text), 0))]
    except _TooDeep as error:
        return [
            ParseFailure(file.location(error.at, error.at), f"HCL is not read: nested deeper than {MAX_DEPTH} levels")
        ]


class _TooDeep(Exception):
    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at


def _child(node: Any, type: str) -> Any:
    return next((child for child in node.children if child.type == type), None)


class _Reader:
    """Makes the tree; recursion goes one step a level of nesting and stops at ``MAX_DEPTH``."""

    def __init__(self, file: SourceFile, text: bytes) -> None:
        self.file = file
        self.text = text
        # Where multi-byte characters start, and how many bytes more than characters there are before and with each.
        self._wide: list[int] = []
        self._surplus: list[int] = [0]
        if len(text) != len(file.text):
            sizes = [_size(char) for char in file.text]
            starts = accumulate(sizes, initial=0)
            for size, start in zip(sizes, starts, strict=False):
                if size > 1:
                    self._wide.append(start)
                    self._surplus.append(self._surplus[-1] + size - 1)

    def at(self, byte: int) -> int:
        """The character offset of a byte offset."""
        return byte - self._surplus[bisect_left(self._wide, byte)] if self._wide else byte

    def failure(self, root: Any) -> ParseFailure:
        node = root
        while node.type != "ERROR" and not node.is_missing:
            below = next((child for child in node.children if child.has_error or child.is_missing), None)
            if below is None:
                break
            node = below
        start = self.at(node.start_byte)
        message = f"{node.type!r} is missing" if node.is_missing else "this is no attribute, block or expression"
        return ParseFailure(
            self.file.location(start, min(self.at(node.end_byte), start + 1)), f"not valid HCL: {message}"
        )

    def span(self, node: Any) -> tuple[SourceFile, int, int]:
        return self.file, self.at(node.start_byte), self.at(node.end_byte)

    def raw(self, node: Any) -> str:
        _, start, end = self.span(node)
        return self.file.text[start:end]

    def body(self, node: Any, start: int, end: int, depth: int) -> Body:
        body = Body(self.file, self.at(start), self.at(end))
        if depth > MAX_DEPTH:
            raise _TooDeep(body.start)
        for child in node.children if node is not None else ():
            if child.type == "attribute":
                key, value = child.children[0], _child(child, "expression")
                body.entries.append((Scalar(*self.span(key), self.raw(key)), self.expression(value, depth + 1)))
            elif child.type == "block":
                body.blocks.append(self.block(child, depth))
        return body

    def block(self, node: Any, depth: int) -> Block:
        names = [child for child in node.children if child.type in ("identifier", "string_lit")]
        type, *labels = (self.label(name) for name in names)
        inner = _child(node, "body")
        first, last = _child(node, "block_start"), _child(node, "block_end")
        body = self.body(inner, first.end_byte, last.start_byte, depth + 1)
        return Block(*self.span(node), type, labels, body)

    def label(self, node: Any) -> Scalar:
        if node.type == "identifier":
            return Scalar(*self.span(node), self.raw(node))
        return Scalar(*self.span(node), unescape(self.raw(node)[1:-1]), "double")

    def expression(self, node: Any, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise _TooDeep(self.at(node.start_byte))
        children = node.children
        while node.type == "expression" and len(children) == 3 and children[0].type == "(":
            node = children[1]
            children = node.children
        if node.type == "expression" and len(children) > 1:
            return self.reference(self.span(node), children)
        return self.term(children[0] if node.type == "expression" and children else node, depth)

    def term(self, only: Any, depth: int) -> Node:
        match only.type:
            case "literal_value":
                inner = only.children[0]
                return self.label(inner) if inner.type == "string_lit" else Scalar(*self.span(only), self.raw(only))
            case "template_expr":
                return self.template(only.children[0], depth)
            case "collection_value":
                return self.collection(only.children[0], depth)
            case "variable_expr":
                return Reference(*self.span(only), (self.raw(only),))
            case "operation" if _is_negative(only):
                return Scalar(*self.span(only), self.raw(only).replace(" ", ""))
        name = self.raw(only.children[0]) if only.type == "function_call" else ""
        try:
            name, parts = self.parts(only, name, depth + 1)
        except _TooDeep:  # what cannot be worked out needs no parts
            parts = ()
        return Expression(*self.span(only), _KINDS.get(only.type, "other"), name, parts)

    def parts(self, only: Any, name: str, depth: int) -> tuple[str, tuple[Node, ...]]:
        """The function's name or the operator, and the arguments, branches or operands."""
        if depth > MAX_DEPTH:
            raise _TooDeep(self.at(only.start_byte))
        if only.type == "function_call":
            listed = _child(only, "function_arguments")
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
            file, start, _ = self.span(children[0])
            return self.reference((file, start, self.span(children[-1])[2]), children)
        return self.term(children[0], depth)

    def reference(self, span: tuple[SourceFile, int, int], children: list[Any]) -> Node:
        """``name.step[0]["key"]``; an index that is no literal, a splat and a call give an ``Expression``."""
        if children[0].type != "variable_expr":
            return Expression(*span, "other")
        steps = [self.raw(children[0])]
        for child in children[1:]:
            if child.type == "get_attr":
                steps.append(self.raw(child).lstrip(". \t\r\n"))
                continue
            inner = self.raw(child)[1:-1].strip()
            quoted = inner[:1] == '"' == inner[-1:] and "${" not in inner
            if child.type != "index" or not (quoted or inner.isdigit()):
                return Expression(*span, "splat" if child.type == "splat" else "other")
            steps.append(unescape(inner[1:-1]) if quoted else inner)
        return Reference(*span, tuple(steps))

    def collection(self, node: Any, depth: int) -> Node:
        if node.type == "tuple":
            items = [self.expression(child, depth + 1) for child in node.children if child.type == "expression"]
            return Sequence(*self.span(node), items)
        entries: list[tuple[Scalar, Node]] = []
        for child in node.children:
            if child.type == "object_elem":
                key, value = (part for part in child.children if part.type == "expression")
                entries.append((self.key(key, depth), self.expression(value, depth + 1)))
        return Mapping(*self.span(node), entries)

    def key(self, node: Any, depth: int) -> Scalar:
        """An object's key: a word, a string; one that is computed keeps its text and has the tag ``computed``."""
        found = self.expression(node, depth + 1)
        if isinstance(found, Scalar) and node.children[0].type != "(":
            return found
        if isinstance(found, Reference) and len(found.steps) == 1 and node.children[0].type != "(":
            return Scalar(*self.span(node), found.steps[0])
        return Key(*self.span(node), self.raw(node), found)

    def template(self, node: Any, depth: int) -> Node:
        """A quoted string or a heredoc: a ``Scalar`` where nothing is interpolated, else a ``Template``."""
        heredoc = node.type == "heredoc_template"
        children = node.children
        file, start, end = self.span(node)
        if heredoc:
            begin = self.file.text.find("\n", self.at(children[1].end_byte)) + 1
            finish = self.file.text.rfind("\n", begin - 1, self.at(children[-1].start_byte)) + 1
        else:
            begin, finish = start + 1, end - 1
        parts: list[str | Node] = []
        done = begin
        for child in children:
            if child.type not in ("template_interpolation", "template_directive"):
                continue
            at, after = self.at(child.start_byte), self.at(child.end_byte)
            parts.append(self.literal(done, at, heredoc))
            inner = _child(child, "expression")
            if child.type == "template_directive" or inner is None:
                parts.append(Expression(file, at, after, "directive"))
            else:
                parts.append(self.expression(inner, depth + 1))
            done = after
        parts.append(self.literal(done, finish, heredoc))
        if heredoc and self.raw(children[0]) == "<<-":
            parts = dedent(parts)
        style = "literal" if heredoc else "double"
        if len(parts) == 1:
            return Scalar(file, start, end, str(parts[0]), style)
        return Template(file, start, end, [part for part in parts if part != ""], style)

    def literal(self, start: int, end: int, heredoc: bool) -> str:
        text = self.file.text[start:end]
        if heredoc:
            return text.replace("\r\n", "\n").replace("$${", "${").replace("%%{", "%{")
        return unescape(text)


def _is_negative(node: Any) -> bool:
    """Whether an operation is a minus before a number."""
    unary = node.children[0]
    parts = [child.type for child in unary.children]
    return unary.type == "unary_operation" and parts == ["-", "literal_value"]


def _size(char: str) -> int:
    code = ord(char)
    if 0xD800 <= code <= 0xDFFF:
        return 1  # replaced by a question mark
    return 1 if code < 0x80 else 2 if code < 0x800 else 3 if code < 0x10000 else 4
