"""Which file is what: a table of formats by name, decided once per path; YAML and JSON are told apart by content."""

from __future__ import annotations

from gwaudit.pattern import regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gwaudit.tree import Tree

# The first pattern that matches the whole file name, or the end of the path where it holds a "/", decides (lower case). The
# words before it are what a path that it matches holds at least one of, so that few patterns are asked, and compiled.
FORMATS: tuple[tuple[str, str, str], ...] = (
    ("text", ".patch .diff", r"[^/]+\.(patch|diff)"),
    (
        "dotenv",
        "env",
        r"\.env(\.[^/]+)*|[^/]+\.env(\.[^/]+)?|env\.(example|sample|template|dist|prod|production|dev)",
    ),
    (
        "text",
        "erfile",
        r"[^/]*(dockerfile|containerfile)[^/]*\.(tsx?|jsx?|mjs|s?css|less|html?|pyi?|go|java|rs|rb|php|md|rst|svg|png|ya?ml|json)",
    ),
    ("dockerfile", "erfile", r"(dockerfile|containerfile)([._-][^/]*)?|[^/]+\.(dockerfile|containerfile)"),
    ("requirements", "requirements constraints", r"[^/]*requirements[^/]*\.(txt|in)|constraints[^/]*\.txt"),
    ("requirements", "requirements/", r"requirements/[^/]+\.(txt|in)"),
    ("pyproject", "pyproject.toml", r"pyproject\.toml"),
    ("lock", "lock pipfile", r"(uv|poetry|pdm)\.lock|pylock(\.[^/]+)?\.toml|pipfile(\.lock)?"),
    ("procfile", "procfile", r"procfile(\.(?!(sh|bash|md|txt|erb|j2|tpl|template|sample|example)$)[^/]+)?"),
    ("makefile", "makefile .mk", r"(gnu)?makefile|[^/]+\.mk"),
    ("systemd", ".service", r"[^/]+\.service"),
    ("supervisor", "supervisor", r"supervisord?[^/]*\.(conf|ini)"),
    ("supervisor", "supervisor conf.d/", r"supervisor/[^/]+\.(conf|ini)|(conf\.d|supervisord?\.d)/[^/]+\.ini"),
    ("haproxy", "haproxy", r"haproxy[^/]*\.(cfg|conf)"),
    ("pgbouncer", "pgbouncer", r"pgbouncer[^/]*\.ini"),
    ("postgresql", "postgresql", r"postgresql[^/]*\.conf"),
    ("redis", "redis", r"redis[^/]*\.conf"),
    ("caddy", "caddy", r"caddyfile([._-][^/]*)?|[^/]+[._]caddy(file)?"),
    ("nginx", "nginx", r"nginx[^/]*\.conf([._-][^/]*)?"),
    (
        "nginx",
        "nginx/ sites- conf.d/",
        r"nginx/(.+/)?[^/]+\.conf([._-][^/]*)?|(sites-(available|enabled)|conf\.d)/[^/]+",
    ),
    # HCL of other programs (Vault, Packer, Terragrunt) is told by its text: it holds no job.
    ("nomad", ".nomad .hcl", r"[^/]+\.nomad(\.json)?|[^/]+\.hcl"),
    ("terraform", ".tf", r"[^/]+\.tf(vars)?(\.json)?"),
    ("fly", "fly", r"fly(\.[^/]+)?\.toml"),
    ("helm-chart", "chart.y", r"chart\.ya?ml"),
    ("helm-template", "templates/", r"templates/(.+/)?[^/]+\.(ya?ml|tpl|txt)"),
    ("kustomization", "kustomization", r"kustomization(\.ya?ml)?"),
    ("compose", "compose", r"(docker-|podman-)?compose([._-][^/]*)?\.ya?ml"),
    ("shell", ".sh .bash entrypoint", r"[^/]+\.(sh|bash)|[^/]*entrypoint[^/.]*"),
    ("yaml", ".y", r"[^/]+\.ya?ml"),
    ("json", ".json", r"[^/]+\.json"),
    ("toml", ".toml", r"[^/]+\.toml"),
)
_MARKS = tuple((mark, row) for row, (_, marks, _) in enumerate(FORMATS) for mark in marks.split())
_WITH_FOLDERS = tuple("/" in pattern.replace("[^/", "") for _, _, pattern in FORMATS)
_PATTERNS = tuple(
    regex(f"(?:^|/)(?:{pattern})$" if folders else pattern)
    for (_, _, pattern), folders in zip(FORMATS, _WITH_FOLDERS, strict=True)
)
_GUNICORN = regex(
    r"(^|/)([^/]*gunicorn[^/]*|[^/]*\.gunicorn)\.(conf\.)?py$|(^|/)gunicorn[^/]*/[^/]*(conf|config)[^/]*\.py$"
)


def format_of(path: str) -> str | None:
    """The format that a path's name tells; None for a file that is only searched as text."""
    lower = path.lower()
    if lower.endswith(".py"):
        return "gunicorn" if "gunicorn" in lower and _GUNICORN.search(lower) else "python"
    name = lower.rpartition("/")[2]
    for mark, row in _MARKS:
        if mark in lower:
            pattern = _PATTERNS[row]
            if pattern.search(lower) if _WITH_FOLDERS[row] else pattern.fullmatch(name):
                return FORMATS[row][0]
    return None


# A script without an extension tells by its first line who runs it: so many such files of a tree are looked into.
MAX_HEADS = 5_000
_SHELL = regex(
    rb"#![ \t]*(?:/[^ \t\n]{1,40}/)?(?:(?:env|with-contenv)[ \t]+(?:-S[ \t]+)?)?(?:ba|da|a|k|z)?sh(?![\w.-])"
)


def discover(tree: Tree) -> dict[str, list[str]]:
    """The walk's files by format, sorted by path; files of no format stand under ``text``."""
    found: dict[str, list[str]] = {}
    left = MAX_HEADS
    for path in tree.list():
        format = format_of(path)
        if format is None and left and "." not in path[path.rfind("/") + 1 :]:
            left -= 1
            if _SHELL.match(tree.head(path, 64)):
                format = "shell"
        found.setdefault(format or "text", []).append(path)
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
    folder, _, name = lower.rpartition("/")
    inside = _told.get(folder)
    if inside is None:
        inside = _inside(folder)
        if len(_told) < 10_000:
            _told[folder] = inside
    for (role, _, _, is_file), told in zip(_roles(), inside, strict=True):
        if told or is_file.has(name):
            return role
    return "deployment"


_told: dict[str, list[bool]] = {}


def _inside(folder: str) -> list[bool]:
    """Of each role, whether a folder on the way to a file tells it."""
    folders = folder.split("/") if folder else []
    found: list[bool] = []
    for _, apart, is_folder, _ in _roles():
        counted = folders
        if apart:
            counted = [f for above, f in zip(["", *folders], folders, strict=False) if above not in apart]
        found.append(any(is_folder.has(one) for one in counted))
    return found


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
