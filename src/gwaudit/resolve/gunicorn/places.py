"""From a value of the evaluator to where a person edits it: spans of syntax nodes, sources, the way through the file."""

from __future__ import annotations

import ast

from gwaudit.resolve.fact import Source, Step
from gwaudit.source import Location, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.python.value import Place, Value
    from gwaudit.source import SourceFile

MAX_RAW = 200


def column(file: SourceFile, line: int, offset: int) -> int:
    """A 1-based column of characters from ``ast``'s 0-based offset in UTF-8 bytes."""
    text = file.line_text(line)
    if text.isascii():
        return offset + 1
    return len(text.encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "replace")) + 1


def location(file: SourceFile, node: ast.AST) -> Location:
    """Where a node stands; only the first line of a definition or of another compound statement."""
    line = getattr(node, "lineno", 0)
    if not line:
        return Location(file.path)
    start = column(file, line, node.col_offset)  # type: ignore[attr-defined]
    end_line = getattr(node, "end_lineno", None)
    if end_line is None or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return Location(file.path, Span(line, start, line, len(file.line_text(line)) + 1))
    return Location(file.path, Span(line, start, end_line, column(file, end_line, node.end_col_offset)))  # type: ignore[attr-defined]


def of(place: Place) -> Location:
    return location(place.file, place.node)


def text(place: Place) -> str:
    """The node's text as written, cut where it is long."""
    found = of(place)
    if found.span is None:
        return ""
    span = found.span
    if span.line == span.end_line:
        raw = place.file.line_text(span.line)[span.column - 1 : span.end_column - 1]
    else:
        lines = [place.file.line_text(line) for line in range(span.line, min(span.end_line, span.line + 20) + 1)]
        raw = "\n".join([lines[0][span.column - 1 :], *lines[1:]])
    return raw if len(raw) <= MAX_RAW else raw[: MAX_RAW - 3] + "..."


def expression(site: Place) -> Place:
    """The assigned expression of an assignment, the statement itself otherwise."""
    from gwaudit.resolve.python.value import Place as PlaceType

    node = site.node
    if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)) and node.value is not None:
        return PlaceType(site.file, node.value)
    return site


def source(value: Value, site: Place | None, path: str, layer: str = "config-file") -> Source:
    """Where a person edits a value that a module sets at ``site``, and the way from there."""
    secret = any(fact.secret for fact in value.inputs)
    place = value.place
    via: list[Step] = []
    if place is not None and place.fact is not None:
        fact = place.fact
        here = of(place)
        if fact.location is not None:
            via = [*fact.source.via, Step(here, "read here")]
            if site is not None and of(site).line != here.line:
                via.append(Step(of(site), "set here"))
            return Source(layer, None if secret or fact.secret else fact.source.raw, fact.location, via)
        return Source(layer, None if secret else text(place), here)
    if place is not None:
        where = of(place)
        if site is not None and (of(site).line != where.line or site.file.path != where.path):
            via.append(Step(of(site), "set here"))
        return Source(layer, None if secret else text(place), where, via)
    if site is None:
        return Source(layer, None, Location(path))
    inner = expression(site)
    return Source(layer, None if secret else text(inner), of(inner))
