"""Prometheus histograms in the text exposition format, as a load test of what they counted since the process started.

Within a bucket the percentile is interpolated, as ``histogram_quantile`` does; in the open last bucket it is at least the
last finite bound.
"""

from __future__ import annotations

import re

from gwaudit.parse.loadtest.result import LoadTest
from gwaudit.pattern import regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.source import SourceFile

_BUCKET = regex(r"^([a-z_]{1,80}duration[a-z_]{0,40})_bucket\{([^}\n]{0,400})\}\s+([0-9.e+]{1,24})\s*$", re.M)
_LABEL = regex(r'([a-z_]{1,40})="([^"\n]{0,200})"')


def histogram(file: SourceFile) -> list[LoadTest]:
    """One result per handler label (per metric without one); counts of all status classes are added up."""
    buckets: dict[str, dict[float, float]] = {}
    totals: dict[str, dict[str, float]] = {}
    places: dict[str, tuple[int, int]] = {}
    for match in _BUCKET.finditer(file.text):
        labels = dict(_LABEL.findall(match.group(2)))
        try:
            bound, count = float(labels.get("le", "x")), float(match.group(3))
        except ValueError:
            continue
        name = labels.get("handler") or labels.get("path") or labels.get("endpoint") or match.group(1)
        row = buckets.setdefault(name, {})
        row[bound] = row.get(bound, 0.0) + count
        places.setdefault(name, match.span())
        if bound == float("inf"):
            status = labels.get("status") or labels.get("status_code") or labels.get("code") or ""
            seen = totals.setdefault(name, {})
            seen[status] = seen.get(status, 0.0) + count
    return [_result(file, name, row, totals.get(name, {}), places[name]) for name, row in buckets.items()]


def _result(
    file: SourceFile, name: str, row: dict[float, float], statuses: dict[str, float], place: tuple[int, int]
) -> LoadTest:
    test = LoadTest(file, "prometheus")
    test.endpoint = name
    test.spans["start"] = place
    bounds = sorted(row)
    total = row.get(float("inf"), max(row.values(), default=0.0))
    test.requests = int(total)
    for percentile in (50, 95, 99):
        wanted, below, start = percentile / 100 * total, 0.0, 0.0
        for bound in bounds:
            if row[bound] >= wanted and total:
                if bound == float("inf"):
                    test.percentiles[percentile], test.censored = start, True
                else:
                    share = (wanted - below) / (row[bound] - below) if row[bound] > below else 1.0
                    test.percentiles[percentile] = start + (bound - start) * share
                break
            below, start = row[bound], bound
    test.failed = int(sum(count for status, count in statuses.items() if status.startswith("5")))
    return test
