"""The Dockerfile reader against BuildKit's own parser (the ``dockerfile`` package), and the places of its words."""

from __future__ import annotations

from pathlib import Path

import pytest

from gwaudit.parse.dockerfile import parse_documents, split
from gwaudit.parse.dockerfile.syntax import Instruction
from gwaudit.parse.document import Document, ParseFailure
from gwaudit.source import SourceFile

DATA = sorted((Path(__file__).parents[1] / "data" / "dockerfile").glob("*Dockerfile"))


def instructions(text: str) -> list[Instruction]:
    document = parse_documents(SourceFile("Dockerfile", text))[0]
    assert isinstance(document, Document)
    found: list[Instruction] = document.root.instructions
    return found


@pytest.mark.parametrize("path", DATA, ids=lambda p: p.name)
def test_same_instructions_as_buildkit(path: Path) -> None:
    try:
        import dockerfile
    except ImportError:
        pytest.skip("the dockerfile package is not installed: no comparison with BuildKit's parser")
    text = path.read_text()
    expected = dockerfile.parse_string(text)
    found = instructions(text)
    assert [(e.cmd.upper(), e.start_line) for e in expected] == [(i.keyword, i.location.line) for i in found]
    for want, got in zip(expected, found, strict=True):
        assert list(want.flags) == [
            f"--{name}" if value is None else f"--{name}={value}" for name, value, _ in got.flags
        ]
        assert want.json == (got.words is not None)
        if want.json and got.keyword != "HEALTHCHECK":
            assert list(want.value) == [token.text for token in got.words or ()]
        assert got.location.span is not None
        assert want.end_line == got.location.span.end_line


def test_a_word_knows_its_place_behind_a_comment_in_a_continuation() -> None:
    text = "FROM a\nENV A=1 \\\n  # no\n\n    B=2\n"
    env = instructions(text)[1]
    tokens = split(env.value)
    assert [t.text for t in tokens] == ["A=1", "B=2"]
    place = env.locate(tokens[1].start, tokens[1].end)
    assert (place.line, place.span and place.span.column, place.span and place.span.end_column) == (5, 5, 8)


def test_flags_are_cut_off_and_places_stay() -> None:
    copy = instructions("FROM a\nCOPY --from=b --chmod=1 x /y\n")[1]
    assert copy.flag("from") == "b"
    assert str(copy.locate(0, 1)) == "Dockerfile:2:25"


def test_heredoc_bodies_are_not_instructions() -> None:
    found = instructions("FROM a\nRUN <<-X\n\tCMD no\n\tX\nCMD yes\n")
    assert [i.keyword for i in found] == ["FROM", "RUN", "CMD"]
    assert found[1].heredocs[0].text == "CMD no\n"


def test_backtick_escape() -> None:
    found = instructions("# escape=`\nFROM a\nRUN x `\n  y\nCOPY C:\\a\\ b\n")
    assert [i.keyword for i in found] == ["FROM", "RUN", "COPY"]
    assert found[2].value == "C:\\a\\ b"


def test_an_unknown_instruction_is_a_failure_with_its_place() -> None:
    found = parse_documents(SourceFile("Dockerfile", "FROM a\nINSTALL b\n"))
    assert isinstance(found[1], ParseFailure)
    assert str(found[1].location) == "Dockerfile:2:1"


@pytest.mark.parametrize(
    "text",
    ["", "\\", "FROM", "RUN <<A", "RUN \\\n" * 2000, "ENV " + "a=" * 5000, "# escape=x\nFROM a", "CMD " + "[" * 20000],
)
def test_any_text_is_read(text: str) -> None:
    assert isinstance(parse_documents(SourceFile("Dockerfile", text))[0], Document)
