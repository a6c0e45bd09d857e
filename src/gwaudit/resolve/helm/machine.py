"""The machine that executes templates: statements, pipelines, variables, look-ups. Functions stand in ``functions``.

What Helm would stop at becomes Unknown for the field it stands in, with a note; what cannot be decided (a condition on
something unknown around several lines) fails the template. Work, depth and text are bounded.
"""

from __future__ import annotations

from gwaudit.parse.gotemplate.nodes import Action, Branch, Call, Jump, Range, Text
from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.helm.errors import EvaluationError, Exhausted, TemplateFailed
from gwaudit.resolve.helm.expressions import Expressions, Frame, Template
from gwaudit.resolve.helm.provenance import NIL, PLACEHOLDER, Builder, Mark, Value, cut, hidden, mark_of, reason
from gwaudit.resolve.helm.truth import truth
from gwaudit.resolve.helm.verbs import go_type, printed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from gwaudit.parse.gotemplate.nodes import Statement
    from gwaudit.resolve.helm.provenance import Place

    Native: TypeAlias = "Callable[[Machine, list[Value]], Value]"

MAX_INCLUDES = 45  # templates in templates


class Machine(Expressions):
    """Executes templates of one chart with one set of values."""

    def apply(self, native: Native, args: list[Value]) -> Value:
        return native(self, args)

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


__all__ = ["Machine", "Template"]
