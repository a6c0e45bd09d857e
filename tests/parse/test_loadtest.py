"""Every format of load-test output, with the traps of each: figures by hand from the files in tests/data/loadtest."""

from __future__ import annotations

from pathlib import Path

import pytest

from gwaudit.parse.loadtest import looks_like_result, results
from gwaudit.parse.loadtest.result import seconds
from gwaudit.source import SourceFile

DATA = Path(__file__).parents[1] / "data" / "loadtest"

# file, tool, endpoint, p50, p95, p99, slowest (seconds), requests, errors as text, line of p99
FIGURES = [
    ("hey-default.txt", "hey", None, 0.029, 0.1019, 0.3846, 0.4894, 1000, "17 x 503", 33),
    ("hey-doubled-percent.txt", "hey", None, 0.029, 0.1019, 0.3846, 0.4894, 1000, "17 x 503", 33),
    (
        "hey-client-timeout.txt",
        "hey",
        None,
        7.9218,
        19.9012,
        19.966,
        19.9712,
        200,
        "11 x 502, 8 x 504, 2 x timeout",
        33,
    ),
    ("hey-conn-refused.txt", "hey", None, None, None, None, None, 200, "200 x refused", 1),
    ("hey.csv", "hey", None, 0.0272, 0.084, 0.3932, 0.4, 200, "1 x 503", 1),
    ("wrk-default.txt", "wrk", None, None, None, None, 0.43579, 1494, "25 x failed", 1),
    ("wrk-latency.txt", "wrk", None, 0.03155, None, 0.3765, 0.41562, 2530, "31 x failed", 10),
    ("wrk-socket-errors.txt", "wrk", None, 1.09, None, 1.96, 2.0, 3947, "14 x reset, 212 x timeout, 96 x failed", 10),
    ("wrk2-latency.txt", "wrk2", None, 0.0291, None, 0.20147, 1.21, 7500, "60 x failed", 12),
    ("ab-default.txt", "ab", None, 0.031, 0.091, 0.385, 0.443, 1000, "16 x failed", 54),
    ("ab-keepalive.txt", "ab", None, 0.029, 0.096, 0.377, 0.397, 300, "5 x failed", 48),
    ("ab-percentiles.csv", "ab", None, 0.029371, 0.096366, 0.377484, None, None, "", 101),
    ("siege.txt", "siege", None, None, None, None, 0.42, 592, "6 x failed", 1),
    ("autocannon-table.txt", "autocannon", None, 0.026, None, 0.383, 0.453, 2000, "27 x failed", 8),
    ("autocannon.json", "autocannon", None, 0.027, None, 0.384, 0.469, 2372, "21 x failed", 1),
    ("oha-text.txt", "oha", None, 0.0286, 0.097, 0.3812, 0.4712, 2000, "30 x 503", 33),
    ("oha.json", "oha", None, 0.0286, 0.097, 0.3812, 0.4712, 2000, "30 x 503", 5),
    ("vegeta-text.txt", "vegeta", None, 0.0286, 0.097, 0.3812, 0.4712, 2000, "26 x 503, 4 x no answer", 3),
    ("vegeta.json", "vegeta", None, 0.0286, 0.097, 0.3812, 0.4712, 2000, "26 x 503, 4 x no answer", 1),
    ("k6-text.txt", "k6", None, 0.0286, 0.097, None, 0.4712, 2000, "30 x failed", 1),
    ("k6-summary-export.json", "k6", None, 0.0286, 0.097, None, 0.4712, 2000, "30 x failed", 1),
    ("k6-handle-summary.json", "k6", None, 0.0286, 0.097, 0.3812, 0.4712, 2000, "30 x failed", 4),
    ("locust.json", "locust", "POST /rpc", 0.036, 0.1, 0.4, 0.476652, 1268, "14 x failed", 14),
    ("locust_stats.csv", "locust", "POST /rpc", 0.036, 0.098, 0.4, 0.451309, 1262, "14 x failed", 3),
    ("prometheus-histogram.txt", "prometheus", "/rpc", 0.028769, 0.133333, 0.423077, None, 2000, "30 x failed", 3),
]


def read(name: str) -> list:
    return results(SourceFile(name, (DATA / name).read_bytes().decode()))


@pytest.mark.parametrize("row", FIGURES, ids=[row[0] for row in FIGURES])
def test_figures(row: tuple) -> None:
    name, tool, endpoint, p50, p95, p99, slowest, requests, errors, line = row
    tests = [test for test in read(name) if endpoint is None or test.endpoint == endpoint]
    assert len(tests) == 1
    test = tests[0]
    found = tuple(test.percentiles.get(key) for key in (50, 95, 99))
    assert found == pytest.approx((p50, p95, p99), abs=1e-6)
    assert (test.tool, test.requests, test.error_kinds) == (tool, requests, errors)
    assert test.slowest == (None if slowest is None else pytest.approx(slowest, abs=1e-6))
    assert test.place("p99").line == line


def test_locust_console_tells_its_last_aggregated_row() -> None:
    (test,) = read("locust-console.txt")
    assert (test.tool, test.requests, test.failed, test.rps) == ("locust", 1445, 12, 215.0)
    assert (test.percentiles, test.slowest, test.mean) == ({50: 0.036}, 0.451, 0.048)


def test_locust_console_tells_percentiles_where_it_prints_them() -> None:
    table = "Type     Name    50%    66%    75%    80%    90%    95%    98%    99%  99.9% 99.99%   100% # reqs\n"
    row = "         Aggregated    36     45     54     58     77     98    380    400    450    450    450   1711\n"
    text = (DATA / "locust-console.txt").read_text() + "\nResponse time percentiles (approximated)\n" + table + row
    (test,) = results(SourceFile("locust.txt", text))
    assert (test.percentiles[95], test.percentiles[99]) == (0.098, 0.4)


@pytest.mark.parametrize("name", ["locust_exceptions.csv", "locust_failures.csv", "locust_stats_history.csv"])
def test_side_files_give_no_figures(name: str) -> None:
    assert read(name) == []


def test_a_refused_run_has_no_rate() -> None:
    (test,) = read("hey-conn-refused.txt")
    assert test.rps is None, "hey prints thousands of refusals per second as Requests/sec"
    assert test.errors == test.requests == 200


def test_several_results_in_one_file() -> None:
    text = (DATA / "hey-default.txt").read_text() + (DATA / "wrk-latency.txt").read_text()
    tests = results(SourceFile("all.txt", text))
    assert [test.tool for test in tests] == ["hey", "wrk"]
    assert tests[1].place("p99").line == 10 + text[: text.index("Running")].count("\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("381.2ms", 0.3812),
        ("1.09s ", 1.09),
        ("2m3.5s", 123.5),
        ("97 µs", 97e-6),
        ("12", None),
        ("", None),
        ("5 apples", None),
    ],
)
def test_durations(text: str, expected: float | None) -> None:
    assert seconds(text) == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize("text", ["", "Summary: of the meeting", '{"latencies": [}', '# HELP x\nx_bucket{le="1"} 2\n'])
def test_other_texts_are_no_results(text: str) -> None:
    assert results(SourceFile("notes.txt", text)) == []
    assert not looks_like_result("a page about Latency distribution in general")
