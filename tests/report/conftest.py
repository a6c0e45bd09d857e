"""A small report by hand: two rules, three files, a secret."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from made_rule import rule

from gwaudit.finding import Finding, Labelled, Report
from gwaudit.options import Options
from gwaudit.source import Location
from gwaudit.tree import Tree
from gwaudit.triage import identify

FILES = {
    "compose.yaml": "services:\n  gateway:\n    environment:\n      GUNICORN_TIMEOUT: 30\n",
    "run.sh": '#!/bin/sh\nexec gunicorn --timeout "$GUNICORN_TIMEOUT" app:app\n',
    ".env": "JWT_SECRET_KEY=hunter2hunter2\n# x\n",
}


@pytest.fixture
def place(tmp_path: Path) -> Callable[[str, str], Location]:
    """The place of some text in a file of the report."""

    def find(path: str, text: str) -> Location:
        content = (tmp_path / path).read_text()
        start = content.index(text)
        line = content.count("\n", 0, start) + 1
        from gwaudit.source import SourceFile

        file = SourceFile(path, content)
        location = file.location(start, start + len(text))
        assert location.line == line
        return location

    return find


@pytest.fixture
def report(tmp_path: Path, place: Callable[[str, str], Location], monkeypatch: pytest.MonkeyPatch) -> Report:
    monkeypatch.chdir(tmp_path)
    for path, text in FILES.items():
        (tmp_path / path).write_text(text)
    made = Report(Tree(str(tmp_path)))
    timeout = Finding(
        rule("timeout-below-p99"),
        "gunicorn stops requests after 30 s; p99 is 41.5 s",
        Labelled(place("compose.yaml", "30"), "GUNICORN_TIMEOUT is 30"),
        [Labelled(place("run.sh", "$GUNICORN_TIMEOUT"), "read here")],
        service="gateway",
        targets=["compose"],
        blamed="gunicorn.timeout",
    )
    secret = Finding(
        rule("committed-secret", "critical", "secrets", cwe=[798], tags=["security"]),
        "JWT_SECRET_KEY (14 characters) is committed",
        Labelled(place(".env", "JWT_SECRET_KEY=hunter2hunter2"), "committed"),
        targets=["compose"],
        blamed="env.JWT_SECRET_KEY",
        redact=True,
    )
    made.findings = [secret, timeout]
    made.targets = [("compose", "compose")]
    made.formats = {"compose": 1, "shell": 1, "dotenv": 1}
    identify(made.findings)
    return made


@pytest.fixture
def options() -> Options:
    return Options()
