"""Which of the files that cannot be read are findings."""

from __future__ import annotations

from pathlib import Path

import pytest

from gwaudit.cli import main

Capture = pytest.CaptureFixture[str]

BROKEN = "services: {\n"
TEMPLATE = "apiVersion: v1\nkind: Pod\nspec:\n  env:\n    {{- range .names }}\n    - name: {{ . }}\n    {{- end }}\n"
JINJA = "services:\n  web:\n{% if tls %}\n    ports: ['443:443']\n{% endif %}\n"


def unread(tmp_path: Path, capsys: Capture, name: str, text: str) -> list[str]:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(text, encoding="utf-8")
    main(["check", str(tmp_path), "--select", "file-not-parsed", "--output-format", "concise"])
    return [line.partition(" medium[")[0] for line in capsys.readouterr().out.splitlines() if "file-not-parsed" in line]


def test_a_configuration_of_gunicorn_has_a_rule_of_its_own(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "gunicorn.conf.py").write_text("workers = (\n", encoding="utf-8")
    main(["check", str(tmp_path), "--output-format", "concise"])
    out = capsys.readouterr().out
    assert "gunicorn.conf.py:1:1: high[invalid-setting-value]" in out
    assert "gunicorn does not start: its configuration file is no valid Python: '(' was never closed\n" in out
    assert "file-not-parsed" not in out


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("compose.yaml", BROKEN, 1),
        ("k8s/deployment.yaml", "apiVersion: apps/v1\nkind: Deployment\nspec: {\n", 1),
        ("k8s/deployment.yaml", TEMPLATE, 0),
        ("compose.yaml", JINJA, 0),
        ("tests/compose.yaml", BROKEN, 0),
        (".env.patch", "--- .env\n+++ .env.new\n@@ -1 +1 @@\n-A=1\n+A=2\n", 0),
        ("images.env", "TAG ?= latest\nIMAGE ?= shop\nNAME ?= web\n", 0),
        (".env", "A=1\nthis is a sentence\n", 1),
    ],
)
def test_what_is_a_finding(tmp_path: Path, capsys: Capture, name: str, text: str, expected: int) -> None:
    assert len(unread(tmp_path, capsys, name, text)) == expected


@pytest.mark.parametrize("named", ["env_file: .env", "image: example/b"])
def test_an_env_file_that_compose_refuses_is_told_in_composes_words(
    named: str, tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path / "compose.yaml").write_text(f"services:\n  web:\n    {named}\n    build: .\n")
    (line,) = unread(tmp_path, capsys, ".env", 'A="unfinished\nB=2\n')
    assert line.endswith(".env:1:3:"), line
    main(["check", str(tmp_path), "--select", "file-not-parsed", "--output-format", "concise"])
    out = capsys.readouterr().out
    assert "Compose refuses this file and starts nothing: a quote is not closed" in out and "python-dotenv" not in out


def test_an_env_file_of_nobody_is_told_in_python_dotenvs_words(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "app.env").write_text('A="unfinished\nB=2\n')
    main(["check", str(tmp_path), "--select", "file-not-parsed", "--output-format", "concise"])
    assert "python-dotenv" in capsys.readouterr().out
