"""Which file is what: a table of formats by name, decided once per path; YAML and JSON are told apart by content."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.tree import Tree

# The first pattern that matches the path (lower case, from a "/" or its start to its end) decides.
FORMATS: tuple[tuple[str, str], ...] = (
    ("dotenv", r"\.env(\.[^/]+)*|[^/]+\.env(\.[^/]+)?|env\.(example|sample|template|dist|prod|production|dev)|\.envrc"),
    ("dockerfile", r"(dockerfile|containerfile)([._-][^/]*)?|[^/]+\.(dockerfile|containerfile)"),
    ("requirements", r"[^/]*requirements[^/]*\.(txt|in)|requirements/[^/]+\.(txt|in)|constraints[^/]*\.txt"),
    ("pyproject", r"pyproject\.toml"),
    ("lock", r"(uv|poetry|pdm)\.lock|pylock(\.[^/]+)?\.toml|pipfile(\.lock)?"),
    ("procfile", r"procfile(\.[^/]+)?"),
    ("makefile", r"(gnu)?makefile|[^/]+\.mk"),
    ("systemd", r"[^/]+\.service"),
    ("supervisor", r"supervisord?[^/]*\.(conf|ini)|supervisor/[^/]+\.(conf|ini)|(conf\.d|supervisord?\.d)/[^/]+\.ini"),
    ("haproxy", r"haproxy[^/]*\.(cfg|conf)"),
    ("pgbouncer", r"pgbouncer[^/]*\.ini"),
    ("postgresql", r"postgresql[^/]*\.conf"),
    ("redis", r"redis[^/]*\.conf"),
    (
        "nginx",
        r"nginx[^/]*\.conf([._-][^/]*)?|nginx/(.+/)?[^/]+\.conf([._-][^/]*)?|(sites-(available|enabled)|conf\.d)/[^/]+",
    ),
    ("nomad", r"[^/]+\.nomad(\.hcl|\.json)?|[^/]+\.job\.hcl"),
    ("terraform", r"[^/]+\.tf(vars)?(\.json)?"),
    ("fly", r"fly(\.[^/]+)?\.toml"),
    ("helm-chart", r"chart\.ya?ml"),
    ("helm-template", r"templates/(.+/)?[^/]+\.(ya?ml|tpl|txt)"),
    ("kustomization", r"kustomization(\.ya?ml)?"),
    ("compose", r"(docker-|podman-)?compose([._-][^/]*)?\.ya?ml"),
    ("shell", r"[^/]+\.(sh|bash)|[^/]*entrypoint[^/.]*"),
    ("python", r"[^/]+\.py"),
    ("yaml", r"[^/]+\.ya?ml"),
    ("json", r"[^/]+\.json"),
    ("toml", r"[^/]+\.toml"),
)
_TABLE = re.compile(
    "|".join(rf"(?P<f{i}>(?:^|.*/)(?:{pattern.replace('(', '(?:')})$)" for i, (_, pattern) in enumerate(FORMATS))
)
_GUNICORN = re.compile(
    r"(^|/)([^/]*gunicorn[^/]*|[^/]*\.gunicorn)\.(conf\.)?py$|(^|/)gunicorn[^/]*/[^/]*(conf|config)[^/]*\.py$"
)


def format_of(path: str) -> str | None:
    """The format that a path's name tells; None for a file that is only searched as text."""
    lower = path.lower()
    match = _TABLE.match(lower)
    if match is None or match.lastgroup is None:
        return None
    format = FORMATS[int(match.lastgroup[1:])][0]
    if format == "python" and _GUNICORN.search(lower):
        return "gunicorn"
    return format


def discover(tree: Tree) -> dict[str, list[str]]:
    """The walk's files by format, sorted by path; files of no format stand under ``text``."""
    found: dict[str, list[str]] = {}
    for path in tree.list():
        found.setdefault(format_of(path) or "text", []).append(path)
    return found
