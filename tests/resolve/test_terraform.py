"""Code Engine applications and Cloud Run services of Terraform modules."""

from __future__ import annotations

import pathlib

import pytest
from clock import ends_soon
from completed import subjects
from hypothesis import given, settings
from hypothesis import strategies as st
from tree_of import workspace_of

from gwaudit.resolve.commands import targets as command_targets
from gwaudit.resolve.fact import ABSENT, Unknown
from gwaudit.resolve.model import TargetDraft
from gwaudit.resolve.terraform import targets

APPLICATION = """\
resource "ibm_code_engine_secret" "keys" {
  name   = "gw-keys"
  format = "generic"
  data   = { JWT_SECRET_KEY = "my-test-key", OTHER = var.unset }
}
resource "ibm_code_engine_config_map" "conf" {
  name = "conf"
  data = { LEVEL = "INFO" }
}
resource "ibm_code_engine_app" "gateway" {
  name                  = "gateway"
  image_reference       = "icr.io/x/gw:${local.tag}"
  image_port            = 4444
  scale_cpu_limit       = "2"
  scale_memory_limit    = var.memory
  scale_max_instances   = 0
  scale_request_timeout = 120
  run_commands          = ["gunicorn", "--timeout", "$(TIMEOUT)", "app:app"]
  run_arguments         = []
  run_env_variables {
    name  = "TIMEOUT"
    value = "90"
  }
  run_env_variables {
    type      = "secret_full_reference"
    reference = ibm_code_engine_secret.keys.name
    prefix    = "X_"
  }
  run_env_variables {
    type      = "secret_key_reference"
    reference = "gw-keys"
    key       = "JWT_SECRET_KEY"
    name      = "AUTH_KEY"
  }
  run_env_variables {
    type      = "config_map_full_reference"
    reference = "conf"
  }
  run_volume_mounts {
    mount_path = "/etc/keys"
    reference  = "gw-keys"
    name       = "keys"
    type       = "secret"
  }
  probe_readiness {
    path     = "/health"
    type     = "http"
    interval = 5
  }
}
locals { tag = "1.0" }
variable "memory" { default = "8G" }
variable "unset" {}
"""

SERVICE = """\
variable "environment" { default = "dev" }
variable "variables" { default = { A = "1" } }
resource "google_cloud_run_v2_service" "api" {
  name = "api-${var.environment}"
  template {
    timeout                          = "30s"
    max_instance_request_concurrency = 0
    scaling {
      max_instance_count = var.environment == "prod" ? 10 : 1
    }
    volumes {
      name = "files"
      gcs { bucket = "b" }
    }
    containers {
      image = "gcr.io/p/gw:1"
      args  = ["-w", "4"]
      resources { limits = { memory = "1Gi" } }
      ports { container_port = 8000 }
      dynamic "env" {
        for_each = merge(var.variables, { B = tostring(2) })
        content {
          name  = env.key
          value = env.value
        }
      }
      env {
        name = "KEY"
        value_source {
          secret_key_ref { secret = "api-key" }
        }
      }
      volume_mounts {
        name       = "files"
        mount_path = "/data"
      }
      liveness_probe {
        period_seconds = 7
        http_get { path = "/alive" }
      }
    }
  }
}
resource "google_cloud_run_v2_service_iam_member" "all" {
  name   = google_cloud_run_v2_service.api.name
  role   = "roles/run.invoker"
  member = "allUsers"
}
"""


def drafts(root: pathlib.Path, files: dict[str, str]) -> list[TargetDraft]:
    return targets(workspace_of(root, files))


