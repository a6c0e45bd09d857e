"""Deployments that a command makes: Code Engine, Cloud Run and Container Apps, from scripts, Makefiles and CI files."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.fact import Fact
    from gwaudit.resolve.model import TargetDraft
    from gwaudit.resolve.workspace import Workspace
    from gwaudit.source import Location

# Any of these in a file makes it worth reading for commands.
_TRACES = ("ibmcloud", "gcloud", "containerapp")
# CI files, by a part of their paths.
PIPELINES = (
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
        if any(part in path for part in PIPELINES):
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
    kept: list[TargetDraft] = []
    for draft in drafts:
        role, stage = pipeline_job(workspace, path, draft.place)
        if role is not None:
            kept.append(draft)
            draft.role = role
            if stage is not None:
                draft.facts["stage"] = stage
    return kept


def pipeline_job(workspace: Workspace, path: str, place: Location | None) -> tuple[str | None, Fact | None]:
    """The role of a command in a CI file (None: it is no command but a name), and the stage that its job says outright."""
    from gwaudit.discover import role_of
    from gwaudit.resolve.commands.pipelines import jobs, labels
    from gwaudit.resolve.fact import Fact, Source

    if place is not None and place.line in labels(workspace, path):
        return None, None
    mark = next(part for part in PIPELINES if part in path)
    role = role_of(path.replace(mark, "", 1), workspace.tree.given)
    job = next((one for one in jobs(workspace, path) if one.holds(place)), None)
    if job is None:
        return role, None
    stage, named = job.stage, job.environment
    fact = Fact("stage", stage, Source("manifest", named.text, named.location)) if stage and named else None
    return "test" if job.tests else role, fact
