"""What a project file (pyproject.toml) says of itself: names, versions and the tables that other tools keep in it."""

from __future__ import annotations

from gwaudit.parse.document import Mapping, Scalar
from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gwaudit.resolve.workspace import Workspace


def project_table(workspace: Workspace, path: str) -> Mapping | None:
    """The root table of a project file; None where it cannot be read (noted)."""
    document = workspace.document(path, "pyproject")
    return document.root if document is not None and isinstance(document.root, Mapping) else None


def project_version(workspace: Workspace, path: str, names: Iterable[str] = ()) -> Fact:
    """``project.version`` (or Poetry's) of a project file; Unknown where it is dynamic, missing, or of another project."""
    root = project_table(workspace, path)
    if root is None:
        return Fact("project.version", Unknown(f"{path} cannot be read"))
    for table in (("project",), ("tool", "poetry")):
        name, version = root.get(*table, "name"), root.get(*table, "version")
        if not isinstance(name, Scalar):
            continue
        wanted = {normalise(one) for one in names}
        if wanted and normalise(name.text) not in wanted:
            return Fact("project.version", Unknown(f"{path} is the project file of another project"))
        if isinstance(version, Scalar):
            return Fact("project.version", version.text, Source("manifest", version.text, version.location))
        return Fact("project.version", Unknown(f"the version in {path} is worked out when it is built"))
    return Fact("project.version", ABSENT)


def normalise(name: str) -> str:
    """The normalised name of a distribution (PEP 503)."""
    return name.strip().lower().replace("_", "-").replace(".", "-")