def test_code_engine(tmp_path: pathlib.Path) -> None:
    (draft,) = drafts(tmp_path, {"infra/main.tf": APPLICATION})
    assert (draft.kind, draft.name) == ("code-engine", "infra/main.tf: gateway")
    workload = draft.workloads[0]
    container = workload.containers[0]
    assert container.image is not None
    assert container.image.value == "icr.io/x/gw:1.0"
    memory = container.facts["container.memory_limit"]
    assert (memory.value, str(memory.location), memory.assumed) == (8_000_000_000, "infra/main.tf:52:31", True)
    assert container.facts["container.cpu_limit"].shadowed[0].value == 1.0
    assert container.facts["container.ports"].value == (4444,)
    assert container.facts["container.concurrency"].value == 100
    assert workload.facts["workload.request_timeout"].value == 120.0
    assert isinstance(workload.facts["workload.replicas_max"].value, Unknown)
    assert container.entrypoint is not None
    assert container.entrypoint.value == ("gunicorn", "--timeout", "90", "app:app")
    assert container.arguments is None, "an empty list leaves the image's own"
    environment = container.environment
    key = environment.get("AUTH_KEY")
    assert (key.value, key.secret, key.source.raw, str(key.location)) == (
        "my-test-key",
        True,
        None,
        "infra/main.tf:4:31",
    )
    assert environment.get("X_JWT_SECRET_KEY").secret
    assert isinstance(environment.get("X_OTHER").value, Unknown)
    assert environment.get("LEVEL").value == "INFO"
    assert environment.get("PORT").value == "4444"
    assert environment.get("NOTHING").value is ABSENT
    assert [(mount.path, mount.kind) for mount in container.mounts] == [("/etc/keys", "secret")]
    assert [container.facts[f"readiness.{name}"].value for name in ("kind", "path", "period")] == [
        "http",
        "/health",
        5.0,
    ]
    assert container.facts["liveness.kind"].value is ABSENT
    assert draft.endpoints[0].public is True


def test_a_secret_made_elsewhere_may_set_anything(tmp_path: pathlib.Path) -> None:
    text = APPLICATION.replace("reference = ibm_code_engine_secret.keys.name", 'reference = "another"')
    (draft,) = drafts(tmp_path, {"main.tf": text})
    assert isinstance(draft.workloads[0].containers[0].environment.get("NOTHING").value, Unknown)


def test_cloud_run(tmp_path: pathlib.Path) -> None:
    (draft,) = drafts(tmp_path, {"run.tf": SERVICE})
    workload = draft.workloads[0]
    container = workload.containers[0]
    assert (draft.kind, workload.name) == ("cloud-run", "api-dev")
    assert workload.facts["workload.request_timeout"].value == 30.0
    assert workload.facts["workload.replicas_max"].value == 1
    assert container.facts["container.concurrency"].value == 80, "0 stands for the default"
    assert container.facts["container.cpu_limit"].value == 1.0
    assert container.facts["container.memory_limit"].value == 1 << 30
    environment = container.environment
    assert [(environment.get(name).value, str(environment.get(name).location)) for name in "AB"] == [
        ("1", "run.tf:2:40"),
        ("2", "run.tf:21:56"),
    ]
    assert environment.get("KEY").secret
    assert environment.get("PORT").value == "8000"
    assert [(mount.path, mount.kind) for mount in container.mounts] == [("/data", "network")]
    assert [container.facts[f"liveness.{name}"].value for name in ("kind", "path", "period")] == ["http", "/alive", 7.0]
    assert draft.endpoints[0].public is True
    assert str(draft.endpoints[0].location) == "run.tf:44:51"


@pytest.mark.parametrize(
    ("lines", "public"),
    [
        ("", None),
        ("  invoker_iam_disabled = true\n", True),
        ('  invoker_iam_disabled = true\n  ingress = "INGRESS_TRAFFIC_INTERNAL_ONLY"\n', False),
        ('  invoker_iam_disabled = true\n  ingress = "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"\n', None),
        ("  ingress = var.unknown\n", None),
    ],
)
def test_who_may_call(tmp_path: pathlib.Path, lines: str, public: bool | None) -> None:
    text = f'resource "google_cloud_run_v2_service" "x" {{\n  name = "x"\n{lines}}}\n'
    (draft,) = drafts(tmp_path, {"x.tf": text})
    assert draft.endpoints[0].public is public


