"""Nomad jobs as targets."""

from __future__ import annotations

import json
from pathlib import Path

from gwaudit.resolve.fact import ABSENT, Unknown
from gwaudit.resolve.model import Assumptions, TargetDraft
from gwaudit.resolve.nomad import targets
from gwaudit.resolve.workspace import Workspace
from gwaudit.tree import Tree

JOB = """\
variable "tag" {
  default = "1.0"
}
variable "key" {}
locals { workers = 4 }
job "gateway" {
  group "web" {
    count = 3
    scaling {
      min = 2
      max = 6
    }
    network {
      mode = "bridge"
      port "http" { to = 4444 }
      port "admin" { static = 9000 }
    }
    service {
      name = "gateway"
      port = "http"
      check {
        type     = "http"
        path     = "/health"
        interval = "10s"
      }
    }
    task "migrate" {
      lifecycle { hook = "prestart" }
      driver = "docker"
      config { image = "gw:1" }
    }
    task "app" {
      driver = "docker"
      config {
        image   = "gw:${var.tag}"
        command = "gunicorn"
        args    = ["-w", "${local.workers}", "app:app"]
        ports   = ["http"]
      }
      env {
        WORKERS = local.workers
        HOSTNAME = "${NOMAD_IP_http}"
        KEY     = var.key
        UPPER   = upper("a")
      }
      template {
        env  = true
        destination = "secrets/env"
        data = <<-EOT
          REDIS_URL="redis://r:6379"
          TOKEN={{ key "x" }}
          {{ if true }}
          MAYBE=1
          {{ end }}
        EOT
      }
      resources {
        cpu        = 500
        memory     = 512
        memory_max = 1024
      }
      kill_timeout = "45s"
    }
  }
}
"""


def drafts(root: Path, files: dict[str, str]) -> tuple[Workspace, list[TargetDraft]]:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    workspace = Workspace(Tree(str(root)), Assumptions())
    return workspace, targets(workspace)


def place(needle: str) -> str:
    """Where a text stands in the job."""
    before = JOB[: JOB.index(needle)]
    return f"gw.nomad:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


def test_a_group_is_a_workload(tmp_path: Path) -> None:
    _, found = drafts(tmp_path, {"gw.nomad": JOB})
    assert [draft.kind for draft in found] == ["nomad"]
    workload = found[0].workloads[0]
    values = {name: fact.value for name, fact in workload.facts.items()}
    assert values["workload.replicas"] == 3
    assert (values["workload.replicas_min"], values["workload.replicas_max"]) == (2, 6)
    assert values["workload.is_job"] is False
    assert str(workload.facts["workload.replicas"].location) == place("3\n    scaling")
    assert "gateway.service.consul" in workload.aliases
    assert [container.is_init for container in workload.containers] == [True, False]
    assert [(e.kind, e.outer_port) for e in found[0].endpoints] == [("published-port", 9000)]


def test_a_task_is_a_container(tmp_path: Path) -> None:
    _, found = drafts(tmp_path, {"gw.nomad": JOB})
    container = found[0].workloads[0].containers[1]
    facts = {name: fact.value for name, fact in container.facts.items()}
    assert container.image is not None
    assert (container.image.value, str(container.image.location)) == ("gw:1.0", place('"gw:${var'))
    assert container.arguments is not None
    assert container.arguments.value == ("gunicorn", "-w", "4", "app:app")
    assert facts["container.memory_limit"] == 1024 << 20
    assert facts["container.memory_request"] == 512 << 20
    assert "container.cpu_limit" not in facts, "MHz are a share, no limit"
    assert facts["container.ports"] == (4444,)
    assert (facts["readiness.kind"], facts["readiness.path"], facts["readiness.port"]) == ("http", "/health", 4444)
    assert facts["liveness.kind"] is ABSENT
    grace = facts["workload.grace_period"]
    assert isinstance(grace, Unknown)
    assert (grace.low, grace.high) == (30.0, 45.0)
    assert "workload.stop_signal" not in facts


def test_the_environment(tmp_path: Path) -> None:
    _, found = drafts(tmp_path, {"gw.nomad": JOB})
    environment = found[0].workloads[0].containers[1].environment
    workers = environment.get("WORKERS")
    assert (workers.value, str(workers.location)) == ("4", place("4 }\njob"))
    assert str(workers.source.via[0].location) == place("local.workers\n")
    for name in ("HOSTNAME", "KEY", "UPPER", "TOKEN", "MAYBE"):
        assert isinstance(environment.get(name).value, Unknown), name
    redis = environment.get("REDIS_URL")
    assert (redis.value, str(redis.location)) == ("redis://r:6379", place('"redis://'))
    assert environment.get("NOTHING").value is ABSENT


