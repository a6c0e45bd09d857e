"""Start-up is the product: what a run may import, by kind of run, besides the interpreter's own start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

# Never on the way to a finding: each costs as much as everything else together, or serves another kind of run.
HEAVY = {
    "typing", "dataclasses", "pathlib", "logging", "subprocess", "inspect", "importlib.metadata", "importlib.resources",
    "tempfile", "shutil", "asyncio", "concurrent", "json", "yaml", "tomli", "tomllib", "sarif_om", "attr", "attrs", "bandit",
    "dotenv", "tree_sitter", "tree_sitter_hcl", "packaging", "crossplane", "ast", "tokenize", "difflib",
    "textwrap", "datetime", "decimal", "urllib", "ipaddress", "email", "socket", "ssl", "hashlib", "random", "pkg_resources",
    "setuptools",
}  # fmt: skip

# A file, and what its reader needs: that of python-dotenv imports typing, gunicorn checks addresses.
KINDS = {
    "dotenv": (".env", "CACHE_TYPE=redis\n", {"typing"}),
    "gunicorn": ("gunicorn.conf.py", "workers = 2\n", {"ast", "ipaddress"}),
    "compose": ("compose.yaml", "services:\n  web:\n    image: example.org/web:1\n", {"yaml"}),
}


def imported(folder: Path, *arguments: str) -> set[str]:
    """The modules that a run imports beyond those of an empty program."""

    # A cache of its own: another checkout that runs meanwhile would leave rules of another age in the common one.
    environment = os.environ | {"XDG_CACHE_HOME": str(folder.parent / f"{folder.name}-cache")}

    def modules(*command: str) -> set[str]:
        done = subprocess.run(
            [sys.executable, "-X", "importtime", *command], cwd=folder, env=environment, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert "This is a bug" not in done.stderr, done.stderr
        rows = [line.split("|")[-1].strip() for line in done.stderr.splitlines() if line.startswith("import time:")]
        return set(rows[1:])

    return modules("-m", "gwaudit", *arguments) - modules("-c", "import runpy")


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_over_one_file_imports_little(kind: str, tmp_path: Path) -> None:
    name, text, allowed = KINDS[kind]
    (tmp_path / name).write_text(text)
    imported(tmp_path, "check", name)  # compiles the rules once
    found = imported(tmp_path, "check", name)
    heavy = {module for module in found if module in HEAVY or module.split(".")[0] in HEAVY}
    extra = {module for module in heavy if module.split(".")[0] not in allowed}
    assert not extra
    yaml = {module for module in found if module.split(".")[0] == "yaml"}
    assert yaml <= {
        f"yaml.{name}" for name in ("error", "tokens", "events", "nodes", "_yaml")
    }  # not the package around them


# What no run over one dotenv file has a use for, though other kinds of run do; a name covers what lies below it.
NOT_FOR_DOTENV = (
    "argparse", "gettext", "gwaudit.arguments", "gwaudit.parse.dockerfile", "gwaudit.parse.nginx", "gwaudit.parse.shell",
    "gwaudit.parse.toml", "gwaudit.parse.yaml", "gwaudit.resolve.application", "gwaudit.resolve.compose",
    "gwaudit.resolve.gunicorn.config_file", "gwaudit.resolve.helm", "gwaudit.resolve.image", "gwaudit.resolve.kubernetes",
    "gwaudit.resolve.kustomize", "gwaudit.resolve.launch", "gwaudit.resolve.nomad", "gwaudit.resolve.processes",
    "gwaudit.resolve.proxy.nginx", "gwaudit.resolve.python", "gwaudit.resolve.shell", "gwaudit.report.sarif",
)  # fmt: skip


def test_a_dotenv_file_needs_no_resolver_of_containers(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CACHE_TYPE=redis\n")
    imported(tmp_path, "check", ".env")
    found = imported(tmp_path, "check", ".env")
    below = tuple(f"{name}." for name in NOT_FOR_DOTENV)
    assert not {module for module in found if module in NOT_FOR_DOTENV or module.startswith(below)}


def test_the_version_imports_next_to_nothing(tmp_path: Path) -> None:
    found = {module for module in imported(tmp_path, "version") if module.startswith("gwaudit")}
    assert found <= {
        "gwaudit", "gwaudit.cli", "gwaudit.errors", "gwaudit.arguments", "gwaudit.finding", "gwaudit.options",
        "gwaudit.report",
    }  # fmt: skip
