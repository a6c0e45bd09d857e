"""``--latency``: a result that the user names is judged by, wherever it lies."""

from __future__ import annotations

from pathlib import Path

import pytest

from gwaudit.audit import audit
from gwaudit.cli import main
from gwaudit.options import Options

RESULT = (Path(__file__).parents[2] / "examples" / "loadtest" / "hey-tools.txt").read_text()


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "root"
    root.mkdir()
    (root / "gunicorn.conf.py").write_text('bind = "0.0.0.0:8000"\nworker_class = "sync"\ntimeout = 30\n')
    monkeypatch.chdir(root)
    return root


def found(*latency: str) -> list[set[str]]:
    report = audit(Options(latency=latency, select=["timeout-below-latency"], isolated=True))
    return [{one.location.path for one in (f.primary, *f.related)} for f in report.findings]


def test_a_result_outside_the_tree(tree: Path) -> None:
    (tree.parent / "hey.out").write_text(RESULT)
    assert found() == []
    assert found("../hey.out") == [{"gunicorn.conf.py", "../hey.out"}]
    assert main(["check", "--isolated", "--latency", "../hey.out", "--select", "timeout-below-latency"]) == 1


def test_a_result_inside_the_tree_under_any_name(tree: Path) -> None:
    (tree / "docs").mkdir()
    (tree / "docs" / "measured").write_text(RESULT)
    assert found() == []
    assert found("docs/measured", "./docs/measured") == [{"gunicorn.conf.py", "docs/measured"}]


def test_a_file_outside_never_stands_for_one_inside(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gunicorn.conf.py").write_text(RESULT)
    monkeypatch.chdir(tmp_path)
    report = audit(
        Options(
            paths=["root/gunicorn.conf.py"],
            latency=["gunicorn.conf.py"],
            select=["timeout-below-latency"],
            isolated=True,
        )
    )
    assert [f.primary.location.path.endswith("gunicorn.conf.py") for f in report.findings] == [True]
    assert report.tree.source(report.findings[0].primary.location.path).text.startswith("bind")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"nothing measured\n", "no load-test result is recognised in it"),
        (b"x" * 4_000_001, "larger than 4,000,000 bytes"),
        (None, "No such file or directory"),
    ],
)
def test_mistakes(tree: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, message: str) -> None:
    if content is not None:
        Path("../x").write_bytes(content)
    assert main(["check", "--isolated", "--latency", "../x"]) == 2
    assert capsys.readouterr().err.startswith(f"error: --latency ../x: {message}")