def test_the_first_version_of_cloud_run(tmp_path: pathlib.Path) -> None:
    text = (
        'resource "google_cloud_run_service" "x" {\n  name = "x"\n  metadata {\n    annotations = {\n'
        '      "run.googleapis.com/ingress" = "internal"\n    }\n  }\n  template {\n    metadata {\n      annotations = {\n'
        '        "autoscaling.knative.dev/maxScale" = "7"\n      }\n    }\n    spec {\n      timeout_seconds = 900\n'
        '      containers {\n        image = "a:1"\n        env {\n          name = "K"\n          value_from {\n'
        '            secret_key_ref {\n              name = "k"\n              key = "1"\n            }\n'
        "          }\n        }\n      }\n    }\n  }\n}\n"
    )
    (draft,) = drafts(tmp_path, {"x.tf": text})
    workload = draft.workloads[0]
    assert workload.facts["workload.replicas_max"].value == 7
    assert workload.facts["workload.request_timeout"].value == 900.0
    assert workload.containers[0].environment.get("K").secret
    assert draft.endpoints[0].public is False


def test_variable_files(tmp_path: pathlib.Path) -> None:
    files = {
        "main.tf": SERVICE,
        "terraform.tfvars": 'variables = { A = "2" }\n',
        "z.auto.tfvars": 'variables = { A = "3" }\n',
    }
    (draft,) = drafts(tmp_path, files)
    fact = draft.workloads[0].containers[0].environment.get("A")
    assert (fact.value, str(fact.location), fact.assumed) == ("3", "z.auto.tfvars:1:19", False)
    assert [str(step.location) for step in fact.source.via] == ["main.tf:24:19"]


def test_named_variable_files_are_deployments_of_their_own(tmp_path: pathlib.Path) -> None:
    files = {
        "main.tf": SERVICE,
        "env/prod.tfvars": 'environment = "prod"\n',
        "env/dev.tfvars": 'environment = "dev"\n',
        "prod.tfvars.example": 'environment = "prod"\n',
        "env/other.tfvars": 'unrelated = "x"\n',
    }
    found = drafts(tmp_path, files)
    assert [draft.name for draft in found] == [
        "main.tf: api-dev (env/dev.tfvars)",
        "main.tf: api-prod (env/prod.tfvars)",
    ]
    assert [draft.workloads[0].facts["workload.replicas_max"].value for draft in found] == [1, 10]


def test_modules_of_the_tree(tmp_path: pathlib.Path) -> None:
    files = {
        "main.tf": 'module "api" {\n  source = "./modules/run"\n  for_each = local.apps\n  environment = each.key\n'
        "  variables = each.value.env\n}\n"
        'locals {\n  apps = {\n    one = { env = { A = "x" } }\n    two = {}\n  }\n}\n',
        "modules/run/main.tf": SERVICE,
        "registry.tf": 'module "other" {\n  source = "example/run/google"\n}\n',
    }
    found = drafts(tmp_path, files)
    assert [draft.workloads[0].name for draft in found] == ["api-one", "api-two"]
    assert found[0].paths[:2] == ("main.tf", "modules/run/main.tf")
    environment = found[0].workloads[0].containers[0].environment
    assert (environment.get("A").value, str(environment.get("A").location)) == ("x", "main.tf:9:25")
    assert isinstance(found[1].workloads[0].containers[0].environment.get("A").value, Unknown)


def test_optional_attributes_are_null(tmp_path: pathlib.Path) -> None:
    text = (
        'variable "apps" {\n  type = map(object({ cpu = optional(string), memory = optional(string, "2G") }))\n'
        "  default = { a = {} }\n}\n"
        'resource "ibm_code_engine_app" "x" {\n  for_each = var.apps\n  name = each.key\n  image_reference = "a:1"\n'
        "  scale_cpu_limit = each.value.cpu\n  scale_memory_limit = each.value.memory\n}\n"
    )
    (draft,) = drafts(tmp_path, {"main.tf": text})
    facts = draft.workloads[0].containers[0].facts
    assert (facts["container.cpu_limit"].value, facts["container.cpu_limit"].source.layer) == (1.0, "platform")
    assert isinstance(facts["container.memory_limit"].value, Unknown)


