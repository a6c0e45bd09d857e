"""Which of several services a load test was run against."""

from __future__ import annotations

import pathlib

import pytest
from completed import subjects

COMPOSE = """services:
  gateway:
    image: ghcr.io/ibm/mcp-context-forge:1.0.8
  tools:
    image: example/tools:1
    entrypoint: [gunicorn, -b, "0.0.0.0:8000", app:app]
"""
RESULT = """{command}
Summary:
  Total:\t120.0000 secs
  Slowest:\t58.1000 secs
  Fastest:\t0.1200 secs
  Average:\t20.4000 secs
  Requests/sec:\t9.8000

Response time histogram:
  0.120 [1]\t|
  58.100 [999]\t|

Latency distribution:
  50% in 18.2000 secs
  99% in 47.9000 secs

Status code distribution:
  [200]\t1000 responses
"""


@pytest.mark.parametrize(
    ("command", "owner"),
    [
        ("$ hey -n 1000 http://tools/summarise", "tools"),
        ("hey -c 20 http://localhost:8000/summarise", "tools"),
        ("$ hey http://gateway:4444/rpc", "gateway"),
        ("$ hey http://elsewhere:9/", None),
        ("# nobody wrote the command down", None),
    ],
)
def test_the_url_of_the_command_tells(tmp_path: pathlib.Path, command: str, owner: str | None) -> None:
    found = subjects(tmp_path, {"compose.yaml": COMPOSE, "load.txt": RESULT.format(command=command)})
    measured = {name for name, subject in found.items() if subject.known("app.measured_p99") == 47.9}
    assert measured == ({owner} if owner else set())


def test_the_time_limit_on_the_command_line_wins(tmp_path: pathlib.Path) -> None:
    command = "$ hey -t 120 http://tools:8000/"
    found = subjects(tmp_path, {"compose.yaml": COMPOSE, "load.txt": RESULT.format(command=command)}, "loadtest")
    assert found["load.txt"].known("loadtest.client_timeout") == 120
