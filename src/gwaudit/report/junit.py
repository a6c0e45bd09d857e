"""JUnit XML, which Jenkins, Azure Pipelines and CircleCI read: a suite for each file, a failed case for each finding."""

from __future__ import annotations

from gwaudit.report.json import readable
from gwaudit.report.redact import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.finding import Finding, Report
    from gwaudit.options import Options


def render(report: Report, options: Options, colored: bool) -> str:
    """A report with one passed case where nothing was found: an empty one is an error to some readers."""
    suites: dict[str, list[Finding]] = {}
    for finding in report.findings:
        suites.setdefault(finding.primary.location.path, []).append(finding)
    total = len(report.findings)
    lines = ['<?xml version="1.0" encoding="utf-8"?>']
    lines.append(f'<testsuites name="gwaudit" tests="{max(total, 1)}" failures="{total}" errors="0">')
    if not suites:
        lines.append('  <testsuite name="gwaudit" tests="1" failures="0" errors="0">')
        lines += ['    <testcase name="no findings" classname="gwaudit" />', "  </testsuite>"]
    for path, findings in sorted(suites.items()):
        count = len(findings)
        lines.append(f'  <testsuite name={_quoted(readable(path))} tests="{count}" failures="{count}" errors="0">')
        for finding in findings:
            location = finding.primary.location
            span = f"line {location.line}" + (f", column {location.span.column}" if location.span else "")
            lines.append(
                f'    <testcase name={_quoted(finding.rule.id)} classname={_quoted(readable(path))} line="{location.line}">'
            )
            lines.append(
                f"      <failure message={_quoted(finding.message)}>{_escaped(f'{span}: {finding.message}')}</failure>"
            )
            lines.append("    </testcase>")
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _escaped(text: str) -> str:
    text = printable(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(char if char < "\ud800" or "\ue000" <= char < "\ufffe" or char > "\uffff" else "?" for char in text)


def _quoted(text: str) -> str:
    return '"' + _escaped(text).replace('"', "&quot;").replace("\t", " ") + '"'
