"""The baseline: findings that were there when gwaudit was introduced, so that only new ones fail.

A JSON file, one entry a line, sorted, with neither date nor line numbers nor values: two branches that touch it merge. An
entry is the finding's fingerprint, beside the rule, the path and the service that it stands for, which are for people.
"""

from __future__ import annotations

from gwaudit.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from gwaudit.finding import Finding, Report

VERSION = 1
MAX_BYTES = 20_000_000
REASON = "in the baseline"


class Baseline:
    """The entries of a baseline file by fingerprint. ``stale`` are those that no finding of the last run answered."""

    __slots__ = ("entries", "path", "stale")

    def __init__(self, path: str, entries: dict[str, dict[str, str]]) -> None:
        self.path = path
        self.entries = entries
        self.stale: list[dict[str, str]] = []

    def apply(self, report: Report, judged: frozenset[str], whole: bool) -> None:
        """Take the known findings out of the report; only rules that were ``judged`` on the ``whole`` tree can be stale."""
        known = [finding for finding in report.findings if finding.fingerprint in self.entries]
        for finding in known:
            finding.suppressed = REASON
        if known:
            report.findings = [finding for finding in report.findings if finding.suppressed is None]
            report.suppressed = [*report.suppressed, *known]
        found = {finding.fingerprint for finding in known}
        if whole:
            left = (entry for fingerprint, entry in self.entries.items() if fingerprint not in found)
            self.stale = [entry for entry in left if entry["rule"] in judged]

    def updated(self, report: Report) -> str:
        """The file's new text: what was found now, and what this run could not have found."""
        stale = {entry["fingerprint"] for entry in self.stale}
        kept = {print: entry for print, entry in self.entries.items() if print not in stale}
        found = [finding for finding in report.suppressed if finding.suppressed == REASON]
        kept.update((entry["fingerprint"], entry) for entry in map(_entry, [*report.findings, *found]))
        return _text(kept.values())


def load(path: str, missing_ok: bool = False) -> Baseline:
    """The baseline of a file. Raises ``ConfigurationError`` where it is missing (unless that is fine) or no baseline."""
    import json

    try:
        with open(path, encoding="utf-8") as stream:
            data = json.loads(stream.read(MAX_BYTES))
    except FileNotFoundError:
        if missing_ok:
            return Baseline(path, {})
        raise ConfigurationError(f"no baseline {path}", hint="--update-baseline writes it") from None
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigurationError(f"baseline {path}: {getattr(error, 'strerror', None) or error}") from None
    if (
        not isinstance(data, dict)
        or data.get("gwaudit_baseline") != VERSION
        or not isinstance(data.get("findings"), list)
    ):
        raise ConfigurationError(
            f"{path} is no baseline of version {VERSION}", hint="--update-baseline writes a new one"
        )
    entries: dict[str, dict[str, str]] = {}
    for number, entry in enumerate(data["findings"], 1):
        if not _is_entry(entry):
            raise ConfigurationError(f"baseline {path}: entry {number} needs fingerprint, rule and path as texts")
        entries[entry["fingerprint"]] = entry
    return Baseline(path, entries)


def _is_entry(entry: Any) -> bool:
    return isinstance(entry, dict) and all(isinstance(entry.get(key), str) for key in ("fingerprint", "rule", "path"))


def _entry(finding: Finding) -> dict[str, str]:
    entry = {"rule": finding.rule.id, "path": finding.primary.location.path, "fingerprint": finding.fingerprint}
    return {**entry, "service": finding.service} if finding.service else entry


def _text(entries: Iterable[dict[str, str]]) -> str:
    import json

    ordered = sorted(entries, key=lambda entry: (entry["path"], entry["rule"], entry["fingerprint"]))
    lines = ",\n".join("  " + json.dumps(entry, sort_keys=True) for entry in ordered)
    return f'{{"gwaudit_baseline": {VERSION}, "findings": [\n{lines}\n]}}\n'
