"""Whether a variable's name stands anywhere in the tree's code: the last guard before anyone says that nothing reads it.

A name that occurs in a source file of any language may be read there, however it is looked up. Only files that *set*
variables (manifests, dotenv files), prose and tests do not count. One pass over the bytes answers for all names at once.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gwaudit.resolve.workspace import Workspace

# Formats that set variables, or tell about them, rather than read them.
_SETTERS = frozenset(
    ("compose", "dotenv", "yaml", "helm-chart", "helm-template", "kustomization", "fly", "nomad", "terraform", "lock")
)
_PROSE = (".md", ".rst", ".txt", ".adoc", ".ipynb", ".html", ".svg", ".csv", ".json", ".lock", ".po", ".css", ".map")
MAX_FILE = 3_000_000


class Mentions:
    """Names found in code: name -> the first few paths that mention it."""

    __slots__ = ("_found", "_wanted")

    def __init__(self, wanted: Iterable[str], found: dict[str, tuple[str, ...]]) -> None:
        self._wanted = frozenset(wanted)
        self._found = found

    def of(self, name: str) -> tuple[str, ...] | None:
        """Paths whose code mentions ``name``; None where the name was not looked for."""
        return self._found.get(name, ()) if name in self._wanted else None


def search(workspace: Workspace, names: Iterable[str]) -> Mentions:
    """Look for ``names`` (as whole words) in every code file of the walk."""
    wanted = sorted({name for name in names if len(name) >= 3})
    if not wanted:
        return Mentions((), {})
    import ahocorasick_rs

    needles = [name.encode() for name in wanted]
    # The fastest of the automata: a megabyte for a thousand names, and half the time.
    matcher = ahocorasick_rs.BytesAhoCorasick(needles, implementation=ahocorasick_rs.Implementation.DFA)
    found: dict[str, list[str]] = {}
    root = workspace.tree.root
    for path in _code(workspace):
        try:
            with open(os.path.join(root, path), "rb") as stream:
                data = stream.read(MAX_FILE)
        except OSError:
            continue
        seen: set[int] = set()
        for index, start, end in matcher.find_matches_as_indexes(data, overlapping=True):
            if index in seen or _inside_word(data, start, end):
                continue
            seen.add(index)
            paths = found.setdefault(wanted[index], [])
            if len(paths) < 3:
                paths.append(path)
    return Mentions(wanted, {name: tuple(paths) for name, paths in found.items()})


def _code(workspace: Workspace) -> Iterable[str]:
    for format, paths in workspace.by_format.items():
        if format in _SETTERS:
            continue
        for path in paths:
            if not path.lower().endswith(_PROSE) and workspace.role_of(path) not in (
                "documentation",
                "test",
                "vendored",
            ):
                yield path


def _inside_word(data: bytes, start: int, end: int) -> bool:
    before = data[start - 1 : start]
    after = data[end : end + 1]
    return before.isalnum() or before == b"_" or after.isalnum() or after == b"_"
