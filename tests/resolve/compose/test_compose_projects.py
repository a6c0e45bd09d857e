"""Compose projects against what compose-go makes of them (tests/data/compose, recorded)."""

from __future__ import annotations

import json
import pathlib
import sys
from typing import Any

import pytest
import yaml

from gwaudit.resolve.compose import _draft
from gwaudit.resolve.compose.load import load
from gwaudit.resolve.model import Assumptions, TargetDraft
from gwaudit.resolve.workspace import Workspace
from gwaudit.tree import Tree

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from compose_view import of_draft, same

DATA = pathlib.Path(__file__).parents[2] / "data" / "compose"
CASES: list[dict[str, Any]] = yaml.safe_load((DATA / "cases.yaml").read_text())
EXPECTED: dict[str, Any] = json.loads((DATA / "expected.json").read_text())


def project(folder: pathlib.Path, case: dict[str, Any]) -> TargetDraft:
    for path, text in case["files"].items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, newline="")
    given = tuple(case.get("given", ["compose.yaml"]))
    draft = _draft(load(Workspace(Tree(str(folder)), Assumptions()), given), given)
    assert draft is not None
    return draft


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_like_compose_go(case: dict[str, Any], tmp_path: pathlib.Path) -> None:
    expected = EXPECTED[case["name"]]
    draft = project(tmp_path, case)
    if "refused" in expected:
        hidden = [
            fact
            for workload in draft.workloads
            for container in workload.containers
            for fact in [*container.environment, container.environment.get("ANY")]
            if not fact.known and "must be given" in getattr(fact.value, "reason", "")
        ]
        missing = [reference for reference in draft.references if reference.defined is False]
        assert draft.notes or hidden or missing, "what Compose refuses is noted, unknown or an undefined reference"
        return
    ours, theirs = of_draft(draft), expected["services"]
    assert ours.keys() == theirs.keys()
    for name, service in theirs.items():
        different = {
            key: (ours[name][key], value) for key, value in service.items() if not same(ours[name][key], value)
        }
        assert not different, name


def test_every_case_is_recorded() -> None:
    names = [case["name"] for case in CASES]
    assert len(names) == len(set(names)) and set(names) == set(EXPECTED)
