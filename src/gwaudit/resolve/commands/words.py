"""Words of command lines: quotes removed, variables of Make and of the shell replaced where the file assigns them.

A variable that the file gives a plain value counts with it (``assumed``: the environment or the command line of Make may say
otherwise for ``?=`` and ``${X:-default}``); any other makes the word Unknown.
"""

from __future__ import annotations

from gwaudit.parse.shell.syntax import Assign
from gwaudit.resolve.fact import Source, Step, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gwaudit.parse.makefile import Makefile
    from gwaudit.parse.shell import Script
    from gwaudit.parse.shell.syntax import Simple
    from gwaudit.source import Location

MAX_DEPTH = 8
MAX_TEXT = 20_000
MAX_WORK = 5_000  # variables put in for one word


class Word:
    """A word: its text or why nobody can know it, as written, its own place, and the place where a person edits its value.

    ``locate`` answers the place of a stretch of ``raw``.
    """

    __slots__ = ("assumed", "edited", "locate", "place", "raw", "value")

    def __init__(
        self,
        value: str | Unknown,
        raw: str,
        place: Location,
        edited: Location,
        assumed: bool,
        locate: Callable[[int, int], Location] | None = None,
    ) -> None:
        self.value = value
        self.locate = locate
        self.raw = raw
        self.place = place
        self.edited = edited
        self.assumed = assumed

    @property
    def text(self) -> str:
        """The text, empty where it is not known."""
        return self.value if isinstance(self.value, str) else ""

    def source(self, secret: bool = False) -> Source:
        raw = None if secret else self.text or self.raw
        via = [] if self.edited is self.place else [Step(self.place, "used here")]
        return Source("manifest", raw, self.edited, via)

    def part(self, value: str | Unknown, written: str) -> Word:
        """A piece of this word, ``written`` in it; its place is exact where that stands in it once."""
        place, edited = self.place, self.edited
        if self.locate is not None and edited is place and written and self.raw.count(written) == 1:
            at = self.raw.index(written)
            place = edited = self.locate(at, at + len(written))
        return Word(value, written, place, edited, self.assumed, None)


class Variables:
    """What a script and the Makefile around it assign."""

    __slots__ = ("_make", "_shell", "_work")

    def __init__(self, make: Makefile | None = None) -> None:
        self._make = make
        self._work = 0
        self._shell: dict[str, tuple[str, Location] | None] = {}

    def read(self, script: Script, commands: Iterable[Simple]) -> None:
        """Note the assignments of a script; a name with two different values is not known."""
        for node in commands:
            declared = [word for word in node.words if isinstance(word, Assign)]
            for item in [*([] if node.words else node.assigns), *declared]:
                if item.value is None or item.append or item.index is not None:
                    self._shell[item.name] = None
                    continue
                known = self._shell.get(item.name, (item.value.text,))
                same = known is not None and known[0] == item.value.text
                place = script.place(item.value.start, item.value.end)
                self._shell[item.name] = (item.value.text, place) if same else None

    def word(self, raw: str, locate: Callable[[int, int], Location]) -> Word:
        """The word; ``locate`` answers the place of a stretch of it."""
        place = locate(0, len(raw))
        places: list[Location] = []
        self._work = 0
        value = self._expand(raw, places, 0)
        bare = raw.strip("\"'")
        alone = bare[:1] == "$" and bare.count("$") <= 1 + bare.startswith("$$") and bare[-1:] not in "\"'/"
        whole = alone and (bare[-1:] in ")}" or bare[1:].lstrip("$").isidentifier())
        edited = places[-1] if whole and places and isinstance(value, str) else place
        return Word(value, raw, place, edited, bool(places), locate)

    def _expand(self, raw: str, places: list[Location], depth: int) -> str | Unknown:
        """The text of a shell word; ``places`` gets the places of the values that were put in."""
        self._work += 1
        if depth > MAX_DEPTH or self._work > MAX_WORK:
            return Unknown("variables that need one another")
        found: list[str] = []
        index, quote = 0, ""
        while index < len(raw):
            char = raw[index]
            if quote and char == quote:
                quote = ""
            elif not quote and char in "\"'":
                quote = char
            elif char == "$" and (quote != "'" or self._make is not None):
                end, value = self._dollar(raw, index, places, depth)
                if isinstance(value, Unknown):
                    return value
                found.append(value)
                index = end
                continue
            elif char == "\\" and quote != "'" and index + 1 < len(raw):
                index += 1
                if raw[index] != "\n":
                    found.append(raw[index] if not quote or raw[index] in '"\\$`' else "\\" + raw[index])
            elif char == "`" and quote != "'":
                return Unknown("a command that runs when the line does makes it")
            else:
                found.append(char)
            index += 1
        text = "".join(found)
        return text if len(text) <= MAX_TEXT else Unknown("a very long text")

    def _dollar(self, raw: str, at: int, places: list[Location], depth: int) -> tuple[int, str | Unknown]:
        """What follows a dollar: Make's ``$(X)`` and ``${X}``, ``$$`` before the shell's; the offset after it."""
        if self._make is not None and raw[at + 1 : at + 2] != "$":
            opening = raw[at + 1 : at + 2]
            closing = {"(": ")", "{": "}"}.get(opening)
            end = raw.find(closing, at) if closing else at + 1
            if end < 0:
                return len(raw), Unknown("a variable that does not end")
            name = raw[at + 2 : end] if closing else raw[at + 1 : at + 2]
            return end + 1, self._of_make(name, places, depth)
        at += 1 if self._make is not None else 0
        following = raw[at + 1 : at + 2]
        if following == "(":
            return len(raw), Unknown("a command that runs when the line does makes it")
        if following == "{":
            end = raw.find("}", at)
            if end < 0:
                return len(raw), Unknown("a variable that does not end")
            return end + 1, self._of_shell(raw[at + 2 : end], places, depth)
        end = at + 1
        while end < len(raw) and (raw[end].isalnum() or raw[end] == "_"):
            end += 1
        return (end, self._of_shell(raw[at + 1 : end], places, depth)) if end > at + 1 else (at + 1, "$")

    def _of_make(self, name: str, places: list[Location], depth: int) -> str | Unknown:
        variable = self._make.variable(name) if self._make is not None else None
        if variable is None or variable.operator == "!=" or "$(shell" in variable.value.text:
            return Unknown(f"the Makefile gives {name[:60]} no value", (name[:60],))
        value = self._expand(variable.value.text, places, depth + 1)
        places.append(variable.value.location)
        return value

    def _of_shell(self, body: str, places: list[Location], depth: int) -> str | Unknown:
        name, colon, default = body.partition(":-")
        if not colon:
            name, colon, default = body.partition("-")
        known = self._shell.get(name)
        if known is not None:
            places.append(known[1])
            text, own = known[0], len(places)
            # X="${X:-default}" names itself; it is not followed twice.
            self._shell[name] = None
            value = self._expand(text, places, depth + 1)
            self._shell[name] = known
            del places[own:]
            return value
        if colon and name.isidentifier():
            return self._expand(default, places, depth + 1)
        return Unknown(f"the shell that runs it sets {name.strip('_')[:60] or 'it'}", (f"env.{name[:60]}",))
