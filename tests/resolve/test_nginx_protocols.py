"""nginx as a client of other protocols than HTTP, and as a proxy of connections."""

from __future__ import annotations

import pathlib

import pytest
from completed import subjects

from gwaudit.resolve.fact import ABSENT
from gwaudit.resolve.model import Subject

COMPOSE = """services:
  web:
    image: example/shop:1
    command: gunicorn -b 0.0.0.0:8000 shop:app
  nginx:
    image: nginx:1.27.1
    ports: ["80:80"]
    volumes: ["./nginx.conf:/etc/nginx/nginx.conf"]
"""


def hop(root: pathlib.Path, text: str) -> Subject:
    found = subjects(root, {"compose.yaml": COMPOSE, "nginx.conf": text}, "link")
    (link,) = [link for link in found.values() if link.known("link.kind") == "hop"]
    return link


@pytest.mark.parametrize(
    ("kind", "scheme"), [("uwsgi", "uwsgi"), ("fastcgi", "fastcgi"), ("grpc", "http"), ("proxy", "http")]
)
def test_each_protocol_has_settings_of_its_own(tmp_path: pathlib.Path, kind: str, scheme: str) -> None:
    prefix = "http://" if kind == "proxy" else "grpc://" if kind == "grpc" else ""
    text = (
        f"http {{ proxy_read_timeout 11s; upstream u {{ server web:8000; }} server {{ listen 80; location / {{\n"
        f"  {kind}_pass {prefix}u;\n  {kind}_read_timeout 33s;\n  {kind}_send_timeout 44s;\n}} }} }}\n"
    )
    link = hop(tmp_path, text)
    found = [
        link.value(f"outer.{name}")
        for name in ("scheme", "host", "port", "read_timeout", "send_timeout", "connect_timeout")
    ]
    assert found == [scheme, "web", 8000, 33.0, 44.0, 60.0]
    assert link.value("outer.buffering") is (kind != "grpc")


def test_fastcgi_keeps_connections(tmp_path: pathlib.Path) -> None:
    text = (
        "http {{ upstream u {{ server web:8000; keepalive 8; }} server {{ location / {{ fastcgi_pass u; {} }} }} }}\n"
    )
    assert hop(tmp_path, text.format("")).value("outer.keepalive") is ABSENT
    assert hop(tmp_path, text.format("fastcgi_keep_conn on;")).value("outer.keepalive") == 60.0


@pytest.mark.parametrize(
    ("server", "idle", "sends"),
    [
        ("proxy_pass web:8000;", 600.0, False),
        ("proxy_pass u; proxy_timeout 30s; proxy_protocol on;", 30.0, True),
    ],
)
def test_streams(tmp_path: pathlib.Path, server: str, idle: float, sends: bool) -> None:
    text = f"stream {{ upstream u {{ server web:8000; }} server {{ listen 80; {server} }} }}\n"
    link = hop(tmp_path, text)
    names = ("name", "scheme", "host", "port", "idle_timeout", "proxy_protocol")
    assert [link.value(f"outer.{name}") for name in names] == ["nginx server 80", "tcp", "web", 8000, idle, sends]
