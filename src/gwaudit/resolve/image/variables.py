"""Variables in Dockerfile instructions: quotes, escapes and ``${X:-word}``, by BuildKit's rules, with sources."""

from __future__ import annotations

from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.shell.text import Text, join_texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.dockerfile.syntax import Instruction

MAX_DEPTH = 20


class Scope:
    """The variables that an instruction sees: ARG and ENV of the stage so far, ENV on top."""

    __slots__ = ("arguments", "environment", "opaque")

    def __init__(self) -> None:
        self.arguments: dict[str, Fact] = {}
        self.environment: dict[str, Fact] = {}
        self.opaque: str | None = None  # why a variable that is not listed may be set: an unknown base image

    def copy(self) -> Scope:
        other = Scope()
        other.arguments = dict(self.arguments)
        other.environment = dict(self.environment)
        other.opaque = self.opaque
        return other

    def get(self, name: str) -> Fact | None:
        return self.environment.get(name) or self.arguments.get(name)


def interpolate(
    instruction: Instruction, scope: Scope, start: int, end: int, escape: str = "\\", quotes: bool = True
) -> Text:
    """The text of a stretch of an instruction's value, its variables replaced and its quotes taken away."""
    return _Reader(instruction, scope, escape, quotes).read(start, end, 0)


class _Reader:
    def __init__(self, instruction: Instruction, scope: Scope, escape: str, quotes: bool) -> None:
        self.instruction = instruction
        self.value = instruction.value
        self.scope = scope
        self.escape = escape
        self.quotes = quotes

    def read(self, start: int, end: int, depth: int) -> Text:
        """Pieces of ``start``..``end``; the source is that of the first variable, else of the text itself."""
        value = self.value
        pieces: list[str | Unknown] = []
        inputs: dict[Fact, None] = {}
        source: Source | None = None
        index = start
        double = False
        while index < end:
            char = value[index]
            if char == self.escape and index + 1 < end:
                if double and value[index + 1] not in ('"', "$", self.escape):
                    pieces.append(char)
                else:
                    index += 1
                    pieces.append(value[index])
                index += 1
            elif char == "'" and self.quotes and not double:
                close = value.find("'", index + 1, end)
                close = end if close < 0 else close
                pieces.append(value[index + 1 : close])
                index = close + 1
            elif char == '"' and self.quotes:
                double = not double
                index += 1
            elif char == "$" and index + 1 < end:
                found, index = self.variable(index, end, depth)
                pieces.extend(found.pieces)
                inputs.update(dict.fromkeys(found.inputs))
                if source is None and found.source.location is not None:
                    source = found.source
            else:
                pieces.append(char)
                index += 1
        place = self.instruction.locate(start, end)
        if source is None:
            source = Source("image", value[start:end], place)
        else:
            source = source.through(place)
        return Text(pieces, source, inputs)

    def variable(self, at: int, end: int, depth: int) -> tuple[Text, int]:
        value = self.value
        if value[at + 1] != "{":
            stop = at + 1
            while stop < end and (value[stop].isalnum() or value[stop] == "_") and value[stop].isascii():
                stop += 1
            if stop == at + 1:
                return Text(("$",), Source("image")), at + 1
            return self.lookup(value[at + 1 : stop]), stop
        closed = self.close(at + 1, end)
        if closed is None or depth > MAX_DEPTH:
            return Text([Unknown("an expansion that is not understood")], Source("image")), end
        stop = closed
        cursor = at + 2
        while cursor < stop and (value[cursor].isalnum() or value[cursor] == "_"):
            cursor += 1
        name = value[at + 2 : cursor]
        if cursor == stop:
            return self.lookup(name), stop + 1
        operator = value[cursor : cursor + 2] if value[cursor] == ":" else value[cursor]
        return self.operator(name, operator, cursor + len(operator), stop, depth), stop + 1

    def close(self, at: int, end: int) -> int | None:
        level = 0
        for index in range(at, end):
            level += (self.value[index] == "{") - (self.value[index] == "}")
            if level == 0:
                return index
        return None

    def lookup(self, name: str) -> Text:
        fact = self.scope.get(name)
        if fact is None:
            if self.scope.opaque is not None:
                return Text([Unknown(self.scope.opaque, (f"env.{name}",))], Source("image"))
            return Text((), Source("image"))
        if fact.value is ABSENT:
            return Text((), Source("image"), (fact,))
        return Text([fact.value if isinstance(fact.value, Unknown) else str(fact.value)], fact.source, (fact,))

    def operator(self, name: str, operator: str, start: int, stop: int, depth: int) -> Text:
        current = self.lookup(name)
        fact = self.scope.get(name)
        filled = current.filled()
        present = filled if operator[:1] == ":" else (fact is not None and fact.value is not ABSENT)
        if operator in (":-", "-", ":+", "+"):
            other = self.read(start, stop, depth + 1)
            if operator[-1] == "+":
                return (
                    other if present else (Text((), Source("image")) if present is False else _either(other, current))
                )
            return current if present else (other if present is False else _either(current, other))
        if operator in (":?", "?"):
            if present is False:
                return Text([Unknown(f"the build needs the argument {name}", (f"build.{name}",))], Source("image"))
            return current
        return Text([Unknown("an expansion that is not followed", (f"build.{name}",))], current.source, current.inputs)


def _either(first: Text, second: Text) -> Text:
    value = first.value()
    reason = value.reason if isinstance(value, Unknown) else "a build argument that is not known"
    return join_texts(first, second, reason, value.depends_on if isinstance(value, Unknown) else ())
