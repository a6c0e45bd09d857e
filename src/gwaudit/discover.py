"""Which file is what: a table of formats by name, decided once per path; YAML and JSON are told apart by content."""

from __future__ import annotations

from gwaudit.pattern import regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gwaudit.tree import Tree

# The first pattern that matches the whole file name, or the end of the path where it holds a "/", decides (lower case).
FORMATS: tuple[tuple[str, str], ...] = (
    ("dotenv", r"\.env(\.[^/]+)*|[^/]+\.env(\.[^/]+)?|env\.(example|sample|template|dist|prod|production|dev)|\.envrc"),
    (
        "text",
        r"[^/]*(dockerfile|containerfile)[^/]*\.(tsx?|jsx?|mjs|s?css|less|html?|pyi?|go|java|rs|rb|php|md|rst|svg|png|ya?ml|json)",
    ),
    ("dockerfile", r"(dockerfile|containerfile)([._-][^/]*)?|[^/]+\.(dockerfile|containerfile)"),
    ("requirements", r"[^/]*requirements[^/]*\.(txt|in)|constraints[^/]*\.txt"),
    ("requirements", r"requirements/[^/]+\.(txt|in)"),
    ("pyproject", r"pyproject\.toml"),
    ("lock", r"(uv|poetry|pdm)\.lock|pylock(\.[^/]+)?\.toml|pipfile(\.lock)?"),
    ("procfile", r"procfile(\.[^/]+)?"),
    ("makefile", r"(gnu)?makefile|[^/]+\.mk"),
    ("systemd", r"[^/]+\.service"),
    ("supervisor", r"supervisord?[^/]*\.(conf|ini)"),
    ("supervisor", r"supervisor/[^/]+\.(conf|ini)|(conf\.d|supervisord?\.d)/[^/]+\.ini"),
    ("haproxy", r"haproxy[^/]*\.(cfg|conf)"),
    ("pgbouncer", r"pgbouncer[^/]*\.ini"),
    ("postgresql", r"postgresql[^/]*\.conf"),
    ("redis", r"redis[^/]*\.conf"),
    ("nginx", r"nginx[^/]*\.conf([._-][^/]*)?"),
    ("nginx", r"nginx/(.+/)?[^/]+\.conf([._-][^/]*)?|(sites-(available|enabled)|conf\.d)/[^/]+"),
    ("nomad", r"[^/]+\.nomad(\.hcl|\.json)?|[^/]+\.job\.hcl"),
    ("terraform", r"[^/]+\.tf(vars)?(\.json)?"),
    ("fly", r"fly(\.[^/]+)?\.toml"),
    ("helm-chart", r"chart\.ya?ml"),
    ("helm-template", r"templates/(.+/)?[^/]+\.(ya?ml|tpl|txt)"),
    ("kustomization", r"kustomization(\.ya?ml)?"),
    ("compose", r"(docker-|podman-)?compose([._-][^/]*)?\.ya?ml"),
    ("shell", r"[^/]+\.(sh|bash)|[^/]*entrypoint[^/.]*"),
    ("yaml", r"[^/]+\.ya?ml"),
    ("json", r"[^/]+\.json"),
    ("toml", r"[^/]+\.toml"),
)


def _table(with_folders: bool) -> str:
    """One expression of the patterns that look at folders, or of those that do not; a group's name tells its row."""
    rows = [
        (i, pattern) for i, (_, pattern) in enumerate(FORMATS) if ("/" in pattern.replace("[^/", "")) is with_folders
    ]
    return "|".join(f"(?P<f{i}>{pattern.replace('(', '(?:')})" for i, pattern in rows)


_NAMES = regex(_table(False))
_PATHS = regex(f"(?:^|/)(?:{_table(True)})$")
_GUNICORN = regex(
    r"(^|/)([^/]*gunicorn[^/]*|[^/]*\.gunicorn)\.(conf\.)?py$|(^|/)gunicorn[^/]*/[^/]*(conf|config)[^/]*\.py$"
)
# A path that could end one of the patterns with folders holds one of these.
_FOLDERS = ("requirements/", "supervisor", "conf.d/", "nginx/", "sites-", "templates/")


