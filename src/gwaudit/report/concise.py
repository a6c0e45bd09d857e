"""One line for each finding: ``path:line:column: severity[rule] message``, which editors and grep understand."""

from __future__ import annotations

from gwaudit.report.redact import printable, shown
from gwaudit.report.style import Style

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.finding import Report
    from gwaudit.options import Options


def render(report: Report, options: Options, colored: bool) -> str:
    """Every finding as a line, the most severe first."""
    style = Style(colored)
    lines = []
    for finding in [*report.findings, *(report.suppressed if options.show_suppressed else ())]:
        rule, location = finding.rule, finding.primary.location
        place = printable(shown(report, location) if location.span else f"{shown(report, location)}:1:1")
        mark = f" (suppressed: {printable(finding.suppressed)})" if finding.suppressed is not None else ""
        name = style(rule.severity, f"{rule.severity}[{rule.id}]")
        lines.append(f"{place}: {name} {printable(finding.message)}{mark}\n")
    return "".join(lines)
