"""The screen: one frame for each finding, with every place that the judgement read, in the manner of rustc.

::

    high[rule]: headline
      --> gunicorn.conf.py:4:1
       |
     4 | timeout = 30
       | ^^^^^^^ what is wrong
      ::: compose.yaml:9:7
       |
     9 |       GUNICORN_TIMEOUT: 30
       |       ---------------- where that came from
       = in: gateway (compose.yaml)
       = help: how to mend it
"""

from __future__ import annotations

from gwaudit.report.redact import line_of, printable, shown
from gwaudit.report.style import Style

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.finding import Finding, Labelled, Report
    from gwaudit.options import Options
    from gwaudit.source import Location, Span

WIDTH = 160  # a longer source line is cut around its caret
HELP_WIDTH = 100


def render(report: Report, options: Options, colored: bool) -> str:
    """Every finding as a frame, the most severe first."""
    style = Style(colored)
    findings = [*report.findings, *(report.suppressed if options.show_suppressed else ())]
    return "".join(f"{_frame(report, finding, style)}\n" for finding in findings)


def _frame(report: Report, finding: Finding, style: Style) -> str:
    rule = finding.rule
    places = [finding.primary, *finding.related]
    gutter = max(len(str(place.location.line)) for place in places)
    head = style(rule.severity, f"{rule.severity}[{rule.id}]") + style("bold", f": {printable(finding.message)}")
    lines = [head]
    for index, place in enumerate(places):
        lines += _place(report, finding, place, index == 0, gutter, style)
    bar = style("frame", " " * gutter + " =")
    where = _where(finding)
    if where:
        lines.append(f"{bar} in: {printable(where)}")
    if finding.suppressed is not None:
        lines.append(f"{bar} suppressed: {printable(finding.suppressed)}")
    for number, line in enumerate(_wrapped(rule.fix)):
        lines.append(f"{bar} {style('help', 'help')}: {line}" if number == 0 else f"{' ' * gutter}         {line}")
    return "\n".join(lines) + "\n"


def _place(report: Report, finding: Finding, place: Labelled, primary: bool, gutter: int, style: Style) -> list[str]:
    location = place.location
    arrow = "-->" if primary else ":::"
    lines = [f"{' ' * gutter} {style('frame', arrow)} {printable(shown(report, location))}"]
    label = printable(place.label)
    text = line_of(report, finding, location)
    span = location.span
    if span is None or not text.strip():
        if label:
            lines.append(style("frame", " " * gutter + " =") + f" {label}")
        return lines
    start, end = _columns(report, location, span, text)
    text, start, end = _window(text, start, end)
    mark = ("^" if primary else "-") * (end - start)
    indent = "".join("\t" if char == "\t" else " " for char in text[: start - 1])
    underline = style("caret" if primary else "related", f"{mark} {label}".rstrip())
    bar = style("frame", " " * gutter + " |")
    return [*lines, bar, f"{style('frame', f'{location.line:>{gutter}} |')} {text}", f"{bar} {indent}{underline}"]


def _columns(report: Report, location: Location, span: Span, text: str) -> tuple[int, int]:
    """The columns to mark, at least one; the whole text where what stands before them is not shown as it is written."""
    file = report.tree.source(location.path)
    before = file.line_text(location.line)[: span.column - 1] if file is not None else ""
    if not text.startswith(before):
        return len(text) - len(text.lstrip()) + 1, len(text) + 1
    start = min(span.column, len(text) + 1)
    end = span.end_column if span.end_line == span.line else len(text) + 1
    return start, max(start + 1, min(end, len(text) + 1))


def _window(text: str, start: int, end: int) -> tuple[str, int, int]:
    """A long line cut around the marked columns."""
    text = text.rstrip()
    if len(text) <= WIDTH:
        return text, start, end
    first = max(0, min(start - 21, len(text) - WIDTH))
    cut = text[first : first + WIDTH]
    shift = first - (3 if first else 0)
    cut = ("..." if first else "") + cut + ("..." if first + WIDTH < len(text) else "")
    return cut, start - shift, min(end - shift, len(cut) + 1)


def _wrapped(text: str) -> list[str]:
    """A paragraph in lines of ``HELP_WIDTH`` characters at most, broken at blanks."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + len(word) < HELP_WIDTH:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _where(finding: Finding) -> str:
    targets = ", ".join(finding.targets[:5])
    more = len(finding.targets) - 5
    if more > 0:
        targets += f" and {more} more"
    if finding.service and targets:
        return f"{finding.service} ({targets})"
    return finding.service or targets
