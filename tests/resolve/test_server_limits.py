"""What a server takes from its command: read as the server reads it, Unknown where it would refuse to start."""

from __future__ import annotations

import pathlib

import pytest
from completed import subjects

from gwaudit.resolve.fact import Unknown

COMPOSE = """\
services:
  db:
    image: {image}
    command: {command}
  web:
    image: ghcr.io/ibm/mcp-context-forge:1.0.8
    environment:
      DATABASE_URL: postgresql+psycopg://shop:x@db/shop
      REDIS_URL: redis://db/0
      DB_POOL_SIZE: "20"
"""


def server(folder: pathlib.Path, image: str, command: str, name: str) -> object:
    found = subjects(folder, {"compose.yaml": COMPOSE.format(image=image, command=command)}, "server")
    return found["db"].fact(name).value


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("300", 300),
        ("1e3", 1000),
        ("200.5", 200),
        ("201.5", 202),
        ("0x64", 100),
        ("0144", 100),
        ("+50", 50),
        ("1", 1),
        ("262143", 262143),
        ("262144", None),
        ("0", None),
        ("-5", None),
        ("", None),
        ("08", None),
        ("abc", None),
        ("$${X}", None),
        ("1_000", None),
        ("100MB", None),
        ("nan", None),
        ("4e400", None),
        ("9" * 5000, None),
        ("\N{ARABIC-INDIC DIGIT NINE}", None),
    ],
)
def test_postgresql_connections(tmp_path: pathlib.Path, written: str, expected: int | None) -> None:
    command = f"postgres -c max_connections={written}"
    value = server(tmp_path, "postgres:16", command, "server.max_connections")
    usable = server(tmp_path, "postgres:16", command, "server.usable_connections")
    if expected is None:
        assert isinstance(value, Unknown) and value.reason
        assert isinstance(usable, Unknown)
    else:
        assert (value, usable) == (expected, expected - 3)


@pytest.mark.parametrize(
    ("written", "expected"), [("500", 500), ("abc", None), ("1e3", None), ("0x64", None), ("0", None), ("-1", None)]
)
def test_redis_clients(tmp_path: pathlib.Path, written: str, expected: int | None) -> None:
    value = server(tmp_path, "redis:7", f"redis-server --maxclients {written}", "server.max_connections")
    assert value == expected if expected is not None else isinstance(value, Unknown)


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("work_mem=16MB", 16 << 20),
        ("work_mem=4096", 4 << 20),
        ("work_mem=\N{SUPERSCRIPT TWO}", None),
        ("work_mem=1e400", None),
        ("work_mem=-1", None),
        ("shared_buffers=16384", 128 << 20),
        ("statement_timeout=1e400", None),
        ("statement_timeout=1500", 1.5),
        ("statement_timeout=2min", 120.0),
    ],
)
def test_sizes_and_times(tmp_path: pathlib.Path, setting: str, expected: float | None) -> None:
    value = server(tmp_path, "postgres:16", f"postgres -c {setting}", f"server.{setting.partition('=')[0]}")
    assert value == expected if expected is not None else isinstance(value, Unknown)
