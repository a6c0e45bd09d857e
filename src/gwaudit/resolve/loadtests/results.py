"""The results of load tests that lie in the tree, or that were given to the run."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.loadtest.result import LoadTest
    from gwaudit.resolve.workspace import Workspace

_ENDINGS = (".txt", ".log", ".out", ".json", ".csv", ".prom", ".result", ".hey", ".wrk")
_HEAD = 4096


def results(workspace: Workspace) -> list[LoadTest]:
    """Every result in the walk's files and in the files given with ``--latency``, read once."""
    if workspace.loadtests is not None:
        return workspace.loadtests
    found: list[LoadTest] = []
    given = {file.path: file for file in workspace.latency}
    if given:
        from gwaudit.parse.loadtest import results as read

        found.extend(test for file in given.values() for test in read(file))
    for path in [*workspace.paths("text", "json"), *workspace.paths("loadtest")]:
        if path in given or not path.lower().endswith(_ENDINGS):
            continue
        if workspace.role_of(path) not in ("documentation", "vendored", "template") and _marked(workspace, path):
            found.extend(_parsed(workspace, path))
    _pair(found)
    workspace.loadtests = found
    return found


def _parsed(workspace: Workspace, path: str) -> list[LoadTest]:
    document = workspace.document(path, "loadtest")
    return list(document.root) if document is not None else []


def _marked(workspace: Workspace, path: str) -> bool:
    from gwaudit.parse.loadtest import looks_like_result

    try:
        with open(os.path.join(workspace.tree.root, path), "rb") as stream:
            return looks_like_result(stream.read(_HEAD).decode("utf-8", "replace"))
    except OSError:
        return False


def _pair(tests: list[LoadTest]) -> None:
    """Before and after: two results of one tool and URL or endpoint whose file names say so."""
    for test in tests:
        name = os.path.basename(test.file.path).lower()
        if "after" not in name:
            continue
        wanted = os.path.join(
            os.path.dirname(test.file.path), os.path.basename(test.file.path).lower().replace("after", "before")
        )
        for other in tests:
            same = (other.tool, other.endpoint, other.url, other.concurrency)
            if other.file.path.lower() == wanted.lower() and same == (
                test.tool,
                test.endpoint,
                test.url,
                test.concurrency,
            ):
                test.before = other
