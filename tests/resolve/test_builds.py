"""Which Dockerfile of the tree builds an image that a manifest only names."""

from __future__ import annotations

import pathlib

import pytest
from tree_of import workspace_of

from gwaudit.config import load
from gwaudit.errors import ConfigurationError
from gwaudit.options import Options
from gwaudit.resolve.builds import Builds
from gwaudit.resolve.fact import Fact, Source
from gwaudit.resolve.targets import drafts
from gwaudit.tree import Tree

DOCKERFILE = 'FROM python:3.12-slim\nCOPY . /app\nCMD ["gunicorn", "app:app"]\n'
IMAGE = "registry.example.com/team/api:1.4.0"


def build_of(root: pathlib.Path, files: dict[str, str], image: str = IMAGE) -> tuple[str, str | None] | None:
    """The context and the Dockerfile of the build that ``image`` is taken for."""
    workspace = workspace_of(root, files)
    workspace.configuration = load(Tree(str(root)), Options())
    found = Builds(workspace, drafts(workspace)).of(Fact("container.image", image, Source("manifest")))
    return (found.context, found.dockerfile) if found is not None else None


def test_the_configuration_names_the_dockerfile(tmp_path: pathlib.Path) -> None:
    configuration = '[images]\n"registry.example.com/team/api" = "docker/main.Dockerfile"\n'
    files = {"docker/main.Dockerfile": DOCKERFILE, "gwaudit.toml": configuration}
    assert build_of(tmp_path, files) == ("docker", "docker/main.Dockerfile")
    assert build_of(tmp_path, files, "registry.example.com/team/other:1.4.0") is None


def test_the_configuration_names_the_context_as_well(tmp_path: pathlib.Path) -> None:
    configuration = 'images."registry.example.com/team/api" = {dockerfile = "docker/Dockerfile", context = "."}\n'
    files = {"docker/Dockerfile": DOCKERFILE, "gwaudit.toml": configuration}
    assert build_of(tmp_path, files) == (".", "docker/Dockerfile")


def test_a_dockerfile_that_is_not_there_is_a_mistake(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no file 'Dockerfile'"):
        build_of(tmp_path, {"gwaudit.toml": 'images.api = "Dockerfile"\n'})
