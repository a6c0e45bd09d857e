"""TOML with places: values as tomli reads them, spans that hold their own text, hostile input answered in time."""

from __future__ import annotations

import datetime

import pytest
import tomli
from clock import ends_soon
from hypothesis import given
from hypothesis import strategies as st

from gwaudit.parse.document import Document, Mapping, ParseFailure, Scalar, Sequence
from gwaudit.parse.toml import parse_documents
from gwaudit.parse.yaml import value
from gwaudit.source import SourceFile

SAMPLE = '''\
# a comment
title = "a \\"quoted\\" title"  # trailing
path = 'C:\\raw'
empty = ""
[project]
name = "demo"
dependencies = [
    "gunicorn>=22",  # why
    'uvicorn[standard]',
]
[project.optional-dependencies]
dev = ["pytest"]
[tool.poetry.dependencies]
python = "^3.11"
django = { version = "5.0", extras = ["argon2", "bcrypt"] }
[[tool.x.y]]
a.b.c = 1
"d.e" = true
[[tool.x.y]]
text = """
first \\
   joined
"""
raw = \'\'\'it\'s\'\'\'
when = 2026-11-22
n = -1.5
'''


def plain(node: object) -> object:
    if isinstance(node, Mapping):
        return {key.text: plain(item) for key, item in node.entries}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return value(node)  # type: ignore[arg-type]


def as_text(found: object) -> object:
    """What tomli reads, with dates as the text that the parser keeps."""
    if isinstance(found, dict):
        return {key: as_text(item) for key, item in found.items()}
    if isinstance(found, list):
        return [as_text(item) for item in found]
    return found.isoformat() if isinstance(found, (datetime.date, datetime.datetime, datetime.time)) else found


def root_of(text: str) -> Mapping:
    (document,) = parse_documents(SourceFile("pyproject.toml", text))
    assert isinstance(document, Document) and isinstance(document.root, Mapping)
    return document.root


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_values_are_those_of_tomli(ending: str) -> None:
    text = SAMPLE.replace("\n", ending)
    assert plain(root_of(text)) == as_text(tomli.loads(text))


def test_spans_hold_what_they_say() -> None:
    root = root_of(SAMPLE)
    node = root.get("project", "dependencies")
    assert isinstance(node, Sequence)
    assert [SAMPLE[item.start : item.end] for item in node.items] == ['"gunicorn>=22"', "'uvicorn[standard]'"]
    version = root.get("tool", "poetry", "dependencies", "django", "version")
    assert isinstance(version, Scalar)
    assert (version.location.line, version.raw) == (15, '"5.0"')


KEYS = st.text("abcé-_ ", min_size=1, max_size=4)
VALUES = st.recursive(
    st.one_of(
        st.integers(-(10**9), 10**9),
        st.booleans(),
        st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"))),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)


def written(item: object) -> str:
    if isinstance(item, bool):
        return str(item).lower()
    if isinstance(item, str):
        return '"' + item.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(item, list):
        return "[" + ", ".join(written(one) for one in item) + "]"
    if isinstance(item, dict):
        return "{" + ", ".join(f"{written(key)} = {written(one)}" for key, one in item.items()) + "}"
    return str(item)


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_any_document_reads_as_tomli_reads_it(tables: dict[str, object]) -> None:
    text = "\n".join(f"{written(key)} = {written(item)}" for key, item in tables.items())
    assert plain(root_of(text)) == tomli.loads(text) == tables


@pytest.mark.parametrize("text", ["a = ", "a = [1,", "[a", 'a = "x', "a = 1\na = 2", "= 1", "a = {b = 1", '"'])
def test_a_broken_file_is_a_failure_with_a_place(text: str) -> None:
    (failure,) = parse_documents(SourceFile("a.toml", text))
    assert isinstance(failure, ParseFailure)
    assert "not valid TOML" in failure.message


@pytest.mark.parametrize(
    "text",
    [
        "a." * 60_000 + "a = 1",
        "a = " + "[" * 60_000,
        "".join(f"[a.b{i}]\n" for i in range(60_000)),
        "".join(f"[[a]]\nx{i}.y = 1\n" for i in range(30_000)),
        'a = """' + '\\"' * 200_000 + '"""',
        "#" * 900_000,
    ],
    ids=["dotted", "nested", "tables", "arrays", "quotes", "comment"],
)
def test_hostile_input_ends_in_time(text: str) -> None:
    with ends_soon(2):
        assert len(parse_documents(SourceFile("a.toml", text))) == 1
