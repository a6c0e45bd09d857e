"""The options of a command line, by the names that the platform's data gives them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.commands.lines import CommandLine
    from gwaudit.resolve.commands.words import Word


class Options:
    """A matched command: its verb, the words given for each known option, flags, positional words, what was not known."""

    __slots__ = ("_values", "flags", "line", "opaque", "positional", "verb")

    def __init__(self, line: CommandLine, verb: str) -> None:
        self.line = line
        self.verb = verb
        self._values: dict[str, list[Word]] = {}
        self.flags: dict[str, Word] = {}
        self.positional: list[Word] = []
        self.opaque: Word | None = None  # a word that may hold options nobody can read

    def all(self, name: str) -> list[Word]:
        return self._values.get(name, [])

    def last(self, name: str) -> Word | None:
        found = self._values.get(name)
        return found[-1] if found else None

    def add(self, name: str, word: Word) -> None:
        self._values.setdefault(name, []).append(word)


def match(line: CommandLine, data: dict[str, Any], words: list[list[str]] | None = None) -> Options | None:
    """The options of a line that runs the platform's command (``words``: another of its commands), else None."""
    wanted = words if words is not None else data["words"]
    at = next((i for i, word in enumerate(line.words[:4]) if _program(word) == data["program"]), None)
    if at is None:
        return None
    at += 1
    verb = ""
    for choices in wanted:
        while at < len(line.words) and line.words[at].text in data.get("before", ()):
            at += 1
        if at >= len(line.words) or line.words[at].text not in choices:
            return None
        verb = line.words[at].text
        at += 1
    return _read(line, line.words[at:], verb, data)


def _program(word: Word) -> str:
    return word.text.rsplit("/", 1)[-1]


def _read(line: CommandLine, words: list[Word], verb: str, data: dict[str, Any]) -> Options:
    found = Options(line, verb)
    names = {option: name for name, options in data["options"].items() for option in options}
    flags = set(data["flags"]) - set(names)
    several = data.get("lists") == "words"
    index = 0
    while index < len(words):
        word = words[index]
        index += 1
        text = word.text
        if not text:
            if word.raw.startswith(("$", '"$')) and not isinstance(word.value, str):
                found.opaque = word  # a variable that may hold options
            continue
        if not text.startswith("-") or text == "-":
            found.positional.append(word)
            continue
        option, equals, value = text.partition("=")
        name = names.get(option, option)
        if equals:
            written = word.raw.partition("=")[2].strip("\"'")
            found.add(name, word.part(value, written if written == value else ""))
        elif option in flags or option.startswith("--no-"):
            found.flags[option] = word
        elif index < len(words) and not words[index].text.startswith("-"):
            found.add(name, words[index])
            index += 1
            while several and option in names and index < len(words) and not words[index].text.startswith("-"):
                found.add(name, words[index])
                index += 1
        elif index < len(words) and words[index].text.startswith("-") and name in ("argument", "command"):
            found.add(name, words[index])
            index += 1
        else:
            found.flags[option] = word
    return found
