"""Load-test results as rows of figures under labels: vegeta, k6, autocannon, locust."""

from __future__ import annotations

import re

from gwaudit.parse.loadtest.figures import note
from gwaudit.parse.loadtest.result import LoadTest, seconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.source import SourceFile


def vegeta(file: SourceFile, text: str, start: int) -> LoadTest:
    """tsenart/vegeta's text report: label lists differ by version, so figures are taken by label. Status 0 is no answer."""
    test = LoadTest(file, "vegeta")
    for line in re.finditer(r"^(\w[\w ]{2,14}?)\s+\[([^\]]{1,100})\]\s+(.{1,2000})$", text, re.M):
        labels = [label.strip() for label in line.group(2).split(",")]
        values = [value.strip() for value in line.group(3).split(",")]
        row = dict(zip(labels, values, strict=False))
        name = line.group(1).strip()
        if name == "Requests" and row.get("total", "").isdigit():
            test.requests = int(row["total"])
            test.rps = float(row["rate"]) if row.get("rate", "x").replace(".", "").isdigit() else None
        elif name == "Duration":
            test.duration = seconds(row.get("attack") or row.get("total") or "")
        elif name == "Latencies":
            test.mean, test.slowest = seconds(row.get("mean", "")), seconds(row.get("max", ""))
            for label, value in row.items():
                figure = seconds(value)
                if label.isdigit() and figure is not None:
                    test.percentiles[int(label)] = figure
                    test.spans[f"p{label}"] = line.span()
            test.spans["slowest"] = line.span()
        elif name == "Status Codes":
            for code, count in re.findall(r"\b(\d{1,3}):(\d{1,12})\b", line.group(3)):
                if int(code):
                    test.statuses[int(code)] = int(count)
                elif int(count):
                    test.transport["no answer"] = int(count)
            test.spans["errors"] = line.span()
    return test


def k6(file: SourceFile, text: str, start: int) -> LoadTest:
    """grafana/k6's end-of-test summary; its default has no p(99)."""
    test = LoadTest(file, "k6")
    row = re.search(r"http_req_duration[. ]*: (avg=.{1,400})$", text, re.M)
    if row:
        for label, value in re.findall(r"([a-z]+(?:\([0-9.]+\))?)=(\S+)", row.group(1)):
            figure = seconds(value)
            if figure is None:
                continue
            if label == "avg":
                test.mean = figure
            elif label == "max":
                test.slowest, test.spans["slowest"] = figure, row.span(1)
            elif label == "med" or label.startswith("p("):
                percentile = 50.0 if label == "med" else float(label[2:-1])
                percentile = int(percentile) if percentile == int(percentile) else percentile
                test.percentiles[percentile], test.spans[f"p{percentile:g}"] = figure, row.span(1)
    count = re.search(r"http_reqs[. ]*: (\d{1,12})\s+([0-9.]{1,20})/s", text)
    if count:
        test.requests, test.rps = int(note(test, "requests", count, 1)), float(note(test, "rps", count, 2))
    failed = re.search(r"http_req_failed[. ]*: [0-9.]{1,8}%\s+(?:✓ )?(\d{1,12})", text)
    if failed:
        test.failed = int(note(test, "errors", failed))
    users = re.search(r"vus_max[. ]*: (\d{1,9})", text)
    test.concurrency = int(users.group(1)) if users else None
    return test


def autocannon(file: SourceFile, text: str, start: int) -> LoadTest:
    """mcollina/autocannon's tables: 2.5, 50, 97.5 and 99 %, no p95."""
    test = LoadTest(file, "autocannon")
    head = re.search(r"test @ (\S{1,500})", text)
    test.url = head.group(1) if head else None
    users = re.search(r"^(\d{1,9}) connections", text, re.M)
    test.concurrency = int(users.group(1)) if users else None
    head_row = re.search(r"^│ Stat\s+│(.{1,400})│\s*$\n.*\n^│ Latency\s+│(.{1,400})│\s*$", text, re.M)
    if head_row:
        for label, value in zip(head_row.group(1).split("│"), head_row.group(2).split("│"), strict=False):
            figure, name = seconds(value), label.strip()
            if figure is None:
                continue
            if name.endswith("%"):
                percentile = float(name[:-1])
                percentile = int(percentile) if percentile == int(percentile) else percentile
                test.percentiles[percentile], test.spans[f"p{percentile:g}"] = figure, head_row.span(2)
            elif name == "Avg":
                test.mean = figure
            elif name == "Max":
                test.slowest, test.spans["slowest"] = figure, head_row.span(2)
    bad = re.search(r"\d{1,12} 2xx responses, (\d{1,12}) non 2xx", text)
    if bad:
        test.failed = int(note(test, "errors", bad))
    errors = re.search(r"(\d{1,12}) errors \((\d{1,12}) timeouts\)", text)
    if errors:
        test.transport = {
            "timeout": int(errors.group(2)),
            "transport error": int(errors.group(1)) - int(errors.group(2)),
        }
    total = re.search(r"^(\d{1,9}(?:\.\d+)?)(k?) requests in ([0-9.]{1,12}s)", text, re.M)
    if total:
        test.requests = int(float(total.group(1)) * (1000 if total.group(2) else 1))
        test.duration = seconds(total.group(3))
        test.rps = test.requests / test.duration if test.duration else None
    return test


def locust(file: SourceFile, text: str, start: int) -> LoadTest:
    """locust's console: the last aggregated row of its statistics, and of its percentiles where it got to print them.

    All in milliseconds; figures by endpoint are in its CSV and JSON.
    """
    test = LoadTest(file, "locust")
    number = r"(\d{1,12})"
    row = (
        rf"^\s+Aggregated\s+{number}\s+{number}\([\d.]{{1,6}}%\)\s*\|"
        rf"\s+{number}\s+{number}\s+{number}\s+{number}\s*\|\s+([\d.]{{1,12}})"
    )
    totals = list(re.finditer(row, text, re.M))
    if totals:
        last = totals[-1]
        test.requests, test.failed = int(note(test, "requests", last, 1)), int(note(test, "errors", last, 2))
        test.mean, test.slowest = int(last.group(3)) / 1000, int(note(test, "slowest", last, 5)) / 1000
        test.percentiles[50], test.spans["p50"] = int(last.group(6)) / 1000, last.span(6)
        test.rps = float(last.group(7))
    header = re.search(r"^Type\s+Name\s+((?:[\d.]{1,7}%\s+){4,12})# reqs", text, re.M)
    rows = list(re.finditer(r"^\s+Aggregated\s+(\d[\d ]{10,200})$", text[header.end() :], re.M)) if header else []
    if rows and header:
        place = (header.end() + rows[-1].start(), header.end() + rows[-1].end())
        for label, value in zip(header.group(1).split(), rows[-1].group(1).split(), strict=False):
            percentile = float(label.rstrip("%"))
            key = int(percentile) if percentile == int(percentile) else percentile
            if key != 100:
                test.percentiles[key], test.spans[f"p{key:g}"] = float(value) / 1000, place
    return test
