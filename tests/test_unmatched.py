"""What the user names and nothing answers to is said."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gwaudit.cli import main

Capture = pytest.CaptureFixture[str]

CONFIGURATION = """\
exclude = ["old/", "legacy/"]

[[target]]
name = "prod"
stage = "production"

[[target]]
paths = ["compose.yaml", "deploy/compose.yaml"]
stage = "production"
"""


def audited(tmp_path: Path, capsys: Capture, *arguments: str) -> str:
    main(["check", *arguments])
    return capsys.readouterr().err


def test_targets_and_patterns_that_match_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "a.txt").write_text("x")
    (tmp_path / "compose.yaml").write_text("services: {web: {image: a}}\n")
    (tmp_path / "gwaudit.toml").write_text(CONFIGURATION)
    warnings = [line for line in audited(tmp_path, capsys).splitlines() if line.startswith("warning: ")]
    assert warnings == [
        "warning: gwaudit.toml:1:20: exclude 'legacy/' matches no file",
        "warning: gwaudit.toml:4:1: no deployment has the name 'prod'",
        "warning: gwaudit.toml:8:26: 'deploy/compose.yaml' is a file of no deployment",
    ]
    assert "warning" not in audited(tmp_path, capsys, "-q")
    assert "warning" not in audited(tmp_path, capsys, "compose.yaml")


def test_a_directory_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "closed").mkdir()
    (tmp_path / "compose.yaml").write_text("services: {web: {image: a}}\n")
    scandir = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert "warning: closed: not read: Permission denied" in audited(tmp_path, capsys)


def test_tracked_files_without_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "compose.yaml").write_text("services: {web: {image: a}}\n")
    assert main(["check", "--tracked-only"]) == 2
    assert "does not lie in a git work tree" in capsys.readouterr().err
