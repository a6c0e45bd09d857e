"""Deployments that a command makes: Code Engine, Cloud Run and Container Apps, from scripts, Makefiles and CI files."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.model import TargetDraft
    from gwaudit.resolve.workspace import Workspace

# Any of these in a file makes it worth reading for commands.
_TRACES = ("ibmcloud", "gcloud", "containerapp")
_PIPELINES = (
    ".github/workflows/",
    ".github/actions/",
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
    for path in workspace.paths("shell", "makefile"):
        if workspace.role_of(path) == "deployment":
            found += _made(workspace, path)
    for path in workspace.paths("yaml"):
        if any(part in path for part in _PIPELINES):
            made = _made(workspace, path)
            if made:
                found += _deployed(workspace, path, made)
    return found


def _made(workspace: Workspace, path: str) -> list[TargetDraft]:
    source = workspace.tree.source(path)
    if source is None or not any(trace in source.text for trace in _TRACES):
        return []
    from gwaudit.resolve.commands.application import applications
    from gwaudit.resolve.commands.lines import command_lines

    return applications(workspace, path, command_lines(workspace, path))


def _deployed(workspace: Workspace, path: str, drafts: list[TargetDraft]) -> list[TargetDraft]:
    """CI files have the role of tests, and yet they are where such deployments are made: the job decides."""
    from gwaudit.discover import role_of
    from gwaudit.resolve.commands.pipelines import jobs, labels
    from gwaudit.resolve.fact import Source

    mark = next(part for part in _PIPELINES if part in path)
    role = role_of(path.replace(mark, "", 1), workspace.tree.given)
    found, prose = jobs(workspace, path), labels(workspace, path)
    drafts = [draft for draft in drafts if draft.place is None or draft.place.line not in prose]
    for draft in drafts:
        job = next((one for one in found if one.holds(draft.place)), None)
        draft.role = "test" if job is not None and job.tests else role
        stage = job.stage if job is not None else None
        if job is not None and job.environment is not None and stage is not None:
            draft.state("stage", stage, Source("manifest", job.environment.text, job.environment.location))
    return drafts
