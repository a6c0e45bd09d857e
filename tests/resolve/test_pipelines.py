"""Deploy commands in CI files: which are deployments, which are tests, and what stage they have."""

from __future__ import annotations

from pathlib import Path

import pytest

from gwaudit.resolve.commands import targets
from gwaudit.resolve.model import Assumptions
from gwaudit.resolve.targets import is_deployment
from gwaudit.resolve.workspace import Workspace
from gwaudit.tree import Tree

COMMAND = "gcloud run deploy shop --image example/shop:1 --memory 1Gi"
WORKFLOW = ".github/workflows/deploy.yml"


def judged(root: Path, path: str, text: str) -> list[tuple[str, bool, object]]:
    """Name, whether it is judged, and the stage that is said outright, of every draft of one file."""
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")
    workspace = Workspace(Tree(str(root)), Assumptions())
    return [
        (
            draft.workloads[0].name,
            is_deployment(workspace, draft),
            fact.value if (fact := draft.facts.get("stage")) else None,
        )
        for draft in targets(workspace)
    ]


def github(job: str, on: str = "push", name: str = "Deploy", more: str = "") -> str:
    return (
        f"name: {name}\non: {on}\njobs:\n  {job}:\n    runs-on: ubuntu-latest\n{more}    steps:\n      - run: |\n"
        f"          echo now\n          {COMMAND}\n"
    )


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (WORKFLOW, github("deploy"), (True, None)),
        (WORKFLOW, github("deploy", on="[push, pull_request]"), (True, None)),
        (WORKFLOW, github("deploy", more="    environment: production\n"), (True, "production")),
        (WORKFLOW, github("deploy", more="    environment: {name: prod-eu, url: x}\n"), (True, "production")),
        (WORKFLOW, github("deploy", more="    environment: ${{ inputs.stage }}\n"), (True, None)),
        (WORKFLOW, github("e2e-tests"), (False, None)),
        (WORKFLOW, github("deploy", more="    strategy: {matrix: {python: [a, b]}}\n"), (False, None)),
        (WORKFLOW, github("deploy", more="    name: Deploy a preview\n"), (False, None)),
        (WORKFLOW, github("deploy", on="pull_request"), (False, None)),
        (WORKFLOW, github("deploy", on="{pull_request: {branches: [main]}}"), (False, None)),
        (WORKFLOW, github("deploy", name="Integration"), (False, None)),
        (".github/workflows/e2e.yml", github("deploy"), (False, None)),
        ("examples/app/" + WORKFLOW, github("deploy"), (False, None)),
        (".gitlab-ci.yml", f"release:\n  stage: deploy\n  script:\n    - {COMMAND}\n", (True, None)),
        (".gitlab-ci.yml", f"release:\n  stage: test\n  script:\n    - {COMMAND}\n", (False, None)),
        (
            ".gitlab-ci.yml",
            f"release:\n  stage: deploy\n  environment: staging\n  script:\n    - {COMMAND}\n",
            (True, "staging"),
        ),
        ("azure-pipelines.yml", f"jobs:\n  - deployment: web\n    steps:\n      - script: {COMMAND}\n", (True, None)),
        (".circleci/config.yml", f"jobs:\n  release:\n    steps:\n      - run: {COMMAND}\n", (True, None)),
    ],
)
def test_which_job_is_judged(tmp_path: Path, path: str, text: str, expected: tuple[bool, str | None]) -> None:
    assert judged(tmp_path, path, text) == [("shop", *expected)]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (WORKFLOW, f"on: push\njobs:\n  a:\n    steps:\n      - name: {COMMAND}\n        run: 'true'\n"),
        (".github/ISSUE_TEMPLATE/bug.yml", f"body:\n  - value: {COMMAND}\n"),
    ],
)
def test_names_and_forms_run_nothing(tmp_path: Path, path: str, text: str) -> None:
    assert judged(tmp_path, path, text) == []


def test_each_job_decides_for_itself(tmp_path: Path) -> None:
    both = github("test") + github("deploy").partition("jobs:\n")[2].replace("shop", "web")
    assert judged(tmp_path, WORKFLOW, both) == [("shop", False, None), ("web", True, None)]


@pytest.mark.parametrize("text", ["", "- a\n", "jobs: [1, {job: x}]\n", "on: {a: b}\njobs: {a: 1, b: {steps: []}}\n"])
def test_odd_files(tmp_path: Path, text: str) -> None:
    assert judged(tmp_path, WORKFLOW, text + f"# {COMMAND}\n") == []
