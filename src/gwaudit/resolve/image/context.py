"""The build context: which of its files a COPY brings where, and what ``.dockerignore`` keeps out."""

from __future__ import annotations

import posixpath

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gwaudit.resolve.filesystem import Filesystem
    from gwaudit.tree import Tree

MAX_PATTERNS = 500
MAX_MATCHES = 200


class Context:
    """A build context directory (relative to the root) and the patterns that keep files out of it."""

    def __init__(self, tree: Tree, directory: str, dockerfile: str) -> None:
        self.tree = tree
        self.directory = posixpath.normpath(directory)
        self.ignore_file: str | None = None
        self.patterns: list[tuple[list[str], bool]] = []
        self._ignored: dict[str, bool] = {}
        for candidate in (f"{dockerfile}.dockerignore", self.path(".dockerignore"), self.path(".containerignore")):
            source = tree.source(candidate)
            if source is not None:
                self.ignore_file = candidate
                self.patterns = read_patterns(source.text)
                break

    def path(self, relative: str) -> str:
        return posixpath.normpath(posixpath.join(self.directory, relative))

    def ignored(self, path: str) -> bool:
        """Whether a repository path is kept out of the build."""
        if not self.patterns:
            return False
        answer = self._ignored.get(path)
        if answer is None:
            answer = self._ignored[path] = self._matched(path)
        return answer

    def _matched(self, path: str) -> bool:
        prefix = "" if self.directory == "." else self.directory + "/"
        if not path.startswith(prefix):
            return False
        parts = path[len(prefix) :].split("/")
        out = False
        for pattern, negated in self.patterns:
            if out == negated and matches_prefix(pattern, parts):
                out = not negated
        return out


def read_patterns(text: str) -> list[tuple[list[str], bool]]:
    """The lines of a ``.dockerignore``: the last pattern that matches decides, ``!`` brings back."""
    found: list[tuple[list[str], bool]] = []
    for line in text.splitlines()[: MAX_PATTERNS * 4]:
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        negated = line.startswith("!")
        line = line[negated:].strip()
        cleaned = posixpath.normpath(line.lstrip("/")) if line.strip("/") else ""
        if cleaned and cleaned != "." and len(found) < MAX_PATTERNS:
            found.append((cleaned.split("/"), negated))
    return found


def matches_prefix(pattern: Sequence[str], parts: Sequence[str]) -> bool:
    """Whether the pattern matches the path or a directory above it."""
    from gwaudit.resolve.shell.pattern import matches

    reached = {0}
    for part in parts:
        following: set[int] = set()
        for at in reached:
            if at < len(pattern) and pattern[at] == "**":
                following.update((at, at + 1))
                at += 1
            if at == len(pattern) or pattern[at] == "**":
                continue
            wanted = pattern[at]
            if wanted == part if _is_plain(wanted) else matches([(c, False) for c in wanted], part):
                following.add(at + 1)
        reached = following
        if len(pattern) in reached or (pattern and pattern[-1] == "**" and len(pattern) - 1 in reached):
            return True
        if not reached:
            return False
    return False


def _is_plain(pattern: str) -> bool:
    return pattern.replace(".", "_").replace("-", "_").isidentifier()


def copy(
    context: Context, filesystem: Filesystem, sources: Sequence[str], destination: str, into_directory: bool
) -> list[str]:
    """Map what ``COPY sources destination`` brings; the sources that name nothing in the context."""
    missing: list[str] = []
    for source in sources:
        listed = expand(context, source)
        if not listed:
            missing.append(source)
        for path in listed:
            ignored: Callable[[str], bool] | None = context.ignored if context.patterns else None
            if context.tree.is_directory(path):
                filesystem.put(destination, path, ignored)
            elif not context.ignored(path):
                name = posixpath.basename(path)
                directory = into_directory or len(listed) > 1 or len(sources) > 1 or "*" in source
                filesystem.put(posixpath.join(destination, name) if directory else destination, path)
    return missing


def expand(context: Context, source: str) -> list[str]:
    """The repository paths that a COPY source names, wildcards spread one directory at a time."""
    from gwaudit.resolve.shell.pattern import matches

    cleaned = posixpath.normpath(source.lstrip("/") or ".")
    if cleaned.startswith(".."):
        return []
    if not any(c in cleaned for c in "*?["):
        path = context.path(cleaned)
        return [path] if context.tree.exists(path) else []
    found = [context.directory]
    for part in cleaned.split("/"):
        if not any(c in part for c in "*?["):
            found = [
                p for p in (posixpath.normpath(posixpath.join(base, part)) for base in found) if context.tree.exists(p)
            ]
            continue
        pattern = [(c, False) for c in part]
        found = [
            posixpath.normpath(posixpath.join(base, name))
            for base in found
            for name in context.tree.children(base)
            if matches(pattern, name)
        ][:MAX_MATCHES]
    return found


def dotenv_files(context: Context, sources: Sequence[str]) -> tuple[str, ...]:
    """Dotenv files that a COPY takes along: named, or directly in a directory that is copied; templates are none."""
    from gwaudit.discover import format_of, role_of

    found: list[str] = []
    for source in sources:
        for path in expand(context, source):
            inside = context.tree.children(path) if context.tree.is_directory(path) else ()
            for one in [posixpath.normpath(posixpath.join(path, name)) for name in inside if "env" in name] or [path]:
                is_dotenv = format_of(one) == "dotenv" and role_of(one) == "deployment"
                if is_dotenv and context.tree.is_file(one) and not context.ignored(one):
                    found.append(one)
    return tuple(dict.fromkeys(found))
