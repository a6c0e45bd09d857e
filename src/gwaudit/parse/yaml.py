"""YAML as a tree of nodes with places, composed iteratively over the events of libyaml's parser.

Events and not ``yaml.compose``: the C composer recurses and dies of deep input. Aliases share the node they name (no
expansion), merge keys (``<<``) are kept as written and resolved by ``merged``. Duplicate keys stay in the tree.
"""

from __future__ import annotations

from gwaudit.parse.document import Document, Mapping, Node, ParseFailure, Scalar, Sequence
from gwaudit.source import Location, SourceFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAX_DEPTH = 200
MAX_NODES = 500_000
_STYLES = {None: "plain", "": "plain", "'": "single", '"': "double", "|": "literal", ">": "folded"}


def parse_documents(file: SourceFile) -> list[Document | ParseFailure]:
    """Every document of a YAML stream, in order; a failure ends the list, what came before it stays."""
    from gwaudit.parse.yaml_library import binding

    parser, wrong = binding()
    found: list[Document | ParseFailure] = []
    text = file.text

    def offset(mark: Any) -> int:
        return int(mark.index)

    try:
        loader: Any = parser(text)
    except (wrong, UnicodeError, ValueError) as error:
        return [_failure(file, error)]
    anchors: dict[str, Node] = {}
    stack: list[tuple[Node, list[Any], str | None]] = []  # (container, pending key holder, anchor)
    nodes = 0
    root: Node | None = None
    try:
        while True:
            event = loader.get_event()
            kind = type(event).__name__
            if kind == "StreamEndEvent":
                break
            if kind == "DocumentStartEvent":
                anchors, root = {}, None
                continue
            if kind == "DocumentEndEvent":
                if root is not None:
                    found.append(Document(file, "yaml", root))
                root = None
                continue
            if kind == "StreamStartEvent":
                continue
            nodes += 1
            if nodes > MAX_NODES:
                found.append(_too_much(file, event, f"more than {MAX_NODES:,} nodes"))
                return found
            node: Node | None
            if kind == "ScalarEvent":
                start, end = offset(event.start_mark), offset(event.end_mark)
                tag = event.tag if event.tag and event.tag != "!" else None
                node = Scalar(file, start, end, event.value, _STYLES.get(event.style, "plain"), tag)
                if event.style in ("|", ">"):
                    node.end = start + len(text[start:end].rstrip())
                if event.anchor:
                    anchors[event.anchor] = node
            elif kind == "AliasEvent":
                node = anchors.get(event.anchor)
                if node is None or any(open_node is node for open_node, _, _ in stack):
                    problem = "names no anchor above it" if node is None else "stands inside what it names"
                    found.append(_too_much(file, event, f"alias *{event.anchor} {problem}"))
                    return found
            elif kind in ("MappingStartEvent", "SequenceStartEvent"):
                if len(stack) >= MAX_DEPTH:
                    found.append(_too_much(file, event, f"nested deeper than {MAX_DEPTH} levels"))
                    return found
                start = offset(event.start_mark)
                node = (
                    Mapping(file, start, start, [], event.tag)
                    if kind == "MappingStartEvent"
                    else Sequence(file, start, start, [], event.tag)
                )
                if event.anchor:
                    anchors[event.anchor] = node
                stack.append((node, [], event.anchor))
                continue
            else:  # the end of a collection
                node, _, _ = stack.pop()
                end = offset(event.end_mark)
                node.end = node.start + len(text[node.start : end].rstrip())
            if not stack:
                root = node
                continue
            parent, pending, _ = stack[-1]
            if isinstance(parent, Sequence):
                parent.items.append(node)
            elif isinstance(parent, Mapping):
                if not pending:
                    pending.append(node)
                else:
                    key = pending.pop()
                    if not isinstance(key, Scalar):
                        key = Scalar(file, key.start, key.end, text[key.start : key.end])
                    parent.entries.append((key, node))
    except wrong as error:
        found.append(_failure(file, error))
    except (UnicodeError, ValueError) as error:
        found.append(_failure(file, error))
    finally:
        loader.dispose()
    return found


def parse(file: SourceFile) -> Document | ParseFailure | None:
    """The first document of a stream; None where the stream is empty."""
    found = parse_documents(file)
    return found[0] if found else None


def merged(node: Node, budget: list[int] | None = None, depth: int = 0) -> Node:
    """``node`` with its own ``<<`` merge keys resolved one level down (explicit keys win, earlier merges win).

    ``budget`` bounds the work over a whole file, ``depth`` merges of merges: they can grow exponentially.
    """
    if not isinstance(node, Mapping) or not any(key.text == "<<" and key.style == "plain" for key, _ in node.entries):
        return node
    budget = budget if budget is not None else [100_000]
    own = [(key, value) for key, value in node.entries if not (key.text == "<<" and key.style == "plain")]
    names = {key.text for key, _ in own}
    extra: list[tuple[Scalar, Node]] = []
    for key, value in node.entries:
        if not (key.text == "<<" and key.style == "plain"):
            continue
        for part in value.items if isinstance(value, Sequence) else [value]:
            budget[0] -= 1
            if budget[0] < 0 or depth >= MAX_DEPTH:
                break
            part = merged(part, budget, depth + 1)
            if not isinstance(part, Mapping):
                continue
            for name, child in part.entries:
                budget[0] -= 1
                if budget[0] < 0:
                    break
                if name.text not in names:
                    names.add(name.text)
                    extra.append((name, child))
    result = Mapping(node.file, node.start, node.end, own + extra, node.tag)
    result.shadowed = node.shadowed
    return result


def _failure(file: SourceFile, error: Exception) -> ParseFailure:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error).split("\n")[0]
    context = getattr(error, "context", None)
    at = min(int(mark.index), len(file.text)) if mark is not None else int(getattr(error, "position", 0) or 0)
    message = f"{problem} {context}" if context else str(problem)
    return ParseFailure(file.location(at, at), f"not valid YAML: {message}")


def _too_much(file: SourceFile, event: Any, message: str) -> ParseFailure:
    at = int(event.start_mark.index)
    return ParseFailure(Location(file.path, file.span(at, at)), f"YAML is not read: {message}")


def value(node: Node | None) -> Any:
    """The plain value of a scalar by the YAML 1.2 core schema, which Compose and Kubernetes share with small differences.

    Quoted scalars are strings; ``yes``/``on`` are strings; ``0x``/``0o`` integers are read. None for null and for a node
    that is no scalar.
    """
    if not isinstance(node, Scalar):
        return None
    text = node.text
    if node.style != "plain" or node.tag == "tag:yaml.org,2002:str":
        return text
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE"):
        return True
    if text in ("false", "False", "FALSE"):
        return False
    if text[0] in "0123456789+-.":
        return _number(text)
    return text


def _number(text: str) -> Any:
    body = text.lstrip("+-")
    if len(text) > 40 or not body:
        return text
    try:
        if body.isdigit():
            return int(text)
        if body[:2] in ("0x", "0o"):
            return int(text, 0)
        if body.replace(".", "", 1).replace("e", "", 1).replace("E", "", 1).replace("+", "").replace("-", "").isdigit():
            return float(text)
    except ValueError:
        return text
    return text
