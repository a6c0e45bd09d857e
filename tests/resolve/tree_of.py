"""A workspace of files given as text, for tests."""

from __future__ import annotations

import pathlib

from gwaudit.resolve.filesystem import Filesystem
from gwaudit.resolve.model import Assumptions
from gwaudit.resolve.workspace import Workspace
from gwaudit.tree import Tree


def workspace_of(root: pathlib.Path, files: dict[str, str]) -> Workspace:
    for path, text in files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return Workspace(Tree(str(root)), Assumptions())


def image_of(
    workspace: Workspace, at: str = "/app", folder: str = ".", opaque: str | None = "the base image"
) -> Filesystem:
    """A file system in which the tree's ``folder`` lies at ``at``."""
    filesystem = Filesystem(workspace.tree, opaque)
    filesystem.put(at, folder)
    return filesystem
