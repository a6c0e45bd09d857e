"""HAProxy configuration: sections, words as the manual's section 2.2 reads them, places."""

from __future__ import annotations

import pytest
from clock import ends_soon

from gwaudit.parse.document import Document, ParseFailure
from gwaudit.parse.haproxy import Section, parse_documents
from gwaudit.source import SourceFile


def sections(text: str) -> list[Section]:
    document = parse_documents(SourceFile("haproxy.cfg", text))[0]
    assert isinstance(document, Document)
    root: list[Section] = document.root
    return root


WORDS = [
    ("  bind *:80", ["bind", "*:80"]),
    ("  a b # c", ["a", "b"]),
    ("  a b#c", ["a", "b#c"]),
    (r"  a b\ c", ["a", "b c"]),
    (r"  a b\#c", ["a", "b#c"]),
    ("  a 'b c' d", ["a", "b c", "d"]),
    ('  a "b c"d', ["a", "b cd"]),
    (r'  a "b\"c"', ["a", 'b"c']),
    (r"  a 'b\c'", ["a", r"b\c"]),
    ('  bind "*:${PORT}"', ["bind", "*:${PORT}"]),
]


@pytest.mark.parametrize(("line", "expected"), WORDS)
def test_words(line: str, expected: list[str]) -> None:
    found = sections(f"frontend f\n{line}\n")
    assert found[0].lines[0].texts == expected


def test_only_weak_quotes_expand() -> None:
    found = sections("frontend f\n bind \"*:$A\"\n bind '*:$A'\n bind *:$A\n")
    assert [line.words[1].expands for line in found[0].lines] == [True, False, False]


def test_sections_and_their_bases() -> None:
    found = sections("global\n  daemon\ndefaults base\n  mode http\nfrontend f from base\n  bind :80\nbackend b\n")
    assert [(one.kind, one.name, one.base) for one in found] == [
        ("global", "", None),
        ("defaults", "base", None),
        ("frontend", "f", "base"),
        ("backend", "b", None),
    ]
    assert str(found[2].lines[0].words[1].location) == "haproxy.cfg:6:8"


def test_a_line_before_the_first_section_is_a_failure() -> None:
    found = parse_documents(SourceFile("haproxy.cfg", "bind :80\nglobal\n"))
    assert isinstance(found[1], ParseFailure)
    assert str(found[1].location) == "haproxy.cfg:1:1"


@pytest.mark.parametrize(
    "text", ["frontend f\n" + "a\\ " * 100_000, "frontend f\n '" + "'x" * 100_000, "x\n" * 100_000]
)
def test_hostile_text_is_answered_in_time(text: str) -> None:
    with ends_soon(1):
        parse_documents(SourceFile("haproxy.cfg", text))
