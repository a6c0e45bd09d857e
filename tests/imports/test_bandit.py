"""bandit on gunicorn configurations: when it runs, what it may say, and what it must never do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("bandit", reason="bandit is not installed: nothing can be compared with it")

from gwaudit.audit import audit
from gwaudit.bundle import section
from gwaudit.finding import Report
from gwaudit.imports import bandit
from gwaudit.options import Options

UNSAFE = """\
import os, subprocess
workers = 2
ätext = "ä"; subprocess.call("ls " + os.environ["X"], shell=True)
exec("a = 1")
password = "hunter2horse"
worker_tmp_dir = "/dev/shm"
"""


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "root"
    root.mkdir()
    (root / "gunicorn.conf.py").write_text(UNSAFE, encoding="utf-8")
    monkeypatch.chdir(root)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return root


def run(select: Any = ("bandit",), **options: Any) -> Report:
    return audit(Options(select=select, **{"isolated": True, **options}))


def told(report: Report) -> list[str]:
    return [f"{f.rule.severity} {f.primary.location} {f.message.split(':')[0]}" for f in report.findings]


def test_what_it_says(tree: Path) -> None:
    report = run()
    assert told(report) == [
        "high gunicorn.conf.py:3:14 bandit B602",
        "medium gunicorn.conf.py:4:1 bandit B102",
        "low gunicorn.conf.py:5:12 bandit B105",
    ]
    assert all(f.rule.id == f"unsafe-code-in-configuration-{f.rule.severity}" for f in report.findings)
    assert "hunter2horse" not in str([f.message for f in report.findings])
    assert report.findings[2].redact and 5 in report.secret_lines["gunicorn.conf.py"]


def test_the_second_run_asks_the_cache_and_the_cache_holds_no_text(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = told(run())
    (kept,) = (tree.parent / "cache" / "gwaudit").glob("bandit.*")
    assert b"hunter2" not in kept.read_bytes() and b"workers" not in kept.read_bytes()
    monkeypatch.setattr(bandit, "_run", lambda *given: pytest.fail("bandit was started again"))
    assert told(run()) == first


def test_it_can_be_turned_off_and_runs_only_where_it_may_find_something(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bandit, "_run", lambda *given: pytest.fail("bandit was started"))
    assert told(run(bandit=False)) == []
    assert told(run(select=["zero-workers"])) == []
    (tree / "gwaudit.toml").write_text("bandit = false\n")
    assert told(run(isolated=False)) == []
    (tree / "gunicorn.conf.py").write_text(
        'import os\nworkers = int(os.getenv("W", "2"))\nworker_tmp_dir = "/dev/shm"\n'
    )
    assert told(run()) == []
    (tree / "tool.py").write_text("exec('a')\n")  # no service loads it
    assert told(run()) == []


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (subprocess.TimeoutExpired("bandit", 1), "it took longer than 30 s"),
        (FileNotFoundError(2, "No such file"), "it did not start: No such file"),
        (b"", "it failed"),
        (b"[]", "it failed"),
        (b'{"files": [[["B102"]]]}', "it failed"),
        (b'{"files": []}', "it failed"),
    ],
)
def test_failures_are_notes(tree: Path, monkeypatch: pytest.MonkeyPatch, answer: Any, reason: str) -> None:
    def start(*given: Any, **more: Any) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return subprocess.CompletedProcess(given, 1, answer, b"")

    monkeypatch.setattr(subprocess, "run", start)
    report = run(select=["bandit", "file-not-parsed"])
    assert report.findings == []
    assert [(f.location.path, f.message) for f in report.failures] == [
        ("gunicorn.conf.py", f"not checked by bandit: {reason}")
    ]


def test_a_file_that_is_not_python_is_not_checked(tree: Path) -> None:
    (tree / "gunicorn.conf.py").write_text("exec(\nworkers = 2\n")
    assert "not checked by bandit: it cannot read the file" in [failure.message for failure in run().failures]


def test_nothing_of_the_audited_tree_is_imported_or_run(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("bandit", "json", "tempfile", "yaml", "stevedore", "sitecustomize"):
        (tree / f"{name}.py").write_text("open('OWNED', 'w')\n")
    (tree / "gunicorn.conf.py").write_text(UNSAFE + "open('OWNED', 'w')\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "gwaudit", "check", "--isolated", "--select", "bandit", "--output-format", "concise"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "B602" in done.stdout, done.stderr
    monkeypatch.setenv("PYTHONPATH", str(tree))  # trusted by a first process, not by the worker
    assert isinstance(bandit._run(["exec('a')"], ["B102"]), list)
    assert not (tree / "OWNED").exists()


def test_private_copies_are_gone_afterwards(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tree.parent / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    assert len(run().findings) == 3 and list(temporary.iterdir()) == []


def test_every_test_is_one_of_bandit() -> None:
    from bandit.core import extension_loader

    tests = section("platforms/bandit")["tests"]
    known = {*extension_loader.MANAGER.plugins_by_id, *extension_loader.MANAGER.blacklist_by_id}
    assert set(tests) <= known
