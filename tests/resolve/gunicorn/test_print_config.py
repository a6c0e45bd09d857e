"""``gunicorn --print-config``: the whole table that the real program prints, against what is said of the same start."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from gunicorn_oracle import environment

from gwaudit.resolve.command import Command, Word
from gwaudit.resolve.fact import Fact, Pairs, Source, Unknown
from gwaudit.resolve.filesystem import Filesystem
from gwaudit.resolve.gunicorn.effective import effective
from gwaudit.resolve.gunicorn.run import GunicornRun
from gwaudit.resolve.gunicorn.settings import release
from gwaudit.resolve.model import Assumptions
from gwaudit.resolve.workspace import Workspace
from gwaudit.source import Location
from gwaudit.tree import Tree

# What the process itself knows: its user, its home and runtime directory; gunicorn prints the property of sendfile nowhere.
MACHINE = {"user", "group", "control_socket", "umask", "ssl_version", "cert_reqs", "default_proc_name", "sendfile"}
PYTHON = os.environ.get("GWAUDIT_GUNICORN_PYTHON", sys.executable)  # another gunicorn's interpreter, by hand
HOOKS = "def post_fork(server, worker):\n    pass\ndef when_ready(server):\n    pass\n"
CASES: list[tuple[str, str, dict[str, str]]] = [
    ("", "app:app", {}),
    ("workers = 3\nbind = '0.0.0.0:9000'\ntimeout = 61\n", "app:app", {}),
    ("workers = 3\nbind = ['127.0.0.1:1', 'unix:/tmp/x.sock']\n", "-w 5 app:app", {}),
    ("workers = 3\n", "-w 5 app:app", {"GUNICORN_CMD_ARGS": "-w 7 --threads 2 --access-logfile -"}),
    ("import os\nworkers = int(os.environ.get('WORKERS', 2)) * 2\n", "app:app", {"WORKERS": "4"}),
    ("", "-b :8000 -b :8001 --preload app:app", {"WEB_CONCURRENCY": "6"}),
    ("", "app:app", {"PORT": "8123", "FORWARDED_ALLOW_IPS": "10.0.0.0/8, 127.0.0.1"}),
    (HOOKS + "worker_class = 'gthread'\nthreads = 4\n", "app:app", {}),
    ("wsgi_app = 'app:app'\nproc_name = 'shop'\nraw_env = ['A=1', 'B=2']\n", "", {}),
    ("secure_scheme_headers = {'X-P': 'https'}\nforwarded_allow_ips = '*'\n", "app:app", {}),
    ("chdir = 'sub'\npidfile = 'run/x.pid'\n", "app:app", {}),
    ("max_requests = '1000'\nmax_requests_jitter = 0x20\nkeepalive = 5\n", "--max-requests 10 app:app", {}),
    ("logconfig_dict = {'version': 1, 'root': {'level': 'INFO'}}\nloglevel = 'debug'\n", "app:app", {}),
    ("limit_request_line = 0\nbacklog = 64\nreuse_port = True\ndaemon = False\n", "--log-level warning app:app", {}),
    ("workers: 4\nbind = '[::]:$PORT'\n", "--reload --reload-extra-file a.html app:app", {"PORT": "1"}),
    ("from base import *\ntimeout = timeout + 1\n", "-t 44 app:app", {}),
]


def installed() -> str:
    found = subprocess.run(
        [PYTHON, "-c", "import gunicorn; print(gunicorn.__version__)"], capture_output=True, text=True, check=False
    )
    if found.returncode:
        pytest.skip("gunicorn itself is the oracle and is not installed")
    return found.stdout.strip()


def prepare(folder: Path, text: str) -> None:
    (folder / "app.py").write_text("def app(environ, start_response):\n    return []\n")
    (folder / "base.py").write_text("timeout = 20\nworkers = 6\n")
    (folder / "sub").mkdir()
    (folder / "sub" / "app.py").write_text("def app(environ, start_response):\n    return []\n")
    (folder / "a.html").write_text("")
    (folder / "gunicorn.conf.py").write_text(text)


def printed(folder: Path, words: list[str], variables: dict[str, str]) -> dict[str, str] | None:
    """The table; None where gunicorn refuses to start."""
    keep = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    found = subprocess.run(
        [PYTHON, "-m", "gunicorn", "--print-config", *words],
        cwd=folder, env={**keep, "HOME": str(folder), **variables}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    if found.returncode:
        return None
    table: dict[str, str] = {}
    for line in found.stdout.splitlines():
        name, equals, value = line.partition(" = ")
        if equals and name.strip().isidentifier():
            table[name.strip()] = value
    return table


def ours(folder: Path, words: list[str], variables: dict[str, str], version: str) -> GunicornRun:
    workspace = Workspace(Tree(str(folder)), Assumptions({"cpus": 4, "python": "3.11"}))
    files = Filesystem(workspace.tree, None)
    files.put(str(folder), ".")
    place = Source("manifest", None, Location("compose.yaml"))
    command = Command(
        [Word(w, place) for w in ("gunicorn", "--print-config", *words)], environment(variables), str(folder)
    )
    return effective(workspace, command, files, Fact("gunicorn.version", version))


def shown(value: object) -> str:
    def data(item: object) -> object:
        if isinstance(item, Pairs):
            return {key: data(inner) for key, inner in item}
        return [data(inner) for inner in item] if isinstance(item, tuple) else item

    return str(data(value))


@pytest.mark.parametrize(("text", "line", "variables"), CASES)
def test_the_printed_table(text: str, line: str, variables: dict[str, str], tmp_path: Path) -> None:
    version = installed()
    assert release(version).version == version, "the settings of this gunicorn are not known"
    prepare(tmp_path, text)
    words = shlex.split(line)
    table = printed(tmp_path, words, variables)
    run = ours(tmp_path, words, variables, version)
    if table is None:
        assert not run.starts
        return
    assert run.starts
    assert len(table) > 60
    wrong = []
    for name, value in table.items():
        if name in MACHINE:
            continue
        setting = run.release.settings.get(name)
        if setting is None:
            wrong.append(f"{name} is not among the settings of {version}")
            continue
        mine = run.settings[name].value
        if setting.is_hook:
            own = isinstance(mine, str) and mine.startswith("<function ")
            if own and value != f"<{str(mine)[10:-1]}()>":
                wrong.append(f"{name} = {value}, not {mine!r}")
        elif isinstance(mine, Unknown) or shown(mine) != value:
            wrong.append(f"{name} = {value}, not {mine!r}")
    assert not wrong
