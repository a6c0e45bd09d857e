"""The screen: frames, carets, redaction, and nothing that a terminal would obey."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from clock import ends_soon
from made_rule import rule

from gwaudit.finding import Finding, Labelled, Report
from gwaudit.options import Options
from gwaudit.report import render
from gwaudit.report.redact import REDACTED, printable, scrub
from gwaudit.report.summary import summary
from gwaudit.source import Location, Span


def test_full(report: Report, options: Options) -> None:
    assert (
        render("full", report, options, False)
        == """\
critical[committed-secret]: JWT_SECRET_KEY (14 characters) is committed
  --> .env:1:1
  |
1 | JWT_SECRET_KEY=[REDACTED]
  | ^^^^^^^^^^^^^^^^^^^^^^^^^ committed
  = in: compose
  = help: Mend it.

high[timeout-below-p99]: gunicorn stops requests after 30 s; p99 is 41.5 s
  --> compose.yaml:4:25
  |
4 |       GUNICORN_TIMEOUT: 30
  |                         ^^ GUNICORN_TIMEOUT is 30
  ::: run.sh:2:26
  |
2 | exec gunicorn --timeout "$GUNICORN_TIMEOUT" app:app
  |                          ----------------- read here
  = in: gateway (compose)
  = help: Mend it.

