"""The evaluator against the real shell: own scripts, run with stub programs that write down their words and variables."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from fitting import exact, fits

from gwaudit.resolve.command import Command, Word
from gwaudit.resolve.environment import Environment
from gwaudit.resolve.fact import Source
from gwaudit.resolve.filesystem import Filesystem
from gwaudit.resolve.launch import Launch, follow
from gwaudit.resolve.model import Assumptions
from gwaudit.resolve.workspace import Workspace
from gwaudit.tree import Tree

DATA = Path(__file__).parents[2] / "data" / "shell"
STUBS = ("gunicorn", "python", "curl", "nc", "pg_isready", "hostname")
TOOLS = (
    "cat", "tr", "cut", "head", "basename", "dirname", "uname", "seq", "tee", "mkdir", "chmod", "sleep", "nproc", "env",
    "nice", "nohup", "date", "grep", "sh", "bash", "dash",
)  # fmt: skip


class Case:
    def __init__(self, name: str, text: str, decided: bool) -> None:
        self.name = name
        self.text = text
        self.decided = decided
        self.env: dict[str, str] = {}
        self.args: list[str] = []
        self.files: dict[str, str] = {}
        self.shell = "bash"
        for line in text.splitlines():
            kind, _, rest = line.partition(": ")
            if kind == "# env":
                self.env = dict(word.split("=", 1) for word in shlex.split(rest))
            elif kind == "# args":
                self.args = shlex.split(rest)
            elif kind == "# shell":
                self.shell = rest
            elif kind == "# file":
                path, _, content = rest.partition("=")
                self.files[path] = content.replace("\\n", "\n")


def cases() -> list[Case]:
    found: list[Case] = []
    for path in sorted(DATA.glob("*.txt")):
        for part in path.read_text().split("=== ")[1:]:
            name, _, text = part.partition("\n")
            found.append(Case(f"{path.stem}: {name}", text, path.stem != "undecided"))
    return found


def real(case: Case, folder: Path, stubs: Path) -> list[tuple[list[str], dict[str, str]]]:
    """What the shell ran: the words of every gunicorn, and its variables that start with T_."""
    log = stubs / "log"
    script = folder / "script.sh"
    env = {"PATH": str(stubs), **case.env}
    subprocess.run(
        [shutil.which(case.shell) or case.shell, str(script), *case.args],
        cwd=folder, env=env, timeout=20, check=False, capture_output=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    found = []
    for record in log.read_bytes().decode().split("\x01")[:-1] if log.exists() else []:
        words, _, variables = record.partition("\x02")
        argv = words.split("\0")[:-1]
        names = dict(v.split("=", 1) for v in variables.split("\0") if "=" in v)
        if argv[0] == "gunicorn" and "--help" not in argv:
            found.append((argv, names))
    return found


def evaluated(case: Case, folder: Path) -> Launch:
    tree = Tree(str(folder))
    workspace = Workspace(tree, Assumptions())
    filesystem = Filesystem(tree)
    filesystem.put(str(folder), ".")
    environment = Environment()
    for name, value in case.env.items():
        environment.set(name, value, Source("manifest", value))
    words = [Word(w, Source("manifest", w)) for w in (case.shell, str(folder / "script.sh"), *case.args)]
    return follow(workspace, words, environment, str(folder), filesystem, sh="dash")


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    for shell in ("bash", "dash"):
        if shutil.which(shell) is None:
            pytest.skip(f"{shell} is not installed: the evaluator is not compared with it")
    return tmp_path_factory.mktemp("tools")


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_same_words_as_the_shell(case: Case, tmp_path: Path, tools: Path) -> None:
    folder, stubs = tmp_path / "app", tmp_path / "bin"
    folder.mkdir()
    stubs.mkdir()
    for name in TOOLS:
        target = shutil.which(name)
        if target is not None:
            (stubs / name).symlink_to(target)
    for name in STUBS:
        (stubs / name).write_text(
            f"#!/bin/bash\n{{ printf '%s\\0' \"${{0##*/}}\" \"$@\"; printf '\\2'; "
            f'for v in "${{!T_@}}"; do printf \'%s=%s\\0\' "$v" "${{!v}}"; done; printf \'\\1\'; }} >> {stubs}/log\n'
        )
        (stubs / name).chmod(0o755)
    (folder / "script.sh").write_text(case.text)
    for path, content in case.files.items():
        (folder / path).write_text(content)
    launch = evaluated(case, folder)
    ran = real(case, folder, stubs)
    assert ran, "the case runs no server"
    commands = [c for c in launch.commands if c.program == "gunicorn"]
    assert commands, f"no command found; {launch.problems}"
    argv, names = ran[0]
    if case.decided:
        assert [[w.text for w in c.words] for c in commands[:1]] == [argv]
        assert exact(commands[0])
        assert variables(commands[0], "T_") == names
    else:
        assert any(fits(command, argv) for command in commands), (argv, commands)
        assert all(len(command.words) > 1 for command in commands)


def variables(command: Command, prefix: str) -> dict[str, str]:
    found = {}
    for fact in command.environment:
        name = fact.name[4:]
        if name.startswith(prefix) and isinstance(fact.value, str):
            found[name] = fact.value
    return found


def test_the_cases_are_many() -> None:
    assert len(cases()) >= 60
    assert os.path.isdir(DATA)
