"""``--env`` is the host's environment: whom it reaches depends on what starts the process."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gwaudit.cli import main

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = "import os\nworkers = int(os.environ.get('WEB_CONCURRENCY', '1'))\n"
DOCKERFILE = "FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nCMD gunicorn app:app\n"
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: example/web:1
      command: [sh, -c, "exec gunicorn -w ${WEB_CONCURRENCY:-1} app:app"]
      %s
"""


def facts(folder: Path, kind: str, capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    main(["show", str(folder), "--output-format", "json", "--all", "--env", "WEB_CONCURRENCY=5", *options])
    targets = json.loads(capsys.readouterr().out)["targets"]
    found: dict[str, Any] = next(t for t in targets if t["kind"] == kind)["services"][0]["facts"]
    return found


@pytest.mark.parametrize(
    ("environment", "workers"),
    [
        ('{WEB_CONCURRENCY: "12"}', 12),
        ("[WEB_CONCURRENCY]", 5),
        ('{WEB_CONCURRENCY: "${WEB_CONCURRENCY:-2}"}', 5),
        ('{WEB_CONCURRENCY: "${OTHER:-2}"}', 2),
        ("{A: b}", 1),
    ],
)
def test_compose_interpolates_with_the_hosts_variables_and_passes_on_what_it_names(
    environment: str, workers: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "gunicorn.conf.py").write_text(CONFIG)
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    (tmp_path / "compose.yaml").write_text(f"services:\n  web:\n    build: .\n    environment: {environment}\n")
    assert facts(tmp_path, "compose", capsys)["gunicorn.workers"]["value"] == workers


def test_an_env_file_that_is_not_in_the_tree_is_answered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "gunicorn.conf.py").write_text(CONFIG)
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    (tmp_path / "compose.yaml").write_text("services:\n  web:\n    build: .\n    env_file: secret.env\n")
    assert facts(tmp_path, "compose", capsys)["gunicorn.workers"]["value"] == 5


@pytest.mark.parametrize(
    ("environment", "workers"),
    [
        ("env: [{name: WEB_CONCURRENCY, value: '3'}]", 3),
        ("env: [{name: A, value: b}]", 1),
        ("env: [{name: WEB_CONCURRENCY, valueFrom: {secretKeyRef: {name: s, key: k}}}]", 5),
    ],
)
def test_a_manifest_sets_the_environment_of_its_container(
    environment: str, workers: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pod.yaml").write_text(POD % environment)
    assert facts(tmp_path, "kubernetes", capsys)["gunicorn.workers"]["value"] == workers
    main(["check", str(tmp_path), "-v", "--env", "WEB_CONCURRENCY=5"])
    assert ("do not reach a container of kubernetes" in capsys.readouterr().err) is (workers != 5)


@pytest.mark.parametrize(
    ("name", "text", "kind", "workers"),
    [
        ("gunicorn.conf.py", CONFIG, "directory", 5),
        ("Procfile", "web: gunicorn app:app\n", "procfile", 5),
        ("Dockerfile", DOCKERFILE.replace("CMD", "ENV WEB_CONCURRENCY=2\nCMD"), "image", 5),
        ("supervisord.conf", "[program:web]\ncommand=gunicorn app:app\n", "supervisor", 5),
        (
            "supervisord.conf", "[program:web]\ncommand=gunicorn app:app\nenvironment=WEB_CONCURRENCY=7\n", "supervisor",
            7,
        ),
    ],
)  # fmt: skip
def test_a_process_of_the_host_has_its_variables(
    name: str, text: str, kind: str, workers: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_text(text)
    assert facts(tmp_path, kind, capsys)["gunicorn.workers"]["value"] == workers
