"""Load-test results as text: hey, oha, wrk, wrk2, ab, vegeta, k6, siege, autocannon, locust."""

from __future__ import annotations

import re

from gwaudit.parse.loadtest.result import LoadTest, kind_of_error, seconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gwaudit.source import SourceFile

_NUMBER = r"([0-9][0-9.,]{0,25})"


def _note(test: LoadTest, figure: str, match: re.Match[str], group: int = 1) -> str:
    test.spans[figure] = match.span(group)
    return match.group(group)


def _percentiles(test: LoadTest, matches: Iterable[re.Match[str]], unit: float | None = None) -> None:
    """Rows of (percentile, latency); ``unit`` in seconds where the latency is a bare number. ``0% in 0.0000`` is dropped."""
    for match in matches:
        percentile = float(match.group(1))
        value = float(match.group(2)) * unit if unit is not None else seconds(match.group(2))
        if value is None or percentile <= 0:
            continue
        percentile = int(percentile) if percentile == int(percentile) else percentile
        test.percentiles[percentile] = value
        test.spans[f"p{percentile:g}"] = match.span()


def hey(file: SourceFile, text: str, start: int) -> LoadTest:
    """rakyll/hey: latencies hold every answer, 5xx included; transport errors stand apart and are in no count above them."""
    test = LoadTest(file, "hey")
    for figure, label in (("duration", "Total"), ("slowest", "Slowest"), ("mean", "Average")):
        match = re.search(rf"^  {label}:\s+{_NUMBER} secs", text, re.M)
        if match:
            setattr(test, figure, float(_note(test, figure, match)))
    rate = re.search(rf"^  Requests/sec:\s+{_NUMBER}", text, re.M)
    for match in re.finditer(r"^  \[(\d{3})\]\t(\d{1,12}) responses", text, re.M):
        test.statuses[int(match.group(1))] = int(_note(test, "statuses", match, 2))
        if int(match.group(1)) >= 500:
            test.spans["errors"] = match.span()
    at = text.find("Error distribution:")
    for match in re.finditer(r"^  \[(\d{1,12})\]\t(.{0,2000})$", text[at:], re.M) if at >= 0 else ():
        kind = kind_of_error(match.group(2))
        test.transport[kind] = test.transport.get(kind, 0) + int(match.group(1))
        test.spans["errors"] = (at + match.start(), at + match.end())
        found = re.search(r"\b(https?://[^\s\"<>]{1,500})", match.group(2))
        test.url = test.url or (found.group(1) if found else None)
    answered = sum(test.statuses.values())
    test.requests = answered + sum(test.transport.values())
    if rate and answered:  # without answers hey still prints a rate, of refusals
        test.rps = float(_note(test, "rps", rate))
    if answered:
        _percentiles(test, re.finditer(r"^  (\d{1,3})%{1,2} in ([0-9.]{1,20} secs)", text, re.M))
    else:
        test.slowest = test.mean = None
    return test


def oha(file: SourceFile, text: str, start: int) -> LoadTest:
    """hatoo/oha: its success rate counts completed requests, 5xx included, and is not read."""
    test = LoadTest(file, "oha")
    for figure, label in (("duration", "Total"), ("slowest", "Slowest"), ("mean", "Average")):
        match = re.search(rf"^  {label}:\s+([0-9.]{{1,20}} ?[a-zµ]{{1,4}})\s*$", text, re.M)
        if match:
            setattr(test, figure, seconds(_note(test, figure, match)))
    rate = re.search(rf"^  Requests/sec:\s+{_NUMBER}", text, re.M)
    test.rps = float(_note(test, "rps", rate)) if rate else None
    _percentiles(test, re.finditer(r"^  ([0-9.]{1,7})% in ([0-9.]{1,20} ?[a-zµ]{1,4})", text, re.M))
    for match in re.finditer(r"^  \[(\d{3})\] (\d{1,12}) responses", text, re.M):
        test.statuses[int(match.group(1))] = int(match.group(2))
        if int(match.group(1)) >= 500:
            test.spans["errors"] = match.span()
    at = text.find("Error distribution:")
    for match in re.finditer(r"^  \[(\d{1,12})\] (.{0,2000})$", text[at:], re.M) if at >= 0 else ():
        kind = kind_of_error(match.group(2))
        test.transport[kind] = test.transport.get(kind, 0) + int(match.group(1))
        test.spans["errors"] = (at + match.start(), at + match.end())
    test.requests = sum(test.statuses.values()) + sum(test.transport.values())
    return test