"""
    )


def test_concise(report: Report, options: Options) -> None:
    assert render("concise", report, options, False).splitlines() == [
        ".env:1:1: critical[committed-secret] JWT_SECRET_KEY (14 characters) is committed",
        "compose.yaml:4:25: high[timeout-below-p99] gunicorn stops requests after 30 s; p99 is 41.5 s",
    ]


def test_summary(report: Report, options: Options) -> None:
    assert summary(report, options) == "2 findings: 1 critical, 1 high in 1 deployment, 3 files."
    report.findings.clear()
    assert summary(report, options) == "0 findings in 1 deployment, 3 files."


def test_suppressed_findings_show_their_reason_on_demand(report: Report, options: Options) -> None:
    report.suppressed = [report.findings.pop()]
    report.suppressed[0].suppressed = "the old cluster"
    assert "timeout" not in render("full", report, options, False)
    options.show_suppressed = True
    assert "  = suppressed: the old cluster\n" in render("full", report, options, False)


def test_colours_are_only_added(report: Report, options: Options) -> None:
    import re

    colored = render("full", report, options, True)
    assert "\x1b[" in colored
    assert re.sub(r"\x1b\[[\d;]*m", "", colored) == render("full", report, options, False)


def test_a_secret_on_the_line_of_another_finding_is_not_shown(report: Report, options: Options, tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("a: 1\n    command: run --password hunter2hunter2\n")
    report.findings = [
        Finding(rule("other"), "x", Labelled(Location("compose.yaml", Span(2, 5, 2, 12))), targets=["compose"])
    ]
    report.secret_lines = {"compose.yaml": {2}}
    for format in ("full", "concise", "json", "sarif"):
        assert "hunter2" not in render(format, report, options, False)


@pytest.mark.parametrize("format", ["full", "concise", "json", "sarif"])
def test_no_format_shows_a_secret(report: Report, options: Options, format: str) -> None:
    assert "hunter2" not in render(format, report, options, False)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("DATABASE_URL=postgresql://u:p4ss@db/x", "DATABASE_URL=postgresql://u:[REDACTED]@db/x"),
        ("url: redis://:p4ss@cache:6379/0", "url: redis://:[REDACTED]@cache:6379/0"),
        ("url: postgresql://u:${PASSWORD}@db/x", "url: postgresql://u:${PASSWORD}@db/x"),
        ("POSTGRES_PASSWORD: hunter2", "POSTGRES_PASSWORD: [REDACTED]"),
        ('  "api_key": "hunter2",', '  "api_key": "[REDACTED]",'),
        ("TOKEN_EXPIRY: 10080", "TOKEN_EXPIRY: 10080"),
        ("password_file: /run/secrets/pw", "password_file: /run/secrets/pw"),
        ("JWT_SECRET_KEY=${JWT_SECRET_KEY}", "JWT_SECRET_KEY=${JWT_SECRET_KEY}"),
        ("-----BEGIN RSA PRIVATE KEY-----", REDACTED),
        ("  MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQC7VJTUt9Us8cKjMzEfYyji", REDACTED),
        ("image: ghcr.io/ibm/mcp-context-forge:1.0", "image: ghcr.io/ibm/mcp-context-forge:1.0"),
        ("timeout = 30", "timeout = 30"),
    ],
)
def test_scrubbing(line: str, shown: str) -> None:
    assert scrub(line) == shown


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("JWT=QUJDREVGR0hJSktMTU5PUA==", "JWT=[REDACTED]"),
        ("QUJDREVGR0hJSktMTU5PUA==", "[REDACTED]"),
        ("  - JWT=x", "  - JWT=[REDACTED]"),
        ("ENV JWT secret", "[REDACTED]"),
        ("ENV JWT=secret", "ENV JWT=[REDACTED]"),
        ('  jwt: "x"', "  jwt: [REDACTED]"),
        ("docker run -e A=b image", "[REDACTED]"),
    ],
)
def test_a_redacted_line_keeps_its_key_only(
    report: Report, options: Options, tmp_path: Path, line: str, shown: str
) -> None:
    (tmp_path / ".env").write_text(f"{line}\n")
    text = render("full", report, options, False)
    assert f"1 | {shown}\n" in text


def test_control_characters_are_spelt(
    report: Report, options: Options, tmp_path: Path, place: Callable[..., Location]
) -> None:
    (tmp_path / "run.sh").write_text("echo \x1b]0;owned\x07 \u202e $GUNICORN_TIMEOUT\n")
    report.findings[1].related = (Labelled(place("run.sh", "$GUNICORN_TIMEOUT"), "x\x1b[2Jy"),)
    report.findings[1].message = "bad\nnews\x9b"
    for format in ("full", "concise"):
        text = render(format, report, options, False)
        assert all(char == "\n" or char.isprintable() for char in text)
    assert printable("a\x1bb\u202e") == "a\\x1bb\\u202e"


def test_long_lines_are_cut_around_the_caret(report: Report, options: Options, tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("x " * 900 + "MARK" + " y" * 900 + "\n")
    location = Location("compose.yaml", Span(1, 1801, 1, 1805))
    report.findings = [Finding(rule("other"), "x", Labelled(location), targets=["compose"])]
    lines = render("full", report, options, False).splitlines()
    assert all(len(line) < 200 for line in lines)
    text, caret = lines[3], lines[4]
    assert text[caret.index("^") : caret.rindex("^") + 1] == "MARK"


def test_a_place_outside_its_file_does_not_fail(report: Report, options: Options) -> None:
    for location in (
        Location("compose.yaml", Span(99, 1, 99, 5)),
        Location("gone.yaml", Span(1, 1, 1, 2)),
        Location("."),
    ):
        report.findings = [Finding(rule("other"), "x", Labelled(location), targets=["compose"])]
        for format in ("full", "concise", "json", "sarif"):
            assert "other" in render(format, report, options, False)


def test_the_mark_covers_the_line_where_a_secret_before_it_is_left_out(
    report: Report, options: Options, tmp_path: Path, place: Callable[..., Location]
) -> None:
    (tmp_path / "run.sh").write_text("X=1 API_TOKEN=hunter2hunter2 gunicorn --timeout $GUNICORN_TIMEOUT\n")
    report.findings[1].related = (Labelled(place("run.sh", "$GUNICORN_TIMEOUT"), "read here"),)
    lines = render("full", report, options, False).splitlines()
    row = next(index for index, line in enumerate(lines) if "API_TOKEN" in line)
    assert lines[row] == "1 | X=1 API_TOKEN=[REDACTED] gunicorn --timeout $GUNICORN_TIMEOUT"
    assert lines[row + 1] == "  | " + "-" * 61 + " read here"


@pytest.mark.parametrize(
    ("here", "there"), [(".", "a/compose.yaml:1:1"), ("a", "compose.yaml:1:1"), ("b", "../a/compose.yaml:1:1")]
)
def test_places_open_from_the_working_directory(
    report: Report, options: Options, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: str, there: str
) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    (tmp_path / "a" / "compose.yaml").write_text("a: 1\n")
    report.findings = [Finding(rule("x"), "m", Labelled(Location("a/compose.yaml", Span(1, 1, 1, 2))))]
    monkeypatch.chdir(tmp_path / here)
    assert render("concise", report, options, False) == f"{there}: high[x] m\n"
    assert f"  --> {there}\n" in render("full", report, options, False)
    monkeypatch.chdir("/")
    monkeypatch.chdir(tmp_path.parent)
    monkeypatch.setattr(report.tree, "root", str(tmp_path))
    (tmp_path.parent / "elsewhere").mkdir(exist_ok=True)
    monkeypatch.chdir(tmp_path.parent / "elsewhere")
    assert render("concise", report, options, False).startswith(str(tmp_path / "a" / "compose.yaml:1:1"))


def test_a_hostile_line_costs_no_time(report: Report, options: Options, tmp_path: Path) -> None:

    (tmp_path / "compose.yaml").write_text("a.secret" * 200_000 + "\n")
    (tmp_path / "run.sh").write_text("token" * 790 + "\n")
    with ends_soon(2.5):
        report.findings = [
            Finding(rule("other"), "x", Labelled(Location(path, Span(1, column, 1, column + 1))))
            for path in ("compose.yaml", "run.sh")
            for column in range(1, 500)
        ]
        for format in ("full", "sarif"):
            render(format, report, options, False)
    assert "[a line of 1,600,000 characters]" in render("full", report, options, False)
