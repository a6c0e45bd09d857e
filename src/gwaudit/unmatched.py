"""What the user asked for and nothing answers to: said on standard error, because a typing error there changes the audit."""

from __future__ import annotations

from gwaudit.glob import matches

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gwaudit.config import Configuration
    from gwaudit.tree import Tree


def unmatched(configuration: Configuration, tree: Tree, drafts: Iterable[tuple[str, tuple[str, ...]]]) -> Iterator[str]:
    """Sentences on targets and ``exclude`` patterns that match nothing, and on directories that could not be read.

    ``drafts`` are the name and the files of every deployment.

    Where only a part of the tree is audited, what lies outside it is not said to be missing.
    """
    for failure in tree.failures:
        path = failure.location.path
        if path != ".git" and tree.is_directory(path):
            yield f"{path}: {failure.message}; what lies in it is not audited"
        elif path == ".git" and tree.tracked_only:
            yield "--tracked-only: git does not answer, so every file was read"
    if "." not in tree.given:
        return
    for index, pattern in enumerate(configuration.exclude):
        if pattern not in tree.excluding:
            yield f"{configuration.location_of('exclude', index)}: exclude {pattern!r} matches no file"
    known = list(drafts)
    names = {name for name, _ in known}
    for index, entry in enumerate(configuration.targets):
        name = entry.get("name")
        paths = [p for p in entry.get("paths", ()) if not any(matches(p, f) for _, files in known for f in files)]
        if name is not None and name not in names and len(paths) == len(entry.get("paths", ())):
            yield f"{configuration.location_of('target', index, 'name')}: no deployment has the name {name!r}"
        for path in paths:
            at = configuration.location_of("target", index, "paths", entry["paths"].index(path))
            yield f"{at}: {path!r} is a file of no deployment"