def format_of(path: str) -> str | None:
    """The format that a path's name tells; None for a file that is only searched as text."""
    lower = path.lower()
    if lower.endswith(".py"):
        return "gunicorn" if "gunicorn" in lower and _GUNICORN.search(lower) else "python"
    rows = []
    name = _NAMES.fullmatch(lower.rpartition("/")[2])
    if name is not None and name.lastgroup is not None:
        rows.append(int(name.lastgroup[1:]))
    if any(folder in lower for folder in _FOLDERS):
        place = _PATHS.search(lower)
        if place is not None and place.lastgroup is not None:
            rows.append(int(place.lastgroup[1:]))
    return FORMATS[min(rows)][0] if rows else None


def discover(tree: Tree) -> dict[str, list[str]]:
    """The walk's files by format, sorted by path; files of no format stand under ``text``."""
    found: dict[str, list[str]] = {}
    for path in tree.list():
        found.setdefault(format_of(path) or "text", []).append(path)
    return found


def role_of(path: str, given: Iterable[str] = (".",)) -> str:
    """What a file is there for: deployment, template, documentation, test or vendored.

    Files in folders of tests, documentation, templates and other people's code are no deployments (the data is
    ``platforms/paths``). ``given`` are the paths that the user asked for: their own names do not count, so a folder named
    explicitly is always looked at.
    """
    lower = path.lower()
    for named in given:
        prefix = named.lower().rstrip("/") + "/"
        if lower + "/" == prefix:
            return "deployment"
        if named != "." and lower.startswith(prefix):
            lower = lower[len(prefix) :]
            break
    *folders, name = lower.split("/")
    for role, apart, is_folder, is_file in _roles():
        counted = folders
        if apart:
            counted = [f for above, f in zip(["", *folders], folders, strict=False) if above not in apart]
        if any(is_folder.has(folder) for folder in counted) or is_file.has(name):
            return role
    return "deployment"


class _Names:
    """Names of a table: plain ones in a set, a star at one end as an ending or a beginning, the rest one by one."""

    __slots__ = ("_answers", "_beginnings", "_endings", "_patterns", "_plain")

    def __init__(self, names: Iterable[str]) -> None:
        special = ("*", "?", "[")
        self._plain = frozenset(name for name in names if not any(char in name for char in special))
        patterns = [name for name in names if name not in self._plain]
        self._endings = tuple(n[1:] for n in patterns if n[0] == "*" and not any(char in n[1:] for char in special))
        self._beginnings = tuple(
            n[:-1] for n in patterns if n[-1] == "*" and not any(char in n[:-1] for char in special)
        )
        done = {f"*{text}" for text in self._endings} | {f"{text}*" for text in self._beginnings}
        self._patterns = tuple(name for name in patterns if name not in done)
        self._answers: dict[str, bool] = {}

    def has(self, name: str) -> bool:
        if name in self._plain or name.endswith(self._endings) or name.startswith(self._beginnings):
            return True
        answer = self._answers.get(name)
        if answer is None:
            from gwaudit.glob import matches_name

            answer = self._answers[name] = any(matches_name(pattern, name) for pattern in self._patterns)
        return answer


_known_roles: list[tuple[str, frozenset[str], _Names, _Names]] = []


def _roles() -> list[tuple[str, frozenset[str], _Names, _Names]]:
    """The rows of ``platforms/paths`` in order: role, parents under which a folder does not count, folders, files."""
    if not _known_roles:
        from gwaudit.bundle import section

        for role, row in section("platforms/paths").items():
            folders, files = _Names(row.get("folders", ())), _Names(row.get("files", ()))
            _known_roles.append((role, frozenset(row.get("not_below", ())), folders, files))
    return _known_roles
