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


MAKEFILE = "IMAGE = registry.example.com/team/api\nbuild:\n\tdocker build -t $(IMAGE):$(VERSION) --pull .\n"
WORKFLOW = """\
env: {REGISTRY: registry.example.com}
jobs:
  build:
    steps:
      - id: meta
        uses: docker/metadata-action@v5
        with: {images: "${{ env.REGISTRY }}/team/api"}
      - uses: docker/build-push-action@v6
        with: {context: ., file: docker/Dockerfile, tags: "${{ steps.meta.outputs.tags }}"}
"""
KANIKO = """\
build:
  script:
    - >-
      /kaniko/executor --context "${CI_PROJECT_DIR}" --dockerfile "${CI_PROJECT_DIR}/docker/Dockerfile"
      --destination "$CI_REGISTRY/team/api:$CI_COMMIT_TAG"
"""


@pytest.mark.parametrize(
    ("path", "text", "build"),
    [
        ("Makefile", MAKEFILE, (".", "Dockerfile")),
        ("build.sh", 'docker buildx build --push -t "$REGISTRY/team/api:$TAG" docker\n', ("docker", "docker/Dockerfile")),
        ("build.sh", 'N=team/api\ndocker build -t "$N:$TAG" -f docker/Dockerfile .\n', (".", "docker/Dockerfile")),
        ("build.sh", "podman build --tag team/api docker\n", ("docker", "docker/Dockerfile")),
        ("scripts/build.sh", "docker build --build-arg V=$V -t api:1 .\n", (".", "Dockerfile")),
        ("build.sh", "gcloud builds submit --tag registry.example.com/team/api:1 .\n", (".", "Dockerfile")),
        (".github/workflows/release.yml", WORKFLOW, (".", "docker/Dockerfile")),
        (".gitlab-ci.yml", KANIKO, (".", "docker/Dockerfile")),
        ("build.sh", "docker build -t other.example.com/team/api .\n", None),  # another registry
        ("build.sh", 'docker build -t "$REGISTRY/web" .\n', None),
        ("build.sh", 'docker build -t "$IMAGE" .\n', None),
        ("build.sh", "cd docker\ndocker build -t team/api .\n", None),
        ("build.sh", 'docker build -t team/api "$WHERE"\n', None),
        ("build.sh", "docker build -t team/api $OPTIONS .\n", None),
        ("build.sh", "docker build -t team/api .\ndocker build -t team/api docker\n", None),  # which of them?
        ("tests/build.sh", "docker build -t team/api ..\n", None),
    ],
)  # fmt: skip
def test_a_command_builds_it(tmp_path: pathlib.Path, path: str, text: str, build: tuple[str, str] | None) -> None:
    files = {"Dockerfile": DOCKERFILE, "docker/Dockerfile": DOCKERFILE, path: text}
    assert build_of(tmp_path, files) == build


def test_a_public_image_is_not_taken_for_a_build(tmp_path: pathlib.Path) -> None:
    files = {"Dockerfile": DOCKERFILE, "build.sh": "docker build -t redis .\n"}
    assert build_of(tmp_path, files, "redis:7") is None
