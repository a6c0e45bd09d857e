"""The expressions of a template: pipelines, commands, variables, look-ups, within bounds of work."""

from __future__ import annotations

from gwaudit.parse.gotemplate.nodes import Chain, Constant, Dot, Field, Function, Pipe, Variable
from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.helm.errors import EvaluationError, Exhausted
from gwaudit.resolve.helm.provenance import NIL, StringMap, Value, hidden
from gwaudit.resolve.helm.truth import truth
from gwaudit.resolve.helm.verbs import go_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from gwaudit.parse.gotemplate.nodes import Command, Expression, Statement
    from gwaudit.resolve.helm.library import Library, Overlay
    from gwaudit.resolve.helm.machine import Native
    from gwaudit.resolve.helm.provenance import Mark, Place, Runs
    from gwaudit.source import Location, SourceFile

MAX_STEPS = 150_000
MAX_TEXT = 8_000_000  # characters of one rendering, everything counted that was made on the way


class Template:
    """A template ready to be executed: its statements and where their text lies.

    ``file`` is set for a template on disk; a template made from a value (``tpl``) has the trace of its text instead.
    """

    __slots__ = ("body", "file", "name", "runs")

    def __init__(self, name: str, body: list[Statement], file: SourceFile | None, runs: Runs = ()) -> None:
        self.name = name
        self.body = body
        self.file = file
        self.runs = runs

    def place(self, start: int, end: int) -> Place | None:
        if self.file is not None:
            return (self.file, start, end)
        begin = 0
        for stop, mark, at in self.runs:
            if stop > start and mark is not None:
                if at < 0 or not mark.linear:
                    return (mark.file, mark.start, mark.end)
                return (mark.file, at + start - begin, at + end - begin)
            begin = stop
        return None


class Frame:
    """One execution of a template: its variables, innermost last. The first is ``$``."""

    __slots__ = ("template", "variables")

    def __init__(self, template: Template, root: Value) -> None:
        self.template = template
        self.variables: list[tuple[str, Value]] = [("$", root)]


