"""Command lines and GUNICORN_CMD_ARGS, against gunicorn's own parser and precedence."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from gunicorn_oracle import RealGunicorn, environment, plain, real_gunicorn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gwaudit.resolve.command import Command, Word
from gwaudit.resolve.fact import Fact, Source, Unknown
from gwaudit.resolve.filesystem import Filesystem
from gwaudit.resolve.gunicorn.effective import effective
from gwaudit.resolve.gunicorn.run import GunicornRun
from gwaudit.resolve.gunicorn.settings import release
from gwaudit.resolve.model import Assumptions
from gwaudit.resolve.workspace import Workspace
from gwaudit.source import Location, Span
from gwaudit.tree import Tree

MACHINE = {
    "chdir",
    "user",
    "group",
    "control_socket",
    "ssl_version",
    "sendfile",
    "default_proc_name",
    "config",
    "cert_reqs",
}
SOURCE = Source("manifest", None, Location("compose.yaml", Span(3, 5, 3, 9)))
LINES = [
    "app:app",
    "",
    "-w 4 app:app",
    "-w4 app:app",
    "-w=4 app:app",
    "--workers=4 app:app",
    "--workers 4 app:app -t 30",
    "--work 3 app:app",
    "--worker-c gevent app:app",
    "--worker-con 5 app:app",
    "--max-requests 5 app:app",
    "--max-req 5 app:app",
    "--time 9 app:app",
    "--log-f x app:app",
    "--log-file x --log-level debug app:app",
    "--log x app:app",
    "--access-logf - app:app",
    "--access-logfile - --error-logfile - app:app",
    "--access-logfile - --access-logformat '%(h)s x' app:app",
    "-b :80 -b :81 app:app",
    "-b :80 app:app -b :81",
    "-b=:80 app:app",
    "app:app second",
    "app:app -w 2 second",
    "-w 2 app:app -t 3 second -k sync",
    "--preload --reload app:app",
    "--preload=true app:app",
    "--no-sendfile app:app",
    "-D -R app:app",
    "-DR app:app",
    "-DRw3 app:app",
    "-Dx app:app",
    "-w app:app",
    "-w",
    "-w -1 app:app",
    "-t -1 app:app",
    "-w 08 app:app",
    "-w 0x4 app:app",
    "-w 1_0 app:app",
    "-w +4 app:app",
    "-w ' 4 ' app:app",
    "-w '' app:app",
    "-w 2.0 app:app",
    "-m 022 app:app",
    "-m 0o22 app:app",
    "-m 18 app:app",
    "-e A=1 --env B=2 app:app",
    "-e A app:app",
    "--thread 3 app:app",
    "--thrads 3 app:app",
    "--eventlet app:app",
    "--worker_class gevent app:app",
    "--forwarded-allow-ips=* app:app",
    "--forwarded-allow-ips 10.0.0.1/8 app:app",
    "--proxy-protocol app:app",
    "--proxy-protocol v2 app:app",
    "--proxy-protocol=v1 app:app",
    "--proxy-protocol -w 3 app:app",
    "--proxy-protocol nope app:app",
    "-- app:app",
    "-w 3 -- app:app",
    "app:app -- -x",
    "-n 'a b' app:app",
    "-n -x app:app",
    "-n '-x y' app:app",
    "-n- app:app",
    "-n -5 app:app",
    "--name= app:app",
    "--statsd-host localhost:99 app:app",
    "--statsd-host localhost app:app",
    "--statsd-host localhost:x app:app",
    "--header-map drop app:app",
    "--header-map x app:app",
    "--reload-engine poll app:app",
    "--http-protocols h2,h1 app:app",
    "--limit-request-line 0 app:app",
    "--limit-request-field_size 5 app:app",
    "--limit-request-field-size 5 app:app",
    "--keep-alive 5 app:app",
    "--keepalive 5 app:app",
    "--worker-tmp-dir /dev/shm app:app",
    "--tmp-upload-dir /x app:app",
    "--no-control-socket app:app",
    "--control-socket-mode 0600 app:app",
    "--certfile c --keyfile k --ca-certs a --cert-reqs 2 app:app",
    "--suppress-ragged-eofs app:app",
    "--pythonpath /a,/b app:app",
    "--paste-global a=b --paste-global c=d app:app",
    "--dirty-app a:B --dirty-app c:D --dirty-workers 2 app:app",
    "--disable-redirect-access-to-syslog --log-syslog app:app",
    "--log-syslog-to udp://x:1 app:app",
    "-k uvicorn.workers.UvicornWorker app:app",
    "-p /tmp/p -u 1000 -g 1000 app:app",
    "--initgroups app:app",
    "--workers 2 --workers 3 -w 4 app:app",
    "-cx.py app:app",
    "--config missing.py app:app",
    "-c other.py app:app",
    "-c file:other.py app:app",
    "-c python:othermodule app:app",
    "--timeout=30s app:app",
    "--graceful-timeout=5 app:app",
    "-t=30 app:app",
    "-t= app:app",
    "--print-config app:app",
    "--http2-max-frame-size 5 app:app",
    "--backlog 100 app:app --max-requests-jitter 5",
]


@pytest.fixture(scope="module")
def real() -> Iterator[RealGunicorn]:
    oracle = real_gunicorn()
    yield oracle
    oracle.close()


def ours(folder: Path, words: list[str], variables: dict[str, str]) -> GunicornRun:
    workspace = Workspace(Tree(str(folder)), Assumptions({"cpus": 4}))
    files = Filesystem(workspace.tree, None)
    files.put(str(folder), ".")
    command = Command([Word(w, SOURCE) for w in ("gunicorn", *words)], environment(variables), str(folder))
    return effective(workspace, command, files, Fact("version", "27.0.1"))


def differences(answer: dict, run: GunicornRun) -> list[str]:
    if "No such user" in str(answer.get("error")) or "No such group" in str(answer.get("error")):
        return []  # the machine's own users
    if answer["status"] != "ok":
        return [] if not run.starts or answer.get("code") == "0" else [f"gunicorn stops: {answer}"]
    if not run.starts:
        return [f"said to stop: {run.problems}"]
    wrong = []
    for name, value in answer["values"].items():
        if name in MACHINE or run.release.settings[name].is_hook:
            continue
        mine = run.settings[name].value
        if isinstance(mine, Unknown) or plain(mine) != value:
            wrong.append(f"{name} = {value!r}, not {mine!r}")
    if run.app.value != answer["app"]:
        wrong.append(f"app = {answer['app']}, not {run.app.value!r}")
    return wrong


def prepare(folder: Path) -> None:
    (folder / "other.py").write_text("threads = 7\nworkers = 8\n")
    (folder / "othermodule.py").write_text("threads = 9\n")


@pytest.mark.parametrize("line", LINES)
def test_command_line(line: str, real: RealGunicorn, tmp_path: Path) -> None:
    prepare(tmp_path)
    words = shlex.split(line)
    answer = real.ask(kind="arguments", words=words, env={}, directory=str(tmp_path))
    wrong = differences(answer, ours(tmp_path, words, {}))
    assert not wrong, wrong


@pytest.mark.parametrize(
    ("config", "variable", "line"),
    [
        ("workers = 2\ntimeout = 100\nthreads = 4", "--workers 3 --timeout 200", "-w 5 app:app"),
        ("workers = 2", "", "app:app"),
        ("workers = 2", "-c other.py", "app:app"),
        ("workers = 2", "-c other.py -w 1", "app:app"),
        ("workers = 2", "-c other.py", "-c othermodule.py app:app"),
        ("bind = ':1'", "-b :2 -b :3", "app:app"),
        ("bind = ':1'", "-b :2", "-b :3 app:app"),
        ("wsgi_app = 'mod:app'", "", ""),
        ("wsgi_app = 'mod:app'", "", "other:app"),
        ("wsgi_app = 'mod:app'", "cmd:app", ""),
        ("preload_app = True", "", "app:app"),
        ("workers = 'x'", "", "-w 3 app:app"),
        ("workers = 2", "--nope", "app:app"),
        ("workers = 2", "'unclosed", "app:app"),
        ("workers = 1 +", "", "app:app"),
        ("raise ValueError('x')", "", "app:app"),
        ("loglevel = 'debug'\nreload = True", "--log-level=info", "app:app --log-level error"),
        ("proxy_protocol = True", "", "app:app"),
        ("import os\nos.environ['X'] = '1'\nraw_env = ['Y=2']", "-e Z=3", "app:app"),
    ],
)
def test_precedence(config: str, variable: str, line: str, real: RealGunicorn, tmp_path: Path) -> None:
    prepare(tmp_path)
    (tmp_path / "gunicorn.conf.py").write_text(config)
    variables = {"GUNICORN_CMD_ARGS": variable} if variable else {}
    words = shlex.split(line)
    answer = real.ask(kind="arguments", words=words, env=variables, directory=str(tmp_path))
    wrong = differences(answer, ours(tmp_path, words, variables))
    assert not wrong, wrong


FLAGS = sorted(release("27.0.1").flags)
VALUES = [
    "4",
    "-1",
    "0",
    "x",
    "",
    "a b",
    "-",
    "0x10",
    "true",
    "127.0.0.1",
    "*",
    "h2",
    "drop",
    ":80",
    "--",
    "1.5",
    "A=1",
    "unix:/x",
]


@st.composite
def command_lines(draw: st.DrawFn) -> list[str]:
    words = []
    for _ in range(draw(st.integers(0, 4))):
        flag = draw(st.sampled_from(FLAGS))
        if flag in (
            "-c",
            "--config",
            "--chdir",
            "--paste",
            "--paster",
            "--reload-extra-file",
            "-u",
            "--user",
            "-g",
            "--group",
        ):
            continue
        if flag.startswith("--"):
            flag = flag[: draw(st.integers(max(3, len(flag) - 6), len(flag)))]
        value = draw(st.sampled_from(VALUES))
        form = draw(st.sampled_from(["apart", "apart", "equal", "attached", "bare"]))
        if form == "apart" or value == "--":  # an attached "--" is lost by argparse of some Python releases only
            words += [flag, value]
        elif form == "equal":
            words.append(f"{flag}={value}")
        elif form == "attached":
            words.append(flag + value)
        else:
            words.append(flag)
    if draw(st.booleans()):
        words.insert(draw(st.integers(0, len(words))), "app:app")
    else:
        words.append("app:app")
    return words


@settings(
    max_examples=int(os.environ.get("GWAUDIT_EXAMPLES", "150")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize="GWAUDIT_EXAMPLES" not in os.environ,
)
@given(words=command_lines())
def test_any_command_line(words: list[str], real: RealGunicorn, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.getbasetemp() / "arguments"
    folder.mkdir(exist_ok=True)
    answer = real.ask(kind="arguments", words=words, env={}, directory=str(folder))
    wrong = differences(answer, ours(folder, words, {}))
    assert not wrong, (words, wrong)


PRINT = """
import json, sys
sys.argv = ["gunicorn", "app:app"]
from gunicorn.config import Config
cfg = Config()
names = "workers", "bind", "forwarded_allow_ips"
print(json.dumps({n: cfg.settings[n].get() for n in names} | {"sendfile": cfg.sendfile}))
"""


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"WEB_CONCURRENCY": "3", "PORT": "9999", "HOST": "1.2.3.4"},
        {"WEB_CONCURRENCY": ""},
        {"WEB_CONCURRENCY": "auto"},
        {"WEB_CONCURRENCY": " 4 "},
        {"WEB_CONCURRENCY": "-1"},
        {"PORT": ""},
        {"FORWARDED_ALLOW_IPS": "*"},
        {"FORWARDED_ALLOW_IPS": "10.0.0.1/8"},
        {"FORWARDED_ALLOW_IPS": ""},
        {"SENDFILE": "Yes"},
        {"SENDFILE": "0"},
    ],
)
def test_defaults_from_variables(variables: dict[str, str], real: RealGunicorn, tmp_path: Path) -> None:
    keep = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LD_LIBRARY_PATH")}
    found = subprocess.run(
        [sys.executable, "-c", PRINT], env={**keep, **variables}, capture_output=True, text=True, check=False
    )
    run = ours(tmp_path, ["app:app"], variables)
    if found.returncode:
        assert not run.starts, found.stderr
        return
    assert run.starts, run.problems
    assert {
        n: plain(run.settings[n].value) for n in ("workers", "bind", "forwarded_allow_ips", "sendfile")
    } == json.loads(found.stdout)
