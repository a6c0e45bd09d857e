"""The machine that executes templates: statements, pipelines, variables, look-ups. Functions stand in ``functions``.

What Helm would stop at becomes Unknown for the field it stands in, with a note; what cannot be decided (a condition on
something unknown around several lines) fails the template. Work, depth and text are bounded.
"""

from __future__ import annotations

from gwaudit.parse.gotemplate.nodes import (
    Action,
    Branch,
    Call,
    Chain,
    Constant,
    Dot,
    Field,
    Function,
    Jump,
    Pipe,
    Range,
    Text,
    Variable,
)
from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.helm.errors import EvaluationError, Exhausted, TemplateFailed
from gwaudit.resolve.helm.provenance import (
    NIL,
    PLACEHOLDER,
    Builder,
    Long,
    Mark,
    StringMap,
    Value,
    cut,
    hidden,
    mark_of,
    reason,
)
from gwaudit.resolve.helm.truth import truth
from gwaudit.resolve.helm.verbs import go_type, printed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from gwaudit.parse.gotemplate.nodes import Command, Expression, Statement
    from gwaudit.resolve.helm.library import Library, Overlay
    from gwaudit.resolve.helm.provenance import Place, Runs
    from gwaudit.source import Location, SourceFile

    Native: TypeAlias = "Callable[[Machine, list[Value]], Value]"

MAX_STEPS = 200_000
MAX_TEXT = 8_000_000  # characters of one rendering, everything counted that was made on the way
MAX_INCLUDES = 45  # templates in templates


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
        for stop, mark, at in self.runs:
            if stop > start and mark is not None:
                return (
                    (mark.file, at + start, at + end) if at >= 0 and mark.linear else (mark.file, mark.start, mark.end)
                )
        return None


class Frame:
    """One execution of a template: its variables, innermost last. The first is ``$``."""

    __slots__ = ("template", "variables")

    def __init__(self, template: Template, root: Value) -> None:
        self.template = template
        self.variables: list[tuple[str, Value]] = [("$", root)]


