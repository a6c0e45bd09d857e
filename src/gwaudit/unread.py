"""Which of the files that could not be read are findings: those of a deployment."""

from __future__ import annotations

from gwaudit.discover import format_of
from gwaudit.pattern import regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.document import ParseFailure
    from gwaudit.resolve.workspace import Workspace

_YAML = ("yaml", "compose", "kustomization")
_ANYTHING = (
    "yaml",
    "json",
    "toml",
    "text",
    "shell",
    None,
)  # formats of files that may have nothing to do with deployments
_ACTION = regex(r"(?m)^[ \t]*(\{\{|\{%)")  # Go templates, Jinja


def matters(workspace: Workspace, failure: ParseFailure) -> bool:
    """Whether a file that could not be read is a finding: a deployment's is, an example's or some large data file is not."""
    path = failure.location.path
    if failure.bounded or workspace.role_of(path) != "deployment" or _is_template(workspace, path):
        return False
    return failure.location.span is not None or format_of(path) not in _ANYTHING


def _is_template(workspace: Workspace, path: str) -> bool:
    """Whether a YAML file is what some program makes YAML of: it has lines that begin with an action of a template."""
    if format_of(path) not in _YAML:
        return False
    source = workspace.tree.source(path)
    return source is not None and _ACTION.search(source.text) is not None
