"""Jobs of CI files: which of them deploy for good, and to which environment.

A command that deploys is a deployment wherever it stands. A job that tests deploys something that is thrown away: it is told
by its name, its stage, a matrix, or a workflow that runs for pull requests only.
"""

from __future__ import annotations

from gwaudit.bundle import section
from gwaudit.parse.document import Mapping, Scalar, Sequence
from gwaudit.pattern import regex
from gwaudit.resolve.stage import stage_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gwaudit.parse.document import Node
    from gwaudit.resolve.workspace import Workspace
    from gwaudit.source import Location

_LABELS = ("name", "displayName", "description", "title", "if", "summary")
_WORD = regex(r"[a-z0-9]+")


class Job:
    """One job: where it stands, whether it is a test, and the ``environment`` that it names (None: none in plain text)."""

    __slots__ = ("environment", "first", "last", "tests")

    def __init__(self, node: Node, tests: bool, environment: Scalar | None) -> None:
        span = node.location.span
        self.first = node.location.line
        self.last = span.end_line if span is not None else self.first
        self.tests = tests
        self.environment = environment

    def holds(self, place: Location | None) -> bool:
        return place is not None and self.first <= place.line <= self.last

    @property
    def stage(self) -> str | None:
        """The stage that the environment's name tells: ``production``, ``prod-eu``, ``staging/web``."""
        words = _WORD.findall(self.environment.text.lower()) if self.environment is not None else []
        return next((found for word in words if (found := stage_named(word))), None)


def jobs(workspace: Workspace, path: str) -> list[Job]:
    """The jobs of a CI file: of ``jobs`` (GitHub, CircleCI, Azure) or of the top level (GitLab)."""
    found: list[Job] = []
    for document in workspace.documents(path):
        root = document.root
        if not isinstance(root, Mapping):
            continue
        stem = path.rpartition("/")[2].partition(".y")[0]
        tests = _is_test(stem) or _is_test(_text(root.get("name"))) or _for_pull_requests(root)
        for key, node in _named(root):
            found.append(Job(node, tests or _tests(key, node), _environment(node)))
    return found


def _named(root: Mapping) -> Iterator[tuple[str, Mapping]]:
    below = root.get("jobs")
    if isinstance(below, Sequence):
        for item in below.items:
            if isinstance(item, Mapping):
                yield _text(item.get("job")) or _text(item.get("deployment")), item
        return
    for key, node in (below if isinstance(below, Mapping) else root).entries:
        if isinstance(node, Mapping):
            yield key.text, node


def _tests(key: str, job: Mapping) -> bool:
    names = (key, _text(job.get("name")), _text(job.get("displayName")), _text(job.get("stage")))
    matrix = job.get("strategy", "matrix") or job.get("parallel", "matrix") or job.get("matrix")
    return matrix is not None or any(_is_test(name) for name in names)


def _is_test(name: str) -> bool:
    return not set(_WORD.findall(name.lower())).isdisjoint(section("platforms/ci")["test_words"])


def _for_pull_requests(root: Mapping) -> bool:
    """Whether only a pull request starts the workflow."""
    events = root.get("on")
    if isinstance(events, Mapping):
        names = [key.text for key, _ in events.entries]
    elif isinstance(events, Sequence):
        names = [_text(item) for item in events.items]
    else:
        names = [_text(events)] if events is not None else []
    return bool(names) and all(name.startswith("pull_request") for name in names)


def _environment(job: Mapping) -> Scalar | None:
    node = job.get("environment")
    named = node.get("name") if isinstance(node, Mapping) else node
    return named if isinstance(named, Scalar) and "$" not in named.text else None


def _text(node: Node | None) -> str:
    return node.text if isinstance(node, Scalar) else ""


def labels(workspace: Workspace, path: str) -> set[int]:
    """Lines that hold names and descriptions: a command in one of them is not run."""
    lines: set[int] = set()
    stack: list[Node] = [document.root for document in workspace.documents(path) if isinstance(document.root, Mapping)]
    while stack:
        node = stack.pop()
        if isinstance(node, Mapping):
            for key, value in node.entries:
                if isinstance(value, Scalar) and key.text in _LABELS:
                    span = value.location.span
                    lines.update(range(value.location.line, (span.end_line if span else value.location.line) + 1))
                else:
                    stack.append(value)
        elif isinstance(node, Sequence):
            stack.extend(node.items)
    return lines
