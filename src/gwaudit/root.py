"""Which directory is audited: the git work tree around the paths that the user names, or what holds them."""

from __future__ import annotations

import os

from gwaudit.tree import Tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def open_tree(paths: Iterable[str] = (".",), tracked_only: bool = False) -> Tree:
    """The tree that holds ``paths`` (relative to the working directory).

    Its root is the git work tree that they lie in; outside git the working directory, or, where they lie outside that, the
    directory that holds them all. Raises ``ConfigurationError`` for a path that is not there.
    """
    real: list[str] = []
    for path in paths:
        if "\0" in path or not os.path.exists(path):
            from gwaudit.errors import ConfigurationError

            raise ConfigurationError(f"{path}: no such file or directory")
        real.append(os.path.realpath(path))
    here = os.path.realpath(".")
    common = os.path.commonpath(real or [here])
    if not os.path.isdir(common):
        common = os.path.dirname(common)
    root = work_tree(common)
    if root is None:
        root = here if common == here or common.startswith(here.rstrip(os.sep) + os.sep) else common
    if tracked_only and not os.path.lexists(os.path.join(root, ".git")):
        from gwaudit.errors import ConfigurationError

        raise ConfigurationError(f"--tracked-only: {common} does not lie in a git work tree")
    return Tree(root, [os.path.relpath(path, root) for path in real], tracked_only)


def work_tree(folder: str) -> str | None:
    """The nearest directory at or above ``folder`` that holds ``.git``."""
    while not os.path.lexists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above
    return folder
