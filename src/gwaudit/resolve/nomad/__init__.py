"""Nomad: every job of the tree as a target; a group is a workload, a task a container."""

from __future__ import annotations

import re

from gwaudit.parse.document import Mapping
from gwaudit.parse.hcl.syntax import Body
from gwaudit.resolve.model import TargetDraft
from gwaudit.resolve.nomad.group import put_group
from gwaudit.resolve.nomad.values import Scope

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.hcl.syntax import Block
    from gwaudit.resolve.workspace import Workspace

_JOB = re.compile(r'^[ \t]*job[ \t]+(?:"|[A-Za-z_])', re.M)


def targets(workspace: Workspace) -> list[TargetDraft]:
    """One draft per job; ``.hcl`` files of other programs are told by their text and never parsed."""
    found: list[TargetDraft] = []
    for path in workspace.paths("nomad"):
        source = workspace.source(path)
        if source is None or (not path.endswith(".json") and _JOB.search(source.text) is None):
            continue
        document = workspace.document(path, "nomad")
        if document is None or not isinstance(document.root, Mapping):
            continue
        root = document.root
        if not isinstance(root, Body):
            from gwaudit.resolve.nomad.json import body_of

            root = body_of(root)
        scope = Scope(root)
        found.extend(_draft(path, block, scope) for block in root.of("job"))
    return found


def _draft(path: str, job: Block, scope: Scope) -> TargetDraft:
    name = job.label or "job"
    draft = TargetDraft(f"{path}: {name}" if name not in path else path, "nomad", job.head.location, (path,))
    for group in job.body.of("group"):
        put_group(draft, job, group, scope)
    for task in job.body.of("task"):  # a task without a group stands in one of its own
        put_group(draft, job, task, scope)
    return draft
