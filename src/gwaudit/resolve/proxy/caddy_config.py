"""The Caddyfile as Caddy sees it: sites, snippets put in where they are imported, ``{$NAME:default}`` replaced.

Source: caddyserver.com/docs/caddyfile/concepts.
"""

from __future__ import annotations

import posixpath

from gwaudit.pattern import regex
from gwaudit.resolve.fact import Fact, Source, Step, Unknown
from gwaudit.resolve.proxy.words import Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator

    from gwaudit.parse.nginx import Directive, Word
    from gwaudit.resolve.environment import Environment
    from gwaudit.resolve.proxy.files import Files

MAX_DEPTH = 12
MAX_DIRECTIVES = 5_000  # looked at in one file, snippets counted each time
_VARIABLE = regex(r"\{\$([A-Za-z_][A-Za-z0-9_]{0,100})(?::([^}]{0,500}))?\}")


class Config:
    """One Caddyfile with what it imports, in the environment of the container that runs it."""

    __slots__ = ("_budget", "_environment", "_files", "_folder", "_root", "_snippets", "options")

    def __init__(self, files: Files, path: str, root: list[Directive], environment: Environment) -> None:
        self._files = files
        self._folder = posixpath.dirname(path)
        self._root = root
        self._environment = environment
        self._budget = MAX_DIRECTIVES
        self._snippets = {d.name[1:-1]: d.block or [] for d in root if d.name[:1] == "(" and d.name[-1:] == ")"}
        options = [d.block for d in root if not d.name and d.block is not None]
        self.options: list[Directive] = options[0] if options else []  # of the block without a name

    def sites(self) -> Iterator[tuple[list[Directive], list[Word]]]:
        """Each site's directives with its addresses; a file without braces is one site whose first line is the address."""
        from gwaudit.parse.nginx import Word as Plain

        plain = [d for d in self._root if d.name[:1] != "(" and d.name and d.name != "import"]
        if plain and plain[0].block is None:
            first = plain[0]
            name = Plain(first.file, first.start, first.start + len(first.name), first.name, False)
            yield plain[1:], [name, *first.words]
            return
        for directive in self.expanded(self._root):
            if directive.block is None or not directive.name or directive.name[:1] == "(":
                continue
            name = Plain(directive.file, directive.start, directive.start + len(directive.name), directive.name, False)
            yield directive.block, [name, *directive.words]

    def expanded(self, block: Iterable[Directive], depth: int = 0) -> Iterator[Directive]:
        """The directives with snippets and files put in for their imports."""
        for directive in block:
            self._budget -= 1
            if self._budget < 0:
                return
            if directive.name != "import" or not directive.words:
                yield directive
                continue
            if depth > MAX_DEPTH:
                continue
            named = directive.words[0].text
            if named in self._snippets:
                yield from self.expanded(self._snippets[named], depth + 1)
                continue
            pattern = posixpath.normpath(posixpath.join(self._folder, named))
            for path in self._files.matching(pattern) if "*" in named else [pattern]:
                root = self._files.root(path) if "*" in named or self._files.exists(path) else None
                if isinstance(root, list):
                    yield from self.expanded(root, depth + 1)

    def text(self, word: Word) -> Text:
        """A word with the variables of the environment put in; what Caddy fills in for each request stays unknown."""
        source = Source("config-file", word.text, word.location)
        used: list[Fact] = []
        unknown: list[Unknown] = []

        def replace(match: re.Match[str]) -> str:
            fact = self._environment.get(match[1])
            used.append(fact)
            if isinstance(fact.value, Unknown):
                unknown.append(fact.value)
            return fact.value if isinstance(fact.value, str) and fact.value else match[2] or ""

        value = _VARIABLE.sub(replace, word.text)
        set_ = [fact for fact in used if fact.location is not None]
        if set_:
            first = set_[0]
            source = Source(first.source.layer, None, first.location, (*first.source.via, Step(word.location)))
        if unknown:
            return Text(unknown[0], source, tuple(used))
        if "{" in value:
            return Text(Unknown("Caddy fills it in for each request"), source, tuple(used))
        return Text(value, source, tuple(used))

    def server_timeout(self, name: str) -> Directive | None:
        """A time limit of the server itself (``servers { timeouts { NAME } }``)."""
        for servers in (d for d in self.options if d.name == "servers"):
            for timeouts in (d for d in servers.block or () if d.name == "timeouts"):
                for directive in timeouts.block or ():
                    if directive.name == name and directive.words:
                        return directive
        return None
