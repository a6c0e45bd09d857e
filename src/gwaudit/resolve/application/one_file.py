"""One Python file: whether it counts, and what it reads, by its plain forms or else by its syntax tree."""

from __future__ import annotations

import os
import re
from functools import lru_cache

from gwaudit.pattern import regex
from gwaudit.resolve.application.reads import Collector, places

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gwaudit.resolve.application.indirect import Wrapper
    from gwaudit.resolve.application.settings_classes import SettingsClass
    from gwaudit.resolve.workspace import Workspace

MAX_BYTES = 2_000_000
# The plain forms, each with a literal beginning, which the engine finds fast.
_PLAIN = (
    re.compile(
        rb"environ\s{0,20}\.\s{0,20}(?:get|pop|setdefault)\s{0,20}\(\s{0,200}[\"'](\w{1,200})[\"']\s{0,200}[,)]"
    ),
    re.compile(rb"environ\s{0,20}\[\s{0,200}[\"'](\w{1,200})[\"']\s{0,200}\](?!\s{0,20}=[^=])"),
    re.compile(rb"getenv\s{0,20}\(\s{0,200}[\"'](\w{1,200})[\"']\s{0,200}[,)]"),
)
_ANY = (re.compile(rb"environ\b"), re.compile(rb"getenv\b"))
# Uses that read no variable: the environment is copied or passed on, a variable is set, or the word is imported.
_HARMLESS = regex(
    rb"os\.environ\.(?:copy|update)\s{0,20}\(|dict\(\s{0,20}os\.environ\s{0,20}[,)]|\*\*\s{0,20}os\.environ\b"
    rb"|os\.environ\s{0,20}\[[^\]\r\n]{1,200}\]\s{0,20}=[^=]|from\s{1,20}os\s{1,20}import\b[^\r\n(]{0,200}"
    rb"|env\s{0,20}=\s{0,20}os\.environ\b"
)
# What is still found in a file that this interpreter cannot parse (newer syntax, a template).
LOOSE = regex(
    rb"(?:\benv(?:\.\w{1,40})?\s{0,20}\(|\bconfig\s{0,20}\(|environ_name\s{0,20}=|envvar\s{0,20}=)\s{0,200}[\"']([A-Z][A-Z0-9_]{1,200})[\"']"
)
_COMMENT = regex(rb"^[ \t]*#[^\r\n]*", re.M)


def plainly_test(path: str) -> bool:
    """A quick answer for the many; ``counts`` decides the rest."""
    return path.startswith("tests/") or "/tests/" in path or "/test_" in path or path.startswith("test_")


@lru_cache(maxsize=4096)
def counts(path: str) -> bool:
    """Whether the file belongs to the service: no test, documentation or other people's code."""
    from gwaudit.discover import role_of

    return role_of(path) not in ("test", "documentation", "vendored")


def files(workspace: Workspace, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """The bytes of each file that can be read, at most ``MAX_BYTES``."""
    for path in paths:
        try:
            with open(os.path.join(workspace.tree.root, path), "rb") as stream:
                yield path, stream.read(MAX_BYTES)
        except OSError:
            continue


def read_file(
    path: str,
    data: bytes,
    special: bool,
    found: Collector,
    classes: list[SettingsClass],
    wrappers: dict[str, Wrapper],
    exported: dict[str, set[str]],
) -> None:
    """One file that mentions the environment: by its plain forms where these are all there is, else by its syntax tree."""
    matches = sorted((match for plain in _PLAIN for match in plain.finditer(data)), key=lambda match: match.start())
    rest = special or sum(len(word.findall(data)) for word in _ANY) > len(matches)
    if rest and not special:
        text = _COMMENT.sub(b"", data)
        for plain in _PLAIN:
            text = plain.sub(b"", text)
        text = _HARMLESS.sub(b"", text)
        rest = any(word.search(text) for word in _ANY)
    if rest:
        if _parsed(path, data, found, classes, wrappers, exported):
            return
        found.opaque.append(("cannot be read as Python", places(path, data, (0,))[0]))
        matches = sorted((*matches, *LOOSE.finditer(data)), key=lambda match: match.start())
    note_matches(path, data, matches, found)


def note_matches(path: str, data: bytes, matches: list[re.Match[bytes]], found: Collector) -> None:
    """Note the names that a pattern found, apart from those in comments."""
    for match, place in zip(matches, places(path, data, (m.start() for m in matches)), strict=True):
        begin = data.rfind(b"\n", 0, match.start()) + 1
        if not data[begin : match.start()].lstrip().startswith(b"#"):
            found.name(match.group(1).decode("utf-8", "replace"), place)


def _parsed(
    path: str,
    data: bytes,
    found: Collector,
    classes: list[SettingsClass],
    wrappers: dict[str, Wrapper],
    exported: dict[str, set[str]],
) -> bool:
    from gwaudit.resolve.application.lookups import Lookups
    from gwaudit.resolve.application.settings_classes import classes_of
    from gwaudit.resolve.application.syntax import module_of

    module = module_of(path, data)
    if module is None:
        return False
    try:
        lookups = Lookups(module, found)
        wrappers.update(lookups.wrappers)
        if lookups.exported():
            exported[path] = lookups.exported()
        if b"Settings" in data:
            classes.extend(classes_of(module))
    except RecursionError:
        return False
    return True
