"""Values of a template that remember where they came from, down to the single character of a text.

A ``Value`` is a plain piece of data beside its trace. A trace is one ``Mark`` for the whole value, or for a text a tuple of
runs: ``(end, mark, at)``, where ``end`` is the offset in the text up to which the mark holds, and ``at`` the offset in
the mark's file where the run begins when the text was copied from there character by character (-1 otherwise). A mark of
None stands for text that the action itself made; it gets the action's place when it is written.
"""

from __future__ import annotations

from gwaudit.resolve.fact import Unknown
from gwaudit.source import SourceFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    from gwaudit.parse.document import Node

    Run: TypeAlias = "tuple[int, Mark | None, int]"
    Runs: TypeAlias = tuple[Run, ...]
    Trace: TypeAlias = "Mark | Runs | None"
    Place: TypeAlias = tuple[SourceFile, int, int]

PLACEHOLDER = "\ue000"  # stands in rendered text for a value nobody can know before run time
FILLED = "\ue001" + PLACEHOLDER  # the same where the value surely is no empty text
MAX_VIA = 4


class Mark:
    """A stretch of a file that text or a value came from.

    ``node`` is set for a value of a values file; ``linear`` for literal text of a template; ``context`` for what stands
    in no file (the release's name): its place is the outermost action that wrote it. ``via`` are the places it went
    through since. ``shadowed`` are the nodes that it overrode (nearest first). ``unknown`` is the reason why the value
    is not known.
    """

    __slots__ = ("context", "end", "file", "linear", "node", "shadowed", "start", "unknown", "via")

    def __init__(
        self,
        file: SourceFile,
        start: int,
        end: int,
        node: Node | None = None,
        linear: bool = False,
        via: tuple[Place, ...] = (),
        shadowed: tuple[Node, ...] = (),
        unknown: str | None = None,
        context: bool = False,
    ) -> None:
        self.file = file
        self.start = start
        self.end = end
        self.node = node
        self.linear = linear
        self.via = via
        self.shadowed = shadowed
        self.unknown = unknown
        self.context = context

    @classmethod
    def of(cls, node: Node) -> Mark:
        return cls(node.file, node.start, node.end, node, shadowed=node.shadowed)

    def through(self, place: Place) -> Mark:
        """The same origin, one step further on its way."""
        if self.context:
            return Mark(*place, unknown=self.unknown, context=True)
        if len(self.via) >= MAX_VIA or (self.via and self.via[-1] == place):
            return self
        via = (*self.via, place)
        return Mark(self.file, self.start, self.end, self.node, self.linear, via, self.shadowed, self.unknown)

    def over(self, lower: Mark) -> Mark:
        """The same origin, overriding what stands at ``lower``."""
        if lower.node is None or lower.node is self.node:
            return self
        shadowed = (*self.shadowed, lower.node, *lower.shadowed)
        return Mark(self.file, self.start, self.end, self.node, self.linear, self.via, shadowed, self.unknown)


class Value:
    """Data of a template: None, bool, int, ``Long``, float, str, dict and list of values, ``Unknown``, or a Helm object.

    ``key`` is the place of the key under which the value stands in a values file.
    """

    __slots__ = ("data", "key", "trace")

    def __init__(self, data: Any, trace: Trace = None, key: Mark | None = None) -> None:
        self.data = data
        self.trace = trace
        self.key = key

    def __repr__(self) -> str:
        return f"Value({self.data!r})"


class Filled(Unknown):
    """Unknown, and surely neither empty nor false (a random password)."""

    __slots__ = ()


NIL = Value(None)
CONTEXT = Mark(SourceFile("", ""), 0, 0, context=True)


class Long(int):
    """A Go ``int64``, which Go tells from ``int``."""

    __slots__ = ()


class StringMap(dict):  # type: ignore[type-arg]
    """A Go ``map[string]string``: a missing key reads as the empty string."""

    __slots__ = ()


class Builder:
    """Text in the making, with its runs."""

    __slots__ = ("parts", "runs", "size")

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.runs: list[Run] = []
        self.size = 0

    def add(self, text: str, trace: Trace = None) -> None:
        if not text:
            return
        size = self.size
        self.parts.append(text)
        self.size = size + len(text)
        if trace is None or isinstance(trace, Mark):
            self.runs.append((self.size, trace, -1))
        else:
            self.runs.extend((size + end, mark, at) for end, mark, at in trace)

    def last(self) -> str:
        """The last character, empty at the start."""
        return self.parts[-1][-1] if self.parts else ""

    def value(self) -> Value:
        return Value("".join(self.parts), tuple(self.runs))


def hidden(why: str, mark: Mark | None = None, filled: bool = False) -> Value:
    """A value nobody can know before run time, in the place of ``mark``."""
    base = mark or CONTEXT
    context = base.node is None and not base.file.path
    mark = Mark(base.file, base.start, base.end, base.node, False, base.via, base.shadowed, why, context)
    return Value(Filled(why) if filled else Unknown(why), mark)


def stand_in(data: Unknown) -> str:
    """The text that stands for an unknown value."""
    return FILLED if isinstance(data, Filled) else PLACEHOLDER


def runs_of(text: str, trace: Trace) -> Runs:
    """The trace of a text as runs."""
    if trace is None or isinstance(trace, Mark):
        return ((len(text), trace, -1),)
    return trace


def cut(runs: Runs, start: int, end: int) -> Runs:
    """The runs of the characters ``start``..``end``."""
    found: list[Run] = []
    begin = 0
    for stop, mark, at in runs:
        if stop > start:
            if begin >= end:
                break
            low = max(begin, start)
            found.append((min(stop, end) - start, mark, at + low - begin if at >= 0 else -1))
        begin = stop
    return tuple(found)


def part(value: Value, start: int, end: int) -> Value:
    """A stretch of a text value."""
    text = value.data[start:end]
    trace = value.trace
    if trace is None or isinstance(trace, Mark):
        return Value(text, trace, value.key)
    return Value(text, cut(trace, start, start + len(text)))


def mark_of(value: Value) -> Mark | None:
    """The mark that tells most of where a value came from: of a values file first, then any."""
    trace = value.trace
    if trace is None or isinstance(trace, Mark):
        return trace
    best = None
    for _, mark, _ in trace:
        if mark is not None:
            if mark.node is not None:
                return mark
            if best is None or (mark.unknown and not best.unknown):
                best = mark
    return best


def blend(values: list[Value]) -> Mark | None:
    """The one mark of a value made from several: the last with a place in a values file (the piped one comes last)."""
    best = None
    for value in reversed(values):
        mark = mark_of(value)
        if mark is not None:
            if mark.node is not None:
                return mark
            best = best or mark
    return best if best is not None and not best.linear else None


def reason(value: Value) -> str | None:
    """Why a value is not known, None where it is."""
    data = value.data
    if isinstance(data, Unknown):
        return data.reason
    if data.__class__ is str and PLACEHOLDER in data:
        trace = value.trace
        if isinstance(trace, tuple):
            found = next((mark.unknown for _, mark, _ in trace if mark is not None and mark.unknown), None)
            return found or "made from a value that is not known"
        return (trace.unknown if trace is not None else None) or "made from a value that is not known"
    return None
