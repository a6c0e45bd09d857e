"""The configuration files of a proxy in a container: copied, mounted, from a config map, or written by the Dockerfile."""

from __future__ import annotations

import posixpath
from fnmatch import fnmatchcase

from gwaudit.parse.document import ParseFailure
from gwaudit.resolve.fact import Unknown
from gwaudit.source import Location, SourceFile, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.filesystem import Filesystem
    from gwaudit.resolve.service import Service
    from gwaudit.resolve.workspace import Workspace

MAX_FILES = 64  # files that one configuration includes, in all


class Written(SourceFile):
    """A here-document: lines that follow one another in the file that holds them, from ``place`` on."""

    __slots__ = ("_first",)

    def __init__(self, text: str, place: Location) -> None:
        super().__init__(place.path, text)
        self._first = place.line

    def location(self, start: int, end: int) -> Location:
        span, move = self.span(start, end), self._first - 1
        return Location(self.path, Span(span.line + move, span.column, span.end_line + move, span.end_column))


class Files:
    """Container paths to parsed documents of one format, each read once."""

    __slots__ = ("_count", "_filesystem", "_format", "_service", "_workspace")

    def __init__(self, workspace: Workspace, service: Service | None, filesystem: Filesystem, format: str) -> None:
        self._workspace = workspace
        self._service = service
        self._filesystem = filesystem
        self._format = format
        self._count = 0

    def root(self, path: str) -> Any | Unknown | None:
        """The root of the document at a container path; None where there surely is none, Unknown where nobody can tell."""
        path = posixpath.normpath(path)
        self._count += 1
        if self._count > MAX_FILES:
            return Unknown(f"more than {MAX_FILES} files are included")
        text = self._text(path)
        if text is not None:
            return self._parsed(text)
        found = self._filesystem.locate(path)
        if not isinstance(found, str):
            return found
        document = self._workspace.document(found, self._format)
        return document.root if document is not None else Unknown(f"{found} cannot be read")

    def matching(self, pattern: str) -> list[str]:
        """Container paths of the files that are known to match a glob pattern, in its last part only."""
        folder, name = posixpath.split(posixpath.normpath(pattern))
        image = self._service.image if self._service is not None else None
        texts = image.texts if image is not None else {}
        paths = {path for path in texts if posixpath.dirname(path) == folder} | set(self._filesystem.files_in(folder))
        return sorted(path for path in paths if fnmatchcase(posixpath.basename(path), name))

    def exists(self, path: str) -> bool:
        return self._text(path) is not None or isinstance(self._filesystem.locate(path), str)

    def _text(self, path: str) -> SourceFile | None:
        if self._service is None:
            return None
        image = self._service.image
        if image is not None and path in image.texts:
            text, place = image.texts[path]
            return Written(text, place)
        return None

    def _parsed(self, file: SourceFile) -> Any | Unknown:
        from gwaudit.parse import parser_for

        parse = parser_for(self._format)
        root: Any = Unknown(f"{file.path} cannot be read")
        for found in parse(file) if parse is not None else ():
            if isinstance(found, ParseFailure):
                self._workspace.note(found)
            else:
                root = found.root
        return root
