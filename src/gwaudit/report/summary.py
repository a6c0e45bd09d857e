"""The last lines on the screen: how many findings, in how much, and with ``-v`` what was not judged and why."""

from __future__ import annotations

from gwaudit.finding import SEVERITIES
from gwaudit.report.redact import masked, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gwaudit.finding import Report
    from gwaudit.options import Options


def summary(report: Report, options: Options) -> str:
    """Counts and coverage; several lines with ``--verbose``."""
    if not report.files and not report.findings:
        return "No deployment files found: nothing to judge."
    lines = [*_coverage(report)] if options.verbose else []
    unjudged = len({reason for _, _, reason in report.unjudged})
    if unjudged and report.findings and not options.verbose:
        lines.append(
            f"{_count(unjudged, 'value')} could not be known, so rules that need them stayed silent; -v lists them."
        )
    stale = len(report.baseline.stale) if report.baseline else 0
    if stale:
        gone = "is" if stale == 1 else "are"
        lines.append(f"{_count(stale, 'finding')} of the baseline {gone} gone; --update-baseline takes them out.")
    lines.append(f"{counts(report)} in {_count(len(report.targets), 'deployment')}, {_count(report.files, 'file')}.")
    return masked("\n".join(lines), report.hidden)


def counts(report: Report) -> str:
    """``3 findings: 1 high, 2 medium (4 suppressed)``."""
    counts = dict.fromkeys(reversed(SEVERITIES), 0)
    for finding in report.findings:
        counts[finding.rule.severity] += 1
    listed = ", ".join(f"{count} {severity}" for severity, count in counts.items() if count)
    kept = f" ({len(report.suppressed)} suppressed)" if report.suppressed else ""  # the baseline's among them
    return f"{_count(len(report.findings), 'finding')}{': ' + listed if listed else ''}{kept}"


def _coverage(report: Report) -> Iterable[str]:
    formats = ", ".join(f"{count} {name}" for name, count in sorted(report.formats.items()) if name != "text")
    yield f"Files: {formats or 'none'}; {report.formats.get('text', 0)} of no format of ours."
    for name, kind in report.targets:
        yield f"Deployment: {printable(name)} ({kind})"
    for failure in report.failures:
        yield f"Not read: {printable(str(failure.location))}: {printable(failure.message)}"
    places: dict[str, list[str]] = {}
    for location, message in report.remarks:
        places.setdefault(message, []).append(f"{location.path}:{location.line}")
    for message, listed in sorted(places.items()):
        yield f"Not understood: {printable(message)}: {printable(_listed(listed))}"
    by_reason: dict[str, tuple[set[str], set[str]]] = {}
    for rule, subject, reason in report.unjudged:
        subjects, rules = by_reason.setdefault(reason, (set(), set()))
        subjects.add(subject)
        rules.add(rule)
    for reason, (subjects, rules) in sorted(by_reason.items()):
        yield f"Not judged: {printable(reason)}: {printable(_listed(subjects))} ({', '.join(sorted(rules))})"


def _listed(names: Iterable[str]) -> str:
    ordered = sorted(set(names))
    more = f" and {len(ordered) - 8} more" if len(ordered) > 8 else ""
    return ", ".join(ordered[:8]) + more


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
