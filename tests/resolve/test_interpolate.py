"""Interpolation against recorded answers of compose-go, and what it remembers of where a value came from."""

from __future__ import annotations

import json
import pathlib

import pytest
from clock import ends_soon

from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.interpolate import expand
from gwaudit.source import Location

TABLE = json.loads((pathlib.Path(__file__).parents[1] / "data" / "compose" / "template.json").read_text())
VALUES = TABLE["environment"]


def look(name: str) -> Fact | None:
    if name == "HIDDEN":
        return Fact("env.HIDDEN", Unknown("hidden"), Source("interpolation"))
    value = VALUES.get(name)
    return None if value is None else Fact(f"env.{name}", value, Source("interpolation", value, Location(".env")))


def test_recorded_answers_of_compose_go() -> None:
    assert len(TABLE["cases"]) >= 1000
    for text, expected in TABLE["cases"]:
        found = expand(text, look)
        taken = None if found.problem or isinstance(found.value, Unknown) else found.value
        assert taken == expected, text


@pytest.mark.parametrize(
    ("text", "winner"),
    [
        ("${A}", "A"),
        ("$A", "A"),
        ("${A:-x}", "A"),
        ("${C:-x}", None),
        ("${C:-${A}}", "A"),
        ("${A}b", None),
        ("$$A", None),
    ],
)
def test_the_variable_that_alone_makes_the_value(text: str, winner: str | None) -> None:
    found = expand(text, look).winner
    assert (found.name if found else None) == (f"env.{winner}" if winner else None)


def test_what_was_asked_for_is_kept() -> None:
    found = expand("${A}-${C:-${B}}", look)
    assert [(fact.name, fact.value is ABSENT) for fact in found.inputs] == [
        ("env.A", False),
        ("env.C", True),
        ("env.B", False),
    ]
    assert found.inputs[1].assumed and found.defaulted


def test_unknown_variables_make_the_text_unknown() -> None:
    assert isinstance(expand("a${HIDDEN}b", look).value, Unknown)
    assert isinstance(expand("${HIDDEN:-x}", look).value, Unknown)
    required = expand("${C:?give it}", look)
    assert isinstance(required.value, Unknown) and required.value.depends_on == ("env.C",) and not required.problem


def test_hostile_text_takes_linear_time() -> None:
    for text in (
        "${" * 300_000,
        "${A:-" * 200_000,
        "${A:-x}" * 200_000,
        "${A:-x}" * 50_000 + " " * 900_000,
        "$" * 900_000,
        "${A:-" * 20_000 + "}" * 20_000,
    ):
        with ends_soon(2.5, text[:20]):
            expand(text, look)
