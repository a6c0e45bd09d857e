"""Workflow commands of GitHub Actions: annotations in a pull request without code scanning.

GitHub shows ten errors and ten warnings of one step: the most severe come first, and the last line counts them all.
"""

from __future__ import annotations

from gwaudit.report.redact import printable
from gwaudit.report.sarif import primary_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.finding import Report
    from gwaudit.options import Options

SHOWN = 10  # annotations of one kind in one step
_COMMANDS = {"critical": "error", "high": "error", "medium": "warning", "low": "notice"}


def render(report: Report, options: Options, colored: bool) -> str:
    """One ``::error file=...::message`` a finding."""
    lines: list[str] = []
    for finding in report.findings:
        location = primary_of(report, finding).location
        properties = {"file": location.path, "line": str(location.line)}
        span = location.span
        if span is not None and span.end_line == span.line:
            properties |= {"endLine": str(span.line), "col": str(span.column), "endColumn": str(span.end_column)}
        properties["title"] = f"gwaudit: {finding.rule.id}"
        text = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
        lines.append(f"::{_COMMANDS[finding.rule.severity]} {text}::{_data(finding.message)}\n")
    if len(lines) > SHOWN:
        lines.append(
            f"::notice title=gwaudit::{len(lines)} findings; GitHub shows {SHOWN} of each kind, the log has all\n"
        )
    return "".join(lines)


def _data(text: str) -> str:
    return printable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
