"""Meaning without opinion: from documents to targets, services and facts.

``targets(workspace, repository)`` is the way in: it yields one completed ``Target`` after another (``.subject`` with
everything below it, ``.services``, ``.judged``) and hangs them below the ``repository`` subject; ``finish`` then adds what
belongs to no target: files, requirements, images, secrets.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gwaudit.resolve.model import Subject
    from gwaudit.resolve.targets import Target
    from gwaudit.resolve.workspace import Workspace


def targets(workspace: Workspace, repository: Subject) -> Iterator[Target]:
    """Every deployment of the tree, one at a time."""
    from gwaudit.resolve.targets import resolve

    yield from resolve(workspace, repository)


def finish(workspace: Workspace, repository: Subject) -> None:
    """Everything that belongs to no single target, as children of ``repository``; call it after the last target."""
    from gwaudit.resolve.repository import finish as add

    add(workspace, repository)
