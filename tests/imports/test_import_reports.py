"""Reports of other tools: what becomes a finding, where it is placed, and that each mistake is told once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gwaudit.audit import audit
from gwaudit.cli import main
from gwaudit.finding import Report
from gwaudit.imports import report as report_module
from gwaudit.imports import sarif, trivy
from gwaudit.options import Options

DOCKERFILE = (
    'FROM python:3.12-slim\nRUN pip install gunicorn==23.0.0\nCMD ["gunicorn", "-b", "0.0.0.0:8000", "app:app"]\n'
)


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "root"
    root.mkdir()
    (root / "Dockerfile").write_text(DOCKERFILE)
    monkeypatch.chdir(root)
    return root


def result(rule: str, text: str = "text", uri: str | None = "Dockerfile", line: int = 2, **more: Any) -> dict[str, Any]:
    place = {"artifactLocation": {"uri": uri}, **({"region": {"startLine": line}} if line else {})}
    where = {"locations": [{"physicalLocation": place}]} if uri else {}
    return {"ruleId": rule, "message": {"text": text}, **where, **more}


def log(*results: dict[str, Any], tool: str = "checkov", rules: Any = (), **run: Any) -> dict[str, Any]:
    return {
        "version": "2.1.0",
        "runs": [{"tool": {"driver": {"name": tool, "rules": list(rules)}}, "results": list(results), **run}],
    }


def run(*reports: Any, select: Any = ("imported",)) -> Report:
    names = []
    for number, one in enumerate(reports):
        Path(f"../{number}.json").write_text(json.dumps(one))
        names.append(f"../{number}.json")
    return audit(Options(imports=names, select=select, isolated=True, bandit=False))


def told(report: Report) -> list[tuple[str, str, str]]:
    return sorted((f.rule.id, str(f.primary.location), f.message) for f in report.findings)


@pytest.mark.parametrize(
    ("more", "rule", "severity"),
    [
        ({"level": "error"}, {}, "high"),
        ({"level": "warning"}, {}, "medium"),
        ({"level": "note"}, {}, "low"),
        ({}, {}, "medium"),
        ({}, {"defaultConfiguration": {"level": "error"}}, "high"),
        ({"level": "note"}, {"properties": {"security-severity": "9.8"}}, "critical"),
        ({"level": "error"}, {"properties": {"security-severity": "5.0"}}, "medium"),
        ({"level": "error"}, {"properties": {"security-severity": "nan"}}, "high"),
        ({"level": "none"}, {}, None),
        ({"kind": "pass"}, {}, None),
        ({"suppressions": [{"kind": "inSource"}]}, {}, None),
        ({"suppressions": [{"kind": "external", "status": "rejected"}]}, {}, "medium"),
        ({"baselineState": "absent"}, {}, None),
    ],
)
def test_severity_of_sarif(more: dict[str, Any], rule: dict[str, Any], severity: str | None) -> None:
    found = list(sarif.results(log(result("X1", **more), rules=[{"id": "X1", **rule}])))
    assert [one.severity for one in found] == ([] if severity is None else [severity])


def test_sarif_names_messages_and_places_indirectly() -> None:
    rules = [{"id": "A1", "messageStrings": {"m": {"text": "{0} has {1} of {7}"}}}]
    one = {
        "rule": {"index": 0},
        "message": {"id": "m", "arguments": ["web", "two"]},
        "locations": [{"physicalLocation": {"artifactLocation": {"index": 0}}}],
    }
    artifact = {"location": {"uri": "my%20dir/a.yaml", "uriBaseId": "SRC"}}
    data = log(one, rules=rules, artifacts=[artifact], originalUriBaseIds={"SRC": {"uri": "file:///srv/code/"}})
    (found,) = sarif.results(data)
    assert (found.rule, found.message) == ("A1", "web has two of {7}")
    assert found.paths == ("/srv/code/my dir/a.yaml", "my dir/a.yaml") and found.region is None


def test_places(tree: Path) -> None:
    (tree / "Docker file").write_text("FROM scratch\n")
    found = run(
        log(
            result("A", uri="Docker%20file", line=1),
            result("B", uri=(tree / "Dockerfile").as_uri(), line=3),
            result("C", uri="../outside.txt"),
            result("D", uri="/etc/passwd"),
            result("E", uri=None),
            result("F", uri="Dockerfile", line=99),
            result("G", uri="https://example.org/Dockerfile"),
        )
    )
    places = {f.message.split()[1].rstrip(":"): str(f.primary.location) for f in found.findings}
    assert places == {
        "A": "Docker file:1:1", "B": "Dockerfile:3:1", "C": "../0.json", "D": "../0.json", "E": "../0.json",
        "F": "Dockerfile", "G": "../0.json",
    }  # fmt: skip


def test_one_mistake_of_several_tools_is_one_finding(tree: Path) -> None:
    reports = [
        log(result("CKV_DOCKER_3", "Ensure a user", level="error", line=1), result("CKV_X", line=1)),
        log(result("DL3002", "last user is root", level="warning", line=1), tool="Hadolint"),
        {"ArtifactName": ".", "ArtifactType": "filesystem", "Results": [
            {"Target": "Dockerfile", "Misconfigurations": [{"ID": "DS002", "Severity": "HIGH", "Message": "1 USER"}]}]},
    ]  # fmt: skip
    assert told(run(*reports)) == [
        ("imported-high", "Dockerfile:1:1", "checkov CKV_DOCKER_3: Ensure a user (also trivy DS002, Hadolint DL3002)"),
        ("imported-medium", "Dockerfile:1:1", "checkov CKV_X: text"),
    ]


def test_what_we_say_ourselves_is_not_repeated(tree: Path) -> None:
    reports = log(result("CKV_DOCKER_3", line=1), result("CKV_DOCKER_3", line=2))
    found = told(run(reports, select=["imported", "runs-as-root"]))
    assert [(id, place) for id, place, _ in found] == [
        ("imported-medium", "Dockerfile:2:1"),
        ("runs-as-root", "Dockerfile:1:6"),
    ]


def test_repetitions_are_one_and_places_without_lines_do_not_merge_what_differs(tree: Path) -> None:
    flaw = {"VulnerabilityID": "CVE-2024-1135", "InstalledVersion": "1", "FixedVersion": "2", "Severity": "CRITICAL"}
    scan = {
        "ArtifactName": "img", "ArtifactType": "container_image",
        "Results": [{"Target": "img (debian)", "Vulnerabilities": [{**flaw, "PkgName": "a"}, {**flaw, "PkgName": "b"}]}],
    }  # fmt: skip
    assert told(run(scan, log(result("CVE-2024-1135", uri=None), tool="Grype"))) == [
        ("imported-critical", "../0.json", "trivy CVE-2024-1135: a 1: CVE-2024-1135 (fixed in 2)"),
        ("imported-critical", "../0.json", "trivy CVE-2024-1135: b 1: CVE-2024-1135 (fixed in 2)"),
        ("imported-medium", "../1.json", "Grype CVE-2024-1135: text"),
    ]
    twice = log(result("CKV_X"), result("CKV_X"))
    assert len(run(twice, twice).findings) == 1


def test_trivy() -> None:
    data = {
        "ArtifactName": "deploy", "ArtifactType": "filesystem",
        "Results": [
            {"Target": "a.yaml", "Misconfigurations": [
                {"ID": "KSV012", "Severity": "MEDIUM", "Title": "root", "Status": "FAIL",
                 "CauseMetadata": {"StartLine": 4, "EndLine": 9}},
                {"ID": "KSV013", "Severity": "LOW", "Status": "PASS"}]},
            {"Target": "b.env", "Secrets": [
                {"RuleID": "github-pat", "Severity": "CRITICAL", "Title": "GitHub token", "StartLine": 2, "EndLine": 2,
                 "Match": "TOKEN=ghp_value"}]},
        ],
    }  # fmt: skip
    assert trivy.is_trivy(data)
    first, second = trivy.results(data)
    assert (first.rule, first.severity, first.paths, first.region) == (
        "KSV012", "medium", ("deploy/a.yaml", "a.yaml"), (4, 0, 9, 0),
    )  # fmt: skip
    assert second.secret and second.message == "GitHub token" and "ghp" not in repr(second)


def test_no_secret_of_a_report_is_shown(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    value = "gH7kq2Zr9LxW4tVb"
    (tree / "setup.cfg").write_text(f"x = {value}\n")
    rules = [{"id": "B105", "name": "hardcoded_password_string"}]
    one = result("B105", f"Possible hardcoded password: '{value}'", uri="setup.cfg", line=1)
    other = result("Y", f"url is postgres://u:{value}@db/x", uri="Dockerfile", line=1)
    Path("../s.json").write_text(json.dumps(log(one, other, rules=rules)))
    for format in ("full", "json", "sarif", "markdown"):
        main(["check", "--isolated", "--import", "../s.json", "--select", "imported", "--output-format", format])
        text = capsys.readouterr().out
        assert value not in text and "B105" in text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"FROM x", "not valid JSON (line 1, column 1)"),
        (b"", "not valid JSON"),
        (b"[" * 200_000, "not valid JSON"),
        (b"\xff\xfe\x00", "not valid JSON"),
        (b'{"a": ' + b"9" * 6000 + b"}", "n"),
        (b"[]", "neither SARIF nor JSON of trivy"),
        (b'{"runs": {}}', "neither SARIF nor JSON of trivy"),
        (None, "No such file or directory"),
    ],
)
def test_bad_files(tree: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, message: str) -> None:
    if content is not None:
        Path("../bad").write_bytes(content)
    assert main(["check", "--isolated", "--import", "../bad"]) == 2
    assert capsys.readouterr().err.startswith(f"error: --import ../bad: {message}")


@pytest.mark.parametrize(
    "data",
    [
        {"runs": [None, 1, {"results": [None, {}, {"message": 3, "locations": {}}], "tool": []}]},
        {"runs": [{"tool": {"driver": {"rules": [1]}}, "results": [{"ruleIndex": -5, "rule": 3, "ruleId": ["x"]}]}]},
        {"runs": [{"results": [result("x", uri="a\0b"), result("\x1b[2J", "\x1b]0;t\x07", uri="%00")]}]},
        {"runs": [{"results": [result("x", uri="a" * 9999), result("x", uri="file:"), result("x", uri="%ff")]}]},
        {"runs": [{"results": [result("x", line=10**30), result("y", line=-1), {"locations": [[], 3]}]}]},
        {"Results": [1, {"Target": 3, "Vulnerabilities": [3, {}], "Secrets": {"a": 1}, "Misconfigurations": [{}]}]},
        {"Results": [{"Target": "Dockerfile", "Misconfigurations": [{"CauseMetadata": {"StartLine": 3, "EndLine": 1}}]}]},
    ],
)  # fmt: skip
def test_hostile_reports(tree: Path, data: Any, capsys: pytest.CaptureFixture[str]) -> None:
    Path("../h.json").write_text(json.dumps(data))
    assert main(["check", "--isolated", "--import", "../h.json", "--select", "imported"]) in (0, 1)
    assert "\x1b" not in capsys.readouterr().out


def test_large_reports_are_bounded(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = [result("R", f"text {n}", line=1 + n % 3) for n in range(300)] + [
        result(f"R{n}", uri=None) for n in range(300)
    ]
    monkeypatch.setattr(report_module, "MAX_RESULTS", 500)
    found = run(log(*many))
    assert len(found.findings) == 3 + 200
    assert any("only the first 500" in failure.message for failure in found.failures)
    monkeypatch.setattr(report_module, "MAX_BYTES", 1000)
    assert main(["check", "--isolated", "--import", "../0.json"]) == 2


def test_ignores_cover_imported_findings(tree: Path) -> None:
    (tree / "Dockerfile").write_text("# gwaudit: ignore[imported-medium] -- accepted\n" + DOCKERFILE)
    found = run(log(result("CKV_X")))
    assert not found.findings and [f.suppressed for f in found.suppressed] == ["accepted"]
