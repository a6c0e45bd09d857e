"""nginx configuration: words and blocks as nginx reads them, places, failures, hostile input answered in time."""

from __future__ import annotations

from typing import Any

import pytest
from clock import ends_soon
from hypothesis import given
from hypothesis import strategies as st

from gwaudit.parse.document import Document, ParseFailure
from gwaudit.parse.nginx import MAX_DEPTH, Directive, parse_documents
from gwaudit.source import SourceFile


def parsed(text: str) -> tuple[list[Directive], ParseFailure | None]:
    found = parse_documents(SourceFile("nginx.conf", text))
    document = found[0]
    assert isinstance(document, Document)
    failure = found[1] if len(found) > 1 else None
    assert failure is None or isinstance(failure, ParseFailure)
    return document.root, failure


def shape(directives: list[Directive]) -> list[Any]:
    return [
        [one.name, *one.texts] if one.block is None else [one.name, *one.texts, shape(one.block)] for one in directives
    ]


# Text and what nginx makes of it (ngx_conf_read_token, tried with nginx -T).
WORDS = [
    ("a b c;", [["a", "b", "c"]]),
    ("a 'b c' \"d e\";", [["a", "b c", "d e"]]),
    ("a b;c d;", [["a", "b"], ["c", "d"]]),
    ("a # b\n c;", [["a", "c"]]),
    ("a b#c;", [["a", "b#c"]]),
    (r"a \"b\";", [["a", '"b"']]),
    (r"a 'it\'s';", [["a", "it's"]]),
    (r"a b\ c;", [["a", r"b\ c"]]),
    (r"a ^/x\.y$;", [["a", r"^/x\.y$"]]),
    (r"a b\;c;", [["a", r"b\;c"]]),
    ('a "";', [["a", ""]]),
    ("a b'c'd;", [["a", "b'c'd"]]),
    ("a ${b}c;", [["a", "${b}c"]]),
    ("a http://${b}/c;", [["a", "http://${b}/c"]]),
    ("a { b c; }", [["a", [["b", "c"]]]]),
    ("a{b c;}", [["a", [["b", "c"]]]]),
    ("a b { c { d; } }", [["a", "b", [["c", [["d"]]]]]]),
    (r"location ~* \.(css|js)$ { x; }", [["location", "~*", r"\.(css|js)$", [["x"]]]]),
    ("if ($a = b) { return 404; }", [["if", "($a", "=", "b)", [["return", "404"]]]]),
    ("map $a $b { '' x; default y; }", [["map", "$a", "$b", [["", "x"], ["default", "y"]]]]),
    ("a 'x;\ny' z;", [["a", "x;\ny", "z"]]),
    ("log_format m '$a \"$b\"'\n 'c';", [["log_format", "m", '$a "$b"', "c"]]),
    ("content_by_lua_block { if a then b('}') end -- }\n } x;", [["content_by_lua_block", []], ["x"]]),
    ("", []),
    ("\ufeff# only a comment", []),
]


@pytest.mark.parametrize(("text", "expected"), WORDS)
def test_words_and_blocks(text: str, expected: list[Any]) -> None:
    directives, failure = parsed(text)
    assert failure is None
    assert shape(directives) == expected


FAILURES = [
    ("a b", 'directive "a" is not ended by ";"', "nginx.conf:1:1", []),
    ("a; b c }", 'directive "b" is not ended by ";"', "nginx.conf:1:8", [["a"]]),
    ("a; }", 'unexpected "}"', "nginx.conf:1:4", [["a"]]),
    ("a; ;", 'unexpected ";"', "nginx.conf:1:4", [["a"]]),
    ("{ a; }", 'unexpected "{"', "nginx.conf:1:1", []),
    ("a;\nb { c;", 'the block is not closed by "}"', "nginx.conf:2:1", [["a"], ["b", [["c"]]]]),
    ("a 'b;", "the quoted word is not closed", "nginx.conf:1:3", []),
    ("a_by_lua_block { b", "the Lua block is not closed", "nginx.conf:1:16", []),
    ("{% for x in y %}a b;", 'unexpected "{"', "nginx.conf:1:1", []),
]


@pytest.mark.parametrize(("text", "message", "place", "before"), FAILURES)
def test_a_failure_has_a_place_and_what_stood_before_is_kept(
    text: str, message: str, place: str, before: list[Any]
) -> None:
    directives, failure = parsed(text)
    assert failure is not None
    assert failure.message == message
    assert str(failure.location) == place
    assert shape(directives) == before


def test_every_word_stands_where_it_says() -> None:
    text = "http {\n  server {\n    listen  'a b' 80;\n  }\n}\n"
    directives, _ = parsed(text)
    assert directives[0].block is not None and directives[0].block[0].block is not None
    listen = directives[0].block[0].block[0]
    assert str(listen.location) == "nginx.conf:3:5"
    assert [str(word.location) for word in listen.words] == ["nginx.conf:3:13", "nginx.conf:3:19"]
    assert text[listen.start : listen.end] == "listen  'a b' 80;"
    assert text[directives[0].start : directives[0].end] == text.rstrip("\n")


_TOKENS = st.lists(
    st.sampled_from(["a", "b1", "'c d'", '"e"', ";", "{", "}", "#x\n", "\n", " ", "${f}", r"\;", "$g", "~*"]),
    max_size=40,
)


@given(_TOKENS)
def test_it_agrees_with_crossplane(tokens: list[str]) -> None:
    """What reads without an error gives the tree that nginx-crossplane reads (F5's parser of the same grammar)."""
    crossplane = pytest.importorskip("crossplane", reason="ORACLE MISSING: pip install nginx-crossplane")
    import pathlib
    import tempfile

    text = " ".join(tokens)
    directives, failure = parsed(text)
    if failure is not None:
        return
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "x.conf"
        path.write_text(text)
        payload = crossplane.parse(
            str(path), single=True, check_ctx=False, check_args=False, catch_errors=False, strict=False
        )

    def word(text: str) -> str:
        """crossplane takes the blank behind ``${name}`` into the word; nginx does not."""
        return text.rstrip() if text.startswith("${") else text

    def theirs(block: list[dict[str, Any]]) -> list[Any]:
        return [
            [word(one["directive"]), *map(word, one["args"]), *([theirs(one["block"])] if "block" in one else [])]
            for one in block
            if one["directive"] != "#"
        ]

    assert shape(directives) == theirs(payload["config"][0]["parsed"])


HOSTILE = {
    "deep": "a {" * 100_000,
    "quotes": "a '" + "\\'" * 100_000,
    "escapes": "a " + "\\" * 500_001,
    "long word": "a " + "x" * 2_000_000 + ";",
    "comments": "#" * 1_000_000 + "\n" * 1_000_000,
    "spaces": " \n\t" * 700_000 + "a;",
    "lua": "a_by_lua_block {" + "[[" * 100_000,
    "dollars": "a " + "${" * 500_000,
    "binary": "\0\x01 {};" * 100_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_answered_in_time(name: str) -> None:
    with ends_soon(1):
        parsed(HOSTILE[name])


def test_depth_is_bounded() -> None:
    _, failure = parsed("a {" * (MAX_DEPTH + 1) + "b;" + "}" * (MAX_DEPTH + 1))
    assert failure is not None and failure.message == f"blocks nest deeper than {MAX_DEPTH}"
    _, failure = parsed("a {" * MAX_DEPTH + "b;" + "}" * MAX_DEPTH)
    assert failure is None