@pytest.mark.parametrize(
    ("repeat", "names"),
    [
        ("count = 0", []),
        ("count = 1", ["api"]),
        ("count = 2", ["api", "api"]),
        ("count = var.many", ["api"]),
        ('for_each = toset(["b", "a"])', ["api", "api"]),
        ("for_each = var.many", ["api"]),
        ("for_each = { for k, v in var.many : k => v }", ["api"]),
    ],
)
def test_count_and_for_each(tmp_path: pathlib.Path, repeat: str, names: list[str]) -> None:
    resource = f'resource "ibm_code_engine_app" "x" {{\n  {repeat}\n  name = "api"\n  image_reference = each.key\n}}\n'
    text = f'variable "many" {{}}\n{resource}'
    found = drafts(tmp_path, {"main.tf": text})
    assert [draft.workloads[0].name for draft in found] == names
    for draft in found:
        image = draft.workloads[0].containers[0].image
        assert image is not None
        assert image.value in ("a", "b") if "toset" in repeat else isinstance(image.value, Unknown)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('var.a == "x" ? 1 : 2', 1),
        ('var.a != "x" ? 1 : 2', 2),
        ("var.n != null ? var.n : 7", 7),
        ('var.a == "x" && !var.f ? 3 : 4', 3),
        ('var.f || var.a == "y" ? 3 : 4', 4),
        ("coalesce(var.n, 5)", 5),
        ("try(local.m.k, 9)", 6),
        ('lookup(local.m, "k", 1)', 6),
        ('lookup(local.m, "none", 1)', 1),
        ('local.m["k"]', 6),
        ('"${local.m.k}"', 6),
        ("concat([8], [9])[0]", None),
        ("max(1, 2)", None),
        ("var.none ? 1 : 2", None),
        ("local.circle", None),
        ("module.x.y", None),
        ("data.x.y.z", None),
    ],
)
def test_expressions(tmp_path: pathlib.Path, expression: str, value: int | None) -> None:
    text = (
        'variable "a" { default = "x" }\nvariable "n" { default = null }\nvariable "f" { default = false }\n'
        'variable "none" {}\n'
        "locals {\n  m = { k = 6 }\n  circle = local.other\n  other = local.circle\n}\n"
        'resource "ibm_code_engine_app" "x" {\n  name = "x"\n  image_reference = "a"\n'
        f"  scale_min_instances = {expression}\n}}\n"
    )
    (draft,) = drafts(tmp_path, {"main.tf": text})
    found = draft.workloads[0].facts["workload.replicas_min"].value
    assert found == value if value is not None else isinstance(found, Unknown)


def test_the_same_facts_as_the_command_line(tmp_path: pathlib.Path) -> None:
    """One application, described by a command and by a resource: the same facts, defaults included."""
    text = (
        'resource "ibm_code_engine_app" "gw" {\n  name = "gw"\n  image_reference = "gw:1"\n  scale_cpu_limit = "0.5"\n'
        '  image_port = 9000\n  run_env_variables {\n    name = "A"\n    value = "1"\n  }\n}\n'
        'resource "google_cloud_run_v2_service" "run" {\n  name = "run"\n  template {\n    timeout = "60s"\n'
        '    containers {\n      image = "gw:1"\n'
        '      env {\n        name = "A"\n        value = "1"\n      }\n    }\n  }\n}\n'
    )
    script = (
        "ibmcloud ce app create --name gw --image gw:1 --cpu 0.5 --port 9000 --env A=1\n"
        "gcloud run deploy run --image gw:1 --timeout 60 --set-env-vars A=1\n"
    )
    workspace = workspace_of(tmp_path, {"main.tf": text, "deploy.sh": script})
    resources, commands = targets(workspace), command_targets(workspace)
    assert [draft.kind for draft in resources] == [draft.kind for draft in commands] == ["code-engine", "cloud-run"]
    for one, other in zip(resources, commands, strict=True):
        assert _plain(one.facts) == _plain(other.facts)
        for mine, theirs in zip(one.workloads, other.workloads, strict=True):
            assert _plain(mine.facts) == _plain(theirs.facts)
            inner, outer = mine.containers[0], theirs.containers[0]
            assert _plain(inner.facts) == _plain(
                {**outer.facts, **{k: v for k, v in inner.facts.items() if k == "readiness.kind"}}
            )
            assert {fact.name: fact.value for fact in inner.environment} == {
                fact.name: fact.value for fact in outer.environment
            }
        assert [_plain(end.facts) for end in one.endpoints] == [_plain(end.facts) for end in other.endpoints]


