"""Load tests as comma-separated values: hey's ``-o csv``, ab's ``-e`` and locust's ``_stats.csv``."""

from __future__ import annotations

from gwaudit.parse.loadtest.result import LoadTest
from gwaudit.parse.loadtest.structured import spread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.source import SourceFile


def csv(file: SourceFile) -> list[LoadTest]:
    """hey's ``-o csv``, ab's ``-e`` and locust's ``_stats.csv``, by their header."""
    text = file.text
    head = text[:400].split("\n", 1)[0].strip()
    if head.startswith("response-time,DNS+dialup"):
        return [_hey_csv(file)]
    if head == "Percentage served,Time in ms":
        return [_ab_csv(file)]
    if head.startswith("Type,Name,Request Count,Failure Count"):
        return _locust_csv(file)
    return []


def _rows(file: SourceFile) -> list[tuple[int, list[str]]]:
    """(offset, cells) of every line after the header; the tools quote no cell that holds a comma but names."""
    import csv as reader

    rows, offset = [], 0
    for index, line in enumerate(file.text.splitlines(keepends=True)):
        if index and line.strip():
            rows.append((offset, next(reader.reader([line]))))
        offset += len(line)
    return rows


def _hey_csv(file: SourceFile) -> LoadTest:
    """One row per answer; transport errors are absent from it."""
    test = LoadTest(file, "hey")
    found: list[tuple[float, int]] = []
    for _, cells in _rows(file):
        try:
            found.append((float(cells[0]), 1))
            status = int(cells[6])
        except (ValueError, IndexError):
            continue
        test.statuses[status] = test.statuses.get(status, 0) + 1
    found.sort()
    spread(test, found)
    test.requests = len(found)
    if found:
        test.slowest = found[-1][0]
        test.mean = sum(latency for latency, _ in found) / len(found)
    return test


def _ab_csv(file: SourceFile) -> LoadTest:
    test = LoadTest(file, "ab")
    for offset, cells in _rows(file):
        if len(cells) == 2 and cells[0] in ("50", "90", "95", "99"):
            test.percentiles[int(cells[0])] = float(cells[1]) / 1000
            test.spans[f"p{cells[0]}"] = (offset, offset + len(",".join(cells)))
    return test


def _locust_csv(file: SourceFile) -> list[LoadTest]:
    """One result per endpoint; the row ``Aggregated`` is left out where there are others (health checks dilute it)."""
    header = file.text.split("\n", 1)[0].strip().split(",")
    tests = []
    for offset, cells in _rows(file):
        row = dict(zip(header, cells, strict=False))
        test = LoadTest(file, "locust")
        test.endpoint = f"{row.get('Type', '')} {row.get('Name', '')}".strip()
        place = (offset, offset + len(",".join(cells)))
        test.spans["start"] = place
        try:
            test.requests, test.failed = int(row["Request Count"]), int(row["Failure Count"])
            test.mean, test.slowest = float(row["Average Response Time"]) / 1000, float(row["Max Response Time"]) / 1000
            test.rps = float(row["Requests/s"])
            for label in header:
                if label.endswith("%") and row.get(label, "N/A") not in ("N/A", ""):
                    percentile = float(label[:-1])
                    key = int(percentile) if percentile == int(percentile) else percentile
                    test.percentiles[key], test.spans[f"p{key:g}"] = float(row[label]) / 1000, place
        except (KeyError, ValueError):
            continue
        tests.append(test)
    rows = [test for test in tests if test.endpoint != "Aggregated"]
    return rows or tests
