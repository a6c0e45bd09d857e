"""Commands that start load tests: what they state, which service they test, what they tell of results."""

from __future__ import annotations

import pathlib

import pytest
from clock import ends_soon
from completed import subjects
from hypothesis import given, settings
from hypothesis import strategies as st
from tree_of import workspace_of

from gwaudit.resolve.fact import ABSENT, Unknown
from gwaudit.resolve.loadruns import LoadRun, runs

COMPOSE = """services:
  web:
    image: example/shop:1
    command: gunicorn -b 0.0.0.0:8000 shop:app
  proxy:
    image: nginx:1.27
    ports: ["8080:80"]
    volumes: ["./nginx.conf:/etc/nginx/conf.d/default.conf:ro"]
"""
NGINX = "server {\n  listen 80;\n  location / {\n    proxy_pass http://web:8000;\n    proxy_read_timeout 25s;\n  }\n}\n"
RESULT = """$ hey http://web:8000/
Summary:
  Total:\t120.0000 secs
  Slowest:\t{slowest} secs
  Fastest:\t0.1200 secs
  Average:\t8.4000 secs
  Requests/sec:\t9.8000

Response time histogram:
  0.120 [10]\t|
  {slowest} [990]\t|

Latency distribution:
  50% in 8.2000 secs
  99% in {slowest} secs

Status code distribution:
  [200]\t990 responses
  [504]\t10 responses
"""


def found(root: pathlib.Path, files: dict[str, str]) -> list[LoadRun]:
    return runs(workspace_of(root, files))


def stated(run: LoadRun) -> dict[str, object]:
    return {name: "?" if isinstance(fact.value, Unknown) else fact.value for name, fact in run.facts.items()}


@pytest.mark.parametrize(
    ("line", "facts"),
    [
        (
            "hey -n 2000 -c 50 -t 30 -more http://localhost:8000/a?key=secret",
            {"requests": 2000, "concurrency": 50, "timeout": 30.0, "url": "http://localhost:8000/a"},
        ),
        ("hey -z 1m30s http://u:p@h/", {"duration": 90.0, "timeout": 20.0, "url": "http://h/"}),
        ("hey -t 0 -H 'A: -c 7' http://h/", {"timeout": 0.0, "url": "http://h/"}),
        ("hey -c $USERS http://h/", {"concurrency": "?", "timeout": 20.0, "url": "http://h/"}),
        ("hey -c 3 $URL/x", {"concurrency": 3, "timeout": 20.0}),
        (
            "wrk -t4 -c100 -d30s --timeout 5s --latency http://h/",
            {"concurrency": 100, "duration": 30.0, "timeout": 5.0, "url": "http://h/"},
        ),
        ("wrk2 -R2000 -L -c 7 http://h/", {"concurrency": 7, "timeout": 2.0, "url": "http://h/"}),
        (
            "ab -k -n 100 -c10 -s 40 http://h/",
            {"requests": 100, "concurrency": 10, "timeout": 40.0, "url": "http://h/"},
        ),
        ("oha --no-tui -n 5 -t 9s http://h/", {"requests": 5, "timeout": 9.0, "url": "http://h/"}),
        (
            "bombardier -c 125 -d 10s -l http://h/",
            {"concurrency": 125, "duration": 10.0, "timeout": 2.0, "url": "http://h/"},
        ),
        ("autocannon -c=5 -d 8 http://h/", {"concurrency": 5, "duration": 8.0, "timeout": 10.0, "url": "http://h/"}),
        ("npx autocannon -c 5 http://h/", {"concurrency": 5, "timeout": 10.0, "url": "http://h/"}),
        (
            "echo GET http://h/ | vegeta attack -rate=50 -duration=30s -timeout=45s -max-workers 9",
            {"duration": 30.0, "timeout": 45.0, "concurrency": 9},
        ),
        ("k6 run --vus 20 --duration 2m --quiet load.js", {"concurrency": 20, "duration": 120.0, "timeout": 60.0}),
        (
            "locust -f l.py --headless -u 20 -r 5 --run-time 1h --host=http://h:9",
            {"concurrency": 20, "duration": 3600.0, "url": "http://h:9"},
        ),
        (
            "artillery quick --count 20 --num 40 http://h/",
            {"concurrency": 20, "requests": 40, "timeout": 10.0, "url": "http://h/"},
        ),
        (
            "jmeter -n -t plan.jmx -Jthreads=50 -Jduration=60 -Jresponse_timeout=7 -Jother=1",
            {"concurrency": 50, "duration": 60.0, "timeout": 7.0},
        ),
        ("timeout 60 hey -c 2 http://h/", {"concurrency": 2, "timeout": 20.0, "url": "http://h/"}),
        ("bash -c 'sleep 1 && hey -c 2 http://h/'", {"concurrency": 2, "timeout": 20.0, "url": "http://h/"}),
    ],
)
def test_what_the_options_state(tmp_path: pathlib.Path, line: str, facts: dict[str, object]) -> None:
    (run,) = found(tmp_path, {"bench.sh": f"#!/bin/sh\n{line}\n"})
    assert stated(run) == facts
    assert run.place.line == 2


@pytest.mark.parametrize(
    "line",
    ["echo hey you", "# hey -n 5 http://h/", "vegeta report x", "k6 version -v", "apt-get install -y wrk", "say hey"],
)
def test_other_lines_start_nothing(tmp_path: pathlib.Path, line: str) -> None:
    assert found(tmp_path, {"bench.sh": f"{line}\nprintf '%s' 'hey -c 1'\n"}) == []


