"""Deployments that a command makes: Code Engine, Cloud Run and Container Apps, from scripts, Makefiles and CI files."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.model import TargetDraft
    from gwaudit.resolve.workspace import Workspace

# Any of these in a file makes it worth reading for commands.
_TRACES = ("ibmcloud", "gcloud", "containerapp")
_PIPELINES = (
    ".github/",
    ".gitlab-ci",
    "azure-pipelines",
    "cloudbuild",
    "bitbucket-pipelines",
    ".circleci/",
    "pipelines/",
)


def targets(workspace: Workspace) -> list[TargetDraft]:
    """A draft per application and file."""
    found: list[TargetDraft] = []
    paths = [path for path in workspace.paths("shell", "makefile") if workspace.role_of(path) == "deployment"]
    # CI files have the role of tests, and yet they are where such deployments are made.
    paths += [path for path in workspace.paths("yaml") if any(part in path for part in _PIPELINES)]
    for path in paths:
        source = workspace.tree.source(path)
        if source is None or not any(trace in source.text for trace in _TRACES):
            continue
        from gwaudit.resolve.commands.application import applications
        from gwaudit.resolve.commands.lines import command_lines

        found.extend(applications(workspace, path, command_lines(workspace, path)))
    return found
