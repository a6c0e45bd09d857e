"""The package as users get it: the wheel, and the pre-commit hook in both of its runners."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
import yaml

from gwaudit.discover import FORMATS, format_of
from gwaudit.resolve.loadtests.results import _ENDINGS

ROOT = Path(__file__).resolve().parents[1]
# What pip and uv say where they cannot reach the packages that the hook needs.
NO_NETWORK = (
    "Connection", "Temporary failure", "ProxyError", "dns", "Failed to fetch", "error sending request",
    "CERTIFICATE_VERIFY_FAILED",
)  # fmt: skip
BROKEN = "services:\n  web: {image: [}\n"
SOUND = "services:\n  web:\n    image: example.org/web:1.0\n"


def run(*command: str | Path, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PYTHON"))}
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False, timeout=400,
        env={**kept, **environment},
    )  # fmt: skip


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("build", reason="build is not installed: pip install -e '.[dev]'")
    pytest.importorskip("hatchling", reason="hatchling is not installed: pip install -e '.[dev]'")
    folder = tmp_path_factory.mktemp("wheel")
    done = run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_the_rules_and_their_compiled_form(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"gwaudit/py.typed", "gwaudit/cli.py", "gwaudit/data/audit/file-not-parsed.yaml"} <= names
    assert any(name.startswith("gwaudit/data/_compiled/rules.") for name in names)
    assert not any(name.startswith(("tests/", "examples/")) for name in names)
    for source in (ROOT / "rules").rglob("*.yaml"):
        assert f"gwaudit/data/{source.relative_to(ROOT / 'rules').as_posix()}" in names


def test_the_wheel_works_in_a_clean_environment(wheel: Path, tmp_path: Path) -> None:
    """Installed without the checkout; its dependencies are those of this environment."""
    venv = tmp_path / "venv"
    assert run(sys.executable, "-m", "venv", "--without-pip", venv).returncode == 0
    python = venv / "bin" / "python"
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").stdout.strip())
    zipfile.ZipFile(wheel).extractall(site)
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    project = tmp_path / "project"
    project.mkdir()
    (project / "compose.yaml").write_text(BROKEN)
    where = run(python, "-c", "import gwaudit; print(gwaudit.__file__)", cwd=project)
    assert where.stdout.startswith(str(site))
    done = run(python, "-m", "gwaudit", "check", "--output-format", "concise", cwd=project)
    assert done.returncode == 1, done.stderr
    assert "medium[file-not-parsed]" in done.stdout
    cache = tmp_path / "cache"
    done = run(python, "-m", "gwaudit", "rule", cwd=project, XDG_CACHE_HOME=str(cache))
    assert "file-not-parsed" in done.stdout
    assert not cache.exists()  # everything was compiled when the wheel was built


def test_the_hook_runs_for_every_file_that_is_read() -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    alternatives = [line.strip().removesuffix("|") for line in hook["files"].splitlines()[1:-1]]
    assert [line for line in alternatives if line in {pattern for _, _, pattern in FORMATS}] == [
        pattern for format, _, pattern in FORMATS if format != "text"
    ]
    files = re.compile(hook["files"])
    for name in (
        "nginx/default.conf", "nginx/app.conf", "Caddyfile", "traefik.toml", "traefik.yml", "main.tf", "bin/start",
        "Makefile", "deploy/Procfile", "web/gunicorn.conf.py", "gunicorn/config.py", ".env", "a/.env.local",
    ):  # fmt: skip
        assert files.search(name), name
        assert format_of(name) is not None or name == "bin/start", name
    assert all(files.search(f"load/result{ending}") for ending in _ENDINGS)
    assert not any(files.search(name) for name in ("README.md", "src/app.py", "src/app.ts", "logo.svg", "x.rst"))


@pytest.mark.parametrize("runner", ["pre-commit", "prek"])
def test_the_hook(runner: str, tmp_path: Path) -> None:
    program = shutil.which(runner, path=os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"])
    if program is None or shutil.which("git") is None:
        pytest.skip(f"{runner} or git is missing: pip install -e '.[dev]'")
    hooks = tmp_path / "hooks"  # the working tree as it is now, as a repository of its own
    listed = run("git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if listed.returncode != 0:
        pytest.skip("the tests do not run in a git work tree")
    for name in filter(None, listed.stdout.split("\0")):
        if name.startswith(("src/", "rules/")) or "/" not in name:
            (hooks / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, hooks / name)
    project = tmp_path / "project"
    project.mkdir()
    (project / "compose.yaml").write_text(BROKEN)
    (project / "README.md").write_text("# x\n")
    author = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    for repository in (hooks, project):
        for step in (("init", "-q"), ("add", "."), (*author, "commit", "-qm", "x")):
            assert run("git", "-C", repository, *step).returncode == 0
    revision = run("git", "-C", hooks, "rev-parse", "HEAD").stdout.strip()
    (project / ".pre-commit-config.yaml").write_text(
        f"repos:\n  - repo: {hooks}\n    rev: {revision}\n    hooks:\n"
        "      - id: gwaudit\n        args: [--select, file-not-parsed]\n"
    )
    home = {"PRE_COMMIT_HOME": str(tmp_path / "home"), "PREK_HOME": str(tmp_path / "home")}

    def hook(*arguments: str) -> tuple[int, str]:
        done = run(program, "run", "gwaudit", "--verbose", *arguments, cwd=project, **home)
        return done.returncode, done.stdout + done.stderr

    status, output = hook("--all-files")
    if status != 1 and any(sign in output for sign in NO_NETWORK):
        pytest.skip(f"{runner} cannot install the hook: no network\n{output[-500:]}")
    assert status == 1, output
    assert "medium[file-not-parsed]" in output
    (project / "compose.yaml").write_text(SOUND)
    run("git", "-C", project, "add", ".")
    status, output = hook("--files", "compose.yaml")
    assert status == 0, output
    status, output = hook("--files", "README.md")
    assert status == 0 and "kipped" in output
