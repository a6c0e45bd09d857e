"""The documents: every command in them is run, every name in them exists."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import tomli

from gwaudit.arguments import _parser
from gwaudit.config import load
from gwaudit.options import Options
from gwaudit.rules.load import builtin, rules_for
from gwaudit.tree import Tree

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.M | re.S)


def sessions() -> list[tuple[str, str]]:
    """The commands of the ``console`` blocks, each with what it prints."""
    found = []
    for kind, text in BLOCKS:
        if kind == "console":
            for part in re.split(r"^\$ ", text, flags=re.M)[1:]:
                command, _, output = part.partition("\n")
                found.append((command, output))
    return found


@pytest.mark.parametrize(("command", "output"), sessions(), ids=lambda value: value.split("\n")[0][:60])
def test_commands_print_what_the_readme_says(command: str, output: str) -> None:
    """A line of dots stands for lines that are left out."""
    program, *arguments = shlex.split(command)
    assert program == "gwaudit"
    done = subprocess.run(
        [sys.executable, "-m", "gwaudit", *arguments], cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "NO_COLOR": "1"},
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    pattern = r"(?:.*\n)*?".join(re.escape(part) for part in re.split(r"^\.\.\.\n", output, flags=re.M))
    assert re.search(f"(?:^|\n){pattern}", done.stdout + done.stderr), done.stdout + done.stderr


def test_the_readme_opens_with_a_real_run() -> None:
    first = next(text for kind, text in BLOCKS if kind in ("console", "sh"))
    assert first.startswith("$ gwaudit check")


def test_the_two_commands() -> None:
    audit, tests = (text.strip() for kind, text in BLOCKS if kind == "sh")
    assert audit.endswith("gwaudit check examples") and tests.endswith("-m pytest")
    assert f"\n{tests}\n" in (ROOT / ".ci" / "run").read_text()


def test_the_configuration_in_the_readme_is_valid(tmp_path: Path) -> None:
    texts = [text for kind, text in BLOCKS if kind == "toml"]
    (tmp_path / "policy").mkdir()
    for text in texts:
        tomli.loads(text)
        (tmp_path / "pyproject.toml").write_text(text)
        tree = Tree(str(tmp_path))
        rules_for(load(tree, Options()), Options(), tree)


def test_the_rule_and_its_configuration_in_the_guide_work(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "writing-rules.md").read_text()
    blocks = re.findall(r"^```(\w+)\n(.*?)^```$", guide, flags=re.M | re.S)
    (tmp_path / "policy").mkdir()
    (tmp_path / "pyproject.toml").write_text(next(text for kind, text in blocks if kind == "toml"))
    rule = next(text for kind, text in blocks if kind == "yaml")
    (tmp_path / "policy" / "too-many-workers.yaml").write_text(rule)
    tree = Tree(str(tmp_path))
    rules = rules_for(load(tree, Options()), Options(), tree)
    assert rules["too-many-workers"].params == {"most": 6}
    assert "too-many-workers" in rules.selected


def test_the_rules_named_in_the_readme_exist() -> None:
    named = set(re.findall(r"ignore(?:-next)?\[([\w-]+)\]", README)) - {"RULE"}
    assert named and named <= set(builtin())


def test_the_flags_named_in_the_documents_exist() -> None:
    known = {"--version", "--help"}
    (commands,) = (action for action in _parser()._actions if action.dest == "command")
    for parser in commands.choices.values():  # type: ignore[union-attr]
        known |= {flag for action in parser._actions for flag in action.option_strings}
    hook = (ROOT / ".pre-commit-hooks.yaml").read_text()
    named = set(
        re.findall(
            r"(?<![\w-])--[a-z][a-z-]+",
            re.sub(r"`docker[^`]*`|^```console.*?^```$", "", README, flags=re.M | re.S) + hook,
        )
    )
    assert named <= known


def test_the_output_formats_of_the_readme_are_all() -> None:
    from gwaudit.report import REPORTERS

    assert f"--output-format {'|'.join(REPORTERS)}" in README


def test_the_version_is_the_same_everywhere() -> None:
    import gwaudit

    project = tomli.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["version"] == gwaudit.__version__
    assert f"rev: v{gwaudit.__version__}" in README
