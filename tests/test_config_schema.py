"""The configuration's JSON Schema says what the program reads: every key, every rule, every parameter."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import tomli

from gwaudit.config_keys import _KEYS
from gwaudit.rules.load import builtin

ROOT = Path(__file__).resolve().parents[1]
SCHEMA: dict[str, Any] = json.loads((ROOT / "docs" / "gwaudit.schema.json").read_text())
EXAMPLE = next(
    text
    for kind, text in re.findall(r"^```(\w+)\n(.*?)^```$", (ROOT / "README.md").read_text(), re.M | re.S)
    if kind == "toml"
)


def is_valid(text: str) -> bool:
    validator = jsonschema.Draft7Validator(SCHEMA)
    return not list(validator.iter_errors(tomli.loads(text)))


def test_it_is_a_schema() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)


def test_every_key_has_an_entry() -> None:
    assert set(SCHEMA["properties"]) == set(_KEYS)


def test_every_rule_has_an_entry_with_its_parameters() -> None:
    tables = SCHEMA["properties"]["rules"]["anyOf"][1]["properties"]
    for rule in builtin().values():
        assert set(tables[rule.id]["properties"]) == set(rule.params), rule.id
        assert rule.id in SCHEMA["properties"]["severity"]["properties"]
        assert rule.id in SCHEMA["definitions"]["selection"]["anyOf"][0]["enum"]
    assert set(tables) == {"paths", *builtin()}


def test_the_readme_is_valid() -> None:
    jsonschema.validate(tomli.loads(EXAMPLE)["tool"]["gwaudit"], SCHEMA)


@pytest.mark.parametrize(
    "text",
    [
        'latency.p99 = "45s"',
        "latency.p99 = 41.5",
        'ignore = ["dead-setting", {rule = "port-mismatch", reason = "the proxy maps it", until = "2027-01-31"}]',
        'rules = ["policy/"]',
        'rules.paths = ["policy/"]\n[rules.workers-exceed-cpu]\nper_cpu = 8',
        '[[target]]\npaths = ["compose.yaml"]\nstage = "production"',
        '[images]\n"registry:5000/team/api" = "Dockerfile"\nweb = {dockerfile = "d/Dockerfile", context = "."}',
        'select = ["timeouts", "ALL"]\nbaseline = "known.json"\nbandit = false',
    ],
)
def test_accepted(text: str) -> None:
    assert is_valid(text)


@pytest.mark.parametrize(
    "text",
    [
        "selct = []",
        'severity.dead-setting = "hihg"',
        "latency.p98 = 1",
        "rules.workers-exceed-cpu.per_cpuu = 8",
        '[[ignore]]\nrule = "port-mismatch"',
        '[[target]]\nstage = "production"',
        '[[target]]\nname = "x"\nstage = "prod"',
        '[images]\n"team/api:1.4.0" = "Dockerfile"',
        'images.api = {context = "."}',
    ],
)
def test_refused(text: str) -> None:
    assert not is_valid(text)
