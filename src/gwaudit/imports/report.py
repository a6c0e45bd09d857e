"""Reports of other tools as findings of ours: read, placed in the audited tree, each mistake told once."""

from __future__ import annotations

import os

from gwaudit.errors import ConfigurationError
from gwaudit.imports.given import path_in, read
from gwaudit.parse.document import ParseFailure
from gwaudit.report.redact import scrub
from gwaudit.rules.engine import external
from gwaudit.source import Location, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from gwaudit.finding import Finding, Report
    from gwaudit.imports.result import Result
    from gwaudit.rules.load import RuleSet
    from gwaudit.tree import Tree

MAX_BYTES = 20_000_000
MAX_RESULTS = 5_000


def imported(paths: Iterable[str], report: Report, rules: RuleSet) -> list[tuple[Result, Finding]]:
    """The findings in the files of ``--import``. Raises ``ConfigurationError`` for a file that is no report."""
    found: list[tuple[Result, Finding]] = []
    for path in dict.fromkeys(paths):
        shown = path_in(report.tree, path)
        for number, result in enumerate(_results(path)):
            if number == MAX_RESULTS:
                note = f"only the first {MAX_RESULTS:,} of its findings are imported"
                report.failures.append(ParseFailure(Location(shown), note))
                break
            id = f"imported-{result.severity}"
            if id in rules.selected:
                found.append((result, finding(rules, id, result, _place(report.tree, result, shown), report)))
    return found


def finding(rules: RuleSet, id: str, result: Result, place: Location, report: Report) -> Finding:
    """A result as a finding of a rule of ours; the lines of a secret are shown by no report from now on."""
    if result.secret and place.span is not None:
        lines = range(place.span.line, min(place.span.end_line, place.span.line + 100) + 1)
        report.secret_lines.setdefault(place.path, set()).update(lines)
    file = report.tree.source(place.path)
    redact = result.secret or (file is not None and file.referred)
    found = external(rules, id, place, f"{result.name}: {scrub(result.message)}", redact=redact)
    found.blamed = f"{result.name} {result.what if place.span is None else ''}".strip()
    return found


def _results(path: str) -> Iterable[Result]:
    import json

    from gwaudit.imports import sarif, trivy

    try:
        data: Any = json.loads(read(path, MAX_BYTES, "--import"))
    except (ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        where = f" (line {line}, column {getattr(error, 'colno', 0)})" if line else ""
        raise ConfigurationError(f"--import {path}: not valid JSON{where}", hint=_HINT) from None
    if sarif.is_sarif(data):
        return sarif.results(data)
    if trivy.is_trivy(data):
        return trivy.results(data)
    raise ConfigurationError(f"--import {path}: neither SARIF nor JSON of trivy", hint=_HINT)


_HINT = "reports are read as SARIF 2.1.0 and as trivy writes them with --format json"


def _place(tree: Tree, result: Result, report: str) -> Location:
    """Where a result stands in the tree; the report itself where its file is not in there."""
    for given in result.paths:
        path = _inside(tree, given)
        if path is not None:
            return Location(path, span(tree, path, result.region))
    return Location(report)


def _inside(tree: Tree, given: str) -> str | None:
    """The path of a file in the tree: as seen from the root, from the working directory, or from nowhere (absolute)."""
    if not given or "\0" in given:
        return None
    for start in (tree.root, os.getcwd()):
        real = os.path.realpath(os.path.join(start, given))
        if real.startswith(tree.root.rstrip(os.sep) + os.sep) and os.path.isfile(real):
            return os.path.relpath(real, tree.root).replace(os.sep, "/")
    return None


def span(tree: Tree, path: str, region: tuple[int, int, int, int] | None) -> Span | None:
    """The region, cut to what the file has; None where the file has changed since and is shorter now."""
    file = tree.source(path)
    if region is None or file is None:
        return None
    line, column, end_line, end_column = region
    last = len(file.starts())
    if line > last:
        return None
    end_line = min(max(end_line, line), last)
    width, end_width = len(file.line_text(line)) + 1, len(file.line_text(end_line)) + 1
    column = min(column or _indent(file.line_text(line)), width)
    end_column = min(end_column or end_width, end_width)
    return Span(line, column, end_line, max(end_column, column) if end_line == line else end_column)


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip()) + 1
