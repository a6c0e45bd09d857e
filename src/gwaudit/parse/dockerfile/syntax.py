"""What a Dockerfile is made of: instructions, their words and here-documents, each with its place."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.source import Location, SourceFile


class Token:
    """A stretch of an instruction's value."""

    __slots__ = ("end", "start", "text")

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text = text
        self.start = start
        self.end = end

    def __repr__(self) -> str:
        return f"Token({self.text!r})"


class Heredoc:
    """A here-document: its name, its text, whether the name was quoted (nothing is expanded), where it stands."""

    __slots__ = ("end", "name", "quoted", "start", "strip", "text")

    def __init__(self, name: str, quoted: bool, strip: bool) -> None:
        self.name = name
        self.quoted = quoted
        self.strip = strip
        self.text = ""
        self.start = self.end = 0


class Instruction:
    """``keyword`` in capitals; ``value`` after the flags, lines joined; ``words`` of the JSON form, None in shell form."""

    __slots__ = ("_map", "end", "file", "flags", "heredocs", "keyword", "start", "value", "words")

    def __init__(self, file: SourceFile, keyword: str, start: int) -> None:
        self.file = file
        self.keyword = keyword
        self.start = start
        self.end = start
        self.value = ""
        self.flags: list[tuple[str, str | None, Location]] = []
        self.words: list[Token] | None = None
        self.heredocs: list[Heredoc] = []
        self._map: list[tuple[int, int]] = []  # (offset in value, offset in the file), ascending

    @property
    def location(self) -> Location:
        return self.file.location(self.start, self.end)

    def offset(self, at: int) -> int:
        """The file's offset of an offset in ``value``."""
        base = (0, self.start)
        for pair in self._map:
            if pair[0] > at:
                break
            base = pair
        return base[1] + at - base[0]

    def locate(self, start: int, end: int) -> Location:
        """The place of a stretch of ``value``."""
        first = self.offset(start)
        last = self.offset(max(end - 1, start)) + (1 if end > start else 0)
        return self.file.location(first, max(first, last))

    def flag(self, name: str) -> str | None:
        return next((value for flag, value, _ in reversed(self.flags) if flag == name), None)

    def __repr__(self) -> str:
        return f"{self.keyword} {self.value}"


class Dockerfile:
    """Instructions in order, and the parser directives (lower case)."""

    __slots__ = ("directives", "escape", "instructions")

    def __init__(self) -> None:
        self.instructions: list[Instruction] = []
        self.directives: dict[str, str] = {}
        self.escape = "\\"
