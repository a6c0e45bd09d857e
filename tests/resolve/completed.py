"""The completed subjects of a small tree, for tests."""

from __future__ import annotations

import pathlib

from tree_of import workspace_of

from gwaudit.resolve.model import Subject
from gwaudit.resolve.targets import resolve


def subjects(folder: pathlib.Path, files: dict[str, str], kind: str = "container") -> dict[str, Subject]:
    """Subjects of a kind by name; of several targets the last one wins."""
    workspace = workspace_of(folder, files)
    found: dict[str, Subject] = {}
    for target in resolve(workspace, Subject("repository", ".")):
        found.update((subject.name, subject) for subject in target.subject.walk(kind))
    return found
