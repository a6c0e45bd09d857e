"""SARIF: valid, inside GitHub's limits, with GitHub's own line hashes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from made_rule import rule

from gwaudit.finding import SEVERITIES, Finding, Labelled, Report
from gwaudit.options import Options
from gwaudit.parse.document import ParseFailure
from gwaudit.report import render
from gwaudit.report.linehash import line_hashes
from gwaudit.report.sarif import MAX_RESULTS, uri
from gwaudit.source import Location, Span
from gwaudit.triage import identify

DATA = Path(__file__).parents[1] / "data" / "sarif"
SCHEMA = json.loads((DATA / "sarif-2.1.0.schema.json").read_text())
VECTORS = json.loads((DATA / "line-hash-vectors.json").read_text())


def log(report: Report, options: Options | None = None) -> dict[str, Any]:
    """The log, checked against the schema and against what GitHub requires beyond it."""
    found = json.loads(render("sarif", report, options or Options(), False))
    jsonschema.validate(found, SCHEMA)
    (run,) = found["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({one["id"] for one in rules}) == len(rules)
    for one in rules:
        assert one["shortDescription"]["text"] and len(one["shortDescription"]["text"]) <= 1024
        assert one["fullDescription"]["text"] and len(one["fullDescription"]["text"]) <= 1024
        assert one["help"]["text"] and one["help"]["markdown"] and len(one["name"]) <= 255
        assert one["defaultConfiguration"]["level"] in ("note", "warning", "error")
        properties = one["properties"]
        assert properties["precision"] in ("very-high", "high", "medium", "low")
        assert properties["problem.severity"] in ("error", "warning", "recommendation")
        assert len(properties["tags"]) <= 20 and len(set(properties["tags"])) == len(properties["tags"])
        assert ("security-severity" in properties) == ("security" in properties["tags"])
        score = properties.get("security-severity", "1.0")
        assert isinstance(score, str) and 0 < float(score) <= 10
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] == rules[result["ruleIndex"]]["defaultConfiguration"]["level"]
        assert len(result["locations"]) == 1
        ids = [place["id"] for place in result.get("relatedLocations", ())]
        assert all(f"]({number})" in result["message"]["text"] for number in ids)
        for place in (*result["locations"], *result.get("relatedLocations", ())):
            physical = place["physicalLocation"]
            reference = physical["artifactLocation"]["uri"]
            assert reference and reference.isascii() and " " not in reference and not reference.startswith("/")
            region = physical["region"]
            assert region["startLine"] == region["endLine"] >= 1
            assert 1 <= region["startColumn"] <= region["endColumn"]
    assert "automationDetails" not in run and run["columnKind"] == "unicodeCodePoints"
    return run


@pytest.mark.parametrize("vector", VECTORS, ids=range(len(VECTORS)))
def test_line_hashes(vector: dict[str, Any]) -> None:
    hashes = vector["hashes"]
    wanted = range(1, len(hashes) + 1)
    assert line_hashes(vector["text"], wanted) == dict(zip(wanted, hashes, strict=True))
    assert line_hashes(vector["text"], [len(hashes)]) == {len(hashes): hashes[-1]}


def test_a_clean_run_has_results_that_are_empty(report: Report) -> None:
    report.findings = []
    assert log(report)["results"] == [] and log(report)["tool"]["driver"]["rules"] == []


def test_a_result(report: Report) -> None:
    run = log(report)
    assert [result["ruleId"] for result in run["results"]] == ["committed-secret", "timeout-below-p99"]
    result = run["results"][1]
    assert result["message"]["text"] == "gunicorn stops requests after 30 s; p99 is 41.5 s. See [run.sh:2](1)."
    assert result["relatedLocations"][0]["message"]["text"] == "read here"
    assert result["locations"][0]["physicalLocation"]["region"] == {
        "startLine": 4, "startColumn": 25, "endLine": 4, "endColumn": 27, "snippet": {"text": "30"},
    }  # fmt: skip
    text = "services:\n  gateway:\n    environment:\n      GUNICORN_TIMEOUT: 30\n"
    assert result["partialFingerprints"]["primaryLocationLineHash"] == line_hashes(text, [4])[4]
    assert result["partialFingerprints"]["gwauditFinding/v1"] == report.findings[1].fingerprint


def test_a_security_rule_has_a_score_and_its_weakness(report: Report) -> None:
    secret, timeout = log(report)["tool"]["driver"]["rules"]
    assert secret["properties"]["security-severity"] == "9.5"
    assert secret["properties"]["tags"] == ["secrets", "security", "external/cwe/cwe-798"]
    assert "security-severity" not in timeout["properties"]


@pytest.mark.parametrize("severity", SEVERITIES)
def test_levels(report: Report, severity: str) -> None:
    report.findings = [Finding(rule("x", severity), "m", Labelled(Location("run.sh")))]
    expected = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}[severity]
    assert log(report)["results"][0]["level"] == expected


def test_suppressed_results_are_left_out_unless_asked_for(report: Report) -> None:
    report.suppressed = [report.findings.pop()]
    report.suppressed[0].suppressed = "accepted"
    assert len(log(report)["results"]) == 1
    results = log(report, Options(show_suppressed=True))["results"]
    assert results[1]["suppressions"] == [{"kind": "inSource", "status": "accepted", "justification": "accepted"}]


def test_two_findings_of_one_rule_on_one_line_are_one_result(report: Report) -> None:
    one = rule("x")
    report.findings = [
        Finding(one, "first", Labelled(Location("run.sh", Span(2, 1, 2, 5)))),
        Finding(one, "second", Labelled(Location("run.sh", Span(2, 6, 2, 9)))),
    ]
    (result,) = log(report)["results"]
    assert result["message"]["text"] == "first. second. See [run.sh:2](1)."


def test_the_primary_place_is_never_in_an_ignored_file(report: Report, place: Callable[[str, str], Location]) -> None:
    finding = report.findings[1]
    finding.primary, finding.related = (
        Labelled(place(".env", "JWT_SECRET_KEY")),
        (finding.primary, *finding.related),
    )
    file = report.tree.source(".env")
    assert file is not None
    file.referred = True
    result = log(report)["results"][1]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "compose.yaml"
    related = [p["physicalLocation"]["artifactLocation"]["uri"] for p in result["relatedLocations"]]
    assert related == [".env", "run.sh"]


def test_a_region_is_one_line(report: Report) -> None:
    report.findings = [Finding(rule("x"), "m", Labelled(Location("compose.yaml", Span(1, 3, 4, 9))))]
    region = log(report)["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert region.pop("snippet") == {"text": "rvices:"}
    assert region == {"startLine": 1, "startColumn": 3, "endLine": 1, "endColumn": 10}


def test_paths_are_encoded() -> None:
    assert uri("a b/c#d%?é:.yaml") == "a%20b/c%23d%25%3F%C3%A9%3A.yaml"
    assert uri("caf\udce9.env") == "caf%E9.env"


def test_messages_do_not_become_links(report: Report) -> None:
    report.findings = [Finding(rule("x"), "see [this](http://evil) or \\[a](1)", Labelled(Location("run.sh")))]
    text = log(report)["results"][0]["message"]["text"]
    assert text == "see \\[this\\](http://evil) or \\\\\\[a\\](1)."


def test_the_most_severe_results_are_kept(report: Report, tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("x\n" * 6000)
    low, high = rule("minor", "low"), rule("major", "critical")
    report.findings = [
        Finding(low, "m", Labelled(Location("compose.yaml", Span(line, 1, line, 2)))) for line in range(1, 5901)
    ] + [Finding(high, "m", Labelled(Location("compose.yaml", Span(5950, 1, 5950, 2))))]
    identify(report.findings)
    run = json.loads(render("sarif", report, Options(), False))["runs"][0]
    assert len(run["results"]) == MAX_RESULTS and run["results"][0]["ruleId"] == "major"
    notes = run["invocations"][0]["toolExecutionNotifications"]
    assert "901 results" in notes[0]["message"]["text"]


def test_what_was_not_read_is_a_notification(report: Report) -> None:
    report.failures = [ParseFailure(Location("bad file.yaml", Span(3, 1, 3, 1)), "not valid YAML")]
    (invocation,) = log(report)["invocations"]
    assert invocation["executionSuccessful"] is True
    (note,) = invocation["toolExecutionNotifications"]
    assert note["message"]["text"] == "not valid YAML"
    assert note["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "bad%20file.yaml"


def test_json_has_every_field(report: Report) -> None:
    data = json.loads(render("json", report, Options(), False))
    assert data["schema_version"] == 1
    assert data["summary"] == {"critical": 1, "high": 1, "medium": 0, "low": 0, "total": 2, "suppressed": 0}
    assert data["findings"][1] == {
        "rule": "timeout-below-p99",
        "severity": "high",
        "confidence": "high",
        "message": "gunicorn stops requests after 30 s; p99 is 41.5 s",
        "service": "gateway",
        "targets": ["compose"],
        "primary": {
            "path": "compose.yaml", "line": 4, "column": 25, "end_line": 4, "end_column": 27,
            "label": "GUNICORN_TIMEOUT is 30",
        },
        "related": [
            {"path": "run.sh", "line": 2, "column": 26, "end_line": 2, "end_column": 43, "label": "read here"}
        ],
        "fingerprint": report.findings[1].fingerprint,
        "suppressed": None,
    }  # fmt: skip
