"""The formats of other systems: GitHub annotations, GitLab Code Quality, JUnit, Markdown."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest
from made_rule import rule

from gwaudit.finding import Finding, Labelled, Report
from gwaudit.options import Options
from gwaudit.report import REPORTERS, render
from gwaudit.source import Location, Span


def test_github(report: Report, options: Options) -> None:
    assert render("github", report, options, False).splitlines() == [
        "::error file=.env,line=1,endLine=1,col=1,endColumn=30,title=gwaudit%3A committed-secret"
        "::JWT_SECRET_KEY (14 characters) is committed",
        "::error file=compose.yaml,line=4,endLine=4,col=25,endColumn=27,title=gwaudit%3A timeout-below-p99"
        "::gunicorn stops requests after 30 s; p99 is 41.5 s",
    ]


def test_github_escapes_what_would_be_a_command(report: Report, options: Options) -> None:
    report.findings = [
        Finding(rule("x"), "100%\n::stop-commands::x", Labelled(Location("a,b:c.yaml", Span(1, 1, 1, 2))))
    ]
    text = render("github", report, options, False)
    assert text.count("\n") == 1
    assert text.startswith("::error file=a%2Cb%3Ac.yaml,") and "100%25\\x0a::stop" in text


def test_github_says_when_not_all_are_shown(report: Report, options: Options) -> None:
    report.findings = report.findings * 10
    assert render("github", report, options, False).splitlines()[-1].startswith("::notice title=gwaudit::20 findings")


def test_gitlab(report: Report, options: Options) -> None:
    entries = json.loads(render("gitlab", report, options, False))
    assert entries[1] == {
        "description": "gunicorn stops requests after 30 s; p99 is 41.5 s",
        "check_name": "timeout-below-p99",
        "fingerprint": report.findings[1].fingerprint,
        "severity": "major",
        "location": {"path": "compose.yaml", "lines": {"begin": 4}},
    }
    assert len({entry["fingerprint"] for entry in entries}) == 2


def test_junit(report: Report, options: Options) -> None:
    report.findings[1].message = 'a < b & "c" \x00\ud800'
    root = ElementTree.fromstring(render("junit", report, options, False))
    assert root.attrib["failures"] == "2"
    failure = root.find("./testsuite[@name='compose.yaml']/testcase[@name='timeout-below-p99']/failure")
    assert failure is not None and failure.attrib["message"] == 'a < b & "c" \\x00?'
    report.findings = []
    assert ElementTree.fromstring(render("junit", report, options, False)).attrib["failures"] == "0"


def test_markdown(report: Report, options: Options) -> None:
    lines = render("markdown", report, options, False).splitlines()
    assert lines[2] == "2 findings: 1 critical, 1 high."
    assert lines[-1] == (
        "| high | `timeout-below-p99` | compose.yaml:4 | gunicorn stops requests after 30 s; p99 is 41.5 s |"
    )
    report.findings[1].message = "<img> [x](http://evil) | @all `a`"
    assert "&lt;img&gt; \\[x\\]\\(http://evil\\) \\| &#64;all \\`a\\`" in render("markdown", report, options, False)


def test_markdown_stays_within_the_limit(report: Report, options: Options) -> None:
    report.findings = report.findings * 5000
    text = render("markdown", report, options, False)
    assert len(text.encode()) < 1_000_000 and text.rstrip().endswith("more are left out.")


@pytest.mark.parametrize("format", REPORTERS)
def test_every_format_takes_names_that_are_no_text(report: Report, options: Options, format: str) -> None:
    report.findings = [Finding(rule("x"), "m\x1b", Labelled(Location("caf\udce9.env", Span(1, 1, 1, 2))))]
    text = render(format, report, options, False)
    assert "\x1b" not in text
    text.encode("utf-8", "backslashreplace")


@pytest.mark.parametrize("format", REPORTERS)
def test_no_format_shows_a_secret(report: Report, options: Options, format: str) -> None:
    assert "hunter2" not in render(format, report, options, False)
