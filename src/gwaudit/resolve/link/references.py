"""One ``link`` of kind reference per object that a manifest names."""

from __future__ import annotations

from gwaudit.resolve.fact import Source, Unknown
from gwaudit.resolve.model import Subject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.targets import Target
    from gwaudit.resolve.workspace import Workspace


def references(workspace: Workspace, target: Target) -> None:
    """``link.object``, ``link.defined``, ``link.optional``; objects managed elsewhere are Unknown."""
    for reference in target.draft.references:
        name = f"{reference.kind} {reference.name}"
        subject = Subject("link", name, target.subject, reference.location)
        source = Source("manifest", reference.name, reference.location)
        elsewhere = Unknown(f"{name} may be managed outside the tree")
        subject.set("link.kind", "reference", source)
        subject.set("link.object", name, source)
        subject.set("link.defined", elsewhere if reference.defined is None else reference.defined, source)
        subject.set("link.optional", reference.optional, source)
        subject.set("outer.name", reference.owner or target.draft.name, source)
        subject.set("inner.kind", reference.kind, source)
