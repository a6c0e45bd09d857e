"""Load-test results as lines of a label and a figure: hey, oha, wrk, wrk2, ab."""

from __future__ import annotations

import re

from gwaudit.parse.loadtest.figures import NUMBER, note, percentiles
from gwaudit.parse.loadtest.result import LoadTest, kind_of_error, seconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.source import SourceFile


def hey(file: SourceFile, text: str, start: int) -> LoadTest:
    """rakyll/hey: latencies hold every answer, 5xx included; transport errors stand apart and are in no count above them."""
    test = LoadTest(file, "hey")
    for figure, label in (("duration", "Total"), ("slowest", "Slowest"), ("mean", "Average")):
        match = re.search(rf"^  {label}:\s+{NUMBER} secs", text, re.M)
        if match:
            setattr(test, figure, float(note(test, figure, match)))
    rate = re.search(rf"^  Requests/sec:\s+{NUMBER}", text, re.M)
    for match in re.finditer(r"^  \[(\d{3})\]\t(\d{1,12}) responses", text, re.M):
        test.statuses[int(match.group(1))] = int(note(test, "statuses", match, 2))
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
        test.rps = float(note(test, "rps", rate))
    if answered:
        percentiles(test, re.finditer(r"^  (\d{1,3})%{1,2} in ([0-9.]{1,20} secs)", text, re.M))
    else:
        test.slowest = test.mean = None
    return test


def oha(file: SourceFile, text: str, start: int) -> LoadTest:
    """hatoo/oha: its success rate counts completed requests, 5xx included, and is not read."""
    test = LoadTest(file, "oha")
    for figure, label in (("duration", "Total"), ("slowest", "Slowest"), ("mean", "Average")):
        match = re.search(rf"^  {label}:\s+([0-9.]{{1,20}} ?[a-zµ]{{1,4}})\s*$", text, re.M)
        if match:
            setattr(test, figure, seconds(note(test, figure, match)))
    rate = re.search(rf"^  Requests/sec:\s+{NUMBER}", text, re.M)
    test.rps = float(note(test, "rps", rate)) if rate else None
    percentiles(test, re.finditer(r"^  ([0-9.]{1,7})% in ([0-9.]{1,20} ?[a-zµ]{1,4})", text, re.M))
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
        test.mean = seconds(note(test, "mean", latency, 1))
        test.slowest = seconds(note(test, "slowest", latency, 3))
    percentiles(test, re.finditer(r"^\s{0,6}(\d{1,3}(?:\.\d{1,6})?)%\s+([0-9.]{1,12}(?:us|ms|s|m|h))\s*$", text, re.M))
    total = re.search(r"^  (\d{1,12}) requests in (\S{1,20}),", text, re.M)
    if total:
        test.requests = int(note(test, "requests", total, 1))
        test.duration = seconds(note(test, "duration", total, 2))
    rate = re.search(rf"^Requests/sec:\s+{NUMBER}", text, re.M)
    test.rps = float(note(test, "rps", rate)) if rate else None
    bad = re.search(r"^  Non-2xx or 3xx responses: (\d{1,12})", text, re.M)
    if bad:
        test.failed = int(note(test, "errors", bad))
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
        ("duration", rf"^Time taken for tests:\s+{NUMBER} seconds", float),
        ("requests", r"^Complete requests:\s+(\d{1,12})", int),
        ("rps", rf"^Requests per second:\s+{NUMBER}", float),
    ):
        match = re.search(pattern, text, re.M)
        if match:
            setattr(test, figure, convert(note(test, figure, match)))
    mean = re.search(rf"^Time per request:\s+{NUMBER} \[ms\] \(mean\)", text, re.M)
    test.mean = float(note(test, "mean", mean)) / 1000 if mean else None
    percentiles(test, re.finditer(r"^\s{1,3}(\d{1,3})%\s+(\d{1,12})\b", text, re.M), 0.001)
    test.slowest = test.percentiles.pop(100, None)
    bad = re.search(r"^Non-2xx responses:\s+(\d{1,12})", text, re.M)
    if bad:
        test.failed = int(note(test, "errors", bad))
    parts = re.search(r"\(Connect: (\d{1,12}), Receive: (\d{1,12}), Length: \d{1,12}, Exceptions: (\d{1,12})\)", text)
    if parts:
        for index, kind in enumerate(("refused", "reset", "closed"), 1):
            if int(parts.group(index)):
                test.transport[kind] = int(parts.group(index))
                test.spans.setdefault("errors", parts.span())
    return test
