"""Ignores in the audited files: where they may stand and what they cover."""

from __future__ import annotations

import pytest

from gwaudit.discover import format_of
from gwaudit.source import Location, SourceFile
from gwaudit.suppress import Ignore, ignores


def found(path: str, text: str) -> list[Ignore]:
    return ignores(SourceFile(path, text), format_of(path) or "text")


@pytest.mark.parametrize(
    ("path", "text", "lines"),
    [
        ("compose.yaml", "a: 1  # gwaudit: ignore[r]\nb: 2\n", [(1, 1)]),
        ("compose.yaml", "# gwaudit: ignore[r] -- why\n\n# more\na: 1\n", [(4, 4)]),
        ("compose.yaml", "a: 1  # gwaudit: ignore-next[r]\nb: 2\n", [(2, 2)]),
        ("compose.yaml", "a: 1\n# gwaudit: file-ignore[r]\nb: 2", [(1, 3)]),
        ("compose.yaml", "a: |\n  # gwaudit: ignore[r]\n  text\nb: 2\n", []),
        ("compose.yaml", "a: 'x # gwaudit: ignore[r]'\n", []),
        ("compose.yaml", "a: x# gwaudit: ignore[r]\n", []),
        (".env", "# gwaudit: ignore[r]\nA=1\n", [(2, 2)]),
        ("Dockerfile", "# gwaudit: ignore[r]\nENV A=1\n", [(2, 2)]),
        ("Dockerfile", "# write # gwaudit: ignore[r]\nENV A=1\n", []),
        ("gunicorn.conf.py", "workers = 2  # gwaudit: ignore[r]\n", [(1, 1)]),
        ("gunicorn.conf.py", 'a = """\n# gwaudit: ignore[r]\n"""\n', []),
        ("gwaudit.toml", "a = 1 # gwaudit: ignore[r]\n", [(1, 1)]),
        ("gwaudit.toml", 'a = "x # gwaudit: ignore[r]"\n', []),
        ("requirements.txt", "gunicorn==1 # gwaudit: ignore[r]\n", [(1, 1)]),
        ("main.tf", "a = 1 // gwaudit: ignore[r]\n", [(1, 1)]),
        ("job.nomad.hcl", "# gwaudit: ignore[r]\na = 1\n", [(2, 2)]),
        ("run.sh", "exec gunicorn a # gwaudit: ignore[r]\n", [(1, 1)]),
        ("nginx.conf", "proxy_read_timeout 1; # gwaudit: ignore[r]\n", [(1, 1)]),
        ("templates/d.yaml", "{{- /* gwaudit: ignore[r] -- why */}}\nreplicas: 1\n", [(2, 2)]),
        ("supervisord.conf", "; gwaudit: ignore[r]\ncommand=x\n", [(2, 2)]),
        ("package.json", '{"a": 1} # gwaudit: ignore[r]\n', []),
    ],
)
def test_where_comments_count(path: str, text: str, lines: list[tuple[int, int]]) -> None:
    assert [(ignore.first, ignore.last) for ignore in found(path, text)] == lines


@pytest.mark.parametrize(
    ("path", "text", "why"),
    [
        ("Dockerfile", "COPY . .  # gwaudit: ignore[r] -- x\n", "Docker takes it as arguments"),
        (".env", "A=1 # gwaudit: ignore[r]\n", "part of the value"),
    ],
)
def test_a_comment_that_is_none_is_told(path: str, text: str, why: str) -> None:
    (ignore,) = found(path, text)
    assert ignore.problem is not None and ignore.problem.startswith("needs a line of its own") and why in ignore.problem
    assert not ignore.covers("r", Location(path, SourceFile(path, text).span(0, 1)))


def test_rules_reason_and_date() -> None:
    (ignore,) = found("a.yaml", "a: 1 # gwaudit: ignore[one, two] until=2030-01-31 -- the old cluster\n")
    assert ignore.rules == ("one", "two")
    assert (ignore.until, ignore.reason, ignore.problem) == ("2030-01-31", "the old cluster", None)
    assert str(ignore.location) == "a.yaml:1:6"
    assert ignore.covers("one", Location("a.yaml", SourceFile("a.yaml", "a: 1").span(0, 1)))
    assert not ignore.covers("three", Location("a.yaml"))
    assert not ignore.covers("one", Location("b.yaml"))


@pytest.mark.parametrize(
    ("comment", "problem"),
    [
        ("# gwaudit: ignore", "names no rule"),
        ("# gwaudit: ignore[]", "names no rule"),
        ("# gwaudit: ignore[r] until=tomorrow", "has no valid date"),
        ("# gwaudit: ignore[r] until=2030-02-31 -- x", "has no valid date"),
        ("# gwaudit: ignore[r] because", "has text that is no reason"),
    ],
)
def test_badly_written_ignores_cover_nothing(comment: str, problem: str) -> None:
    (ignore,) = found("a.yaml", f"a: 1 {comment}\n")
    assert ignore.problem is not None and ignore.problem.startswith(problem)
    assert not ignore.covers("r", Location("a.yaml"))


def test_a_kubernetes_annotation_covers_its_object() -> None:
    text = """\
kind: Deployment
metadata:
  annotations:
    gwaudit/ignore.no-probe: "started by hand; until=2030-01-31"
spec: {}
---
kind: Deployment
"""
    (ignore,) = found("k8s/d.yaml", text)
    assert (ignore.rules, ignore.first, ignore.last) == (("no-probe",), 1, 5)
    assert (ignore.reason, ignore.until) == ("started by hand", "2030-01-31")
    assert ignore.location.line == 4


def test_a_compose_extension_covers_its_service() -> None:
    text = """\
services:
  gateway:
    image: a
    x-gwaudit:
      ignore:
        no-limits: dev machine
  other:
    image: b
"""
    (ignore,) = found("compose.yaml", text)
    assert (ignore.rules, ignore.first, ignore.last, ignore.reason) == (("no-limits",), 2, 6, "dev machine")
    assert ignore.covers("no-limits", Location("compose.yaml", SourceFile("compose.yaml", text).span(12, 19)))
