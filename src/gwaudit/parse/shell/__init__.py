"""Shell scripts as a tree whose every word knows its place (see ``syntax``); a reader of our own.

bash itself is forgiving and so is this reader: what stands before a syntax error is kept, because a shell runs it too.
"""

from __future__ import annotations

from functools import lru_cache

from gwaudit.parse.document import Document, ParseFailure
from gwaudit.parse.shell.grammar import Parser
from gwaudit.parse.shell.scan import ShellSyntaxError
from gwaudit.parse.shell.syntax import Sequence
from gwaudit.source import Location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gwaudit.source import SourceFile

    Place = Callable[[int, int], Location]

MAX_CHARACTERS = 400_000


class Script:
    """A parsed script: its commands, the parser that knows where words end, and the place of every offset.

    ``interpreter`` is the base name of the shebang's program (``bash``, ``sh``, ``python3``), None without one.
    ``error`` is (offset, message) where reading stopped.
    """

    __slots__ = ("_place", "_places", "body", "error", "interpreter", "parser", "text")

    def __init__(self, text: str, place: Place) -> None:
        self.text = text
        self._place = place
        self._places: dict[tuple[int, int], Location] = {}
        self.interpreter = interpreter_of(text)
        self.parser, self.body, self.error = _parsed(text)
        self.parser.depth = 0

    def place(self, start: int, end: int) -> Location:
        """The place of a stretch; those that run again are asked for again."""
        found = self._places.get((start, end))
        if found is None:
            found = self._places[start, end] = self._place(start, end)
        return found


@lru_cache(maxsize=64)
def _parsed(text: str) -> tuple[Parser, Sequence, tuple[int, str] | None]:
    """The tree of a script, with where and why reading stopped; services start the same scripts again and again."""
    parser, body = Parser(text), Sequence(0)
    try:
        if len(text) > MAX_CHARACTERS:
            raise ShellSyntaxError(0, f"longer than {MAX_CHARACTERS:,} characters")
        parser.script(body)
    except ShellSyntaxError as error:
        return parser, body, (min(error.offset, len(text)), error.message)
    except RecursionError:
        return parser, body, (0, "nested too deeply")
    return parser, body, None


def interpreter_of(text: str) -> str | None:
    """The program that a script's first line names (``#!/usr/bin/env bash`` names bash)."""
    if not text.startswith("#!"):
        return None
    words = text[2 : text.find("\n") if "\n" in text else len(text)].split()
    names = [word.rsplit("/", 1)[-1] for word in words]
    while names and (names[0] == "env" or names[0].startswith("-") or "=" in names[0]):
        names.pop(0)
    return names[0] if names else None


def parse_documents(file: SourceFile) -> list[Document | ParseFailure]:
    """The script, and a failure beside it where reading stopped early; scripts of other interpreters give nothing."""
    script = Script(file.text, file.location)
    if script.interpreter is not None and script.interpreter not in ("sh", "bash", "dash", "ash", "ksh", "zsh"):
        return []
    found: list[Document | ParseFailure] = [Document(file, "shell", script)]
    if script.error is not None:
        at, message = script.error
        if at == 0 and len(file.text) > MAX_CHARACTERS:  # an archive with a script before it
            found.append(ParseFailure(Location(file.path, None), f"shell script is not read: {message}"))
        else:
            found.append(ParseFailure(file.location(at, at), f"shell script is read up to here: {message}"))
    return found
