"""What no target uses: gunicorn configurations and dotenv files by folder, and images that nothing runs.

A ``directory`` target has one service per folder, whose container facts are Unknown; an ``image`` target is a Dockerfile
run as it is. An image that other targets already run is shown, not judged again.
"""

from __future__ import annotations

import posixpath
import re

from gwaudit.pattern import regex
from gwaudit.resolve.fact import Fact, Source
from gwaudit.resolve.model import Container, TargetDraft, Workload
from gwaudit.source import Location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gwaudit.resolve.builds import Builds
    from gwaudit.resolve.targets import Used
    from gwaudit.resolve.workspace import Workspace


def leftovers(workspace: Workspace, builds: Builds, used: Used) -> Iterator[tuple[TargetDraft, bool]]:
    """Drafts with whether they are judged; images first, because they tell which configurations are loaded."""
    for path, build in sorted(builds.dockerfiles.items()):
        if workspace.role_of(path) != "deployment":
            continue
        draft = TargetDraft(path, "image", Location(path), (path,))
        workload = Workload(posixpath.basename(build.context) or "image", "image", Location(path))
        container = Container(workload.name, Location(path))
        container.build = build
        workload.containers.append(container)
        draft.workloads.append(workload)
        yield draft, path not in used.dockerfiles
    yield from _directories(workspace, used)


def _directories(workspace: Workspace, used: Used) -> Iterator[tuple[TargetDraft, bool]]:
    folders: dict[str, tuple[list[str], list[str]]] = {}
    for path in workspace.paths("gunicorn"):
        if workspace.role_of(path) == "deployment" and path not in used.configs and sets_something(workspace, path):
            folders.setdefault(posixpath.dirname(path), ([], []))[0].append(path)
    for path in workspace.paths("dotenv"):
        if workspace.role_of(path) == "deployment" and path not in used.paths:
            folders.setdefault(posixpath.dirname(path), ([], []))[1].append(path)
    for folder, (configs, dotenvs) in sorted(folders.items()):
        candidates: list[str | None] = [*configs] or [None]
        for config in candidates:
            draft = _directory(workspace, folder, config, dotenvs)
            if draft is not None:
                yield draft, config is None or not used.configs or used.unread_launches > 0


_ASSIGNED = regex(r"^([a-z_]{3,40})[ \t]*(?::[^=\n]{0,80})?=[^=]", re.M)


def sets_something(workspace: Workspace, path: str) -> bool:
    """Whether a file named like a gunicorn configuration is one: it sets a setting, or the user named it."""
    from gwaudit.bundle import section

    if path in workspace.tree.given:
        return True
    file = workspace.source(path)
    known = section("gunicorn/settings")["settings"]
    return file is not None and any(match.group(1) in known for match in _ASSIGNED.finditer(file.text))


def _directory(workspace: Workspace, folder: str, config: str | None, dotenvs: list[str]) -> TargetDraft | None:
    from gwaudit.resolve.env_file import apply, read

    main = config or dotenvs[0]
    place = Location(main)
    draft = TargetDraft(folder or ".", "directory", place, (main, *dotenvs))
    workload = Workload(posixpath.basename(main), "process", place)
    container = Container(workload.name, place)
    container.directory = folder or "."
    if config is not None:
        words = ("gunicorn", "-c", posixpath.basename(config))
        container.arguments = Fact("container.arguments", words, Source("config-file", None, place))
    else:
        container.environment.opaque("what else sets variables beside this file is not in the tree")
    for path in dotenvs:
        if posixpath.basename(path) == ".env" or config is None:
            file = workspace.source(path)
            if file is not None:
                apply(read(file, "python-dotenv"), container.environment, "dotenv")
    workload.containers.append(container)
    draft.workloads.append(workload)
    return draft