class Machine:
    """Executes templates of one chart with one set of values."""

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

    # -- bounds

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

    # -- statements

    def execute(self, template: Template, dot: Value, out: Builder) -> None:
        """Write the text of a template into ``out``."""
        if self.depth >= MAX_INCLUDES:
            raise Exhausted(f"templates include one another more than {MAX_INCLUDES} deep")
        self.depth += 1
        outer = self.frame
        frame = self.frame = Frame(template, dot)
        try:
            self._walk(frame, template.body, dot, out)
        finally:
            self.frame = outer
            self.depth -= 1

    def include(self, name: str, dot: Value) -> Value:
        """The text of a named template."""
        template = self.library.get(name)
        if template is None:
            raise EvaluationError(f'no template "{name}"')
        out = Builder()
        self.execute(template, dot, out)
        self.made(out.size)
        return out.value()

    def _walk(self, frame: Frame, body: list[Statement], dot: Value, out: Builder) -> str | None:
        for node in body:
            kind = node.__class__
            if kind is Text:
                self._literal(frame.template, node, out)  # type: ignore[arg-type]
            elif kind is Action:
                self._action(frame, node, dot, out)  # type: ignore[arg-type]
            elif kind is Branch or kind is Range:
                mark = len(frame.variables)
                signal = (
                    self._branch(frame, node, dot, out)  # type: ignore[arg-type]
                    if kind is Branch
                    else self._range(frame, node, dot, out)  # type: ignore[arg-type]
                )
                del frame.variables[mark:]
                if signal is not None:
                    return signal
            elif isinstance(node, Call):
                self._call_template(frame, node, dot, out)
            elif isinstance(node, Jump):
                return node.kind
        return None

    def _literal(self, template: Template, node: Text, out: Builder) -> None:
        file = template.file
        self.made(len(node.text))
        if file is None:
            out.add(node.text, cut(template.runs, node.start, node.end))
            return
        mark = self._linear.get(id(file))
        if mark is None:
            mark = self._linear[id(file)] = Mark(file, 0, len(file.text), linear=True)
        out.add(node.text, ((len(node.text), mark, node.start),))

    def _action(self, frame: Frame, node: Action, dot: Value, out: Builder) -> None:
        try:
            value = self.pipe(frame, node.pipe, dot)
        except TemplateFailed:
            raise
        except EvaluationError as error:
            self.note(frame.template.place(node.start, node.end), error.message)
            value = hidden(error.message)
            for name in node.pipe.variables:
                frame.variables.append((name, value))
        if not node.pipe.variables:
            self.write(frame.template.place(node.start, node.end), value, out)

    def write(self, place: Place | None, value: Value, out: Builder) -> None:
        """Write a value as an action does: text made here gets the action's place, the rest goes through it."""
        try:
            text, trace = printed(value)
        except EvaluationError as error:
            self.note(place, error.message)
            text, trace = printed(hidden(error.message, mark_of(value)))
        if PLACEHOLDER in text and out.last() == ":":
            out.add(" ")
        if not text:
            return
        self.made(len(text))
        if place is None:
            out.add(text, trace)
            return
        own: Mark | None = None
        if trace is None:
            out.add(text, Mark(*place))
        elif isinstance(trace, Mark):
            out.add(text, self._via(trace, place))
        else:
            runs = []
            for end, mark, at in trace:
                if mark is None:
                    own = own or Mark(*place)
                    runs.append((end, own, -1))
                else:
                    runs.append((end, self._via(mark, place), at))
            out.add(text, tuple(runs))

    def _via(self, mark: Mark, place: Place) -> Mark:
        key = (id(mark), id(place[0]), place[1])
        found = self._through.get(key)
        if found is None:
            # the mark is kept beside its successor so that its id stays taken
            found = self._through[key] = (mark, mark.through(place))
        return found[1]

    def _branch(self, frame: Frame, node: Branch, dot: Value, out: Builder) -> str | None:
        value = self.pipe(frame, node.pipe, dot)
        decided = truth(value.data)
        if decided is None:
            self._undecided(frame, node, value, out)
            return None
        if decided:
            return self._walk(frame, node.body, value if node.kind == "with" else dot, out)
        return self._walk(frame, node.otherwise, dot, out) if node.otherwise else None

    def _undecided(self, frame: Frame, node: Branch, value: Value, out: Builder) -> None:
        """A condition on something unknown: unknown text where it stands in one line, else the template fails."""
        why = reason(value) or "not known"
        file = frame.template.file
        if file is None or "\n" in file.text[node.start : node.end]:
            raise TemplateFailed(f"a condition cannot be decided: {why}")
        self.write(frame.template.place(node.start, node.end), hidden(why, mark_of(value)), out)

    def _range(self, frame: Frame, node: Range, dot: Value, out: Builder) -> str | None:
        pipe = node.pipe
        value = self.pipe(frame, pipe, dot, bind=False)
        data = value.data
        if isinstance(data, Unknown):
            self._undecided(frame, node, value, out)
            return None
        pairs: list[tuple[Value, Value]]
        if isinstance(data, dict):
            pairs = [(Value(k, data[k].key or mark_of(data[k])), data[k]) for k in sorted(data)]
        elif isinstance(data, list):
            pairs = [(Value(i), item) for i, item in enumerate(data)]
        elif isinstance(data, int) and not isinstance(data, bool):
            self.spend(max(0, data))
            pairs = [(Value(i), Value(i, value.trace)) for i in range(max(0, data))]
        elif data is None:
            pairs = []
        elif hasattr(data, "pairs"):
            pairs = data.pairs()
        else:
            raise EvaluationError(f"range can't iterate over a {go_type(data)}")
        if not pairs:
            return self._walk(frame, node.otherwise, dot, out) if node.otherwise else None
        mark = len(frame.variables)
        for key, item in pairs:
            self.spend()
            names = pipe.variables
            found = (item,) if len(names) == 1 else (key, item)
            for name, bound in zip(names, found, strict=False):
                self._bind(frame, name, bound, pipe.assigns)
            signal = self._walk(frame, node.body, item, out)
            del frame.variables[mark:]
            if signal == "break":
                break
        return None

    def _call_template(self, frame: Frame, node: Call, dot: Value, out: Builder) -> None:
        place = frame.template.place(node.start, node.end)
        try:
            data = self.pipe(frame, node.pipe, dot) if node.pipe is not None else NIL
            value = self.include(node.name, data)
        except TemplateFailed:
            raise
        except EvaluationError as error:
            self.note(place, error.message)
            value = hidden(error.message)
        self.write(place, value, out)

    # -- expressions

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
        value = native(self, args)
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


__all__ = ["Frame", "Long", "Machine", "Template"]
