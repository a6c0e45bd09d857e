"""Load-test results as JSON: k6, vegeta, oha, autocannon, siege, locust."""

from __future__ import annotations

from gwaudit.parse.document import Mapping, Node, ParseFailure, Scalar, Sequence
from gwaudit.parse.loadtest.result import LoadTest
from gwaudit.parse.yaml import parse, value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.source import SourceFile


def json(file: SourceFile) -> list[LoadTest]:
    """Every result in a JSON file that one of the tools wrote; empty where none did."""
    found = parse(file)
    if found is None or isinstance(found, ParseFailure):
        return []
    root = found.root
    if isinstance(root, Sequence):
        return [test for item in root.items if (test := _locust_json(file, item)) is not None]
    if not isinstance(root, Mapping):
        return []
    for reader in (_k6, _vegeta, _oha, _autocannon, siege):
        test = reader(file, root)
        if test is not None:
            return [test]
    return []


def _number(root: Mapping, *path: str) -> float | None:
    found = value(root.get(*path))
    return float(found) if isinstance(found, (int, float)) and not isinstance(found, bool) else None


def _figure(test: LoadTest, name: str, node: Node | None, scale: float) -> float | None:
    found = value(node)
    if node is None or isinstance(found, bool) or not isinstance(found, (int, float)):
        return None
    test.spans[name] = (node.start, node.end)
    return found * scale


def _percentile(test: LoadTest, percentile: float, node: Node | None, scale: float) -> None:
    figure = _figure(test, f"p{percentile:g}", node, scale)
    if figure is not None:
        test.percentiles[int(percentile) if percentile == int(percentile) else percentile] = figure


def _k6(file: SourceFile, root: Mapping) -> LoadTest | None:
    """Both of k6's exports: ``--summary-export`` (flat) and ``handleSummary`` (under ``values``)."""
    duration = root.get("metrics", "http_req_duration")
    if not isinstance(duration, Mapping):
        return None
    test = LoadTest(file, "k6")
    nested = isinstance(duration.get("values"), Mapping)
    under = ("values",) if nested else ()
    for name, node in (duration.get(*under) if nested else duration).items():  # type: ignore[union-attr]
        if name == "med" or name.startswith("p("):
            _percentile(test, 50.0 if name == "med" else float(name[2:-1]), node, 0.001)
    test.mean = _figure(test, "mean", duration.get(*under, "avg"), 0.001)
    test.slowest = _figure(test, "slowest", duration.get(*under, "max"), 0.001)
    count = _number(root, "metrics", "http_reqs", *under, "count")
    test.requests = int(count) if count is not None else None
    test.rps = _number(root, "metrics", "http_reqs", *under, "rate")
    node = root.get("metrics", "http_req_failed", *under, "passes")  # for this rate, "passes" are the failed requests
    failed = _figure(test, "errors", node, 1)
    test.failed = int(failed) if failed is not None else 0
    users = _number(root, "metrics", "vus_max", *under, "value")
    test.concurrency = int(users) if users is not None else None
    milliseconds = _number(root, "state", "testRunDurationMs")
    test.duration = milliseconds / 1000 if milliseconds is not None else None
    return test


def _statuses(test: LoadTest, node: Node | None) -> None:
    if not isinstance(node, Mapping):
        return
    for code, item in node.items():
        count = value(item)
        if code.isdigit() and isinstance(count, int):
            if int(code):
                test.statuses[int(code)] = count
            elif count:
                test.transport["no answer"] = count
            if not int(code) or int(code) >= 500:
                test.spans["errors"] = (item.start, item.end)


def _vegeta(file: SourceFile, root: Mapping) -> LoadTest | None:
    """Nanoseconds; status 0 is no answer."""
    latencies = root.get("latencies")
    if not isinstance(latencies, Mapping) or root.get("status_codes") is None:
        return None
    test = LoadTest(file, "vegeta")
    for name, node in latencies.items():
        if name.endswith("th") and name[:-2].isdigit():
            _percentile(test, float(name[:-2]), node, 1e-9)
    test.mean = _figure(test, "mean", latencies.get("mean"), 1e-9)
    test.slowest = _figure(test, "slowest", latencies.get("max"), 1e-9)
    count = _number(root, "requests")
    test.requests = int(count) if count is not None else None
    test.rps = _number(root, "rate")
    length = _number(root, "duration")
    test.duration = length * 1e-9 if length is not None else None
    _statuses(test, root.get("status_codes"))
    return test


