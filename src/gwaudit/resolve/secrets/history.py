"""Secrets in commits that the work tree no longer holds.

``git log --raw`` names every blob with its first commit and path; ``cat-file --batch`` gives the contents one after
the other, so that no filter, diff driver or text conversion of the repository runs. One finding a value: it stands in the
history whatever the work tree says now, so the place is where files are kept out of git.
"""

from __future__ import annotations

import os

from gwaudit.parse.document import ParseFailure
from gwaudit.resolve.secrets.sweep import is_skipped, search
from gwaudit.rules.engine import external
from gwaudit.source import Location
from gwaudit.tree import MAX_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gwaudit.finding import Finding
    from gwaudit.resolve.secrets.found import Found
    from gwaudit.resolve.secrets.sweep import Place
    from gwaudit.resolve.workspace import Workspace
    from gwaudit.rules.load import RuleSet

MAX_BLOBS = 300_000  # contents that are looked at; a note says when there are more
MAX_VALUES = 2_000
_CHUNK = 1 << 18


class Blob:
    """One content: the path under which, and the commit in which, it was first seen."""

    __slots__ = ("commit", "path")

    def __init__(self, commit: str, path: str) -> None:
        self.commit = commit
        self.path = path


def history(workspace: Workspace, rules: RuleSet) -> list[Finding]:
    """The findings of ``secret-in-history``; a note where git does not answer or not everything was looked at."""
    root = workspace.tree.root
    place = _place(workspace)
    blobs = _blobs(root) if workspace.tree.git else None
    if blobs is None:
        workspace.note(ParseFailure(place, "the history was not searched: git does not answer"))
        return []
    if workspace.tree.is_file(".git/shallow"):
        workspace.note(ParseFailure(place, "the history was searched as far as the clone has it: it is shallow"))
    if len(blobs) >= MAX_BLOBS:
        workspace.note(ParseFailure(place, f"only the last {MAX_BLOBS:,} contents of the history were searched"))
    seen: dict[str, tuple[Blob, Place]] = {}
    for blob, data in _contents(root, blobs):
        for found in search(blob.path, data, workspace.role_of, dotenv=True):
            value = found.found.value
            if _is_drawn(found.found) and value not in workspace.described and len(seen) < MAX_VALUES:
                seen.setdefault(value, (blob, found))
    findings = []
    told: dict[str, int] = {}
    for blob, found in seen.values():
        finding = external(rules, "secret-in-history", place, _message(blob, found))
        blamed = f"{blob.path} {blob.commit[:12]}"  # an identity that other commits do not change
        told[blamed] = number = told.get(blamed, 0) + 1
        finding.blamed = blamed if number == 1 else f"{blamed} {number}"  # one finding a value: they share their place
        findings.append(finding)
    return findings


def _is_drawn(found: Found) -> bool:
    """Whether a value is key material; a URL's password, whose place leaves no doubt, may be shorter."""
    if found.generated or found.kind != "connection-string":
        return found.generated
    value = found.value
    return len(value) >= 8 and value.lower() != value != value.upper() and any(char.isdigit() for char in value)


def _message(blob: Blob, place: Place) -> str:
    found = place.found
    if found.provider:
        what = f"a {found.provider} ({len(found.value)} characters)"
    elif found.detail:
        what = f"a {'signed token' if found.kind == 'jwt' else 'key'} ({found.detail})"
    else:
        what = f"{found.key or 'a ' + found.kind.replace('-', ' ')} ({len(found.value)} characters)"
    return f"commit {blob.commit[:12]} added {what} in {blob.path}:{place.location.line}; it is still in the history"


def _place(workspace: Workspace) -> Location:
    """Where a person keeps files out of git: ``.gitignore``, else the first file of the configuration."""
    if workspace.tree.is_file(".gitignore"):
        return Location(".gitignore")
    first = next((path for path in workspace.paths("dotenv", "compose", "helm-chart", "dockerfile", "yaml")), None)
    return Location(first or next(iter(workspace.tree.list()), "."))


def _blobs(root: str) -> dict[str, Blob] | None:
    """Every added or changed content of every commit, by its id; the oldest commit wins."""
    from gwaudit import git

    started = git.stream(
        root, "log", "--all", "--raw", "-c", "-z", "--no-renames", "--no-abbrev", "--diff-filter=AM", "--no-show-signature",
        "--format=%x01%H", "--no-ext-diff", "--no-textconv", "--no-color",
    )  # fmt: skip
    if started is None:
        return None
    child, pipe = started
    found: dict[str, Blob] = {}
    commit = id = ""
    with os.fdopen(pipe, "rb", _CHUNK) as output:
        for entry in _fields(output):
            if entry[:1] == b"\1":
                commit = entry[1:41].decode("ascii", "replace")
            elif entry[:1] == b":":
                parents = len(entry) - len(entry.lstrip(b":"))
                words = entry.split(b" ")
                last = 2 * parents + 1  # modes of the parents and the result, then ids of the parents and the result
                regular = len(words) > last and words[parents][:3] == b"100"
                id = words[last].decode("ascii", "replace") if regular else ""
            elif id:
                path = os.fsdecode(entry)
                if not is_skipped(path) and (id in found or len(found) < MAX_BLOBS):
                    found[id] = Blob(commit, path)
                id = ""
    _, status = os.waitpid(child, 0)
    return found if status == 0 else None


def _fields(output: object) -> Iterator[bytes]:
    """The fields between NUL bytes and line ends, without holding more than a chunk."""
    rest = b""
    while True:
        chunk = output.read(_CHUNK)  # type: ignore[attr-defined]
        if not chunk:
            break
        *fields, rest = (rest + chunk).split(b"\0")
        for field in fields:
            yield field.strip(b"\n")
    if rest.strip(b"\n"):
        yield rest.strip(b"\n")


def _contents(root: str, blobs: dict[str, Blob]) -> Iterator[tuple[Blob, bytes]]:
    """The contents, one in memory at a time; what is larger than a text file of a tree may be is not unpacked at all."""
    small = [id for id, size, _ in _asked(root, list(blobs), "--batch-check") if size <= MAX_BYTES]
    for id, _, data in _asked(root, small, "--batch"):
        yield blobs[id], data


def _asked(root: str, ids: list[str], how: str) -> Iterator[tuple[str, int, bytes]]:
    """Size and, with ``--batch``, content of every object that the clone has (a shallow or partial one lacks some)."""
    from tempfile import TemporaryFile

    from gwaudit import git

    with TemporaryFile() as names:
        names.write("".join(f"{id}\n" for id in ids).encode())
        names.seek(0)
        started = git.stream(root, "cat-file", how, "--buffer", given=names.fileno())
        if started is None:
            return
        child, pipe = started
        with os.fdopen(pipe, "rb", _CHUNK) as output:
            for id in ids:
                words = output.readline().split()
                if len(words) != 3:
                    continue
                size = int(words[2])
                yield id, size, output.read(size) if how == "--batch" else b""
                if how == "--batch":
                    output.read(1)
        os.waitpid(child, 0)