def wrk(file: SourceFile, text: str, start: int) -> LoadTest:
    """wg/wrk and giltene/wrk2 (same name, HdrHistogram header): percentiles only with ``--latency``, no p95."""
    test = LoadTest(file, "wrk2" if "Thread calibration" in text or "HdrHistogram" in text else "wrk")
    head = re.search(r"^Running \S{1,12} test @ (\S{1,500})", text, re.M)
    test.url = head.group(1) if head else None
    connections = re.search(r"threads and (\d{1,9}) connections", text)
    test.concurrency = int(connections.group(1)) if connections else None
    latency = re.search(r"^    Latency\s+(\S{1,20})\s+(\S{1,20})\s+(\S{1,20})", text, re.M)
    if latency:
        test.mean = seconds(_note(test, "mean", latency, 1))
        test.slowest = seconds(_note(test, "slowest", latency, 3))
    _percentiles(test, re.finditer(r"^\s{0,6}(\d{1,3}(?:\.\d{1,6})?)%\s+([0-9.]{1,12}(?:us|ms|s|m|h))\s*$", text, re.M))
    total = re.search(r"^  (\d{1,12}) requests in (\S{1,20}),", text, re.M)
    if total:
        test.requests = int(_note(test, "requests", total, 1))
        test.duration = seconds(_note(test, "duration", total, 2))
    rate = re.search(rf"^Requests/sec:\s+{_NUMBER}", text, re.M)
    test.rps = float(_note(test, "rps", rate)) if rate else None
    bad = re.search(r"^  Non-2xx or 3xx responses: (\d{1,12})", text, re.M)
    if bad:
        test.failed = int(_note(test, "errors", bad))
    sockets = re.search(
        r"Socket errors: connect (\d{1,12}), read (\d{1,12}), write (\d{1,12}), timeout (\d{1,12})", text
    )
    if sockets:
        test.spans["errors"] = sockets.span()
        for index, kind in enumerate(("refused", "reset", "closed", "timeout"), 1):
            if int(sockets.group(index)):
                test.transport[kind] = int(sockets.group(index))
        test.requests = (test.requests or 0) + sum(test.transport.values())
    return test


def ab(file: SourceFile, text: str, start: int) -> LoadTest:
    """ApacheBench: ``Failed requests`` counts answers of another length too; Non-2xx and the parts in brackets are."""
    test = LoadTest(file, "ab")
    host = re.search(r"^Server Hostname:\s+(\S{1,200})", text, re.M)
    port = re.search(r"^Server Port:\s+(\d{1,5})", text, re.M)
    path = re.search(r"^Document Path:\s+(\S{1,300})", text, re.M)
    if host:
        test.url = f"http://{host.group(1)}:{port.group(1) if port else 80}{path.group(1) if path else '/'}"
    for figure, pattern, convert in (
        ("concurrency", r"^Concurrency Level:\s+(\d{1,12})", int),
        ("duration", rf"^Time taken for tests:\s+{_NUMBER} seconds", float),
        ("requests", r"^Complete requests:\s+(\d{1,12})", int),
        ("rps", rf"^Requests per second:\s+{_NUMBER}", float),
    ):
        match = re.search(pattern, text, re.M)
        if match:
            setattr(test, figure, convert(_note(test, figure, match)))
    mean = re.search(rf"^Time per request:\s+{_NUMBER} \[ms\] \(mean\)", text, re.M)
    test.mean = float(_note(test, "mean", mean)) / 1000 if mean else None
    _percentiles(test, re.finditer(r"^\s{1,3}(\d{1,3})%\s+(\d{1,12})\b", text, re.M), 0.001)
    test.slowest = test.percentiles.pop(100, None)
    bad = re.search(r"^Non-2xx responses:\s+(\d{1,12})", text, re.M)
    if bad:
        test.failed = int(_note(test, "errors", bad))
    parts = re.search(r"\(Connect: (\d{1,12}), Receive: (\d{1,12}), Length: \d{1,12}, Exceptions: (\d{1,12})\)", text)
    if parts:
        for index, kind in enumerate(("refused", "reset", "closed"), 1):
            if int(parts.group(index)):
                test.transport[kind] = int(parts.group(index))
                test.spans.setdefault("errors", parts.span())
    return test


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
        test.requests, test.rps = int(_note(test, "requests", count, 1)), float(_note(test, "rps", count, 2))
    failed = re.search(r"http_req_failed[. ]*: [0-9.]{1,8}%\s+(?:✓ )?(\d{1,12})", text)
    if failed:
        test.failed = int(_note(test, "errors", failed))
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
        test.failed = int(_note(test, "errors", bad))
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
        test.requests, test.failed = int(_note(test, "requests", last, 1)), int(_note(test, "errors", last, 2))
        test.mean, test.slowest = int(last.group(3)) / 1000, int(_note(test, "slowest", last, 5)) / 1000
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
