"""Caddy in front of a service: sites, snippets, matchers, limits."""

from __future__ import annotations

import pathlib

import pytest
from completed import subjects

from gwaudit.resolve.fact import ABSENT, Unknown
from gwaudit.resolve.model import Subject

COMPOSE = """services:
  web:
    image: example/shop:1
    command: gunicorn -b 0.0.0.0:8000 shop:app
  caddy:
    image: caddy:2.8
    command: {command}
    ports: ["80:80", "443:443"]
    environment: {{DOMAIN: shop.example.com, LIMIT: 40s}}
    volumes: ["./Caddyfile:{path}", "./sites:/etc/caddy/sites"]
"""
CADDYFILE = """{
  servers {
    timeouts {
      write 5m
      read_body 10s
    }
  }
}
(common) {
  request_body {
    max_size 10MB
  }
}
{$DOMAIN:localhost} {
  import common
  @long path /long/*
  handle @long {
    basic_auth {
      u hash
    }
    reverse_proxy web:8000 {
      lb_policy cookie
      lb_retries 2
      transport http {
        response_header_timeout {$LIMIT}
        read_timeout 90s
        dial_timeout 2s
        keepalive off
      }
    }
  }
  handle {
    reverse_proxy http://web:8000
  }
}
"""


def hops(
    root: pathlib.Path,
    text: str,
    more: dict[str, str] | None = None,
    command: str = "[]",
    path: str = "/etc/caddy/Caddyfile",
) -> dict[str, Subject]:
    compose = COMPOSE.format(command=command, path=path)
    found = subjects(root, {"compose.yaml": compose, "Caddyfile": text, **(more or {})}, "link")
    return {name: link for name, link in found.items() if link.known("link.kind") == "hop"}


def test_limits_and_their_places(tmp_path: pathlib.Path) -> None:
    found = hops(tmp_path, CADDYFILE)
    assert sorted(found) == ["caddy reverse_proxy /", "caddy reverse_proxy /long/*"]
    long, rest = found["caddy reverse_proxy /long/*"], found["caddy reverse_proxy /"]
    expected = {
        "request_timeout": 300.0, "receive_timeout": 10.0, "read_timeout": 40.0, "idle_timeout": 90.0,
        "connect_timeout": 2.0,
        "keepalive": ABSENT, "max_body": 10_000_000, "affinity": True, "retries": 2, "retries_non_idempotent": False,
        "authenticates": True, "buffering": False, "scheme": "http", "host": "web", "port": 8000, "limit": 40.0,
        "program": "caddy",
    }  # fmt: skip
    assert {name: long.value(f"outer.{name}") for name in expected} == expected
    assert str(long.fact("outer.read_timeout").location) == "compose.yaml:9:52"
    assert [str(step.location) for step in long.fact("outer.read_timeout").source.via] == ["Caddyfile:25:33"]
    assert str(long.fact("outer.request_timeout").location) == "Caddyfile:4:13"
    assert rest.value("outer.read_timeout") is ABSENT
    assert (rest.value("outer.connect_timeout"), rest.value("outer.keepalive")) == (3.0, 120.0)
    assert rest.value("outer.authenticates") is False


def test_routes(tmp_path: pathlib.Path) -> None:
    files = {"compose.yaml": COMPOSE.format(command="[]", path="/etc/caddy/Caddyfile"), "Caddyfile": CADDYFILE}
    routes = subjects(tmp_path, files, "route")
    (name, route), *_ = [(name, route) for name, route in routes.items() if "long" in name]
    assert name == "published port 443 -> caddy reverse_proxy /long/*"
    assert (route.known("route.tls"), route.known("route.public"), route.known("route.port")) == (True, True, 443)


@pytest.mark.parametrize(
    ("text", "more", "names"),
    [
        (":80\nreverse_proxy web:8000\n", {}, ["caddy reverse_proxy /"]),
        ("http://x {\n  reverse_proxy /api/* web:8000\n}\n", {}, ["caddy reverse_proxy /api/*"]),
        ("import sites/*\n", {"sites/a.caddy": ":80 {\n  reverse_proxy web:8000\n}\n"}, ["caddy reverse_proxy /"]),
        (
            ":80 {\n  route /x/* {\n    reverse_proxy {\n      to web:8000\n    }\n  }\n}\n",
            {},
            ["caddy reverse_proxy /x/*"],
        ),
        (":80 {\n  handle_path /y* {\n    reverse_proxy web:8000\n  }\n}\n", {}, ["caddy reverse_proxy /y*"]),
        (
            ":80 {\n  @ws {\n    path /ws\n    header Connection *Upgrade*\n  }\n  reverse_proxy @ws web:8000\n}\n",
            {},
            ["caddy reverse_proxy /ws"],
        ),
        (":80 {\n  reverse_proxy {http.request.host}:8000\n}\n", {}, []),
        (":80 {\n  reverse_proxy web:9999\n}\n", {}, ["caddy reverse_proxy /"]),
        (":80 {\n  file_server\n}\n", {}, []),
    ],
)
def test_forms(tmp_path: pathlib.Path, text: str, more: dict[str, str], names: list[str]) -> None:
    assert sorted(hops(tmp_path, text, more)) == names


def test_a_file_that_the_command_names(tmp_path: pathlib.Path) -> None:
    text = ":80 {\n  reverse_proxy web:8000\n}\n"
    assert hops(tmp_path, text, command="[caddy, run, --config, /conf/my]", path="/conf/my")
    assert not hops(tmp_path, text, command="[]", path="/conf/my")


@pytest.mark.parametrize(
    "text",
    [
        "(a) {\n  import a\n}\n:80 {\n  import a\n}\n",
        "import *\n",
        ":80 {\n  reverse_proxy\n}\n",
        "{\n}\n{\n}\n",
        "{$A} {\n reverse_proxy {$B}\n}\n",
    ],
)
def test_hostile(tmp_path: pathlib.Path, text: str) -> None:
    hops(tmp_path, text)


def test_a_variable_that_nobody_sets(tmp_path: pathlib.Path) -> None:
    compose = COMPOSE.format(command="[]", path="/etc/caddy/Caddyfile").replace(
        "    environment", "    env_file: [missing.env]\n    environment"
    )
    text = ":80 {\n  reverse_proxy web:8000 {\n    transport http {\n      read_timeout {$OPEN}\n    }\n  }\n}\n"
    link = subjects(tmp_path, {"compose.yaml": compose, "Caddyfile": text}, "link")["caddy reverse_proxy /"]
    assert isinstance(link.value("outer.idle_timeout"), Unknown)