def test_places_and_variables(tmp_path: pathlib.Path) -> None:
    makefile = "LIMIT ?= 45\nURL := http://localhost:8000\nbench:\n\t@hey -t $(LIMIT) \\\n\t  -c 9 $(URL)/x\n"
    (run,) = found(tmp_path, {"Makefile": makefile})
    limit = run.facts["timeout"]
    assert (limit.value, str(limit.location), limit.assumed) == (45.0, "Makefile:1:10", True)
    assert [str(step.location) for step in limit.source.via] == ["Makefile:4:10"]
    assert run.url == "http://localhost:8000/x"


def test_ci_files(tmp_path: pathlib.Path) -> None:
    pipeline = "jobs:\n  load:\n    steps:\n      - run: |\n          ab -n 10 -c 2 http://127.0.0.1:8000/\n"
    (run,) = found(tmp_path, {".github/workflows/load.yml": pipeline})
    assert (run.tool, run.place.line, run.url) == ("ab", 5, "http://127.0.0.1:8000/")


def test_scripts_and_plans(tmp_path: pathlib.Path) -> None:
    files = {
        "load/run.sh": "k6 run load/a.js\nk6 run b.js\nk6 run c.js\nartillery run plan.yml\n",
        "load/a.js": "http.get('http://localhost:8000/x?token=1', {timeout: '90s'});\nhttp.post(`http://localhost:8000/y`);\n",
        "load/b.js": 'http.get("http://one/");\nhttp.get("http://two/", {timeout: 5000});\nhttp.get(u, {timeout: "7s"});\n',
        "load/c.js": "http.get(`${__ENV.URL}/x`, { timeout: 1500 });\n",
        "load/plan.yml": "config:\n  target: http://localhost:8000\n  http:\n    timeout: 33\n",
    }
    a, b, c, plan = found(tmp_path, files)
    assert stated(a) == {"url": "http://localhost:8000/x", "timeout": 90.0}
    assert str(a.facts["timeout"].location) == "load/a.js:1:56"
    assert stated(b) == {"url": "?", "timeout": "?"}
    assert stated(c) == {"timeout": 1.5}
    assert stated(plan) == {"url": "http://localhost:8000", "timeout": 33.0}


@pytest.mark.parametrize(
    ("url", "tested"),
    [
        ("http://localhost:8080/", True),
        ("http://127.0.0.1:8080/x", True),
        ("http://web:8000/", True),
        ("http://localhost:9999/", False),
        ("http://shop.example.org:8080/", False),
        ("$URL", False),
    ],
)
def test_the_service_that_is_tested(tmp_path: pathlib.Path, url: str, tested: bool) -> None:
    files = {"compose.yaml": COMPOSE, "nginx.conf": NGINX, "bench.sh": f"hey -c 4 {url}\n"}
    tests = subjects(tmp_path, files, "loadtest")
    assert list(tests) == (["bench.sh:1"] if tested else [])
    for test in tests.values():
        assert test.known("loadtest.planned") is True
        assert test.value("loadtest.p99") is ABSENT
        assert test.parent is not None
        assert test.parent.name == "web"


@pytest.mark.parametrize(
    ("command", "slowest", "clipped"),
    [
        ("hey -t 40 http://web:8000/", "39.9000", "hey's own time limit of 40 s"),
        ("hey -t 40 http://web:8000/", "19.9000", None),
        ("hey http://web:8000/", "19.9000", "hey's own time limit of 20 s"),
        ("hey -t 40 http://a/\nhey -t 50 http://b/", "19.9000", "hey's own time limit of 20 s"),
        ("ab -s 40 http://web:8000/", "19.9000", "hey's own time limit of 20 s"),
        ("hey -t 0 http://web:8000/", "25.1000", "nginx (proxy) location / of 25 s"),
    ],
)
def test_what_a_command_tells_of_results(
    tmp_path: pathlib.Path, command: str, slowest: str, clipped: str | None
) -> None:
    files = {
        "compose.yaml": COMPOSE,
        "nginx.conf": NGINX,
        "bench.sh": command,
        "load.txt": RESULT.format(slowest=slowest),
    }
    result = subjects(tmp_path, files, "loadtest")["load.txt"]
    assert result.known("loadtest.clipped_by") == clipped


def test_nothing_secret_is_kept(tmp_path: pathlib.Path) -> None:
    line = (
        "hey -a admin:pass-4711 -H 'Authorization: Bearer token-4711' 'http://u:word-4711@localhost:8000/?k=key-4711'\n"
    )
    files = {"compose.yaml": COMPOSE, "bench.sh": line}
    (run,) = found(tmp_path, files)
    assert "4711" not in repr([(fact.value, fact.source.raw) for fact in run.facts.values()])


def test_many_lines_end(tmp_path: pathlib.Path) -> None:
    text = "".join(f'A{i}="$A{i + 1}$A{i + 1}"\nhey -c $A{i} "$A0" -H "{"x" * 500}"\n' for i in range(400))
    nested = 'bash -c "' * 200 + "hey -c 1" + '"' * 200 + "\n"
    with ends_soon(4):
        assert len(found(tmp_path, {"bench.sh": text + nested})) <= 200


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="hey -nctz=$\"'{}()|&;\\\n0159ms:/", max_size=80))
def test_any_line(text: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        found(pathlib.Path(folder), {"x.sh": f"hey -n 1 {text}\nwrk -c1 {text}\nk6 run {text}\n"})
