"""Settings of a command line stand at their own word, and where a template fills the word in, at the value."""

from __future__ import annotations

import pathlib

from completed import subjects

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      containers:
        - name: api
          image: registry.example.com/team/api:1.4.0
          command:
            - gunicorn
          args:
            - --bind=0.0.0.0:8000
            - --workers
            - WORKERS
            - --timeout=90
            - app.main:app
"""


def place(folder: pathlib.Path, files: dict[str, str], name: str) -> tuple[object, str]:
    """The value of a container's fact, and where it stands."""
    fact = next(iter(subjects(folder, files).values())).fact(name)
    assert fact.location is not None
    return fact.value, f"{fact.location.path}:{fact.location.line}"


def test_a_block_list(tmp_path: pathlib.Path) -> None:
    files = {"deployment.yaml": DEPLOYMENT.replace("WORKERS", '"16"')}
    assert place(tmp_path, files, "gunicorn.workers") == (16, "deployment.yaml:17")
    assert place(tmp_path, files, "gunicorn.timeout") == (90, "deployment.yaml:18")


def test_a_template_leads_to_the_values(tmp_path: pathlib.Path) -> None:
    template = DEPLOYMENT.replace(
        "            - --workers\n            - WORKERS\n", "            - --workers={{ .Values.workers }}\n"
    )
    files = {
        "chart/Chart.yaml": "apiVersion: v2\nname: api\nversion: 1.0.0\n",
        "chart/values.yaml": "# how many\nworkers: 16\n",
        "chart/templates/deployment.yaml": template,
    }
    assert place(tmp_path, files, "gunicorn.workers") == (16, "chart/values.yaml:2")
    assert place(tmp_path, files, "gunicorn.timeout") == (90, "chart/templates/deployment.yaml:17")
