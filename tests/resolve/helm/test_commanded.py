"""Releases that ``helm upgrade`` and ``helm install`` make in scripts, Makefiles and CI files."""

from __future__ import annotations

from pathlib import Path

import pytest

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.helm.releases import chart_targets
from gwaudit.resolve.model import Assumptions, TargetDraft
from gwaudit.resolve.targets import is_deployment
from gwaudit.resolve.workspace import Workspace
from gwaudit.tree import Tree

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: "example/web:{{ .Values.image.tag }}"
          env: [{name: MODE, value: {{ .Values.mode | quote }}}]
"""
CHART = {
    "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "charts/web/values.yaml": "replicas: 1\nimage: {tag: '1'}\nmode: plain\n",
    "charts/web/templates/deployment.yaml": DEPLOYMENT,
    "charts/web/values-eu.yaml": "mode: slow\n",
    "big.yaml": "replicas: 7\n",
}
WORKFLOW = ".github/workflows/deploy.yml"


def made(root: Path, path: str, text: str) -> list[tuple[TargetDraft, bool]]:
    """The drafts beside the chart's own, and whether they are judged."""
    for name, content in {**CHART, path: text}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content, encoding="utf-8")
    workspace = Workspace(Tree(str(root)), Assumptions())
    return [(draft, is_deployment(workspace, draft)) for draft in chart_targets(workspace) if path in draft.paths]


def job(command: str, name: str = "deploy", more: str = "") -> str:
    return f"on: push\njobs:\n  {name}:\n{more}    steps:\n      - run: |\n          {command}\n"


def test_values_of_a_command(tmp_path: Path) -> None:
    script = (
        "#!/bin/sh\nTAG=2.0\nhelm upgrade --install shop ./charts/web -n prod --wait \\\n"
        "  -f big.yaml --set mode=fast,image.tag=$TAG --set-string mode=true\n"
    )
    [(draft, judged)] = made(tmp_path, "deploy.sh", script)
    assert (draft.name, draft.kind, judged) == ("shop (deploy.sh)", "helm", True)
    container = draft.workloads[0].containers[0]
    assert draft.workloads[0].facts["workload.replicas"].value == 7
    assert container.image is not None
    assert container.image.value == "example/web:2.0"
    mode = container.environment.get("MODE")
    assert (mode.value, str(mode.location)) == ("true", "deploy.sh:4:59")


def test_what_the_pipeline_fills_in_is_not_known(tmp_path: Path) -> None:
    [(draft, judged)] = made(
        tmp_path, WORKFLOW, job("helm upgrade --install shop charts/web --set image.tag=${{ github.sha }},replicas=3")
    )
    container = draft.workloads[0].containers[0]
    assert judged
    assert container.image is not None
    assert isinstance(container.image.value, Unknown)
    assert draft.workloads[0].facts["workload.replicas"].value == 3


@pytest.mark.parametrize(
    ("path", "text", "stage"),
    [
        (
            WORKFLOW,
            job("helm upgrade -i shop charts/web --set replicas=2", more="    environment: prod\n"),
            "production",
        ),
        (WORKFLOW, job("helm upgrade -i shop charts/web -f big.yaml -f charts/web/values-eu.yaml"), None),
        (WORKFLOW, job("helm upgrade -i shop charts/web -f big.yaml", more="    environment: dev\n"), "development"),
        (".gitlab-ci.yml", "web:\n  stage: deploy\n  script: [helm upgrade -i a charts/web --set replicas=2]\n", None),
        ("Makefile", "up:\n\thelm install shop charts/web --set replicas=2\n", None),
        ("charts/install.sh", "helm install shop ./web --set replicas=2\n", None),
    ],
)
def test_where_it_may_stand(tmp_path: Path, path: str, text: str, stage: str | None) -> None:
    [(draft, judged)] = made(tmp_path, path, text)
    assert judged
    assert (fact.value if (fact := draft.facts.get("stage")) is not None else None) == stage


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (WORKFLOW, job("helm upgrade -i shop charts/web --set replicas=2", name="chart-test")),
        (WORKFLOW, job("helm upgrade -i shop charts/web --set replicas=2", more="    strategy: {matrix: {a: [1]}}\n")),
        ("a.sh", "helm upgrade -i shop charts/web\n"),
        ("a.sh", "helm upgrade -i shop charts/web -f charts/web/values.yaml -f big.yaml\n"),
        ("a.sh", "helm upgrade -i shop charts/web --set replicas=2 --dry-run\n"),
        ("a.sh", "helm upgrade -i shop charts/web --set replicas=2 --reuse-values\n"),
        ("a.sh", "helm upgrade -i shop charts/web --set replicas=2 $EXTRA\n"),
        ("a.sh", "helm upgrade -i shop charts/web -f $FILE\n"),
        ("a.sh", "helm upgrade -i shop charts/web -f missing.yaml\n"),
        ("a.sh", "helm upgrade -i shop charts/web --set 'a[0].b=2'\n"),
        ("a.sh", "helm upgrade -i shop charts/web --set $KEY=2\n"),
        ("a.sh", "helm upgrade -i shop charts/web --set-file mode=x.txt\n"),
        ("a.sh", "helm upgrade -i shop bitnami/redis --set replicas=2\n"),
        ("a.sh", "helm template shop charts/web --set replicas=2\n"),
        ("tests/a.sh", "helm upgrade -i shop charts/web --set replicas=2\n"),
    ],
)
def test_what_is_left_alone(tmp_path: Path, path: str, text: str) -> None:
    assert made(tmp_path, path, text) == []
