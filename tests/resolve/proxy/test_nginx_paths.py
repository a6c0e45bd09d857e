"""Which location takes a path: a written table, tried with a real nginx where one is installed."""

from __future__ import annotations

import http.client
import pathlib
import shutil
import socket
import subprocess
import time

import pytest

from gwaudit.parse.document import Document
from gwaudit.parse.nginx import Directive, parse_documents
from gwaudit.resolve.proxy.nginx_paths import Place, place_of, select
from gwaudit.source import SourceFile

# Locations in the order written, nested ones behind a slash-less `>`; a path; the location that takes it (None: the server).
TABLE: list[tuple[list[str], str, str | None]] = [
    (["/"], "/x", "/"),
    (["/", "/a"], "/a/b", "/a"),
    (["/a", "/a/b", "/"], "/a/b/c", "/a/b"),
    (["/", "= /"], "/", "= /"),
    (["/", "= /"], "/x", "/"),
    (["/", "= /a"], "/a/", "/"),
    (["/a", r"~ ^/a/.*\.js$"], "/a/x.js", r"~ ^/a/.*\.js$"),
    (["^~ /a", r"~ \.js$"], "/a/x.js", "^~ /a"),
    (["^~ /", "/a", r"~ \.js$"], "/a/x.js", r"~ \.js$"),
    ([r"~ \.JS$", "/"], "/x.js", "/"),
    ([r"~* \.JS$", "/"], "/x.js", r"~* \.JS$"),
    (["~ ^/a", "~ ^/ab"], "/abc", "~ ^/a"),
    (["~ ^/ab", "~ ^/a"], "/abc", "~ ^/ab"),
    (["/a"], "/b", None),
    (["~ ^/servers/.*/sse$", "/"], "/servers/1/sse", "~ ^/servers/.*/sse$"),
    (["~ ^/servers/.*/sse$", "/"], "/servers/1/sse/", "/"),
    (["= /sse", "/s", "/"], "/sse", "= /sse"),
    (["~ ^/(tools|servers)$", "/"], "/tools", "~ ^/(tools|servers)$"),
    (["~ ^/(tools|servers)$", "/"], "/tools/1", "/"),
]


def places(texts: list[str]) -> list[Place]:
    found = [place_of(text.split(" ")) for text in texts]
    assert all(found)
    return [place for place in found if place is not None]


@pytest.mark.parametrize(("texts", "path", "expected"), TABLE)
def test_the_table(texts: list[str], path: str, expected: str | None) -> None:
    row = places(texts)
    found, sure = select(row, path)
    assert sure
    assert (None if found is None else texts[row.index(found)]) == expected


def test_nested_locations() -> None:
    outer, inner = place_of(["/a"]), place_of(["~", "x$"])
    assert outer is not None and inner is not None
    outer.nested = [inner]
    assert select([outer], "/a/x") == (inner, True)
    assert select([outer], "/a/y") == (outer, True)


@pytest.mark.parametrize("pattern", [r"^/(a+)+$", r"(?=x)y", r"^/(?<id>\d+)$", "(", "x" * 600])
def test_a_pattern_that_cannot_be_tried_makes_the_answer_unsure(pattern: str) -> None:
    row = places(["/"])
    regular = place_of(["~", pattern])
    assert regular is not None
    found, sure = select([*row, regular], "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!")
    assert found is row[0] and not sure


def test_the_table_is_what_nginx_does(tmp_path: pathlib.Path) -> None:
    program = shutil.which("nginx")
    if program is None:
        pytest.skip("ORACLE MISSING: no nginx is installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    servers = []
    for index, (texts, _, _) in enumerate(TABLE):
        rows = "".join(f'location {text} {{ return 200 "{row}"; }}\n' for row, text in enumerate(texts))
        servers.append(
            f"server {{ listen 127.0.0.1:{port}; server_name s{index}; {rows} return 404; }}".replace(
                "return 404; }", "}"
            )
        )
    conf = tmp_path / "nginx.conf"
    conf.write_text(
        f"daemon off; pid {tmp_path}/pid; error_log stderr; worker_processes 1;\nevents {{}}\nhttp {{ access_log off;"
        f" client_body_temp_path {tmp_path}/b; proxy_temp_path {tmp_path}/p; fastcgi_temp_path {tmp_path}/f;"
        f" uwsgi_temp_path {tmp_path}/u; scgi_temp_path {tmp_path}/s; root {tmp_path}/none;\n{''.join(servers)}}}\n"
    )
    document = parse_documents(SourceFile("nginx.conf", conf.read_text()))[0]
    assert isinstance(document, Document) and all(isinstance(one, Directive) for one in document.root)
    process = subprocess.Popen([program, "-p", str(tmp_path), "-c", str(conf)], stderr=subprocess.PIPE)
    try:
        for _ in range(100):
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if process.poll() is not None:
                assert process.stderr is not None
                pytest.skip(f"ORACLE MISSING: nginx does not start here: {process.stderr.read()[:200]!r}")
            time.sleep(0.05)
        for index, (texts, path, expected) in enumerate(TABLE):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", path, headers={"Host": f"s{index}"})
            answer = connection.getresponse()
            body = answer.read().decode()
            connection.close()
            assert (texts[int(body)] if answer.status == 200 else None) == expected, (texts, path)
    finally:
        process.terminate()
        process.wait(5)
        if process.stderr is not None:
            process.stderr.close()
