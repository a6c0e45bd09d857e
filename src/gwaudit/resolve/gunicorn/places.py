"""From a value of the evaluator to where a person edits it: spans of syntax nodes, sources, the way through the file."""

from __future__ import annotations

import ast

from gwaudit.resolve.fact import Source, Step
from gwaudit.source import Location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.python.value import Place, Value
    from gwaudit.source import SourceFile

MAX_RAW = 200


def offset(file: SourceFile, line: int, column: int) -> int:
    """The offset into the file's own text of ``ast``'s line and 0-based column in UTF-8 bytes."""
    starts = file.starts()
    if line > len(starts):
        return len(file.text)
    start = starts[line - 1]
    end = starts[line] if line < len(starts) else len(file.text)
    text = file.text[start:end]
    if not text.isascii():
        column = len(text.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "replace"))
    return start + min(column, len(text))


def stretch(file: SourceFile, node: ast.AST) -> tuple[int, int] | None:
    """Where a node stands (offsets); only the first line of a definition or of another compound statement."""
    line = getattr(node, "lineno", 0)
    if not line:
        return None
    start = offset(file, line, node.col_offset)  # type: ignore[attr-defined]
    end_line = getattr(node, "end_lineno", None)
    if end_line is None or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        end = file.text.find("\n", start)
        return start, end if end >= 0 else len(file.text)
    return start, offset(file, end_line, node.end_col_offset)  # type: ignore[attr-defined]


def location(file: SourceFile, node: ast.AST) -> Location:
    """The place of a node; of a text inside a manifest, the place in the manifest."""
    found = stretch(file, node)
    return file.location(*found) if found is not None else Location(file.path)


def of(place: Place) -> Location:
    return location(place.file, place.node)


def text(place: Place) -> str:
    """The node's text as written, cut where it is long."""
    found = stretch(place.file, place.node)
    raw = place.file.text[slice(*found)] if found is not None else ""
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