class Expressions:
    """Evaluates expressions; ``Machine`` adds the statements around them."""

    def __init__(self, library: Library | Overlay, functions: Mapping[str, Native]) -> None:
        self.library = library
        self.functions = functions
        self.steps = 0
        self.text = 0
        self.depth = 0
        self.notes: list[tuple[Location, str]] = []
        self.frame: Frame | None = None
        self._through: dict[tuple[int, int, int], tuple[Mark, Mark]] = {}
        self._linear: dict[int, Mark] = {}

    def apply(self, native: Native, args: list[Value]) -> Value:
        """Call a function (it may run templates, which is the machine's)."""
        raise NotImplementedError

    def spend(self, steps: int = 1) -> None:
        self.steps += steps
        if self.steps > MAX_STEPS:
            raise Exhausted(f"the chart needs more than {MAX_STEPS:,} steps")

    def made(self, characters: int) -> None:
        self.text += characters
        if self.text > MAX_TEXT:
            raise Exhausted(f"the chart makes more than {MAX_TEXT:,} characters of text")

    def note(self, place: Place | None, message: str) -> None:
        if place is not None and len(self.notes) < 200:
            location = place[0].location(place[1], place[2])
            if all(known != location or text != message for known, text in self.notes):
                self.notes.append((location, message))

    def pipe(self, frame: Frame, pipe: Pipe, dot: Value, bind: bool = True) -> Value:
        value: Value | None = None
        for command in pipe.commands:
            value = self._command(frame, dot, command, value)
        found = value if value is not None else NIL
        if bind:
            for name in pipe.variables:
                self._bind(frame, name, found, pipe.assigns)
        return found

    def _bind(self, frame: Frame, name: str, value: Value, assigns: bool) -> None:
        if assigns:
            for index in range(len(frame.variables) - 1, -1, -1):
                if frame.variables[index][0] == name:
                    frame.variables[index] = (name, value)
                    return
            raise EvaluationError(f"undefined variable {name}")
        frame.variables.append((name, value))

    def _command(self, frame: Frame, dot: Value, command: Command, final: Value | None) -> Value:
        self.spend()
        words = command.words
        first = words[0]
        kind = first.__class__
        if kind is Function:
            return self._function(frame, dot, first.name, words[1:], final)  # type: ignore[union-attr]
        if kind is Field or kind is Variable or kind is Chain:
            if len(words) == 1 and final is None:
                return self._operand(frame, dot, first)
            args = [self._operand(frame, dot, word) for word in words[1:]]
            if final is not None:
                args.append(final)
            receiver, names = self._receiver(frame, dot, first)
            return self.chain(receiver, names, args)
        if len(words) > 1 or final is not None:
            raise EvaluationError("can't give an argument to something that is no function")
        if kind not in (Pipe, Dot, Constant):
            raise EvaluationError("nil is not a command")
        return self._operand(frame, dot, first)

    def _operand(self, frame: Frame, dot: Value, node: Expression) -> Value:
        kind = node.__class__
        if kind is Field:
            return self.chain(dot, node.names)  # type: ignore[union-attr]
        if kind is Constant:
            return Value(node.value)  # type: ignore[union-attr]
        if kind is Dot:
            return dot
        if kind is Variable or kind is Chain:
            receiver, names = self._receiver(frame, dot, node)
            return self.chain(receiver, names) if names else receiver
        if kind is Pipe:
            mark = len(frame.variables)
            value = self.pipe(frame, node, dot)  # type: ignore[arg-type]
            del frame.variables[mark:]
            return value
        if kind is Function:
            return self._function(frame, dot, node.name, (), None)  # type: ignore[union-attr]
        return NIL

    def _receiver(self, frame: Frame, dot: Value, node: Expression) -> tuple[Value, tuple[str, ...]]:
        if isinstance(node, Variable):
            for name, value in reversed(frame.variables):
                if name == node.name:
                    return value, node.names
            raise EvaluationError(f"undefined variable {node.name}")
        if isinstance(node, Chain):
            return self._operand(frame, dot, node.node), node.names
        return dot, node.names if isinstance(node, Field) else ()

    def chain(self, receiver: Value, names: tuple[str, ...], args: list[Value] | None = None) -> Value:
        """``.A.B`` from a value on; a missing key is nil, a step below a nil that was looked up is an error."""
        value = receiver
        last = len(names) - 1
        for index, name in enumerate(names):
            data = value.data
            if isinstance(data, dict):
                found = data.get(name)
                if args and index == last:
                    raise EvaluationError(f"{name} has arguments but is no method")
                if found is None:
                    found = Value("" if isinstance(data, StringMap) else None)
                value = found
            elif data is None:
                if index == 0 or value is NIL:
                    value = NIL
                    continue
                raise EvaluationError(f"nil pointer: .{'.'.join(names[:index])} is not set, so it has no .{name}")
            elif isinstance(data, Unknown):
                return value
            elif hasattr(data, "field"):
                value = data.field(self, name, (args or []) if index == last else [])
            else:
                raise EvaluationError(f"can't evaluate field {name} in type {go_type(data)}")
        return value

    def _function(
        self, frame: Frame, dot: Value, name: str, words: tuple[Expression, ...], final: Value | None
    ) -> Value:
        if name in ("and", "or"):
            return self._logical(frame, dot, name, words, final)
        native = self.functions.get(name)
        args = [self._operand(frame, dot, word) for word in words]
        if final is not None:
            args.append(final)
        if native is None:
            return hidden(f"the function {name} is not evaluated")
        value = self.apply(native, args)
        data = value.data
        if data.__class__ is str:
            self.made(len(data))
        elif data.__class__ is list or data.__class__ is dict:
            self.spend(len(data) >> 4)
        return value

    def _logical(
        self, frame: Frame, dot: Value, name: str, words: tuple[Expression, ...], final: Value | None
    ) -> Value:
        """``and`` and ``or`` evaluate no further than they must; their value is the last one they looked at."""
        if not words and final is None:
            raise EvaluationError(f"wrong number of args for {name}")
        value = NIL
        for word in words:
            value = self._operand(frame, dot, word)
            decided = truth(value.data)
            if decided is None or decided == (name == "or"):
                return value
        return final if final is not None else value