def test_names_that_a_template_makes_hide_everything(tmp_path: Path) -> None:
    text = (
        'job "a" {\n group "g" {\n task "t" {\n driver = "docker"\n config { image = "x" }\n env { A = "1" }\n'
        "template {\n env = true\n data = <<EOF\n{{ range ls }}\n{{ .Key }}={{ .Value }}\n{{ end }}\nEOF\n}\n}\n}\n}\n"
    )
    _, found = drafts(tmp_path, {"a.nomad": text})
    environment = found[0].workloads[0].containers[0].environment
    assert isinstance(environment.get("A").value, Unknown)


def test_defaults(tmp_path: Path) -> None:
    text = (
        'job "a" {\n type = "batch"\n group "g" {\n task "t" {\n driver = "docker"\n config { image = "x" }\n}\n}\n}\n'
    )
    _, found = drafts(tmp_path, {"a.hcl": text, "vault.hcl": 'listener "tcp" {\n  meta { "k" = 1 }\n}\n'})
    workload = found[0].workloads[0]
    container = workload.containers[0]
    assert workload.facts["workload.is_job"].value is True
    assert workload.facts["workload.replicas"].value == 1
    assert workload.facts["workload.grace_period"].value == 5.0
    assert container.facts["container.memory_limit"].value == 300 << 20
    assert container.facts["container.memory_limit"].source.layer == "platform"


def test_a_file_of_another_program_is_not_parsed(tmp_path: Path) -> None:
    workspace, found = drafts(tmp_path, {"vault.hcl": 'listener "tcp" {\n  meta { "k" = 1 }\n}\n'})
    assert found == []
    assert workspace.failures == []


def test_a_job_that_cannot_be_read_is_noted(tmp_path: Path) -> None:
    workspace, found = drafts(tmp_path, {"a.nomad": 'job "a" {\n  group = = 1\n}\n'})
    assert found == []
    assert [str(failure.location) for failure in workspace.failures] == ["a.nomad:2:11"]


def test_circles_end(tmp_path: Path) -> None:
    text = (
        'locals {\n a = local.b\n b = "${local.a}x"\n}\njob "a" {\n group "g" {\n count = local.a\n task "t" {\n'
        ' driver = "exec"\n config { command = "x" }\n}\n}\n}\n'
    )
    _, found = drafts(tmp_path, {"a.nomad": text})
    assert isinstance(found[0].workloads[0].facts["workload.replicas"].value, Unknown)
    entrypoint = found[0].workloads[0].containers[0].entrypoint
    assert entrypoint is not None
    assert entrypoint.value == ("x",)


def test_references_that_multiply_end_soon(tmp_path: Path) -> None:
    lines = [' v0 = ""', *(f' v{i} = "' + f"${{local.v{i - 1}}}" * 200 + '"' for i in range(1, 6))]
    text = (
        "locals {\n" + "\n".join(lines) + '\n}\njob "a" {\n group "g" {\n task "t" {\n driver = "docker"\n'
        " config { image = local.v5 }\n}\n}\n}\n"
    )
    _, found = drafts(tmp_path, {"a.nomad": text})
    image = found[0].workloads[0].containers[0].image
    assert image is not None
    assert isinstance(image.value, Unknown)


def test_json_of_the_api_and_of_hcl(tmp_path: Path) -> None:
    task = {
        "Name": "app", "Driver": "docker", "Config": {"image": "gw:1", "args": ["a"]}, "Env": {"A": "1"},
        "Resources": {"MemoryMB": 256}, "KillTimeout": 7_000_000_000,
    }  # fmt: skip
    api = {"Job": {"ID": "gw", "Type": "service", "TaskGroups": [{"Name": "web", "Count": 2, "Tasks": [task]}]}}
    config = {"image": "gw:2"}
    native = {"job": {"gw": {"group": {"web": {"count": 3, "task": {"app": {"driver": "docker", "config": config}}}}}}}
    _, found = drafts(tmp_path, {"api.nomad.json": json.dumps(api, indent=1), "hcl.nomad.json": json.dumps(native)})
    first, second = (draft.workloads[0] for draft in found)
    assert (first.name, first.facts["workload.replicas"].value) == ("web", 2)
    assert first.facts["workload.grace_period"].value == 7.0
    assert first.containers[0].facts["container.memory_limit"].value == 256 << 20
    assert first.containers[0].environment.get("A").value == "1"
    assert second.facts["workload.replicas"].value == 3
    assert second.containers[0].image is not None
    assert second.containers[0].image.value == "gw:2"
