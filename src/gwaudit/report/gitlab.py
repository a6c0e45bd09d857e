"""GitLab's Code Quality report: a JSON array that a merge request shows beside its diff."""

from __future__ import annotations

from gwaudit.report.json import readable
from gwaudit.report.sarif import primary_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.finding import Report
    from gwaudit.options import Options

_SEVERITIES = {"critical": "critical", "high": "major", "medium": "minor", "low": "info"}


def render(report: Report, options: Options, colored: bool) -> str:
    """One entry a finding; of equal fingerprints GitLab would show the first only, and triage makes them differ."""
    from json import dumps

    entries = []
    for finding in report.findings:
        location = primary_of(report, finding).location
        entries.append(
            {
                "description": finding.message,
                "check_name": finding.rule.id,
                "fingerprint": finding.fingerprint,
                "severity": _SEVERITIES[finding.rule.severity],
                "location": {"path": readable(location.path), "lines": {"begin": location.line}},
            }
        )
    return dumps(entries, indent=2, ensure_ascii=True) + "\n"
