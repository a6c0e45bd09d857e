"""Markdown for job summaries and comments: a table of findings, within the megabyte that GitHub takes."""

from __future__ import annotations

from gwaudit.report.json import readable
from gwaudit.report.redact import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.finding import Report
    from gwaudit.options import Options

MAX_CHARACTERS = 250_000  # a summary above 1,024 KiB is dropped as a whole; a character takes four bytes at most


def render(report: Report, options: Options, colored: bool) -> str:
    """A line of counts and a row for each finding."""
    from gwaudit.report.summary import counts

    lines = ["## gwaudit", "", f"{counts(report)}.", ""]
    if report.findings:
        lines += ["| Severity | Rule | Place | Finding |", "| --- | --- | --- | --- |"]
    size = sum(map(len, lines))
    for number, finding in enumerate(report.findings):
        location = finding.primary.location
        place = f"{readable(location.path)}:{location.line}"
        row = f"| {finding.rule.severity} | `{finding.rule.id}` | {_cell(place)} | {_cell(finding.message)} |"
        size += len(row)
        if size > MAX_CHARACTERS:
            lines += ["", f"{len(report.findings) - number} more are left out."]
            break
        lines.append(row)
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    """Text that stays text: no markup, no links, no HTML, no mention of anybody."""
    escaped = printable(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "&#64;")
    for char in "\\`*_[]()|~!":
        escaped = escaped.replace(char, f"\\{char}")
    return escaped
