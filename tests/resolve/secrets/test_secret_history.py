"""``--history``: secrets of commits that the work tree no longer holds."""

from __future__ import annotations

import pathlib
import subprocess

from gwaudit.audit import audit
from gwaudit.options import Options

REAL = "tq9Zr4Wm2LxQ7bN3vK8s"
OTHER = "pQ7wX1nB5kM3zL9sD2fG"


def git(folder: pathlib.Path, *arguments: str) -> None:
    author = ("-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *author, *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder: pathlib.Path, files: dict[str, str | None]) -> None:
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            file.unlink()
        else:
            file.write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "change")


def findings(folder: pathlib.Path, monkeypatch, history: bool = True) -> list[str]:  # type: ignore[no-untyped-def]
    monkeypatch.chdir(folder)
    report = audit(Options(isolated=True, history=history, select=["secret-in-history"]))
    assert all(REAL not in one.message and OTHER not in one.message for one in report.findings)
    return [f"{one.primary.location.path}: {one.message}" for one in report.findings]


def test_removed_files(tmp_path: pathlib.Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    git(tmp_path, "init", "-q")
    commit(tmp_path, {".env": f"A=1\nDB_PASSWORD={REAL}\n", "app.yaml": f"password: {OTHER}\n", "ä b.yaml": "x: 1\n"})
    commit(tmp_path, {".env": None, ".gitignore": ".env\n", "app.yaml": "password: ${P}\n"})
    found = findings(tmp_path, monkeypatch)
    assert len(found) == 2
    assert any(".env:2; it is still in the history" in one for one in found)
    assert all(one.startswith(".gitignore: commit ") for one in found)
    assert findings(tmp_path, monkeypatch, history=False) == []


def test_what_the_tree_still_holds_is_told_there(tmp_path: pathlib.Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    git(tmp_path, "init", "-q")
    commit(tmp_path, {"app.yaml": f"password: {REAL}\n"})
    monkeypatch.chdir(tmp_path)
    report = audit(Options(isolated=True, history=True, select=["secret-in-history", "committed-secret"]))
    assert [one.rule.id for one in report.findings] == ["committed-secret"]


def test_without_git(tmp_path: pathlib.Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "a.yaml").write_text("x: 1\n")
    monkeypatch.chdir(tmp_path)
    report = audit(Options(isolated=True, history=True, select=["secret-in-history"]))
    assert report.findings == []
    assert any("history was not searched" in failure.message for failure in report.failures)


def test_every_value_of_a_file_is_told(tmp_path: pathlib.Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    git(tmp_path, "init", "-q")
    keys = "q8Zr+2LkPm5/TxWv7Yb3Nc9HsJd1Fg4Ru6Ea0KiO"
    text = f"A_PASSWORD={REAL}\nB_API_KEY={OTHER}\nAWS_SECRET_ACCESS_KEY={keys}\n"
    url = 'API = "https://u:Zq8vB3nM5xK2@backend/x"\nWORDS = "https://u:mysecretdatabase@backend/x"\n'
    commit(tmp_path, {"two.env": text, "s.py": url, ".gitignore": ".env\n"})
    commit(tmp_path, {"two.env": None, "s.py": None})
    found = findings(tmp_path, monkeypatch)
    assert len(found) == 4
    for what in ("A_PASSWORD (20 characters) in two.env:1", "B_API_KEY (20", "AWS_SECRET_ACCESS_KEY (40", "in s.py:1;"):
        assert any(what in one for one in found), (what, found)
    assert all("Zq8v" not in one and keys not in one for one in found)
    assert len({one.fingerprint for one in audit(Options(isolated=True, history=True)).findings}) >= 4
