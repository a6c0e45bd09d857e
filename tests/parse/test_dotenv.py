"""dotenv files: where statements stand, what is lost, and that the library's parser is still the one that was measured."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest
from clock import ends_soon

from gwaudit.parse.document import ParseFailure
from gwaudit.parse.dotenv import Assignment, parse_documents
from gwaudit.parse.dotenv_library import statements
from gwaudit.source import SourceFile


def assignments(text: str) -> list[Assignment]:
    root: list[Assignment] = parse_documents(SourceFile("f.env", text))[0].root  # type: ignore[union-attr]
    return root


def failures(text: str) -> list[ParseFailure]:
    return [found for found in parse_documents(SourceFile("f.env", text)) if isinstance(found, ParseFailure)]


@pytest.mark.parametrize(
    ("text", "key", "value", "raw"),
    [
        ("\n\n  \nA=1\n", "4:1", "4:3", "1"),
        ("# c\n\nexport A = 'x y' # c\n", "3:8", "3:12", "'x y'"),
        ("A=", "1:1", "1:3", ""),
        ("A= # c", "1:1", "1:4", ""),
        ("A=a #b", "1:1", "1:3", "a"),
        ("'A'=\"x\ny\"\nB=1", "1:1", "1:5", '"x\ny"'),
        ("\r\nA=1\r\n", "2:1", "2:3", "1"),
        ("\rA=1\r", "2:1", "2:3", "1"),
        ("\ufeffA=1", "1:1", "1:3", "1"),
        ("  A=é😀 # c", "1:3", "1:5", "é😀"),
    ],
)
def test_places(text: str, key: str, value: str, raw: str) -> None:
    first = assignments(text)[0]
    assert str(first.key_location) == f"f.env:{key}" and str(first.value_location) == f"f.env:{value}"
    assert first.raw == raw and first.key == "A"


def test_what_a_statement_tells() -> None:
    first, second, third = assignments('export A=\'x\' # why\nB\nC="a\\"b"#c')
    assert (first.value, first.quote, first.export, first.comment) == ("x", "'", True, "why")
    assert (second.value, second.raw, second.comment) == (None, None, None)
    assert (third.value, third.quote, third.comment) == ('a"b', '"', "c")
    assert str(first.location) == "f.env:1:8" and first.location.span and first.location.span.end_column == 13


def test_an_open_quote_swallows_lines_that_are_found_again() -> None:
    text = 'A="abc\nB=2\nC="x"\nD=4\n'
    assert [(a.key, a.lost, a.location.line) for a in assignments(text)] == [
        ("A", True, 1),
        ("B", True, 2),
        ("C", True, 3),
        ("D", False, 4),
    ]
    (failure,) = failures(text)
    assert "quote" in failure.message and str(failure.location) == "f.env:1:1"


def test_failures_are_counted_not_listed_without_end() -> None:
    found = failures("A: 1\n" * 1000)
    assert len(found) == 4 and found[-1].message.startswith("997 more")


def test_every_statement_is_the_librarys_own() -> None:
    parser = pytest.importorskip("dotenv.parser")
    text = "\n#c\n A=1 # x\nB='y\n#not a comment\n'\nexport C\nD: 1\nE=\"open\nF=a\tb\n\n"
    theirs = [(b.key, b.value, b.error) for b in parser.parse_stream(io.StringIO(text)) if b.key or b.error]
    assert [(key, value, error) for _, _, key, value, error in statements(text)] == theirs


def test_the_private_copy_leaves_the_library_alone() -> None:
    parser = pytest.importorskip("dotenv.parser")
    statements("A=1")
    assert parser.parse_unquoted_value.__module__ == "dotenv.parser"
    assert parser.Position.advance.__module__ == "dotenv.parser"


def test_the_package_around_the_parser_is_not_imported() -> None:
    code = (
        "import sys; from gwaudit.source import SourceFile; from gwaudit.parse.dotenv import parse_documents\n"
        "parse_documents(SourceFile('x', 'A=1')); from gwaudit.resolve.env_file import read\n"
        "read(SourceFile('x', 'A=${B}'), 'python-dotenv')\n"
        "heavy = {'dotenv', 'logging', 'tempfile', 'typing', 'pathlib', 'dataclasses', 'yaml', 'json'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_hostile_files_take_little_time() -> None:
    for text in (
        "A=" + " " * 500_000 + "x",
        'A="' + "x" * 900_000,
        'A="' + '\\"' * 400_000 + '"',
        "\n" * 900_000,
        "A='\\'\n" * 100_000,
        "A='\nB=\"\n" * 100_000,
        "A: 1\n" * 100_000,
    ):
        with ends_soon(2.5, text[:20]):
            parse_documents(SourceFile("f.env", text))
    assert failures("A" * 1_000_001)[0].message.startswith("not read")


def test_an_include_of_make_has_no_failures() -> None:
    text = "# images\nTAG ?= latest\nIMAGE ?= shop\nexport FULL := $(IMAGE):$(TAG)\nPLAIN=1\n"
    assert failures(text) == []
    assert len(failures("A=1\nB=2\nC ?= 3\n")) == 1, "one such line is a mistake"
