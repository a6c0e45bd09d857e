"""The marks that save most paths from the patterns of CI files: no pattern may name a file without one."""

from __future__ import annotations

import re

from gwaudit.bundle import section

PATHS = (
    ".github/workflows/test.yml", ".gitlab-ci.yml", "app/.circleci/config.yml", ".forgejo/workflows/a.yaml",
    ".gitea/workflows/a.yaml", ".woodpecker.yml", ".woodpecker/build.yaml", "azure-pipelines.yml",
    "bitbucket-pipelines.yml", ".drone.yml", ".travis.yml", "deploy/cloudbuild.yaml", "buildspec.yml", "Jenkinsfile.release",
)  # fmt: skip


def test_every_pattern_has_a_path_and_every_path_a_mark() -> None:
    data = section("platforms/ci")
    unmarked = [path for path in PATHS if not any(mark in path for mark in data["marks"])]
    unmatched = [pattern for pattern in data["files"] if not any(re.search(pattern, path) for path in PATHS)]
    assert (unmarked, unmatched) == ([], [])
