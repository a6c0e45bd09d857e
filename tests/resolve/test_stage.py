"""What a target is for: said outright beats points, and every point has its evidence."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
from tree_of import workspace_of

from gwaudit.resolve.compose import targets
from gwaudit.resolve.fact import Fact, Unknown
from gwaudit.resolve.filesystem import Filesystem
from gwaudit.resolve.model import Assumptions, Subject
from gwaudit.resolve.service import Service
from gwaudit.resolve.stage import name_evidence, stage, stage_named
from gwaudit.resolve.targets import Target, resolve
from gwaudit.resolve.workspace import Workspace
from gwaudit.tree import Tree


def judged(folder: pathlib.Path, files: dict[str, str], **assumed: Any) -> dict[str, Fact]:
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    workspace = Workspace(Tree(str(folder)), Assumptions(assumed))
    (draft,) = targets(workspace)
    subject = Subject("target", draft.name)
    services = []
    for workload in draft.workloads:
        below = Subject("workload", workload.name, subject)
        for container in workload.containers:
            services.append(Service(container, Subject("container", container.name, below), Filesystem(workspace.tree)))
    stage(workspace, Target(draft, subject, services))
    return subject.facts


def compose(body: str) -> str:
    return f"services:\n  web:\n    build: .\n{body}"


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("prod", "production"),
        ("PROD", "production"),
        ("uat", "staging"),
        ("ci", "test"),
        ("local", "development"),
        ("x", None),
    ],
)
def test_words(word: str, expected: str | None) -> None:
    assert stage_named(word) == expected


@pytest.mark.parametrize(
    ("name", "points"),
    [
        ("deploy/docker-compose.prod.yml", 4),
        ("overlays/production", 4),
        ("compose.yaml+compose.override.yaml", -4),
        ("tests/compose.yaml", -4),
        ("compose.staging.yaml", 2),
        ("prod/compose.dev.yaml", None),
        ("compose.yaml", None),
        ("products/compose.yaml", None),
        ("docs", None),  # the name of a product as well; folders of documentation are told by their role
    ],
)
def test_names(name: str, points: int | None) -> None:
    found = name_evidence(name)
    assert (found[0] if found else None) == points


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("compose.yaml", "    environment: {ENVIRONMENT: prod}\n", "production"),
        ("compose.prod.yaml", "    environment: {ENVIRONMENT: development}\n", "development"),
        ("compose.yaml", "    environment: {APP_ENV: '${STAGE:-staging}'}\n", "staging"),
        ("compose.yaml", "    # gwaudit: stage=prod\n    environment: {ENVIRONMENT: dev}\n", "production"),
        ("compose.yaml", "    environment: {DATABASE_URL: 'sqlite:///x'}\n", "development"),
        ("compose.yaml", "    volumes: ['.:/app']\n    ports: ['127.0.0.1:80:80']\n", "development"),
        ("compose.prod.yaml", "    restart: always\n", "production"),
        (
            "compose.yaml",
            "    restart: always\n    deploy: {replicas: 3, resources: {limits: {cpus: '1'}}}\n",
            "production",
        ),
        ("compose.yaml", "    environment: {DATABASE_URL: 'postgres://u@x.eu.rds.amazonaws.com/d'}\n", "production"),
        ("compose.yaml", "    restart: always\n", None),
        ("compose.yaml", "", None),
        ("compose.yaml", "    environment: {ENVIRONMENT: nonsense}\n", None),
        ("compose.staging.yaml", "    restart: always\n", "staging"),
    ],
)
def test_stages(path: str, body: str, expected: str | None, tmp_path: pathlib.Path) -> None:
    found = judged(tmp_path, {path: compose(body)})["stage"]
    assert (found.value if found.known else None) == expected


def test_assumed_beats_everything(tmp_path: pathlib.Path) -> None:
    found = judged(tmp_path, {"compose.yaml": compose("    # gwaudit: stage=prod\n")}, stage="test")["stage"]
    assert found.value == "test" and found.assumed


def test_the_place_of_what_is_said(tmp_path: pathlib.Path) -> None:
    files = {".env": "E=prod\n", "compose.yaml": compose("    environment: {ENVIRONMENT: $E}\n")}
    found = judged(tmp_path, files)["stage"]
    assert str(found.location) == ".env:1:1" and found.value == "production"


def test_evidence_is_listed_strongest_first_and_shows_no_value(tmp_path: pathlib.Path) -> None:
    body = "    restart: always\n    environment: {DB: 'postgres://u:hunter2@x.rds.amazonaws.com/d', DEBUG: '1'}\n"
    facts = judged(tmp_path, {"compose.prod.yaml": compose(body)})
    assert facts["stage.score"].value == 4 + 3 + 1 + 1 - 2
    evidence = facts["stage.evidence"].value
    assert evidence[0].startswith("production by the name") and "hunter2" not in " ".join(evidence)


def test_unknown_says_why(tmp_path: pathlib.Path) -> None:
    found = judged(tmp_path, {"compose.yaml": compose("")})["stage"]
    assert isinstance(found.value, Unknown) and "nothing tells" in found.value.reason


def test_a_user_is_no_database_and_configuration_no_source(tmp_path: pathlib.Path) -> None:
    body = "    environment: {ADMIN_USERS: 'postgres,web', DB: 'postgresql+asyncpg://db/x'}\n"
    body += "    volumes: ['.:/etc/web', '.:/var/lib/web']\n"
    assert judged(tmp_path, {"compose.yaml": compose(body)})["stage.evidence"].value == (
        "DB is a PostgreSQL database (+1)",
    )
    source = compose("    volumes: ['.:/app']\n")
    assert judged(tmp_path, {"compose.yaml": source})["stage.evidence"].value == ("web runs mounted sources (-2)",)


DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: api{labels}}}
spec:
  replicas: 3
  template:
    spec:
      containers:
        - name: api
          image: registry.example.com/api:1.4.0
          resources: {{limits: {{cpu: "1", memory: 512Mi}}}}
"""


@pytest.mark.parametrize(
    ("folder", "namespace", "labels", "expected"),
    [
        ("staging", "staging", "", "staging"),
        ("staging", "shop", "", "staging"),
        ("eu", "shop-uat", "", "staging"),
        ("eu", "shop", ", labels: {environment: staging}", "staging"),
        ("prod", "shop-staging", "", "production"),
        ("prod", "shop", "", "production"),
        ("eu", "shop", "", "production"),
    ],
)
def test_a_staging_overlay_that_looks_like_production(
    tmp_path: pathlib.Path, folder: str, namespace: str, labels: str, expected: str
) -> None:
    files = {
        "base/kustomization.yaml": "resources: [d.yaml]\n",
        "base/d.yaml": DEPLOYMENT.format(labels=labels),
        f"overlays/{folder}/kustomization.yaml": f"namespace: {namespace}\nresources: [../../base]\n",
    }
    (found,) = resolve(workspace_of(tmp_path, files), Subject("repository", "."))
    assert found.subject.known("stage") == expected, found.subject.known("stage.evidence")
