"""Lock files: which version of each package was chosen, and where that stands.

uv.lock, poetry.lock, pdm.lock and pylock.toml are TOML written by machines, one ``[[package]]`` block after another; a
block is read by its line starts, because parsing a megabyte of TOML for names and versions costs ten times as much.
Pipfile.lock is JSON, Pipfile is TOML that people write.
"""

from __future__ import annotations

import re

from gwaudit.parse.document import Document, Mapping, Node, ParseFailure, Scalar
from gwaudit.pattern import regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gwaudit.source import SourceFile

MAX_PACKAGES = 20_000
_BLOCK = regex(r"^\[\[packages?\]\][ \t]*\r?$", re.M)
_NAME = regex(r'^name[ \t]*=[ \t]*"([^"\r\n]{1,200})"', re.M)
_VERSION = regex(r'^version[ \t]*=[ \t]*"([^"\r\n]{1,200})"', re.M)
_LOCAL = regex(r"^source[ \t]*=[ \t]*\{[ \t]*(?:virtual|editable|directory|path)[ \t]*=", re.M)
_TABLE = regex(r"^\[(?!\[)([^\]\r\n]+)\][ \t]*\r?$", re.M)
_UV_NAMES = regex(r'\{[ \t]*name[ \t]*=[ \t]*"([^"]+)"(?:[^{}]*?extra[ \t]*=[ \t]*\[([^\]]*)\])?')
_KEY = regex(r'^"?([A-Za-z0-9][A-Za-z0-9._-]*)"?[ \t]*=', re.M)
_QUOTED_NAME = regex(r'"([A-Za-z0-9][A-Za-z0-9._-]*)')
_DEPENDENCIES = regex(r"^dependencies[ \t]*=[ \t]*\[(.*?)\][ \t]*\r?$", re.M | re.S)
_ARRAY = regex(r'^([A-Za-z0-9_.-]+|"[^"\r\n]+")[ \t]*=[ \t]*\[', re.M)


class LockedPackage(Node):
    """One package of a lock; the node spans its version (its name where it has none).

    ``dependencies`` are names, each with the extras asked for; ``extras`` the same by extra. ``local`` marks the project
    itself. ``hashed`` says that the lock knows its files by hash.
    """

    __slots__ = ("dependencies", "extras", "hashed", "local", "name", "version")

    def __init__(self, file: SourceFile, start: int, end: int, name: str, version: str) -> None:
        super().__init__(file, start, end)
        self.name = name
        self.version = version
        self.local = False
        self.hashed = False
        self.dependencies: tuple[tuple[str, tuple[str, ...]], ...] = ()
        self.extras: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {}

    def __repr__(self) -> str:
        return f"LockedPackage({self.name} {self.version})"


def parse_documents(file: SourceFile) -> list[Document | ParseFailure]:
    """One document whose root is a tuple of ``LockedPackage``; for Pipfile the root is the TOML tree."""
    name = file.path.rpartition("/")[2].lower()
    if name == "pipfile":
        from gwaudit.parse.toml import parse_documents as parse_toml

        return list(parse_toml(file))
    if name == "pipfile.lock":
        return _pipfile_lock(file)
    found = tuple(_blocks(file))
    if not found and file.text.strip() and not _BLOCK.search(file.text) and "version" not in file.text:
        return [ParseFailure(file.location(0, 0), "not a lock file: it names no package")]
    documents: list[Document | ParseFailure] = [Document(file, "lock", found)]
    if len(found) >= MAX_PACKAGES:
        documents.append(ParseFailure(file.location(0, 0), f"only the first {MAX_PACKAGES:,} packages are read"))
    return documents


def _blocks(file: SourceFile) -> Iterator[LockedPackage]:
    text = file.text
    starts = [match.end() for match in _BLOCK.finditer(text)]
    for start, end in list(zip(starts, [*starts[1:], len(text)], strict=False))[:MAX_PACKAGES]:
        name = _NAME.search(text, start, end)
        if name is None:
            continue
        first_table = _TABLE.search(text, start, end)
        head = first_table.start() if first_table is not None else end
        version = _VERSION.search(text, start, head)
        at = version or name
        found = LockedPackage(file, at.start(1), at.end(1), name.group(1), version.group(1) if version else "")
        found.local = _LOCAL.search(text, start, head) is not None
        found.hashed = "hash" in text[start:end]
        body = _DEPENDENCIES.search(text, start, head)
        if body is not None:
            found.dependencies = _names(body.group(1))
        _tables(text, head, end, found)
        yield found


def _tables(text: str, start: int, end: int, found: LockedPackage) -> None:
    """``[package.dependencies]`` of poetry and ``[package.optional-dependencies]`` of uv; poetry's ``[package.extras]``."""
    tables = list(_TABLE.finditer(text, start, end))
    for index, table in enumerate(tables):
        stop = tables[index + 1].start() if index + 1 < len(tables) else end
        title = table.group(1).strip()
        if title == "package.dependencies":
            names = (match.group(1) for match in _KEY.finditer(text, table.end(), stop))
            found.dependencies = tuple((name, ()) for name in names)
        elif title in ("package.optional-dependencies", "package.extras"):
            keys = list(_ARRAY.finditer(text, table.end(), stop))
            for key, after in zip(keys, [*(k.start() for k in keys[1:]), stop], strict=True):
                found.extras[key.group(1).strip('"')] = _names(text[key.end() : after])


def _names(text: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Names in an array: uv's inline tables, pdm's and poetry's requirement strings."""
    if "{" in text:
        return tuple(
            (match.group(1), tuple(re.findall(r'"([^"]+)"', match.group(2) or "")))
            for match in _UV_NAMES.finditer(text)
        )
    return tuple((match.group(1), ()) for match in _QUOTED_NAME.finditer(text))


def _pipfile_lock(file: SourceFile) -> list[Document | ParseFailure]:
    from gwaudit.parse.yaml import parse_documents as parse_json

    found: list[LockedPackage] = []
    for document in parse_json(file):
        if isinstance(document, ParseFailure):
            return [document]
        packages = document.root.get("default") if isinstance(document.root, Mapping) else None
        for key, entry in packages.entries if isinstance(packages, Mapping) else ():
            version = entry.get("version") if isinstance(entry, Mapping) else None
            place = version if isinstance(version, Scalar) else key
            text = version.text.removeprefix("==") if isinstance(version, Scalar) else ""
            package = LockedPackage(file, place.start, place.end, key.text, text)
            package.hashed = isinstance(entry, Mapping) and entry.get("hashes") is not None
            found.append(package)
    return [Document(file, "lock", tuple(found))]
