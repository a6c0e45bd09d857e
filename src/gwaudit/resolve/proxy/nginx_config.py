"""nginx's configuration as nginx sees it: includes put in, blocks as levels, variables followed to what they may hold."""

from __future__ import annotations

import posixpath

from gwaudit.pattern import regex
from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.proxy.words import read, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from gwaudit.parse.nginx import Directive, Word
    from gwaudit.resolve.environment import Environment
    from gwaudit.resolve.proxy.files import Files
    from gwaudit.resolve.proxy.words import Text
    from gwaudit.source import Location, SourceFile

MAX_INCLUDES = 8  # levels of files that include one another
MAX_CHOICES = 8
_PATHS = ("request_uri", "uri", "document_uri")  # variables that begin with a slash
UNKNOWN = "\0"  # stands for what only the run time tells

_NAME = regex(r"\$(?:\{([A-Za-z0-9_]+)\}|([A-Za-z0-9_]+))")


class Level:
    """The directives of one block, includes put in; ``unread`` is why there may be others."""

    __slots__ = ("directives", "unread")

    def __init__(self, directives: list[Directive], unread: str | None) -> None:
        self.directives = directives
        self.unread = unread

    def every(self, name: str) -> list[Directive]:
        return [directive for directive in self.directives if directive.name == name]

    def last(self, name: str) -> Directive | None:
        found = self.every(name)
        return found[-1] if found else None


class Config:
    """One running configuration: its files, and the environment where a program puts variables into them."""

    __slots__ = ("_depth", "_environments", "_harmless", "files", "notes", "prefix", "values")

    def __init__(self, files: Files, prefix: str, harmless: Sequence[str]) -> None:
        self.files = files
        self.prefix = prefix
        self.notes: list[tuple[Location, str]] = []
        self._harmless = frozenset(harmless)
        self._environments: dict[int, Environment] = {}
        self._depth = 0
        self.values: dict[tuple[str, str], Word] = {}  # where a variable gets a value that holds no other variable

    def templated(self, file: SourceFile, environment: Environment) -> None:
        """Variables of the environment are put into this file before nginx reads it."""
        self._environments[id(file)] = environment

    def text(self, word: Word) -> Text:
        return text_of(word, word.text, self._environments.get(id(word.file)))

    def level(self, directives: Sequence[Directive]) -> Level:
        found: list[Directive] = []
        unread = self._expand(directives, found)
        return Level(found, unread)

    def _expand(self, directives: Sequence[Directive], found: list[Directive]) -> str | None:
        unread: str | None = None
        for directive in directives:
            if directive.name != "include" or not directive.words:
                found.append(directive)
                continue
            path = self.text(directive.words[0]).value
            if isinstance(path, Unknown):
                unread = unread or path.reason
                continue
            reason = self._include(posixpath.normpath(posixpath.join(self.prefix, path)), directive, found)
            unread = unread or reason
        return unread

    def _include(self, path: str, directive: Directive, found: list[Directive]) -> str | None:
        if self._depth >= MAX_INCLUDES:
            self.notes.append((directive.location, f"files include one another deeper than {MAX_INCLUDES} times"))
            return "includes nest too deep"
        globbed = any(char in path for char in "*?[")
        unread: str | None = None
        for each in self.files.matching(path) if globbed else (path,):
            root = self.files.root(each)
            if isinstance(root, list):
                self._depth += 1
                reason = self._expand(root, found)
                self._depth -= 1
            else:
                known = posixpath.basename(each) in self._harmless
                reason = None if known else f"{each} is included and was not read"
            unread = unread or reason
        return unread

    def setting(self, levels: Sequence[Level], name: str, fact: str, convert: Callable[[str], Any]) -> Fact | None:
        """The fact of a directive with one word: of the innermost level that has it, above those further out.

        ``levels`` are innermost first. None where no level has it, Unknown where an unread include may.
        """
        found: list[Fact] = []
        for level in levels:
            directive = level.last(name)
            if directive is not None and directive.words:
                one = read(self.text(directive.words[0]), fact, convert)
                where = Source(one.source.layer, f"{name} {one.source.raw}", one.location, one.source.via)
                found.append(Fact(fact, one.value, where, inputs=one.inputs))
            elif level.unread and not found:
                return Fact(fact, Unknown(level.unread), Source("config-file"))
        if not found:
            return None
        return Fact(fact, found[0].value, found[0].source, found[1:], found[0].inputs)

    def list_setting(self, levels: Sequence[Level], name: str) -> list[Directive]:
        """An array directive: a level that has any of it takes nothing from those further out (``proxy_set_header``)."""
        return next((level.every(name) for level in levels if level.every(name)), [])

    def choices(self, text: str, levels: Sequence[Level], depth: int = 0) -> list[str]:
        """What a text with variables may hold; ``UNKNOWN`` stands for the parts that only the run time tells."""
        parts: list[list[str]] = []
        at = 0
        for match in _NAME.finditer(text):
            parts.append([text[at : match.start()]])
            parts.append(self._variable(match[1] or match[2], levels, depth + 1))
            at = match.end()
        parts.append([text[at:]])
        found = [""]
        for part in parts:
            found = [head + tail for head in found for tail in part][:MAX_CHOICES]
        return list(dict.fromkeys(found))

    def _variable(self, name: str, levels: Sequence[Level], depth: int) -> list[str]:
        if depth > MAX_INCLUDES:
            return [UNKNOWN]
        for level in levels:
            for directive in reversed(level.directives):
                texts = directive.texts
                if directive.name == "set" and len(texts) == 2 and texts[0] == f"${name}":
                    value = self.text(directive.words[1]).value
                    self.values[(name, str(value))] = directive.words[1]
                    return [UNKNOWN] if isinstance(value, Unknown) else self.choices(value, levels, depth)
                if (
                    directive.name == "map"
                    and len(texts) == 2
                    and texts[1] == f"${name}"
                    and directive.block is not None
                ):
                    return self._mapped(name, texts[0], directive.block, levels, depth)
        return ["/" + UNKNOWN] if name in _PATHS else [UNKNOWN]

    def _mapped(self, name: str, key: str, block: list[Directive], levels: Sequence[Level], depth: int) -> list[str]:
        """The values of a map: of a constant key the one it selects, else all of them."""
        rows = [(row.name, row.words[0]) for row in block if len(row.words) == 1 and row.name != "hostnames"]
        if "$" not in key:
            chosen = [word for row, word in rows if row == key] or [word for row, word in rows if row == "default"]
            words = chosen[-1:]
        else:
            words = [word for _, word in rows]
        found: list[str] = []
        for word in words[:MAX_CHOICES]:
            value = self.text(word).value
            self.values[(name, str(value))] = word
            found.extend([UNKNOWN] if isinstance(value, Unknown) else self.choices(value, levels, depth))
        return list(dict.fromkeys(found)) or [UNKNOWN]

    def blocks(self, level: Level, name: str) -> Iterator[tuple[Directive, Level]]:
        for directive in level.every(name):
            if directive.block is not None:
                yield directive, self.level(directive.block)


def absent(name: str, location: Location | None) -> Fact:
    return Fact(name, ABSENT, Source("platform", None, location))
