"""Caddyfiles: words, blocks, places, hostile input."""

from __future__ import annotations

import pytest
from clock import ends_soon
from hypothesis import given, settings
from hypothesis import strategies as st

from gwaudit.parse.caddy import parse_documents
from gwaudit.parse.document import Document, ParseFailure
from gwaudit.parse.nginx import Directive
from gwaudit.source import SourceFile


def tree(directives: list[Directive]) -> list[object]:
    return [(d.name, d.texts) if d.block is None else (d.name, d.texts, tree(d.block)) for d in directives]


def parsed(text: str) -> tuple[list[object], list[str]]:
    found = parse_documents(SourceFile("Caddyfile", text))
    assert isinstance(found[0], Document)
    return tree(found[0].root), [each.message for each in found[1:] if isinstance(each, ParseFailure)]


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("", []),
        ("localhost\nreverse_proxy :9000\n", [("localhost", []), ("reverse_proxy", [":9000"])]),
        ("{\n\temail a@b.c\n}\n", [("", [], [("email", ["a@b.c"])])]),
        ("(snip) {\n  encode gzip # c\n}\n", [("(snip)", [], [("encode", ["gzip"])])]),
        ("a.com, b.com {\n  import snip x\n}", [("a.com,", ["b.com"], [("import", ["snip", "x"])])]),
        ("a \\\n  b c\n", [("a", ["b", "c"])]),
        ('respond "a \\" {\n" 200\n', [("respond", ['a " {\n', "200"])]),
        ('respond `a "{` x#y\n', [("respond", ['a "{', "x#y"])]),
        ("respond <<END\n  {\n  END 200\n", [("respond", ["  {\n", "200"])]),
        ("{$HOST} {\r\n  @m path /x\r\n}\r\n", [("{$HOST}", [], [("@m", ["path", "/x"])])]),
        ("a {\n}\n", [("a", [], [])]),
        ("header X {env.Y}\n", [("header", ["X", "{env.Y}"])]),
    ],
)
def test_structure(text: str, root: list[object]) -> None:
    assert parsed(text) == (root, [])


def test_places() -> None:
    found = parse_documents(
        SourceFile("Caddyfile", "a.com {\n  reverse_proxy web:80 {\n    flush_interval -1\n  }\n}\n")
    )
    assert isinstance(found[0], Document)
    proxy = found[0].root[0].block[0]
    assert str(proxy.location).startswith("Caddyfile:2:3")
    assert str(proxy.words[0].location) == "Caddyfile:2:17"
    assert str(proxy.block[0].words[0].location) == "Caddyfile:3:20"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a {\n", "a block does not end"),
        ("}\n", "a closing brace without a block"),
        ('a "b\n', "a quoted word does not end"),
        ("a `b\n", "a quoted word does not end"),
        ("a <<X\nb\n", "a here-document does not end"),
        ("a {\n" * 40, "nested deeper than 24 levels"),
    ],
)
def test_failures_have_a_place(text: str, message: str) -> None:
    assert parsed(text)[1] == [f"not a valid Caddyfile: {message}"]


@pytest.mark.parametrize(
    "text", ["{\n" * 100_000, '"' * 200_000, "\\\n" * 200_000, "<<A\n" * 100_000, "# " * 300_000, "a" * 900_000]
)
def test_hostile_input_ends(text: str) -> None:
    with ends_soon(2, text):
        parse_documents(SourceFile("Caddyfile", text))


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet='ab{}()"`\\#<$\n \r@/:*', max_size=80))
def test_any_text(text: str) -> None:
    for found in parse_documents(SourceFile("Caddyfile", text)):
        assert isinstance(found, (Document, ParseFailure))
