"""JSON for programs. ``schema_version`` grows when a field changes its meaning or goes away, not when one is added."""

from __future__ import annotations

from json import dumps

from gwaudit import __version__
from gwaudit.finding import SEVERITIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.finding import Finding, Labelled, Report
    from gwaudit.options import Options
    from gwaudit.source import Location

SCHEMA_VERSION = 1


def render(report: Report, options: Options, colored: bool) -> str:
    """One object: the findings with their places, what could not be judged, what could not be read."""
    findings = [*report.findings, *(report.suppressed if options.show_suppressed else ())]
    counts = {severity: sum(f.rule.severity == severity for f in report.findings) for severity in reversed(SEVERITIES)}
    data = {
        "schema_version": SCHEMA_VERSION,
        "version": __version__,
        "findings": [_finding(finding) for finding in findings],
        "summary": {**counts, "total": len(report.findings), "suppressed": len(report.suppressed)},
        "targets": [{"name": name, "kind": kind} for name, kind in report.targets],
        "unjudged": [{"rule": rule, "subject": subject, "reason": reason} for rule, subject, reason in report.unjudged],
        "coverage": {
            "files": dict(sorted(report.formats.items())),
            "not_read": [{**place(f.location), "message": f.message} for f in report.failures],
            "not_understood": [{**place(location), "message": message} for location, message in report.remarks],
        },
    }
    return dumps(data, indent=2, ensure_ascii=True) + "\n"


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule.id,
        "severity": finding.rule.severity,
        "confidence": finding.rule.confidence,
        "message": finding.message,
        "service": finding.service,
        "targets": list(finding.targets),
        "primary": _labelled(finding.primary),
        "related": [_labelled(other) for other in finding.related],
        "fingerprint": finding.fingerprint,
        "suppressed": finding.suppressed,
    }


def _labelled(labelled: Labelled) -> dict[str, Any]:
    return {**place(labelled.location), "label": labelled.label}


def place(location: Location) -> dict[str, Any]:
    """A location as JSON: lines and columns are 1-based, an end is exclusive; null where only the file is known."""
    span = location.span
    return {
        "path": readable(location.path),
        "line": span.line if span else None,
        "column": span.column if span else None,
        "end_line": span.end_line if span else None,
        "end_column": span.end_column if span else None,
    }


def readable(path: str) -> str:
    """A path as valid Unicode: bytes that are not UTF-8 become ``\\xNN``."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
