"""Which application a container runs, told by its image, its command, its packages, its files or the names it is given.

The marks of every application are data (``profiles/applications``).
"""

from __future__ import annotations

from gwaudit.bundle import section
from gwaudit.resolve.fact import ABSENT, Fact, Source
from gwaudit.resolve.profile import Profile
from gwaudit.resolve.profile.version import release

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from gwaudit.resolve.filesystem import Filesystem
    from gwaudit.resolve.workspace import Workspace


def profile_for(
    workspace: Workspace,
    reference: str | None,
    app_object: str | None,
    filesystem: Filesystem | None = None,
    packages: Mapping[str, Fact] | None = None,
) -> Profile | None:
    """The profile of the application in a container: by its image, its application object, its packages or its files."""
    name, tag = image_name(reference)
    for candidate, marks in section("profiles/applications").items():
        by_image = bool(name) and (name in marks.get("images", ()) or name in marks.get("image_names", ()))
        by_package = next((p for p in marks.get("packages", ()) if packages and p in packages), None)
        in_tree = _tree_package(workspace, marks, filesystem)
        if not (by_image or by_package or in_tree or app_object in marks.get("applications", ())):
            continue
        version: Fact | None = None
        assumed = workspace.assume.get(candidate)
        if assumed is not None:
            version = Fact("app.version", str(assumed), Source("assumed"), assumed=True)
        elif by_package and packages and packages[by_package].known:
            version = packages[by_package].renamed("app.version")
        elif in_tree is not None:
            version = in_tree
        elif by_image and tag and release(tag):
            version = Fact("app.version", release(tag), Source("image", tag))
        return Profile(section(f"profiles/{candidate}"), version)
    return None


def profile_of_names(names: Iterable[str]) -> Profile | None:
    """The profile of an application that a dotenv file is for, as the names in it tell; None where they are common ones."""
    given = [name.upper() for name in names]
    for candidate, marks in section("profiles/applications").items():
        prefixes = tuple(marks.get("variable_prefixes", ()))
        known = set(marks.get("variables", ()))
        if (prefixes and any(name.startswith(prefixes) for name in given)) or sum(name in known for name in given) >= 2:
            return Profile(section(f"profiles/{candidate}"), None)
    return None


def conventions() -> Profile:
    """The conventions of gunicorn services in general; it knows no defaults and is never complete."""
    return Profile(section("profiles/generic"), Fact("app.version", ABSENT))


def image_name(reference: str | None) -> tuple[str, str]:
    """Name (lower case, registry of Docker Hub left out) and tag of an image reference."""
    if not reference:
        return "", ""
    bare = reference.partition("@")[0]
    head, slash, last = bare.rpartition("/")
    name, _, tag = last.partition(":")
    full = f"{head}{slash}{name}".lower()
    for hub in ("docker.io/library/", "docker.io/", "index.docker.io/"):
        full = full.removeprefix(hub)
    return full.removeprefix("localhost/"), tag


def _tree_package(workspace: Workspace, marks: dict[str, Any], filesystem: Filesystem | None) -> Fact | None:
    """The application's own source tree in the image: its version as the project file says."""
    for path in marks.get("tree_files", ()):
        if not workspace.tree.exists(path) or filesystem is None or filesystem.container_path(path) is None:
            continue
        from gwaudit.resolve.project import project_version

        names = marks.get("packages", ())
        return project_version(workspace, "pyproject.toml", names).renamed("app.version")
    return None
