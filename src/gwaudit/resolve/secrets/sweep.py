"""Every tracked text file searched for secrets: by the form of a text, and in configuration by the name it is assigned to.

One ``secret`` subject per value below the repository; further places of the same value are its related ones. What a
container's environment or a dotenv file already told is not told again.
"""

from __future__ import annotations

import os
import re

from gwaudit.bundle import section
from gwaudit.discover import format_of
from gwaudit.resolve.fact import ABSENT, Fact, Source
from gwaudit.resolve.secrets.forms import forms
from gwaudit.resolve.secrets.kept import compiled, kept
from gwaudit.resolve.secrets.named import named
from gwaudit.resolve.secrets.subjects import secret
from gwaudit.resolve.secrets.values import Judgement
from gwaudit.source import SourceFile
from gwaudit.tree import MAX_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gwaudit.resolve.model import Subject
    from gwaudit.resolve.secrets.found import Found
    from gwaudit.resolve.workspace import Workspace
    from gwaudit.source import Location

_WHERE = {
    "dockerfile": "image-env", "shell": "script", "makefile": "script", "procfile": "script", "python": "source",
    "gunicorn": "config-file", "text": "text",
}  # fmt: skip
_ORDER = {"deployment": 0, "template": 1, "test": 2, "documentation": 3, "vendored": 4}


class Place:
    """One found secret with the file it stands in."""

    __slots__ = ("format", "found", "location", "role")

    def __init__(self, found: Found, location: Location, role: str, format: str) -> None:
        self.found = found
        self.location = location
        self.role = role
        self.format = format


def sweep(workspace: Workspace, repository: Subject) -> None:
    """Add the secrets of files below ``repository``; nothing where no git tells which files are committed."""
    tree = workspace.tree
    by_value: dict[str, list[Place]] = {}
    for path in tree.list():
        if tree.tracked(path) is not True or is_skipped(path):
            continue
        data = _bytes(os.path.join(tree.root, path))
        if data is not None:
            for place in search(path, data, workspace.role_of, _today(workspace)):
                if place.format == "python" and place.found.key and _replaced(workspace, path, place.found.key):
                    continue
                by_value.setdefault(place.found.value, []).append(place)
    for value, places in by_value.items():
        _subject(workspace, repository, value, places)


def _replaced(workspace: Workspace, path: str, name: str) -> bool:
    """Whether another module beside this one assigns the same setting: the value of a base that each stage replaces."""
    folder, _, own = path.rpartition("/")
    assigned = re.compile(rb"^[ \t]*%s[ \t]*(?::[^=\n]{1,80})?=" % re.escape(name.encode()), re.MULTILINE)
    for sibling in workspace.tree.children(folder):
        if sibling.endswith(".py") and sibling != own:
            data = workspace.tree.read_bytes(f"{folder}/{sibling}" if folder else sibling, MAX_BYTES)
            if data is not None and assigned.search(data):
                return True
    return False


def search(
    path: str, data: bytes, role_of: Callable[[str], str], today: str | None = None, dotenv: bool = False
) -> Iterator[Place]:
    """The secrets of one file; outside deployments, where samples abound, only what its own checksum proves.

    ``dotenv`` says that dotenv files are read here as well: those of the work tree are subjects of their own.
    """
    if b"\0" in data[:8000]:
        return
    data = data.removeprefix(b"\xef\xbb\xbf")
    text, found = forms(data, today)
    own, more = kept(data, path)
    if more:
        text = text or own
        found = [*more, *(one for one in found if not any(one.start < m.end and m.start < one.end for m in more))]
    format = assigning_format(path) or ("dotenv" if dotenv and format_of(path) == "dotenv" else None)
    if format is not None and role_of(path) == "deployment":
        decoded, more = named(data, format)
        text = text or decoded
        taken = [(one.start, one.end) for one in found]
        found += [one for one in more if not any(start < one.end and one.start < end for start, end in taken)]
    if not found:
        return
    role = role_of(path)
    file = SourceFile(path, text)
    for one in found:
        if role == "deployment" or one.verified:
            yield Place(one, file.location(one.start, one.end), role, format or format_of(path) or "text")


def is_skipped(path: str) -> bool:
    """Files of digests, generated code and pictures."""
    data = section("platforms/providers")
    name = path.rpartition("/")[2].lower()
    return name in data["skipped_files"] or name.endswith(tuple(data["skipped_endings"]))


def assigning_format(path: str) -> str | None:
    """The format by which assignments in the file are read; None for a file of which they are no settings."""
    data = section("platforms/secrets")["assigning"]
    format = format_of(path)
    if format == "python" and path.rpartition("/")[2] in data["own_machine"]:
        return None
    if format is not None:
        return format if format in data["formats"] else None
    lower = path.lower()
    name = lower.rpartition("/")[2]
    if name.endswith((".xml", ".config")):
        return "xml"
    if name in data["names"] or name.endswith(tuple(data["endings"])) or (name[:1] == "." and "." not in name[1:]):
        return "text"
    ending = name.rpartition(".")[2]
    return "settings" if ending in data["code"] and compiled(data["settings"]).fullmatch(lower) else None


def _today(workspace: Workspace) -> str | None:
    today = workspace.assume.get("today")
    return str(today) if today is not None else None


def _bytes(path: str) -> bytes | None:
    try:
        with open(path, "rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError:
        return None
    return data if len(data) <= MAX_BYTES else None


def _subject(workspace: Workspace, repository: Subject, value: str, places: list[Place]) -> None:
    told = workspace.described.get(value, set())
    if any(sure for _, _, sure in told):
        return
    lines = {(path, line) for path, line, _ in told}
    places = [place for place in places if (place.location.path, place.location.line) not in lines]
    if not places:
        return
    places.sort(key=lambda place: (_ORDER.get(place.role, 5), not place.found.generated))
    first = places[0]
    found = first.found
    name = found.key or found.provider or found.kind
    facts = [Fact(name, value, Source("text", None, place.location), secret=True) for place in places]
    where = "secret-object" if found.key and first.format == "yaml" and _is_encoded(first) else _WHERE.get(first.format)
    judgement = Judgement("real", found.kind, None, value)
    subject = secret(workspace, repository, found.key, facts[0], judgement, where or "config-file")
    source = facts[0].source
    subject.set("secret.provider", found.provider or ABSENT, source)
    subject.set("secret.detail", found.detail or ABSENT, source)
    subject.set("secret.generated", found.generated, source)
    subject.set("secret.verified", found.verified, source)
    if len(facts) > 1:
        subject.put(Fact("secret.real", True, Source("derived"), inputs=facts[1:]))


def _is_encoded(place: Place) -> bool:
    span = place.location.span
    return span is not None and span.end_column - span.column != len(place.found.value)
