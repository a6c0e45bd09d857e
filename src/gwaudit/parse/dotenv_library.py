"""python-dotenv's parser, loaded from its file without the package around it, and made safe for hostile text.

``dotenv/__init__`` imports logging, tempfile and pathlib, which costs more than the rest of a run over one file. The
parser's module is loaded a second time, under a private name: what is replaced in it here is replaced for nobody else.
"""

from __future__ import annotations

import builtins
import sys

from gwaudit.pattern import regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

MAX_STATEMENTS = 20_000
# Blank lines and comment lines, which are most of a documented file, never reach the parser.
_SKIPPED = regex(r"(?:[^\S\r\n]*(?:#[^\r\n]*)?(?:\r\n|\n|\r))*(?:[^\S\r\n]*#[^\r\n]*\Z)?")
_parser: ModuleType | None = None


def statements(text: str) -> list[tuple[int, int, str | None, str | None, bool]]:
    """What python-dotenv sees: (start, end, key, value, error) per statement, offsets into ``text``.

    Values have the line ends that Python's text mode gives them (``\\n``), as the library reads files that way.
    """
    parser = _load()
    base = 1 if text[:1] == "\ufeff" else 0  # its reader drops one more byte order mark
    reader = parser.Reader(_Text(text))
    position = reader.position
    found: list[tuple[int, int, str | None, str | None, bool]] = []
    while True:
        skipped = _SKIPPED.match(reader.string, position.chars)
        if skipped is not None:
            position.chars = skipped.end()
        if not reader.has_next():
            return found
        if len(found) >= MAX_STATEMENTS:
            found.append((position.chars + base, position.chars + base, None, None, True))
            return found
        start = position.chars
        binding = parser.parse_binding(reader)
        value = binding.value
        if value and "\r" in binding.original.string:
            normal = binding.original.string.replace("\r\n", "\n").replace("\r", "\n")
            value = parser.parse_binding(parser.Reader(_Text(normal))).value
        found.append((start + base, position.chars + base, binding.key, value, binding.error))


class _Text:
    """The least stream that the parser's reader asks for."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def read(self) -> str:
        return self.text


def _load() -> ModuleType:
    global _parser  # noqa: PLW0603
    if _parser is None:
        for finder in sys.meta_path:
            spec = finder.find_spec("dotenv", None)
            if spec is not None:
                break
        if spec is None or spec.loader is None or not spec.submodule_search_locations:
            raise ImportError("python-dotenv is not installed")
        name = "gwaudit._dotenv_parser"
        source_loader: Any = type(spec.loader)
        loader = source_loader(name, f"{spec.submodule_search_locations[0]}/parser.py")
        module: Any = type(sys)(name)
        if "typing" not in sys.modules:
            module.__builtins__ = {**vars(builtins), "__import__": _without_typing}
        loader.exec_module(module)
        # Three parts of the private copy are replaced, none in what it answers: the library's own take quadratic time or
        # memory by the megabyte on hostile text, and count lines that are not asked for.
        module.parse_unquoted_value = _unquoted_value
        module.Position.advance = _advance
        module._single_quoted_value = _Quoted("'")
        module._double_quoted_value = _Quoted('"')
        _parser = module
    return _parser


class _Record:
    """Stands in for ``typing.NamedTuple``: the annotated names of a subclass become its attributes."""

    def __init__(self, *values: Any, **named: Any) -> None:
        for name, value in zip(type(self).__annotations__, values, strict=False):
            setattr(self, name, value)
        for name, value in named.items():
            setattr(self, name, value)


class _Annotation:
    """Stands in for whatever the parser annotates with."""

    def __class_getitem__(cls, key: Any) -> type:
        return cls


class _Typing:
    NamedTuple = _Record

    def __getattr__(self, name: str) -> type:
        return _Annotation


def _without_typing(name: str, *context: Any) -> Any:
    """The import function of the private copy: ``typing``, needed for annotations only, costs a fifth of a bare start."""
    return _Typing() if name == "typing" else __import__(name, *context)


def _unquoted_value(reader: Any) -> str:
    """The library's own, without its quadratic search for the comment in a long run of blanks."""
    (part,) = reader.read_regex(_parser._unquoted_value)  # type: ignore[union-attr]
    return str(part[: comment_at(part)].rstrip())


def _advance(position: Any, text: str) -> None:
    position.chars += len(text)


class _Quoted:
    """A quoted string, found by scanning: stands in for a compiled pattern and for the match it gives."""

    __slots__ = ("_end", "_start", "_string", "quote")

    def __init__(self, quote: str) -> None:
        self.quote = quote
        self._string, self._start, self._end = "", 0, 0

    def match(self, string: str, at: int) -> _Quoted | None:
        end = quoted_end(string, at, self.quote)
        if end is None:
            return None
        self._string, self._start, self._end = string, at, end
        return self

    def start(self) -> int:
        return self._start

    def end(self) -> int:
        return self._end

    def groups(self) -> tuple[str]:
        return (self._string[self._start + 1 : self._end - 1],)


def quoted_end(text: str, at: int, quote: str) -> int | None:
    """The end of the string that ``quote`` opens at ``at``, None where it is not closed; a backslash hides a character."""
    if text[at : at + 1] != quote:
        return None
    at += 1
    end = text.find(quote, at)
    escape = text.find("\\", at)
    while end >= 0:
        if escape < 0 or end < escape:
            return end + 1
        at = escape + 2
        escape = text.find("\\", at)
        if end < at:
            end = text.find(quote, at)
    return None


def comment_at(text: str) -> int:
    """Where the comment of an unquoted value begins: the first ``#`` after a blank; the end where there is none."""
    at = text.find("#", 1)
    while at > 0:
        if text[at - 1].isspace():
            return at
        at = text.find("#", at + 1)
    return len(text)
