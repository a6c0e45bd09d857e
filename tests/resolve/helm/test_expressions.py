"""Every expression of the table writes what the real helm wrote, or is unknown; what helm refuses is never guessed."""

from __future__ import annotations

import json
import pathlib
import sys

import pytest

from gwaudit.resolve.helm.chart import load
from gwaudit.resolve.helm.library import Files
from gwaudit.resolve.helm.render import render
from gwaudit.tree import Tree

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "oracles"))
from record_helm_expressions import RECORD, chart_with, expressions, helm_texts

RECORDED: dict[str, str | None] = json.loads(RECORD.read_text("utf-8"))
# helm's own words for what is wrong with a text: ours are unknown
WORDS = 'fromJson "{bad"'


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str | None]:
    chart = chart_with(tmp_path_factory.mktemp("chart"), dict(enumerate(RECORDED)))
    found = load(Tree(str(chart)), ".")
    assert found is not None
    texts: dict[str, str | None] = dict.fromkeys(RECORDED)
    names = list(RECORDED)
    for node in render(found, {}, Files(), "release").nodes:
        kind, text = node.get("kind"), node.get("text")
        if kind.text[1:].isdigit() and text is not None:
            texts[names[int(kind.text[1:])]] = None if text.origin.unknown else text.text
    return texts


def test_the_record_is_complete() -> None:
    assert list(RECORDED) == expressions()


@pytest.mark.parametrize("expression", RECORDED)
def test_expression(ours: dict[str, str | None], expression: str) -> None:
    if expression == WORDS:
        assert ours[expression] is None
    else:
        assert ours[expression] == RECORDED[expression]


def test_the_record_is_what_helm_writes(oracle) -> None:
    table = dict(enumerate(RECORDED))
    known = {index: text for index, text in table.items() if RECORDED[text] is not None}
    found = helm_texts(str(oracle("helm")), known)
    assert {known[index]: text for index, text in found.items()} == {k: v for k, v in RECORDED.items() if v is not None}
