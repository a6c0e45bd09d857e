"""Charts of a repository become targets: which values files belong to which, and what the drafts hold."""

from __future__ import annotations

import pathlib
import textwrap

import pytest

from gwaudit.resolve.helm import targets
from gwaudit.resolve.model import Assumptions, TargetDraft
from gwaudit.resolve.workspace import Workspace
from gwaudit.tree import Tree

CHART = "apiVersion: v2\nname: {name}\nversion: 0.1.0\n"
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-web
spec:
  replicas: {{ .Values.replicas }}
  template:
    spec:
      containers:
        - name: web
          image: example.com/web:1
          env:
            - name: WORKERS
              value: {{ .Values.workers | quote }}
            - name: SECRET
              value: {{ randAlphaNum 16 | quote }}
"""
HOOKS = """\
apiVersion: v1
kind: Pod
metadata:
  name: check
  annotations: {"helm.sh/hook": test}
spec: {containers: [{name: check, image: busybox}]}
---
apiVersion: v1
kind: Pod
metadata:
  name: prepare
  annotations: {"helm.sh/hook": "pre-install,pre-upgrade"}
spec: {containers: [{name: prepare, image: busybox}]}
"""


def drafts(root: pathlib.Path, files: dict[str, str]) -> dict[str, TargetDraft]:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(textwrap.dedent(text), "utf-8")
    return {draft.name: draft for draft in targets(Workspace(Tree(str(root)), Assumptions()))}


FILES = {
    "charts/web/Chart.yaml": CHART.format(name="web"),
    "charts/web/values.yaml": "replicas: 1\nworkers: 2\n",
    "charts/web/templates/d.yaml": DEPLOYMENT,
}


def test_defaults_and_every_values_file(tmp_path: pathlib.Path) -> None:
    files = {
        "charts/web/values-prod.yaml": "replicas: 5\n",
        "charts/web/ci/small-values.yaml": "workers: 1\n",
        "charts/web/env/staging.yaml": "workers: 3\n",
        "charts/web/env/other.yaml": "nothing: here\n",
        "charts/web/values-unlike.yaml": "a: 1\nb: 2\n",
        "charts/web/notes.yaml": "replicas: 9\n",
    }
    found = drafts(tmp_path, {**FILES, **files})
    assert list(found) == ["web", "web (ci/small-values.yaml)", "web (env/staging.yaml)", "web (values-prod.yaml)"]
    prod = found["web (values-prod.yaml)"]
    assert prod.kind == "helm"
    assert prod.paths[:2] == ("charts/web/values-prod.yaml", "charts/web/values.yaml")
    assert prod.paths[-1] == "charts/web/templates/d.yaml"
    (workload,) = prod.workloads
    replicas = workload.facts["workload.replicas"]
    assert replicas.value == 5
    assert str(replicas.location) == "charts/web/values-prod.yaml:1:11"
    assert [str(step.location) for step in replicas.source.via] == ["charts/web/templates/d.yaml:6:13"]
    assert [(lower.value, str(lower.location)) for lower in replicas.shadowed] == [(1, "charts/web/values.yaml:1:11")]


def test_environment_of_a_container(tmp_path: pathlib.Path) -> None:
    (draft,) = drafts(tmp_path, FILES).values()
    environment = draft.workloads[0].containers[0].environment
    workers = environment.get("WORKERS")
    assert (workers.value, str(workers.location)) == ("2", "charts/web/values.yaml:2:10")
    secret = environment.get("SECRET")
    assert not secret.known
    assert secret.value.reason == "a random value is made when the chart is installed"
    assert draft.workloads[0].name == "web-web"


def test_hooks_are_jobs_and_tests_do_not_run(tmp_path: pathlib.Path) -> None:
    (draft,) = drafts(tmp_path, {**FILES, "charts/web/templates/hooks.yaml": HOOKS}).values()
    jobs = {workload.name: workload.facts["workload.is_job"].value for workload in draft.workloads}
    assert jobs == {"web-web": False, "prepare": True}


def test_sub_charts_and_libraries_are_no_targets(tmp_path: pathlib.Path) -> None:
    files = {
        **FILES,
        "charts/web/charts/db/Chart.yaml": CHART.format(name="db"),
        "charts/web/charts/db/templates/d.yaml": DEPLOYMENT.replace("-web", "-db"),
        "charts/web/charts/db/values.yaml": "replicas: 3\nworkers: 1\n",
        "library/Chart.yaml": CHART.format(name="library") + "type: library\n",
        "library/templates/_x.tpl": "",
    }
    (draft,) = drafts(tmp_path, files).values()
    assert sorted(workload.name for workload in draft.workloads) == ["web-db", "web-web"]


def test_values_beside_a_chart_that_is_alone(tmp_path: pathlib.Path) -> None:
    files = {name.replace("charts/web", "deploy/chart"): text for name, text in FILES.items()}
    files["deploy/values-prod.yaml"] = "replicas: 4\n"
    files["deploy/values.yaml"] = "replicas: 8\n"
    assert list(drafts(tmp_path, files)) == ["web", "web (deploy/values-prod.yaml)"]


APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web-live}
spec:
  destination: {namespace: live}
  source:
    repoURL: https://example.com/repository
    path: charts/web
    helm:
      valueFiles: [values.yaml, ../../live.yaml]
      valuesObject: {workers: 7}
"""
HELMFILE = """\
releases:
  - name: front
    chart: ../charts/web
    namespace: shop
    values:
      - ../live.yaml
      - {workers: 9}
  - name: foreign
    chart: stable/web
    values: [../live.yaml]
"""


def test_declared_releases(tmp_path: pathlib.Path) -> None:
    files = {"live.yaml": "replicas: 6\n", "argo/app.yaml": APPLICATION, "deploy/helmfile.yaml": HELMFILE}
    found = drafts(tmp_path, {**FILES, **files})
    assert list(found) == ["web", "web-live (argo/app.yaml)", "front (deploy/helmfile.yaml)"]
    live = found["web-live (argo/app.yaml)"]
    assert live.paths[:2] == ("live.yaml", "charts/web/values.yaml")
    (workload,) = live.workloads
    assert workload.name == "web-live-web"
    assert str(workload.facts["workload.replicas"].location) == "live.yaml:1:11"
    workers = workload.containers[0].environment.get("WORKERS")
    assert (workers.value, str(workers.location)) == ("7", "argo/app.yaml:11:31")
    front = found["front (deploy/helmfile.yaml)"].workloads[0]
    assert front.containers[0].environment.get("WORKERS").value == "9"


@pytest.mark.parametrize("text", ["a: [", "- 1\n", "", "\x00", "a: *none\n", "&a [*a]\n"])
def test_odd_values_files_do_no_harm(tmp_path: pathlib.Path, text: str) -> None:
    assert "web" in drafts(tmp_path, {**FILES, "charts/web/values-odd.yaml": text, "charts/web/.helmignore": text})


@pytest.mark.parametrize(
    "text", ["", "- 1\n", "name: [", "name: {a: b}\ndependencies: x\n", "dependencies: [1, {name: [x]}]\n"]
)
def test_odd_charts_do_no_harm(tmp_path: pathlib.Path, text: str) -> None:
    drafts(tmp_path, {**FILES, "charts/web/Chart.yaml": text, "charts/web/values.yaml": text})
