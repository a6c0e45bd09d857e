"""fly.toml as a target."""

from __future__ import annotations

from pathlib import Path

from gwaudit.resolve.fact import ABSENT, Unknown
from gwaudit.resolve.fly import targets
from gwaudit.resolve.model import Assumptions, TargetDraft
from gwaudit.resolve.workspace import Workspace
from gwaudit.tree import Tree

FLY = """\
app = 'gateway'
kill_timeout = '90s'

[build]
  dockerfile = 'Containerfile'

[env]
  PORT = '4444'
  WORKERS = 4

[http_service]
  internal_port = 4444
  min_machines_running = 2
  [http_service.concurrency]
    type = 'requests'
    soft_limit = 20
    hard_limit = 25
  [[http_service.checks]]
    interval = '15s'
    path = '/health'

[[vm]]
  memory = '2gb'
  cpus = 2
"""


def drafts(root: Path, files: dict[str, str]) -> list[TargetDraft]:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return targets(Workspace(Tree(str(root)), Assumptions()))


def test_an_application(tmp_path: Path) -> None:
    draft = drafts(tmp_path, {"deploy/fly.toml": FLY})[0]
    workload = draft.workloads[0]
    container = workload.containers[0]
    facts = {**workload.facts, **container.facts}
    values = {name: fact.value for name, fact in facts.items()}
    assert (draft.kind, workload.name, draft.facts["target.terminates_tls"].value) == ("fly", "gateway", True)
    assert (values["workload.grace_period"], values["workload.stop_signal"]) == (90.0, "SIGINT")
    assert (values["container.cpu_limit"], values["container.memory_limit"]) == (2.0, 2 << 30)
    assert (values["container.concurrency"], values["workload.scale_target"]) == (25, 20)
    assert values["workload.replicas_min"] == 2
    assert (values["readiness.kind"], values["readiness.path"], values["readiness.period"]) == ("http", "/health", 15.0)
    assert values["readiness.port"] == 4444
    assert values["liveness.kind"] is ABSENT
    assert container.build is not None
    assert (container.build.context, container.build.dockerfile) == ("deploy", "deploy/Containerfile")
    assert container.environment.get("WORKERS").value == "4"
    assert isinstance(container.environment.get("DATABASE_URL").value, Unknown), "a secret of Fly may set it"


def test_facts_point_at_their_lines(tmp_path: Path) -> None:
    draft = drafts(tmp_path, {"fly.toml": FLY})[0]
    container = draft.workloads[0].containers[0]
    lines = FLY.splitlines()
    every = [*draft.workloads[0].facts.values(), *container.facts.values(), *container.environment]
    stated = [fact for fact in every if fact.source.layer == "manifest" and fact.source.raw]
    assert len(stated) >= 9
    for fact in stated:
        assert fact.location is not None
        assert fact.location.span is not None
        assert (
            lines[fact.location.line - 1][fact.location.span.column - 1 :].strip("'").startswith(fact.source.raw or "")
        )


def test_defaults_and_presets(tmp_path: Path) -> None:
    text = "app = 'a'\n[[vm]]\nsize = 'performance-2x'\n[build]\nimage = 'x:1'\n"
    workload = drafts(tmp_path, {"fly.toml": text})[0].workloads[0]
    container = workload.containers[0]
    assert workload.facts["workload.grace_period"].value == 5.0
    assert container.facts["container.cpu_limit"].value == 2.0
    assert container.facts["container.memory_limit"].value == 4 << 30
    assert container.image is not None
    assert container.image.value == "x:1"


def test_process_groups(tmp_path: Path) -> None:
    text = (
        "app = 'a'\n[processes]\nweb = 'gunicorn -w 2 app:app'\nworker = \"celery 'x\"\n"
        "[http_service]\ninternal_port = 80\nprocesses = ['web']\n"
    )
    web, worker = drafts(tmp_path, {"fly.toml": text})[0].workloads
    assert web.containers[0].arguments is not None
    assert web.containers[0].arguments.value == ("gunicorn", "-w", "2", "app:app")
    assert web.containers[0].facts["container.ports"].value == (80,)
    assert worker.containers[0].arguments is not None
    assert isinstance(worker.containers[0].arguments.value, Unknown)
    assert "container.ports" not in worker.containers[0].facts


def test_odd_files_break_nothing(tmp_path: Path) -> None:
    odd = "app = [1]\nbuild = 3\nenv = 'x'\nvm = 1\nhttp_service = [1]\nchecks = 2\nprocesses = []\nkill_timeout = {a = 1}\n"
    workload = drafts(tmp_path, {"fly.toml": odd})[0].workloads[0]
    assert isinstance(workload.facts["workload.grace_period"].value, Unknown)


def test_the_proxy_closes_idle_connections_where_the_file_says_so(tmp_path: Path) -> None:
    draft = drafts(tmp_path, {"fly.toml": "app = 'a'\n[http_service]\n  internal_port = 8000\n"})[0]
    assert "hop.idle_timeout" not in draft.endpoints[0].facts
    assert draft.workloads[0].facts["workload.scale_target"].value == 20
    port = "[[services.ports]]\n  port = 443\n  handlers = ['tls', 'http']\n"
    port += "  [services.ports.http_options]\n    idle_timeout = 600\n"
    text = f"app = 'a'\n[[services]]\n  internal_port = 8000\n{port}"
    idle = drafts(tmp_path, {"fly.toml": text})[0].endpoints[0].facts["hop.idle_timeout"]
    assert (idle.value, idle.location and idle.location.line) == (600.0, 8)


def test_experimental_words_take_the_place_of_the_images(tmp_path: Path) -> None:
    text = "app = 'a'\n[experimental]\n  cmd = ['gunicorn', 'a:b']\n  entrypoint = ['/run.sh']\n"
    container = drafts(tmp_path, {"fly.toml": text})[0].workloads[0].containers[0]
    assert container.entrypoint is not None and container.entrypoint.value == ("/run.sh",)
    assert container.arguments is not None and container.arguments.value == ("gunicorn", "a:b")
    assert str(container.arguments.location).startswith("fly.toml:3")
