"""Requirement files: what a line asks for as packaging reads it, joined lines, options, places."""

from __future__ import annotations

import pytest
from clock import ends_soon
from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Oracle

from gwaudit.parse.document import Document, ParseFailure
from gwaudit.parse.requirements import Line, parse_documents, read_requirement
from gwaudit.source import SourceFile

LINES = [
    "gunicorn",
    "gunicorn==26.0.0",
    "gunicorn >= 22.0 , < 27",
    "uvicorn[standard]>=0.30",
    "uvicorn [standard, http] ~= 0.30.1",
    "Flask_SQLAlchemy!=3.0.*",
    "zope.interface===5.0",
    'pywin32>=300; sys_platform == "win32"',
    "requests (>=2.0)",
    "pip @ https://example.org/pip.zip",
    'a-b_c.d>1,<2;python_version<"3.9"',
    "x",
    "3to2==1.0",
]


def lines_of(text: str) -> list[Line]:
    document, *failures = parse_documents(SourceFile("requirements.txt", text))
    assert isinstance(document, Document) and not failures
    return list(document.root)


@pytest.mark.parametrize("text", LINES)
def test_a_requirement_is_what_packaging_reads(text: str) -> None:
    oracle, (line,) = Oracle(text), lines_of(text)
    assert line.name == oracle.name
    assert set(line.extras) == oracle.extras
    assert (line.target or None) == oracle.url
    assert {*filter(None, line.specifier.split(","))} == {str(one) for one in oracle.specifier}
    assert bool(line.marker) == (oracle.marker is not None)


@pytest.mark.parametrize("text", ["-", "==1.0", "a b", "a==", "!", "a>=1;;", "<<<<", "a[", "é==1"])
def test_what_packaging_refuses_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequirement):
        Oracle(text)
    found = read_requirement(SourceFile("r.txt", text), 0, len(text), text)
    assert found is None or text in ("a==", "a>=1;;")  # a specifier or marker is judged where it is used


def test_lines_comments_options_and_places() -> None:
    text = """# top
-r base.txt
--constraint=limits.txt
-cmore.txt
-e git+https://example.org/x.git#egg=thing[a]
-e .[dev]
--index-url https://example.org/simple
gunicorn==26.0.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb   # two
  uvicorn>=0.30 # why
./local/wheel-1.0-py3-none-any.whl
"""
    found = lines_of(text)
    assert [(line.kind, line.target or line.name) for line in found] == [
        ("include", "base.txt"),
        ("constraint", "limits.txt"),
        ("constraint", "more.txt"),
        ("editable", "git+https://example.org/x.git#egg=thing[a]"),
        ("editable", ".[dev]"),
        ("option", "--index-url"),
        ("requirement", "gunicorn"),
        ("requirement", "uvicorn"),
        ("url", "./local/wheel-1.0-py3-none-any.whl"),
    ]
    gunicorn, uvicorn = found[6], found[7]
    assert (gunicorn.hashes, gunicorn.specifier) == (2, "==26.0.0")
    assert text[gunicorn.start : gunicorn.end] == "gunicorn==26.0.0"
    assert (uvicorn.location.line, uvicorn.location.span.column) == (11, 3)  # type: ignore[union-attr]
    assert (found[3].name, found[8].name) == ("thing", "wheel")


def test_a_line_that_is_none_is_a_failure_beside_the_others() -> None:
    document, failure = parse_documents(SourceFile("requirements.txt", "gunicorn\n<<<<<<< HEAD\nuvicorn\n"))
    assert isinstance(document, Document) and [line.name for line in document.root] == ["gunicorn", "uvicorn"]
    assert isinstance(failure, ParseFailure) and failure.location.line == 2


@pytest.mark.parametrize(
    "text", ["a\\\n" * 100_000, "a[" * 100_000, " " * 500_000 + "#", "-r x\n" * 30_000, "a==" + "1." * 200_000]
)
def test_hostile_input_ends_in_time(text: str) -> None:
    with ends_soon(2):
        parse_documents(SourceFile("requirements.txt", text))