def _oha(file: SourceFile, root: Mapping) -> LoadTest | None:
    """Seconds; ``successRate`` counts completed requests, 5xx included, and is not read."""
    percentiles = root.get("latencyPercentiles")
    if not isinstance(percentiles, Mapping) or root.get("statusCodeDistribution") is None:
        return None
    test = LoadTest(file, "oha")
    for name, node in percentiles.items():
        if name[:1] == "p" and name[1:].replace(".", "", 1).isdigit():
            _percentile(test, float(name[1:]), node, 1.0)
    test.mean = _figure(test, "mean", root.get("summary", "average"), 1)
    test.slowest = _figure(test, "slowest", root.get("summary", "slowest"), 1)
    test.duration = _number(root, "summary", "total")
    test.rps = _number(root, "summary", "requestsPerSec")
    _statuses(test, root.get("statusCodeDistribution"))
    errors = root.get("errorDistribution")
    if isinstance(errors, Mapping):
        from gwaudit.parse.loadtest.result import kind_of_error

        for message, node in errors.items():
            count = value(node)
            if isinstance(count, int):
                kind = kind_of_error(message)
                test.transport[kind] = test.transport.get(kind, 0) + count
    test.requests = sum(test.statuses.values()) + sum(test.transport.values())
    return test


def _autocannon(file: SourceFile, root: Mapping) -> LoadTest | None:
    """Milliseconds; ``errors`` includes time-outs; no p95."""
    latency = root.get("latency")
    if not isinstance(latency, Mapping) or latency.get("p97_5") is None:
        return None
    test = LoadTest(file, "autocannon")
    url = root.get("url")
    test.url = url.text if isinstance(url, Scalar) else None
    for name, node in latency.items():
        if name[:1] == "p" and name[1:].replace("_", "", 1).isdigit():
            _percentile(test, float(name[1:].replace("_", ".")), node, 0.001)
    test.mean = _figure(test, "mean", latency.get("mean") or latency.get("average"), 0.001)
    test.slowest = _figure(test, "slowest", latency.get("max"), 0.001)
    test.duration = _number(root, "duration")
    users = _number(root, "connections")
    test.concurrency = int(users) if users is not None else None
    test.rps = _number(root, "requests", "average")
    answered = sum(int(_number(root, f"{n}xx") or 0) for n in range(1, 6))
    timeouts, errors = int(_number(root, "timeouts") or 0), int(_number(root, "errors") or 0)
    test.failed = int(_figure(test, "errors", root.get("5xx"), 1) or 0)
    if timeouts:
        test.transport["timeout"] = timeouts
    if errors > timeouts:
        test.transport["transport error"] = errors - timeouts
    test.requests = answered + errors
    return test


def siege(file: SourceFile, root: Mapping) -> LoadTest | None:
    """JoeDog/siege: no percentiles, only the longest transaction (seconds)."""
    if root.get("transactions") is None or root.get("longest_transaction") is None:
        return None
    test = LoadTest(file, "siege")
    test.slowest = _figure(test, "slowest", root.get("longest_transaction"), 1)
    test.mean = _figure(test, "mean", root.get("response_time"), 1)
    test.duration = _number(root, "elapsed_time")
    test.rps = _number(root, "transaction_rate")
    failed = _figure(test, "errors", root.get("failed_transactions"), 1)
    test.failed = int(failed or 0)
    test.requests = int(_number(root, "transactions") or 0) + test.failed
    users = _number(root, "concurrency")
    test.concurrency = round(users) if users is not None else None
    return test


def _locust_json(file: SourceFile, item: Node) -> LoadTest | None:
    """One endpoint of ``locust --json``: ``response_times`` maps milliseconds to counts."""
    if not isinstance(item, Mapping) or not isinstance(item.get("response_times"), Mapping):
        return None
    test = LoadTest(file, "locust")
    name, method = item.get("name"), item.get("method")
    test.endpoint = f"{method.text} {name.text}" if isinstance(name, Scalar) and isinstance(method, Scalar) else None
    test.spans["start"] = (item.start, item.start + 1)
    times = item.get("response_times")
    assert isinstance(times, Mapping)
    rows: list[tuple[float, int]] = []
    for key, node in times.items():
        count = value(node)
        if key.replace(".", "", 1).isdigit() and isinstance(count, int):
            rows.append((float(key) / 1000, count))
    rows.sort()
    spread(test, rows)
    for name_ in ("p50", "p95", "p99"):
        test.spans[name_] = (times.start, times.start + 1)
    test.slowest = _figure(test, "slowest", item.get("max_response_time"), 0.001)
    count_ = _number(item, "num_requests")
    test.requests = int(count_) if count_ is not None else None
    failed = _figure(test, "errors", item.get("num_failures"), 1)
    test.failed = int(failed or 0)
    total = _number(item, "total_response_time")
    test.mean = total / 1000 / test.requests if total and test.requests else None
    return test


def spread(test: LoadTest, rows: list[tuple[float, int]]) -> None:
    """Percentiles 50, 95 and 99 of (seconds, count) rows in rising order (nearest rank)."""
    total = sum(count for _, count in rows)
    for percentile in (50, 95, 99):
        wanted, seen = percentile / 100 * total, 0
        for latency, count in rows:
            seen += count
            if seen >= wanted:
                test.percentiles[percentile] = latency
                break
