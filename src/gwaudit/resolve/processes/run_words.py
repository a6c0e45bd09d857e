"""The words of a line that runs a container, with the script's plain variables put in."""

from __future__ import annotations

from gwaudit.parse.shell.syntax import Raw

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.shell import Script
    from gwaudit.parse.shell.syntax import Simple
    from gwaudit.source import Location


class RunWord:
    """A word of the line: its text (None where a variable makes it unknown) and its place."""

    __slots__ = ("location", "raw", "text")

    def __init__(self, text: str | None, raw: str, location: Location) -> None:
        self.text = text
        self.raw = raw
        self.location = location


def plain_variables(script: Script) -> dict[str, str]:
    """Plain texts and ``${X:-text}`` defaults assigned once in the script."""
    from gwaudit.parse.shell import syntax

    seen: dict[str, str | None] = {}
    stack: list[syntax.Node] = [script.body]
    while stack:
        node = stack.pop()
        if isinstance(node, syntax.Simple):
            for item in node.assigns:
                raw = item.value.text.strip("\"'") if item.value is not None else None
                if (
                    raw is not None
                    and raw.startswith("${")
                    and ":-" in raw
                    and raw.endswith("}")
                    and raw.count("$") == 1
                ):
                    raw = raw.partition(":-")[2][:-1]
                if item.name in seen or raw is None or "$" in raw or "`" in raw:
                    seen[item.name] = None
                else:
                    seen[item.name] = raw
        elif isinstance(node, syntax.Sequence):
            stack.extend(item for item, _ in node.items)
    return {name: value for name, value in seen.items() if value is not None}


def run_words(script: Script, node: Simple, variables: dict[str, str]) -> list[RunWord]:
    """The words of a command."""
    found: list[RunWord] = []
    for word in node.words:
        if isinstance(word, Raw):
            found.append(RunWord(plain(word.text, variables), word.text, script.place(word.start, word.end)))
    return found


def plain(raw: str, variables: dict[str, str]) -> str | None:
    """A word without quotes, with plain variables replaced; None where a part is not known."""
    found: list[str] = []
    index, quote = 0, ""
    while index < len(raw):
        char = raw[index]
        if quote and char == quote:
            quote = ""
        elif not quote and char in "\"'":
            quote = char
        elif quote == "'":
            found.append(char)
        elif char == "\\" and index + 1 < len(raw):
            index += 1
            if raw[index] != "\n":
                found.append(raw[index])
        elif char == "`":
            return None
        elif char == "$":
            braced = raw[index + 1 : index + 2] == "{"
            end = raw.find("}", index) if braced else index + 1
            if braced:
                if end < 0:
                    return None
                name, _, default = raw[index + 2 : end].partition(":-")
                end += 1
            else:
                while end < len(raw) and (raw[end].isalnum() or raw[end] == "_"):
                    end += 1
                name, default = raw[index + 1 : end], ""
            value = variables.get(name) or default
            if not value or "$" in value:
                return None
            found.append(value)
            index = end
            continue
        else:
            found.append(char)
        index += 1
    return "".join(found)
