"""Secret values in places that no rule is about: none of them stands in any output, on the screen or in a file."""

from __future__ import annotations

import json
import pathlib

import pytest

from gwaudit.cli import main
from gwaudit.report import REPORTERS

COMPOSE = """\
services:
  web:
    image: example/web:1
    command: gunicorn --env STRIPE_KEY=Mk1aZebraQ7w8 -w 12 web:app --token Mk1bZebraQ7w8
    environment:
      - AUTH_HEADER=Bearer Mk1cZebraQ7w8
      - PGPASS=Mk1dZebraQ7w8
      - "CREDS=user:Mk1eZebraQ7w8"
      - SENTRY_DSN=https://Mk1fZebraQ7w8E9r0T@o1.ingest.sentry.io/2
      - JSON_CONF={"password":"Mk1gZebraQ7w8","size":3}
      - GUNICORN_CMD_ARGS=--timeout 30 --env SECRET_TOKEN=Mk1hZebraQ7w8
    healthcheck: {test: ["CMD", "curl", "-u", "admin:Mk1iZebraQ7w8", "http://localhost:9/"]}
  db:
    image: postgres:16
    environment: {POSTGRES_PASSWORD: "${PW:-Mk1jZebraQ7w8}"}
  redis:
    image: redis:7
    command: redis-server --requirepass Mk1kZebraQ7w8 --maxmemory x
  api:
    build: .
    command: gunicorn -c gunicorn.conf.py --token=Mk1nZebraQ7w8 web:app
    environment:
      API_PASSWORD: 'Mk1&Z"ebra_Q7w8'
"""
FILES = {
    "compose.yaml": COMPOSE,
    ".env": 'DB_PASSWORD="Mk1lZebraQ7w8\nexport TOKEN Mk1mZebraQ7w8\nTOKEN Mk1mZebraQ7w8\n',
    "gunicorn.conf.py": 'statsd_host = "u:Mk1oZebraQ7w8@h:1"\nraw_env = ["DB_PASSWORD=Mk1pZebraQ7w8"]\n',
    "Makefile": 'load:\n\they -z 10s -t 5 -H "Authorization: Bearer Mk1qZebraQ7w8" http://localhost:8000/?token=Mk1rZebraQ7w8\n',
    "Dockerfile": "FROM python:3.12-slim\nENV PIP_INDEX_URL=https://u:Mk1sZebraQ7w8@pypi.org/simple\nCMD gunicorn web:app\n",
}


@pytest.fixture
def tree(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    for path, text in FILES.items():
        (tmp_path / path).write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GWAUDIT_DEBUG", raising=False)
    return tmp_path


def outputs(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    main(arguments)
    captured = capsys.readouterr()
    return captured.out + captured.err


@pytest.mark.parametrize("format", REPORTERS)
def test_reports(tree: pathlib.Path, capsys: pytest.CaptureFixture[str], format: str) -> None:
    text = outputs(capsys, "check", "-v", "--isolated", "--output-format", format)
    assert "ebra" not in text, [line for line in text.splitlines() if "ebra" in line]
    assert "compose.yaml" in text
    file = tree.parent / "other-report"
    main(["check", "-q", "--isolated", "--report", f"{format}={file}"])
    assert "ebra" not in file.read_text() + capsys.readouterr().err


@pytest.mark.parametrize("flags", [(), ("--all",), ("--output-format", "json"), ("--all", "--output-format", "json")])
def test_show(tree: pathlib.Path, capsys: pytest.CaptureFixture[str], flags: tuple[str, ...]) -> None:
    text = outputs(capsys, "show", "--isolated", *flags)
    assert "ebra" not in text, [line for line in text.splitlines() if "ebra" in line]


def test_the_rest_of_a_command_stays_readable(tree: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = outputs(capsys, "show", "--isolated")
    assert "redis-server --requirepass [secret, 13 characters] --maxmemory x" in text
    assert "--env STRIPE_KEY=[secret, 13 characters] -w 12 web:app --token [secret, 13 characters]" in text
    assert "curl -u admin:[secret, 13 characters] http://localhost:9/" in text
    assert "Bearer [secret, 13 characters]" in text
    shown = json.loads(outputs(capsys, "show", "--isolated", "--output-format", "json", "--setting", "process.argv"))
    argv = {s["name"]: s["facts"]["process.argv"]["value"] for t in shown["targets"] for s in t["services"]}
    assert argv["redis"][-3:] == ["[secret, 13 characters]", "--maxmemory", "x"]


@pytest.mark.parametrize(
    "arguments",
    [("--env", "Mk1tZebraQ7w8"), ("--assume", "Mk1tZebraQ7w8"), ("--report", "Mk1tZebraQ7w8")],
)
def test_wrong_arguments_are_not_repeated(
    tree: pathlib.Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, str]
) -> None:
    with pytest.raises(SystemExit):
        main(["check", *arguments])
    assert "ebra" not in "".join(capsys.readouterr())


def test_plain_words_stay(tree: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / "compose.yaml").write_text(
        "services:\n  langfuse-web:\n    image: postgres:16\n    user: 1000:1000\n    command: app --token-url http://x/y"
        " --key-file k.pem --user app:staff --password-file /run/p SORT_KEY=created_at\n"
        "    environment: [POSTGRES_PASSWORD=postgres, 'DATABASE_URL=postgresql://u:langfuse@langfuse-db/x']\n"
    )
    text = outputs(capsys, "show", "--isolated")
    assert (
        "app --token-url http://x/y --key-file k.pem --user app:staff --password-file /run/p SORT_KEY=created_at"
        in text
    )
    assert "postgres:16" in text
    assert "langfuse-web" in text, "a word is hidden where it is the password, not everywhere"
    assert ":langfuse@" not in text


@pytest.mark.parametrize(
    "line", ['baselin = "Mk1uZebraQ7w8E9r0T"', 'api_token = "Mk1uZebra"', 'exclude = "Mk1uZebraQ7w8E9r0T"']
)
def test_an_error_of_the_configuration(tree: pathlib.Path, capsys: pytest.CaptureFixture[str], line: str) -> None:
    (tree / "gwaudit.toml").write_text(f"{line}\n")
    text = outputs(capsys, "check", "--config", "gwaudit.toml")
    assert f"1 | {line.partition('=')[0]}" in text and "ebra" not in text
