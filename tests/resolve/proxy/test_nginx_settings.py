"""What holds in a location of nginx: inheritance, defaults by version, variables, upstreams, includes, templates."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest

from gwaudit.resolve.fact import ABSENT, Unknown
from gwaudit.resolve.model import Assumptions, Subject
from gwaudit.resolve.targets import resolve
from gwaudit.resolve.workspace import Workspace
from gwaudit.tree import Tree

APP = 'FROM python:3.12-slim\nWORKDIR /srv\nCOPY . .\nRUN pip install gunicorn==23.0.0 flask\nCMD ["gunicorn", "-b", "0.0.0.0:8000", "-k", "gthread", "shop:app"]\n'  # noqa: E501
COMPOSE = """\
services:
  nginx:
    image: nginx:{tag}
    ports: ["80:80", "443:443"]
    environment:
      UPSTREAM: web:8000
      LIMIT: 90s
    volumes:
      - ./nginx.conf:/etc/nginx/nginx.conf:ro
      - ./parts:/etc/nginx/parts:ro
  web:
    build: .
"""


def subjects(folder: pathlib.Path, files: dict[str, str], kind: str) -> dict[str, Subject]:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    found: dict[str, Subject] = {}
    for target in resolve(Workspace(Tree(str(folder)), Assumptions()), Subject("repository", ".")):
        found.update((subject.name, subject) for subject in target.subject.walk(kind))
    return found


def links(folder: pathlib.Path, http: str, tag: str = "1.27.1", **more: str) -> dict[str, Subject]:
    """Hop links by the name of the location."""
    files = {
        "nginx.conf": f"events {{}}\nhttp {{\n{http}\n}}\n",
        "compose.yaml": COMPOSE.format(tag=tag),
        "Dockerfile": APP,
    }
    found = subjects(folder, files | {path.replace("__", "/"): text for path, text in more.items()}, "link")
    return {name.partition("location ")[2]: link for name, link in found.items() if link.known("link.kind") == "hop"}


def server(text: str) -> str:
    return f"server {{ listen 80; {text} }}"


# http level, server level, location level -> proxy_read_timeout in effect
INHERITED = [
    ("", "", "", 60.0),
    ("10s", "", "", 10.0),
    ("10s", "20s", "", 20.0),
    ("10s", "20s", "30s", 30.0),
    ("10s", "", "30s", 30.0),
    ("", "2m", "", 120.0),
    ("", "", "1h 30m", 5400.0),
    ("", "", "500ms", 0.5),
    ("", "", "1h30m", 5400.0),
    ("45", "", "", 45.0),
]


@pytest.mark.parametrize(("http", "outer", "inner", "expected"), INHERITED)
def test_inheritance(tmp_path: pathlib.Path, http: str, outer: str, inner: str, expected: float) -> None:
    def directive(value: str) -> str:
        return f'proxy_read_timeout "{value}";' if value else ""

    text = directive(http) + server(
        f"{directive(outer)} location / {{ proxy_pass http://web:8000; {directive(inner)} }}"
    )
    fact = links(tmp_path, text)["/"].fact("outer.read_timeout")
    assert fact.value == expected
    written = [value for value in (inner, outer, http) if value]
    assert [low.value for low in fact.shadowed] == [pytest.approx(_s(value)) for value in written[1:]]
    assert fact.source.layer == ("config-file" if written else "platform")


def _s(text: str) -> float:
    return {"10s": 10, "20s": 20, "30s": 30}[text]


def test_nested_locations_inherit_and_proxy_pass_does_not(tmp_path: pathlib.Path) -> None:
    found = links(
        tmp_path,
        server(
            "location /a { proxy_pass http://web:8000; proxy_read_timeout 7s;"
            " location /a/b { proxy_pass http://web:8000; } location /a/c { return 204; } }"
        ),
    )
    assert found["/a/b"].value("outer.read_timeout") == 7.0
    assert "/a/c" not in found


# Version, location -> HTTP version to the upstream, how long connections are kept (nginx 1.29.7 changed both defaults).
UPSTREAM = "upstream b {{ server web:8000; {} }}"
KEEPALIVE: list[tuple[str, str, str, Any, Any]] = [
    ("1.27.1", "", "", "1.0", ABSENT),
    ("1.27.1", "keepalive 8;", "", "1.0", ABSENT),
    ("1.27.1", "keepalive 8;", "proxy_http_version 1.1;", "1.1", ABSENT),
    ("1.27.1", "keepalive 8;", 'proxy_http_version 1.1; proxy_set_header Connection "";', "1.1", 60.0),
    ("1.27.1", "keepalive 8; keepalive_timeout 9s;", 'proxy_http_version 1.1; proxy_set_header Connection "";', "1.1", 9.0),
    ("1.27.1", "keepalive 8;", "proxy_http_version 1.1; proxy_set_header Connection upgrade;", "1.1", ABSENT),
    ("1.27.1", "", 'proxy_http_version 1.1; proxy_set_header Connection "";', "1.1", ABSENT),
    ("1.29.7", "keepalive 8;", "", "1.1", 60.0),
    ("1.29.7", "keepalive 0;", "", "1.1", ABSENT),
    ("latest", "keepalive 8;", "", "unknown", "unknown"),
    ("latest", "keepalive 8;", 'proxy_http_version 1.1; proxy_set_header Connection "";', "1.1", 60.0),
]  # fmt: skip


@pytest.mark.parametrize(("tag", "block", "inner", "http", "keepalive"), KEEPALIVE)
def test_connections_are_kept(
    tmp_path: pathlib.Path, tag: str, block: str, inner: str, http: Any, keepalive: Any
) -> None:
    text = UPSTREAM.format(block) + server(f"location / {{ proxy_pass http://b; {inner} }}")
    link = links(tmp_path, text, tag)["/"]
    for name, expected in (("outer.http_version", http), ("outer.keepalive", keepalive)):
        value = link.value(name)
        assert isinstance(value, Unknown) if expected == "unknown" else value == expected, (name, value)


# The text of proxy_pass, what stands beside it -> scheme, host, port
ADDRESSES = [
    ("http://web:8000", "", ("http", "web", 8000)),
    ("http://web:8000/base/", "", ("http", "web", 8000)),
    ("https://web:8000", "", ("https", "web", 8000)),
    ("http://b", "upstream b { server web:8000; }", ("http", "web", 8000)),
    ("https://b/x", "upstream b { server web:8000 weight=2; server other:1 down; }", ("https", "web", 8000)),
    ("$target", 'map "" $target { default "http://web:8000"; }', ("http", "web", 8000)),
    ("$target", 'map x $target { y "http://no:1"; x http://web:8000; }', ("http", "web", 8000)),
    ("http://$name:8000$request_uri", 'map "" $name { default web; }', ("http", "web", 8000)),
    ("http://${name}:8000", 'map "" $name { default web; }', ("http", "web", 8000)),
]


@pytest.mark.parametrize(("text", "beside", "expected"), ADDRESSES)
def test_addresses(tmp_path: pathlib.Path, text: str, beside: str, expected: tuple[str, str, int]) -> None:
    link = links(tmp_path, beside + server(f"location / {{ proxy_pass {text}; }}"))["/"]
    assert (link.value("outer.scheme"), link.value("outer.host"), link.value("outer.port")) == expected


def test_set_is_followed(tmp_path: pathlib.Path) -> None:
    found = links(tmp_path, server("set $a web; location / { set $b http://$a:8000; proxy_pass $b; }"))
    assert found["/"].value("outer.host") == "web"


def test_what_the_request_decides_is_joined_with_nobody(tmp_path: pathlib.Path) -> None:
    assert links(tmp_path, server("location / { proxy_pass http://$http_x_target; }")) == {}


def test_includes_are_read_and_bound_to_the_container(tmp_path: pathlib.Path) -> None:
    text = server(
        "location / { proxy_pass http://web:8000; include parts/limits*.conf; include /etc/nginx/proxy_params; }"
    )
    found = links(tmp_path, text, parts__limits_a="", **{"parts__limits1.conf": "proxy_read_timeout 9s;\n"})
    fact = found["/"].fact("outer.read_timeout")
    assert fact.value == 9.0 and str(fact.location) == "parts/limits1.conf:1:20"


def test_an_include_that_nobody_can_read_leaves_defaults_unknown(tmp_path: pathlib.Path) -> None:
    text = server("location / { proxy_pass http://web:8000; proxy_send_timeout 5s; include /etc/nginx/secret.inc; }")
    link = links(tmp_path, text)["/"]
    assert isinstance(link.value("outer.read_timeout"), Unknown)
    assert link.value("outer.send_timeout") == 5.0


@pytest.mark.parametrize("path", ["../../../etc/passwd", "/etc/nginx/nginx.conf", "parts/self.conf"])
def test_includes_stay_inside_and_end(tmp_path: pathlib.Path, path: str) -> None:
    found = links(
        tmp_path,
        f"include {path};" + server("location / { proxy_pass http://web:8000; }"),
        **{"parts__self.conf": "include parts/self.conf;\n"},
    )
    assert "/" in found


def test_templates_are_filled_from_the_environment(tmp_path: pathlib.Path) -> None:
    template = "server { listen 80; location / { proxy_pass http://${UPSTREAM}; proxy_read_timeout ${LIMIT}; proxy_set_header Host $host; } }"  # noqa: E501
    compose = COMPOSE.format(tag="1.27.1").replace(
        "./nginx.conf:/etc/nginx/nginx.conf:ro", "./templates:/etc/nginx/templates:ro"
    )
    files = {"templates/default.conf.template": template, "compose.yaml": compose, "Dockerfile": APP}
    link = subjects(tmp_path, files, "link")["nginx location /"]
    assert (link.value("outer.host"), link.value("outer.port")) == ("web", 8000)
    fact = link.fact("outer.read_timeout")
    assert fact.value == 90.0
    assert fact.location is not None and fact.location.path == "compose.yaml" and fact.location.line == 7


def test_a_here_document_of_the_dockerfile(tmp_path: pathlib.Path) -> None:
    dockerfile = (
        "FROM nginx:1.27.1\nCOPY <<EOF /etc/nginx/conf.d/default.conf\nserver {\n  listen 80;\n"
        "  location / {\n    proxy_pass http://web:8000;\n    proxy_read_timeout 3s;\n  }\n}\nEOF\n"
    )
    compose = (
        "services:\n  nginx:\n    build: {context: ., dockerfile: nginx.Dockerfile}\n    ports: ['80:80']\n"
        "  web:\n    build: .\n"
    )
    files = {"nginx.Dockerfile": dockerfile, "compose.yaml": compose, "Dockerfile": APP}
    fact = subjects(tmp_path, files, "link")["nginx location /"].fact("outer.read_timeout")
    assert fact.value == 3.0 and fact.location is not None
    assert (fact.location.path, fact.location.line) == ("nginx.Dockerfile", 7)
