"""Real trees and what the screen shows for them: ``deployments/<scenario>/tree`` and ``deployments/<scenario>/screen.txt``.

``GWAUDIT_UPDATE=1 pytest tests/test_deployments.py`` writes the screens anew; the difference is then for people to read.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import jsonschema
import pytest

from gwaudit.cli import main

ROOT = Path(__file__).resolve().parents[1]
SCENARIOS = sorted(path.parent for path in (ROOT / "tests" / "deployments").glob("*/screen.txt"))


def screen(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    tree = tmp_path / "tree"
    shutil.copytree(folder, tree)
    monkeypatch.chdir(tree)
    monkeypatch.setenv("NO_COLOR", "1")
    status = main(["check", "--assume", "today=2026-11-01"])
    captured = capsys.readouterr()
    errors = re.sub(
        r"^[\d,]+ values? could not be known.*\n", "", captured.err, flags=re.M
    )  # changes with every new rule
    return f"{captured.out}{errors}exit status {status}\n"


def test_the_sarif_of_the_examples_is_valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "tree")
    monkeypatch.chdir(tmp_path / "tree")
    main(["check", "-q", "--output-format", "sarif", "-o", str(tmp_path / "out.sarif")])
    log = json.loads((tmp_path / "out.sarif").read_text())
    jsonschema.validate(log, json.loads((ROOT / "tests" / "data" / "sarif" / "sarif-2.1.0.schema.json").read_text()))
    assert log["runs"][0]["results"]
    for result in log["runs"][0]["results"]:
        assert len(result["partialFingerprints"]) == 2
        for place in (*result["locations"], *result.get("relatedLocations", ())):
            physical = place["physicalLocation"]
            lines = (tmp_path / "tree" / physical["artifactLocation"]["uri"]).read_text().splitlines()
            assert physical["region"]["endColumn"] <= len(lines[physical["region"]["startLine"] - 1]) + 1


def compare(expected: Path, found: str) -> None:
    if os.environ.get("GWAUDIT_UPDATE") == "1":
        expected.write_text(found)
    assert found == expected.read_text()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda path: path.name)
def test_the_screen(
    scenario: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    compare(scenario / "screen.txt", screen(scenario / "tree", tmp_path, monkeypatch, capsys))


def test_the_examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    compare(ROOT / "tests" / "deployments" / "examples.txt", screen(ROOT / "examples", tmp_path, monkeypatch, capsys))
