"""Procfiles, systemd units, supervisord programs and docker run lines as targets."""

from __future__ import annotations

from pathlib import Path

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.model import Assumptions, TargetDraft
from gwaudit.resolve.processes import find_launch_lines, targets
from gwaudit.resolve.workspace import Workspace
from gwaudit.tree import Tree


def drafts(root: Path, files: dict[str, str]) -> tuple[Workspace, list[TargetDraft]]:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    workspace = Workspace(Tree(str(root)), Assumptions())
    return workspace, targets(workspace)


def test_procfile(tmp_path: Path) -> None:
    _, found = drafts(tmp_path, {"Procfile": "web: gunicorn -b :$PORT a:b\nrelease: python manage.py migrate\n"})
    web, release = found[0].workloads
    container = web.containers[0]
    assert found[0].kind == "procfile"
    assert container.shell is not None and container.shell.value == "gunicorn -b :$PORT a:b"
    assert isinstance(container.environment.get("PORT").value, Unknown)
    assert isinstance(container.environment.get("WEB_CONCURRENCY").value, Unknown)
    assert isinstance(web.facts["workload.grace_period"].value, Unknown)  # Heroku's, dokku's, Cloud Foundry's
    assert release.facts["workload.is_job"].value is True
    assert str(container.shell.source.location) == "Procfile:1:6"


def test_systemd(tmp_path: Path) -> None:
    unit = (
        '[Unit]\nDescription=x\n[Service]\nUser=www\nWorkingDirectory=/srv/app\nEnvironment="A=1 2" B=3\n'
        "Environment=WORKERS=4\nEnvironmentFile=-/etc/app.env\nExecStart=/srv/app/venv/bin/gunicorn \\\n"
        "    --workers ${B} $NOPE a:b\nTimeoutStopSec=1min 30s\nLimitNOFILE=65536:65536\nCPUQuota=150%\nMemoryMax=2G\n"
    )
    _, found = drafts(tmp_path, {"deploy/app.service": unit, "requirements.txt": "gunicorn\n"})
    workload = found[0].workloads[0]
    container = workload.containers[0]
    assert workload.facts["workload.grace_period"].value == 90.0
    assert container.facts["container.nofile"].value == 65536
    assert container.facts["container.cpu_limit"].value == 1.5
    assert container.facts["container.memory_limit"].value == 2 << 30
    assert container.facts["container.runs_as_root"].value is False
    assert isinstance(container.environment.get("A").value, Unknown), "the EnvironmentFile may override it"
    assert container.entrypoint is not None
    assert container.entrypoint.value[0] == "/srv/app/venv/bin/gunicorn"
    assert container.files == {"/srv/app": "."}


def test_systemd_defaults_and_words(tmp_path: Path) -> None:
    unit = "[Service]\nEnvironment='N=2'\nExecStart=-/usr/bin/gunicorn -w ${N} 'a b' $N\n"
    _, found = drafts(tmp_path, {"app.service": unit})
    container = found[0].workloads[0].containers[0]
    assert container.entrypoint is not None
    assert container.entrypoint.value == ("/usr/bin/gunicorn", "-w", "2", "a b", "2")
    assert found[0].workloads[0].facts["workload.grace_period"].value == 90.0
    assert container.facts["container.runs_as_root"].value is True


def test_supervisor(tmp_path: Path) -> None:
    text = (
        "[supervisord]\nnodaemon=true\n[program:web]\ncommand=gunicorn -w %(ENV_W)s ; a comment\n  a:b\n"
        'environment=A="x,y",B=2\ndirectory=/app\nstopwaitsecs=20\nnumprocs=2\nstopsignal=INT\n'
    )
    _, found = drafts(tmp_path, {"supervisord.conf": text})
    workload = found[0].workloads[0]
    container = workload.containers[0]
    assert workload.facts["workload.grace_period"].value == 20.0
    assert workload.facts["workload.replicas"].value == 2
    assert workload.facts["workload.stop_signal"].value == "SIGINT"
    assert container.environment.get("A").value == "x,y"
    assert container.entrypoint is not None and isinstance(container.entrypoint.value, Unknown)


def test_docker_run(tmp_path: Path) -> None:
    makefile = (
        "IMAGE ?= example/app:1\nPORT = 4444\n.PHONY: run\nrun: build\n"
        "\t@docker run --name app --rm -d --env-file=.env -e A=1 -p $(PORT):4444 --cpus=2 -m 512m \\\n"
        "\t\t--restart=always $(IMAGE) gunicorn -w 2 a:b\n"
        "serve:\n\t-uv run gunicorn -c conf.py a:b\n"
    )
    workspace, found = drafts(tmp_path, {"Makefile": makefile, ".env": "B='two'\n"})
    workload = found[0].workloads[0]
    container = workload.containers[0]
    assert container.image is not None and container.image.value == "example/app:1"
    assert container.arguments is not None and container.arguments.value == ("gunicorn", "-w", "2", "a:b")
    assert container.environment.get("A").value == "1"
    assert container.environment.get("B").value == "'two'", "docker keeps quotes"
    assert container.facts["container.cpu_limit"].value == 2.0
    assert container.facts["container.memory_limit"].value == 512 << 20
    assert workload.facts["workload.restart"].value == "always"
    assert (found[0].endpoints[0].outer_port, found[0].endpoints[0].port) == (4444, 4444)
    lines = find_launch_lines(workspace)
    assert [(line.target, line.server) for line in lines] == [("serve", "gunicorn")]
    assert str(lines[0].location) == "Makefile:8:3"
