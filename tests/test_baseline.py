"""The baseline: known findings are not reported, new ones are, and what is gone is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gwaudit.cli import main

COMPOSE = """services:
  web:
    image: example/shop:1
    command: gunicorn -w 12 shop:app
    cpus: 1
    environment:
      GUNICORN_CMD_ARGS: --timeout 0
"""


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, set[str], str]:
    status = main(["check", "--output-format", "json", *arguments])
    out, err = capsys.readouterr()
    return status, {finding["rule"] for finding in json.loads(out)["findings"]}, err


def test_known_findings_are_kept_back(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, rules, _ = found(capsys)
    assert status == 1 and "workers-exceed-cpu" in rules
    assert main(["check", "--baseline", "known.json", "--update-baseline"]) == 0
    assert "known.json" in capsys.readouterr().err
    assert found(capsys, "--baseline", "known.json")[:2] == (0, set())

    (tree / "compose.yaml").write_text(
        "# moved down\n" + COMPOSE + "  other:\n    image: example/x:1\n    command: gunicorn -w 9 x:app\n    cpus: 1\n"
    )
    status, rules, _ = found(capsys, "--baseline", "known.json")
    assert status == 1 and rules == {"workers-exceed-cpu"}


def test_what_is_gone_is_said_and_taken_out(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "--baseline", "known.json", "--update-baseline"])
    before = json.loads((tree / "known.json").read_text())["findings"]
    (tree / "compose.yaml").write_text(COMPOSE.replace("-w 12", "-w 2"))
    capsys.readouterr()
    assert (
        "1 finding of the baseline is gone; --update-baseline takes them out."
        in found(capsys, "--baseline", "known.json")[2]
    )
    # A run that did not judge the rule, or did not see the whole tree, cannot know.
    assert "gone" not in found(capsys, "--baseline", "known.json", "--select", "dead-setting")[2]
    assert "gone" not in found(capsys, "--baseline", "known.json", "compose.yaml")[2]
    main(["check", "--baseline", "known.json", "--update-baseline"])
    after = json.loads((tree / "known.json").read_text())["findings"]
    assert [entry["rule"] for entry in before if entry not in after] == ["workers-exceed-cpu"]


def test_the_file_merges_and_holds_no_value(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / ".env").write_text("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYq8v2kLmPzT\n")
    main(["check", "--baseline", "known.json", "--update-baseline"])
    text = (tree / "known.json").read_text()
    assert "wJalr" not in text
    lines = text.splitlines()[1:-1]
    assert [json.loads(line.rstrip(",")) for line in lines] == json.loads(text)["findings"]
    assert lines == sorted(lines, key=lambda line: json.loads(line.rstrip(","))["path"])
    capsys.readouterr()
    assert found(capsys, "--baseline", "known.json")[1] == set()  # the file itself is no finding


def test_the_configuration_names_it(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / "gwaudit.toml").write_text('baseline = "known.json"\n')
    assert main(["check"]) == 2
    assert "--update-baseline writes it" in capsys.readouterr().err
    assert main(["check", "--update-baseline"]) == 0
    capsys.readouterr()
    assert found(capsys)[0] == 0
    sarif = main(["check", "--output-format", "sarif", "--show-suppressed"])
    log = json.loads(capsys.readouterr().out)
    assert sarif == 0 and {s["kind"] for r in log["runs"][0]["results"] for s in r["suppressions"]} == {"external"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "baseline known.json: Expecting"),
        ("[]", "known.json is no baseline of version 1"),
        ('{"gwaudit_baseline": 2, "findings": []}', "known.json is no baseline of version 1"),
        ('{"gwaudit_baseline": 1, "findings": [{"rule": "x"}]}', "entry 1 needs fingerprint, rule and path"),
        ("[" * 100_000, "baseline known.json"),
    ],
)
def test_a_wrong_file_stops_the_run(tree: Path, capsys: pytest.CaptureFixture[str], text: str, message: str) -> None:
    (tree / "known.json").write_text(text)
    assert main(["check", "--baseline", "known.json"]) == 2
    assert message in capsys.readouterr().err


def test_nothing_is_written_outside_or_through_a_link(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / "gwaudit.toml").write_text('baseline = "../known.json"\n')
    assert main(["check", "--update-baseline"]) == 2
    assert "below the root" in capsys.readouterr().err
    (tree / "gwaudit.toml").write_text('baseline = "known.json"\n')
    (tree / "known.json").symlink_to(tree / "victim")
    assert main(["check", "--update-baseline"]) == 2
    assert not (tree / "victim").exists()
    (tree / "gwaudit.toml").unlink()
    assert main(["check", "--update-baseline"]) == 2
    assert "needs --baseline FILE" in capsys.readouterr().err
