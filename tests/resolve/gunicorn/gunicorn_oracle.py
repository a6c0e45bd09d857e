"""The real gunicorn as a child process, and the project's own view of the same configuration."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gwaudit.resolve.environment import Environment
from gwaudit.resolve.fact import Source
from gwaudit.resolve.filesystem import Filesystem
from gwaudit.resolve.gunicorn.config_file import read_config
from gwaudit.resolve.gunicorn.config_layer import ConfigLayer
from gwaudit.resolve.gunicorn.settings import release
from gwaudit.resolve.model import Assumptions
from gwaudit.resolve.workspace import Workspace
from gwaudit.tree import Tree

DATA = Path(__file__).parents[2] / "data" / "gunicorn"
ENVIRONMENTS = {
    "empty": (4, {}),
    "small": (
        2,
        {
            "DEBUG": "1",
            "GUNICORN_RELOAD": "true",
            "HOST": "127.0.0.1",
            "LOG_LEVEL": "debug",
            "MAX_WORKERS": "8",
            "PORT": "9000",
            "THREADS": "4",
            "TIMEOUT": "77",
            "WORKERS": "5",
            "WORKERS_PER_CORE": "1",
        },
    ),
    "large": (
        16,
        {
            "GUNICORN_BACKLOG": "77",
            "GUNICORN_WORKERS": "7",
            "LOG_LEVEL": "warning",
            "WEB_CONCURRENCY": "3",
            "WORKERS": "",
            "WORKERS_PER_CORE": "0.5",
        },
    ),
}


class RealGunicorn:
    """One server process; ``ask`` sends a request."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(DATA / "real_gunicorn.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, **request: object) -> dict[str, object]:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer: dict[str, object] = json.loads(self.process.stdout.readline())
        return answer

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(10)


def real_gunicorn() -> RealGunicorn:
    gunicorn = pytest.importorskip("gunicorn", reason="gunicorn itself is the oracle and is not installed")
    if gunicorn.__version__ != "27.0.1":
        pytest.skip(f"the oracle is gunicorn 27.0.1, installed is {gunicorn.__version__}")
    return RealGunicorn()


def environment(variables: dict[str, str]) -> Environment:
    made = Environment()
    made.sealed = True
    for name, value in variables.items():
        made.set(name, value, Source("manifest", value))
    return made


def read(folder: Path, variables: dict[str, str], cpus: int | None, name: str = "gunicorn.conf.py") -> ConfigLayer:
    """What the project makes of the file in ``folder``, which is /srv/app in the container."""
    assume = {"python": f"{sys.version_info.major}.{sys.version_info.minor}"}
    values: dict[str, object] = {**assume, **({"cpus": cpus} if cpus is not None else {})}
    workspace = Workspace(Tree(str(folder)), Assumptions(values))
    files = Filesystem(workspace.tree, "the machine")
    files.put(str(folder), ".")
    return read_config(workspace, name, environment(variables), release("27.0.1"), ["."], str(folder), files)


def plain(value: object) -> object:
    """Facts' values as JSON has them."""
    return [plain(item) for item in value] if isinstance(value, (tuple, list)) else value
