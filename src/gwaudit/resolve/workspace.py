"""What the resolvers see of the tree: files by format, parsed once, each parser imported when its first file is met."""

from __future__ import annotations

from gwaudit.discover import discover, format_of, role_of
from gwaudit.parse import parser_for
from gwaudit.parse.document import Document, ParseFailure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.config import Configuration
    from gwaudit.parse.loadtest.result import LoadTest
    from gwaudit.resolve.fact import Unknown
    from gwaudit.resolve.image import Image
    from gwaudit.resolve.model import Assumptions
    from gwaudit.resolve.secrets.subjects import Seen
    from gwaudit.source import Location, SourceFile
    from gwaudit.tree import Tree

MAX_REMARKS = 2_000


class Workspace:
    """The tree, its parsed documents (cached), the user's assumptions and configuration."""

    def __init__(self, tree: Tree, assume: Assumptions, configuration: Configuration | None = None) -> None:
        self.tree = tree
        self.assume = assume
        self.configuration = configuration
        self.by_format = discover(tree)
        self.failures: list[ParseFailure] = []
        self.remarks: dict[tuple[object, ...], tuple[Location, str]] = {}  # what was read and not understood, each once
        self.bugs: dict[str, str] = {}  # steps of ours that failed (see ``errors.Guard``)
        self.cache: dict[str, Any] = {}  # what a resolver works out once for the whole tree, by its own name
        self.latency: tuple[SourceFile, ...] = ()  # load-test results that the user named
        self.loadtests: list[LoadTest] | None = None
        self.images: dict[tuple[object, ...], Image | Unknown] = {}  # by build: context, file, stage, arguments
        self.suggestions: dict[tuple[str, str], str | None] = {}  # by profile and name
        self.secrets: list[Seen] = []  # real values by service, compared in memory when every target was seen
        self.identities: list[tuple[str | None, object, Location | None]] = []  # stage, signing key, place of a service
        self.described: dict[str, set[tuple[str, int, bool]]] = {}  # secret values with their places; True: surely told
        self._roles: dict[str, str] = {}
        self._documents: dict[tuple[str, str], list[Document]] = {}

    def paths(self, *formats: str) -> list[str]:
        """The walk's files of these formats."""
        return [path for format in formats for path in self.by_format.get(format, ())]

    def role_of(self, path: str) -> str:
        """What a file is there for (see ``discover.role_of``); what the user named is always looked at."""
        role = self._roles.get(path)
        if role is None:
            role = self._roles[path] = role_of(path, self.tree.given)
        return role

    def source(self, path: str) -> SourceFile | None:
        """A file inside the root, walked or referred to; None where there is none or it cannot be read (noted)."""
        found = self.tree.read(path)
        if isinstance(found, ParseFailure):
            self.note(found)
            return None
        return found

    def documents(self, path: str, format: str | None = None) -> list[Document]:
        """The parsed documents of a file (several for a YAML stream); failures are noted, once, in ``failures``."""
        chosen = format or format_of(path) or "text"
        key = (path, chosen)
        if key not in self._documents:
            good: list[Document] = []
            self._documents[key] = good
            file = self.source(path)
            parse = parser_for(chosen)
            if file is not None and parse is not None:
                for found in parse(file):
                    if isinstance(found, ParseFailure):
                        self.note(found)
                    else:
                        good.append(found)
        return self._documents[key]

    def document(self, path: str, format: str | None = None) -> Document | None:
        found = self.documents(path, format)
        return found[0] if found else None

    def remark(self, location: Location, message: str) -> None:
        """Something that was read and not understood: nothing is wrong with the file, and what it says is not judged."""
        if len(self.remarks) < MAX_REMARKS:
            self.remarks.setdefault((location.path, location.line, message), (location, message))

    def note(self, failure: ParseFailure) -> None:
        if all(f.location != failure.location or f.message != failure.message for f in self.failures):
            self.failures.append(failure)
