"""Packed charts (``charts/*.tgz``): read in memory, within limits, never unpacked to the disk."""

from __future__ import annotations

import io
import posixpath

from gwaudit.source import Location, Origin, SourceFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.tree import Tree

MAX_PACKED = 2_000_000
MAX_UNPACKED = 12_000_000
MAX_FILES = 2_000
MAX_FILE = 1_000_000


class ArchivedFile(SourceFile):
    """A file inside an archive: its places are the archive's, since nobody edits inside it."""

    __slots__ = ("archive",)

    def __init__(self, archive: str, path: str, text: str, tracked: bool | None) -> None:
        super().__init__(path, text, tracked)
        self.archive = archive

    def location(self, start: int, end: int) -> Location:
        return Location(self.archive)

    def origin(self, start: int, end: int) -> Origin:
        return Origin(Location(self.archive))


def unpack(tree: Tree, path: str) -> dict[str, dict[str, SourceFile]] | str:
    """The text files of an archive by their top folder and then by their path in it; a sentence where it is not read."""
    import gzip
    import tarfile
    import zlib

    data = tree.read_bytes(path, MAX_PACKED)
    if data is None:
        return f"larger than {MAX_PACKED:,} bytes, or gone"
    found: dict[str, dict[str, SourceFile]] = {}
    tracked = tree.tracked(path)
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            plain = stream.read(MAX_UNPACKED + 1)
        if len(plain) > MAX_UNPACKED:
            return f"larger than {MAX_UNPACKED:,} bytes when unpacked"
        with tarfile.open(fileobj=io.BytesIO(plain), mode="r:") as archive:
            for count, member in enumerate(archive):
                if count >= MAX_FILES:
                    return f"more than {MAX_FILES:,} files"
                name = posixpath.normpath(member.name)
                if not member.isfile() or member.size > MAX_FILE or name.startswith(("/", "..")) or "/" not in name:
                    continue
                stream_of = archive.extractfile(member)
                body = stream_of.read() if stream_of is not None else b""
                if b"\0" in body[:8000]:
                    continue
                top, _, rest = name.partition("/")
                text = body.decode("utf-8", "replace")
                found.setdefault(top, {})[rest] = ArchivedFile(path, f"{path}/{name}", text, tracked)
    except (tarfile.TarError, OSError, EOFError, zlib.error, ValueError) as error:
        return str(error) or "broken archive"
    return found