def _plain(facts: dict[str, object]) -> dict[str, object]:
    values = {name: fact.value for name, fact in facts.items()}  # type: ignore[attr-defined]
    return {
        name: value for name, value in values.items() if not isinstance(value, Unknown) and name != "readiness.kind"
    }


def test_each_word_has_its_own_place(tmp_path: pathlib.Path) -> None:
    written = 'args = ["gunicorn", "-w", "${var.workers}", "-t", "600", "app:app"]'
    text = SERVICE.replace('args  = ["-w", "4"]', written) + 'variable "workers" { default = 8 }\n'
    container = next(iter(subjects(tmp_path, {"main.tf": text}, "container").values()))
    lines = text.splitlines()
    timeout, workers = container.fact("gunicorn.timeout"), container.fact("gunicorn.workers")
    assert timeout.location is not None and workers.location is not None
    here = next(number for number, line in enumerate(lines, 1) if written in line)
    assert timeout.location.line == here
    assert timeout.location.span is not None and timeout.location.span.column == lines[here - 1].index('"600"') + 1
    assert (workers.value, workers.location.line) == (8, len(lines))


def test_one_time_limit_is_one_step(tmp_path: pathlib.Path) -> None:
    text = SERVICE.replace('args  = ["-w", "4"]', 'args = ["gunicorn", "-t", "600", "app:app"]')
    routes = subjects(tmp_path, {"main.tf": text}, "route")
    ladder = next(route.known("route.ladder") for route in routes.values())
    assert ladder.startswith("Cloud Run (cloud-run) 30")
    assert "platform request timeout" not in ladder


@pytest.mark.parametrize(
    "text",
    [
        'resource "google_cloud_run_v2_service" "x" {}',
        'resource "google_cloud_run_v2_service" "x" { template = "x" }',
        'resource "google_cloud_run_v2_service" "x" {\n  template {\n    containers = [1]\n  }\n}',
        'resource "ibm_code_engine_app" "x" {\n  name = ibm_code_engine_app.x.name\n}',
        'resource "ibm_code_engine_app" "x" {\n  for_each = ibm_code_engine_app.x.for_each\n}',
        'resource "ibm_code_engine_app" "x" {\n  run_env_variables {}\n  run_env_variables {\n    type = "new"\n  }\n}',
        'resource "ibm_code_engine_app" "x" {\n  dynamic "run_env_variables" {}\n}',
        'resource "ibm_code_engine_app" "x" {\n  count = 99999999999999\n}',
        'resource "ibm_code_engine_app"',
        'module "x" {\n  source = "./"\n}\nresource "ibm_code_engine_app" "x" {}',
        'module "x" {\n  source = "../../.."\n}\nresource "ibm_code_engine_app" "x" {}',
    ],
)
def test_hostile(tmp_path: pathlib.Path, text: str) -> None:
    subjects(tmp_path, {"a/main.tf": text})


def test_bombs_end(tmp_path: pathlib.Path) -> None:
    wide = "locals {\n  a0 = [1, 2]\n" + "".join(
        f"  a{i} = concat({', '.join([f'local.a{i - 1}'] * 9)})\n" for i in range(1, 40)
    )
    deep = "".join(f'  b{i} = "${{local.b{i + 1}}}${{local.b{i + 1}}}"\n' for i in range(60))
    app = (
        'resource "ibm_code_engine_app" "x" {\n  for_each = local.a39\n  name = local.b0\n  image_reference = "x"\n}\n'
    )
    calls = "".join(f'module "m{i}" {{\n  source = "./m"\n  count = 500\n}}\n' for i in range(50))
    nested = "".join(f'module "n{i}" {{\n  source = "../m{i % 3}"\n  count = 40\n}}\n' for i in range(20))
    files = {
        "main.tf": wide + deep + "}\n" + app + calls,
        "m/x.tf": app + nested,
        "m0/x.tf": app + nested,
        "m1/x.tf": app,
    }
    with ends_soon(2):
        assert len(drafts(tmp_path, files)) <= 300


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet='{}[]()"$=.,:?! \nabx0_-<EOF', max_size=120))
def test_any_expression(text: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        drafts(pathlib.Path(folder), {"x.tf": f'resource "ibm_code_engine_app" "x" {{\n  name = {text}\n}}\n'})
