"""Applications of the Clowder operator: the deployments and jobs that it makes of them."""

from __future__ import annotations

import pathlib

import pytest
from clock import ends_soon
from completed import subjects

from gwaudit.resolve.fact import ABSENT, Unknown

TEMPLATE = """apiVersion: template.openshift.io/v1
kind: Template
metadata: {name: shop}
objects:
- apiVersion: cloud.redhat.com/v1alpha1
  kind: ClowdApp
  metadata: {name: shop}
  spec:
    envName: ${ENV}
    deployments:
    - name: service
      minReplicas: ${{REPLICAS}}
      webServices: {public: {enabled: true}}
      podSpec:
        image: quay.io/example/shop:1
        command: [gunicorn, -b, "0.0.0.0:8000", --timeout, $(LIMIT), "shop:app"]
        initContainers:
        - command: [migrate]
          inheritEnv: true
          env: [{name: LIMIT, value: "5"}]
        env:
        - {name: LIMIT, value: "90"}
        - {name: LEVEL, value: info}
        resources:
          limits: {memory: 1Gi}
        readinessProbe:
          httpGet: {path: /ready, port: 8000}
        volumeMounts: [{name: data, mountPath: /data}]
        volumes: [{name: data, emptyDir: {}}]
    - name: worker
      podSpec:
        image: quay.io/example/shop:1
        command: [celery]
    jobs:
    - name: nightly
      schedule: "0 3 * * *"
      podSpec: {image: "quay.io/example/shop:1", command: [clean]}
    - name: once
      podSpec: {image: "quay.io/example/shop:1", command: [fill]}
parameters:
- {name: ENV, required: true}
- {name: REPLICAS, value: "3"}
"""


def test_a_deployment(tmp_path: pathlib.Path) -> None:
    found = subjects(tmp_path, {"clowdapp.yaml": TEMPLATE})
    service = found["shop-service"]
    expected = {
        "gunicorn.timeout": 90, "container.memory_limit": 1 << 30, "readiness.path": "/ready", "liveness.path": "/healthz",
        "liveness.period": 30.0, "workload.replicas": 3, "workload.kind": "deployment",
    }  # fmt: skip
    assert {name: service.known(name) for name in expected} == expected
    assert isinstance(service.value("container.cpu_limit"), Unknown), "the environment may set it"
    assert isinstance(service.value("liveness.port"), Unknown)
    assert str(service.fact("gunicorn.timeout").location) == "clowdapp.yaml:16:60"
    assert str(service.fact("workload.replicas").location) == "clowdapp.yaml:42:27"
    assert service.environment is not None
    assert service.environment.get("ACG_CONFIG").value == "/cdapp/cdappconfig.json"
    assert service.environment.get("NOTHING").value is ABSENT


def test_init_containers_inherit(tmp_path: pathlib.Path) -> None:
    first = subjects(tmp_path, {"clowdapp.yaml": TEMPLATE})["shop-service-init"]
    assert first.environment is not None
    assert [first.environment.get(name).value for name in ("LIMIT", "LEVEL")] == ["5", "info"]
    assert first.known("container.image") == "quay.io/example/shop:1"


def test_other_deployments_and_jobs(tmp_path: pathlib.Path) -> None:
    found = subjects(tmp_path, {"clowdapp.yaml": TEMPLATE})
    assert found["shop-worker"].value("liveness.kind") is ABSENT, "no web service, no probe"
    assert [found[name].known("workload.is_job") for name in ("shop-worker", "shop-nightly", "shop-once")] == [
        False,
        True,
        True,
    ]


@pytest.mark.parametrize(
    "spec",
    [
        "{}",
        "[]",
        "{deployments: {}}",
        "{deployments: [1, {name: x}, {podSpec: {}}, {name: [y], podSpec: {}}, {name: z, podSpec: 3}]}",
        "{deployments: [{name: x, podSpec: {env: 1, resources: 2, initContainers: 3, volumes: 4}}]}",
        "{jobs: [{name: x, podSpec: {}}]}",
    ],
)
def test_hostile(tmp_path: pathlib.Path, spec: str) -> None:
    text = f"apiVersion: cloud.redhat.com/v1alpha1\nkind: ClowdApp\nmetadata: {{name: a}}\nspec: {spec}\n"
    subjects(tmp_path, {"a.yaml": text})


def test_many_deployments_end(tmp_path: pathlib.Path) -> None:
    pod = "{image: x, initContainers: [{inheritEnv: true}], env: *e}"
    each = "".join(f"  - {{name: d{i}, podSpec: {pod}}}\n" for i in range(3000))
    env = "".join(f"  - {{name: V{i}, value: x}}\n" for i in range(300))
    head = "apiVersion: cloud.redhat.com/v1alpha1\nkind: ClowdApp\nmetadata: {name: a}\nspec:\n"
    with ends_soon(6):
        subjects(tmp_path, {"a.yaml": f"{head}  env: &e\n{env}  deployments:\n{each}"})
