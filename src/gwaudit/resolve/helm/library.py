"""The named templates of a chart and its sub-charts, each file parsed only when something in it is asked for."""

from __future__ import annotations

from gwaudit.parse.gotemplate import SyntaxFailure, parse
from gwaudit.pattern import regex
from gwaudit.resolve.helm.machine import Template
from gwaudit.source import Location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.gotemplate import Parsed
    from gwaudit.resolve.helm.chart import Loader
    from gwaudit.source import SourceFile

_DEFINES = regex(r"\{\{-?\s*(?:define|block)\s+(?:\"([^\"\n]*)\"|`([^`]*)`)")


class Files:
    """The template files of charts with their trees, kept from one set of values to the next.

    Equal texts (a library chart that several sub-charts carry) share one tree.
    """

    def __init__(self) -> None:
        self._files: dict[str, SourceFile | None] = {}
        self._trees: dict[str, Parsed | SyntaxFailure] = {}
        self._names: dict[str, tuple[str, ...]] = {}

    def file(self, path: str, load: Loader) -> SourceFile | None:
        if path not in self._files:
            self._files[path] = load()
        return self._files[path]

    def tree(self, file: SourceFile) -> Parsed | SyntaxFailure:
        found = self._trees.get(file.text)
        if found is None:
            try:
                found = parse(file.text)
            except SyntaxFailure as error:
                found = error
            self._trees[file.text] = found
        return found

    def names(self, file: SourceFile) -> tuple[str, ...]:
        """The names that a file seems to define (a comment may hold more)."""
        found = self._names.get(file.text)
        if found is None:
            found = self._names[file.text] = tuple(dict.fromkeys(a or b for a, b in _DEFINES.findall(file.text)))
        return found


class Library:
    """Templates by name; of two with one name the later file's wins, unless it is empty."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.failures: list[tuple[Location, str]] = []
        self._mains: dict[str, SourceFile] = {}
        self._defined: dict[str, list[SourceFile]] = {}
        self._found: dict[str, Template | None] = {}

    def add(self, full: str, file: SourceFile) -> None:
        """A file under its full name (``chart/templates/x.yaml``); files come in the order in which Helm parses them."""
        self._mains[full] = file
        for name in self.files.names(file):
            self._defined.setdefault(name, []).append(file)

    def get(self, name: str) -> Template | None:
        if name not in self._found:
            self._found[name] = self._main(name) if name in self._mains else self._define(name)
        return self._found[name]

    def _tree(self, file: SourceFile) -> Parsed | None:
        found = self.files.tree(file)
        if isinstance(found, SyntaxFailure):
            failure = (file.location(found.offset, found.offset), f"the template is not read: {found.message}")
            if all(known[0] != failure[0] for known in self.failures):
                self.failures.append(failure)
            return None
        return found

    def _main(self, name: str) -> Template | None:
        file = self._mains[name]
        tree = self._tree(file)
        return Template(name, tree.body, file) if tree is not None else None

    def _define(self, name: str) -> Template | None:
        last: Template | None = None
        for file in reversed(self._defined.get(name, ())):
            tree = self._tree(file)
            for defined, body in reversed(tree.defines) if tree is not None else ():
                if defined == name:
                    last = last or Template(name, body, file)
                    if body:
                        return Template(name, body, file)
        return last


class Overlay:
    """A library with the templates that a text (``tpl``) defines for itself."""

    def __init__(self, below: Library | Overlay, templates: dict[str, Template]) -> None:
        self.below = below
        self.templates = templates

    def get(self, name: str) -> Template | None:
        return self.templates.get(name) or self.below.get(name)
