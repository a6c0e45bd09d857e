"""Partial evaluation of a script: statements over an abstract state, branches that cannot be decided are joined.

Nothing is executed. ``run`` returns the state after a node, None where execution surely does not go on from there (an
exit, an exec, a server in the foreground). Exits in branches that cannot be decided are failure paths: their state does not
join, so that ``[ -f cert ] || exit 1`` tells that the certificate is there afterwards.
"""

from __future__ import annotations

from gwaudit.parse.shell import Script, syntax
from gwaudit.parse.shell.syntax import Raw, Sequence
from gwaudit.resolve.fact import Source, Unknown
from gwaudit.resolve.shell.arithmetic.evaluation import evaluate
from gwaudit.resolve.shell.condition.decide import condition, test_of, truth_of
from gwaudit.resolve.shell.condition.matching import impossible
from gwaudit.resolve.shell.condition.operand import Operand
from gwaudit.resolve.shell.condition.truth import Truth, apply, settle
from gwaudit.resolve.shell.expansion import expand
from gwaudit.resolve.shell.expansion.parameter import parameter
from gwaudit.resolve.shell.expansion.segment import Segment
from gwaudit.resolve.shell.join import join_fields, join_states
from gwaudit.resolve.shell.pattern import matches
from gwaudit.resolve.shell.session import MAX_DEPTH, OutOfFuel
from gwaudit.resolve.shell.state import State
from gwaudit.resolve.shell.text import Filled, Text, join_texts
from gwaudit.resolve.shell.variable import Field, Variable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gwaudit.parse.shell.syntax import Node
    from gwaudit.resolve.command import Command
    from gwaudit.resolve.shell.arithmetic.number import Number
    from gwaudit.resolve.shell.chain import Chain
    from gwaudit.resolve.shell.session import Session
    from gwaudit.source import Location

MAX_ROUNDS = 200


class Loop:
    """The states that left a loop's body by ``break`` or ``continue``."""

    __slots__ = ("breaks", "continues")

    def __init__(self) -> None:
        self.breaks: list[State] = []
        self.continues: list[State] = []


class Interpreter:
    """One script in one shell process; functions and sourced scripts run in it, other scripts get one of their own."""

    def __init__(self, session: Session, script: Script, name: str, shell: str | None, chain: Chain) -> None:
        self.session = session
        self.script = script
        self.parser = script.parser
        self.name = name  # $0
        self.shell = shell  # dash, bash, ash or None
        self.chain = chain
        self.in_brace = False
        self.in_heredoc = False
        self.implicit_exec = False  # the command that runs now replaces the shell (bash -c with a last simple command)
        self.loops: list[Loop] = []
        self.returns: list[list[State]] = []
        self.guarded = 0  # inside a condition, where set -e does not apply
        self.doubts: list[tuple[str, tuple[str, ...]]] = []  # why the code that runs now may not run
        self.source = self.source_at(self.place(0, 0))
        self.piped = False
        self.traps = False
        self.substituted = False  # whether the last assignment ran a command, whose exit status it keeps
        self.lasts: list[Command] = []  # the last programs on every way to the script's end
        self.directories: list[str | None] = []  # pushd and popd
        self._functions: dict[str, Script] = {}

    # -- places and texts

    def spend(self, amount: int) -> None:
        self.session.spend(amount)

    def place(self, start: int, end: int) -> Location:
        return self.script.place(start, end)

    def source_at(self, location: Location, raw: str | None = None) -> Source:
        return Source("script", raw, location)

    def literal(self, text: str, start: int, end: int, split: bool) -> Segment:
        source = Source("script", self.script.text[start:end], self.place(start, end))
        return Segment(Text((text,), source), split, True)

    # -- substitutions

    def parameter(self, state: State, at: int, end: int, quoted: bool, simple: bool = False) -> list[Segment]:
        """The segments of a parameter expansion whose inside stands between two offsets."""
        return parameter(self, state, at, end, quoted, simple)

    def arithmetic(self, state: State, start: int, end: int) -> Number:
        """The value of the script's text between two offsets as an arithmetic expression."""
        return evaluate(self, state, start, end)

    def is_arithmetic(self, at: int) -> bool:
        return at + 1 not in self.parser.substitutions

    def substitution(self, at: int, state: State) -> Text:
        """What ``$( )`` at the offset of its parenthesis prints, without its last line ends."""
        self.parser.substitution_end(at)
        body, end = self.parser.substitutions[at]
        return self.captured(body, state, self.place(at - 1, end))

    def captured(self, body: Sequence, state: State, place: Location) -> Text:
        inner = state.copy()
        inner.out = Text((), self.source_at(place))
        self.substituted = True
        only = body.items[0][0] if len(body.items) == 1 else None
        if isinstance(only, syntax.Simple) and not only.words and not only.assigns and only.redirects:
            target = expand.text(self, state, only.redirects[0].target).known  # $(<file)
            found = (
                self.session.content(state, target) if target is not None else Unknown("a file whose name is unknown")
            )
            text = found if isinstance(found, Text) else Text([found or ""], self.source_at(place))
            return stripped(text)
        after = self.isolated(lambda: self.run(body, inner))
        state.status, state.why = (after.status, after.why) if after is not None else (None, state.why)
        out = after.out if after is not None else None
        if out is None:
            out = Text([Unknown("the output of a command that ends early")], self.source_at(place))
        found = stripped(out)
        return found if found.source.location is not None else found.at(self.source_at(place))

    def backquoted(self, at: int, end: int, state: State) -> Text:
        inside = self.script.text[at + 1 : end - 1].replace("\\`", "`").replace("\\\\", "\\").replace("\\$", "$")
        place = self.place(at, end)
        return self.within(Script(inside, lambda _s, _e: place), lambda: self.captured(self.script.body, state, place))

    def within(self, script: Script, action: Callable[[], Text]) -> Text:
        """Run something over another text in this same shell (backquotes, eval, source)."""
        saved = self.script, self.parser
        self.script, self.parser = script, script.parser
        try:
            return action()
        finally:
            self.script, self.parser = saved

    def isolated(self, action: Callable[[], State | None]) -> State | None:
        """A subshell: loops and returns outside are out of reach, and an exit ends only it."""
        saved = self.loops, self.returns, self.chain, self.implicit_exec
        self.loops, self.returns, self.implicit_exec = [], [], False
        self.chain = self.chain.behind_shell()
        try:
            return action()
        finally:
            self.loops, self.returns, self.chain, self.implicit_exec = saved

    # -- statements

    def run(self, node: Node | None, state: State | None) -> State | None:
        if node is None or state is None:
            return state
        self.spend(5)
        self.session.depth += 1
        if self.session.depth > MAX_DEPTH:
            self.session.depth -= 1
            raise OutOfFuel
        try:
            if node.redirects and not isinstance(node, syntax.Simple):
                from gwaudit.resolve.shell.redirect import redirected

                return redirected(self, node, state, lambda inner: self.dispatch(node, inner))
            return self.dispatch(node, state)
        finally:
            self.session.depth -= 1

    def dispatch(self, node: Node, state: State) -> State | None:
        if isinstance(node, syntax.Simple):
            from gwaudit.resolve.shell.simple import simple

            return self.checked(simple(self, node, state), node)
        if isinstance(node, Sequence):
            return self.sequence(node, state)
        if isinstance(node, syntax.AndOr):
            return self.and_or(node, state)
        if isinstance(node, syntax.Pipeline):
            return self.checked(self.pipeline(node, state), node)
        if isinstance(node, syntax.Group):
            if not node.subshell:
                return self.run(node.body, state)
            inner = state.copy()
            after = self.isolated(lambda: self.run(node.body, inner))
            if after is None:
                state.undecided("the exit status of a subshell")
                return state
            state.status, state.why, state.out, state.files = after.status, after.why, after.out, after.files
            return self.checked(state, node)
        if isinstance(node, syntax.If):
            return self.branches(node, state)
        if isinstance(node, syntax.Case):
            return self.case(node, state)
        if isinstance(node, syntax.For):
            return self.for_loop(node, state)
        if isinstance(node, syntax.While):
            return self.while_loop(node, state)
        if isinstance(node, syntax.CountingFor):
            return self.counting_loop(node, state)
        if isinstance(node, syntax.Function):
            state.functions[node.name] = node
            self.session_functions()[node.name] = self.script
            state.known(0)
            return state
        truth = truth_of(self, node, state)
        settle(state, truth)
        return self.checked(state, node)

    def session_functions(self) -> dict[str, Script]:
        """The script in which each function of this shell was defined (a sourced library's offsets are its own)."""
        return self._functions

    def ended(self, state: State, status: int | None) -> None:
        """The script ends here; a surely failing end is a failure path, which says nothing of what serves."""
        if status in (0, None):
            self.lasts.extend(command for command in state.last if command not in self.lasts)

    def checked(self, state: State | None, node: Node) -> State | None:
        """``set -e``: a command that surely fails outside a condition ends the script."""
        if state is not None and state.errexit and not self.guarded and state.status not in (0, None):
            self.session.problem(self.place(node.start, node.end), "set -e ends the script here: this command fails")
            return None
        return state

    def sequence(self, node: Sequence, state: State | None) -> State | None:
        implicit, self.implicit_exec = self.implicit_exec, False
        for number, (item, background) in enumerate(node.items):
            if state is None:
                break
            if background:
                inner = state.copy()
                chain = self.chain
                self.isolated(lambda item=item, inner=inner: self.run(item, inner))  # type: ignore[misc]
                self.chain = chain
                state.known(0)
                continue
            last = number == len(node.items) - 1
            self.implicit_exec = implicit and last and not item.redirects
            state = self.run(item, state)
            self.implicit_exec = False
        return state

    def and_or(self, node: syntax.AndOr, state: State) -> State | None:
        implicit, self.implicit_exec = self.implicit_exec, False
        self.guarded += 1
        current = self.run(node.first, state)
        self.guarded -= 1
        for number, (operator, item) in enumerate(node.rest):
            if current is None:
                return None
            last = number == len(node.rest) - 1
            if current.status is not None:
                if (current.status == 0) != (operator == "&&"):
                    continue
                current = self.guard(not last, item, current, implicit and last)
                continue
            why = current.why
            other = current.copy()
            other.status = 1 if operator == "&&" else 0
            current.known(0 if operator == "&&" else 1)
            truth = test_of(self, node.first if number == 0 else node.rest[number - 1][1], other)
            apply(current, truth.yes if operator == "&&" else truth.no)
            apply(other, truth.no if operator == "&&" else truth.yes)
            self.doubts.append((why.reason, why.depends_on))
            done = self.guard(not last, item, current, implicit and last)
            self.doubts.pop()
            if done is not None and operator == "&&" and self.fails(item):
                done = None
            current = join_states(done, other, self.reason(item, why), why.depends_on)
            if done is None and current is not None:
                current.status = 0 if operator == "||" else None
            elif current is not None and operator == "||" and done is not None and done.status == 0:
                current.known(0)
        return current

    def guard(self, guarded: bool, item: Node, state: State, implicit: bool) -> State | None:
        self.guarded += guarded
        self.implicit_exec = implicit
        done = self.run(item, state)
        self.guarded -= guarded
        return done

    def fails(self, item: Node) -> bool:
        return False

    def reason(self, node: Node, why: Unknown) -> str:
        place = self.place(node.start, node.start)
        return f"decided at run time at {place.path}:{place.line} ({why.reason})"

    def pipeline(self, node: syntax.Pipeline, state: State) -> State | None:
        if node.negated:
            self.guarded += 1
        if len(node.stages) == 1:
            after = self.run(node.stages[0], state)
        else:
            stdin = state.stdin
            after = None
            statuses: list[int | None] = []
            for number, stage in enumerate(node.stages):
                inner = state.copy()
                inner.stdin = stdin
                last = number == len(node.stages) - 1
                if not last:
                    inner.out = Text((), Source("script"))
                piped, self.piped = self.piped, self.piped or not last
                after = self.isolated(lambda stage=stage, inner=inner: self.run(stage, inner))  # type: ignore[misc]
                self.piped = piped
                statuses.append(after.status if after is not None else None)
                out = after.out if after is not None else None
                stdin = out if out is not None else Text([Unknown("the output of a command")], Source("script"))
            if after is not None:
                state.status, state.why, state.out = after.status, after.why, after.out
                if state.pipefail and any(s != 0 for s in statuses):
                    failed = [s for s in statuses if s]
                    state.status = failed[-1] if failed else None
            else:
                state.undecided("the exit status of a pipeline")
            after = state
        if node.negated:
            self.guarded -= 1
            if after is not None and after.status is not None:
                after.known(int(after.status == 0))
                self.guarded += 1  # "!" never triggers set -e
                self.guarded -= 1
        return after

    # -- branches

    def branches(self, node: syntax.If, state: State) -> State | None:
        ended: list[tuple[State | None, str, tuple[str, ...]]] = []
        current: State | None = state
        doubts = 0
        for test, body in node.branches:
            if current is None:
                break
            current, truth = condition(self, test, current)
            if current is None:
                break
            if truth.value is False:
                continue
            if truth.value is True:
                ended.append((self.run(body, current), "", ()))
                current = None
                break
            other = current.copy()
            apply(current, truth.yes)
            apply(other, truth.no)
            reason = self.reason(test, truth.why)
            self.doubts.append((reason, truth.why.depends_on))
            doubts += 1
            ended.append((self.run(body, current), reason, truth.why.depends_on))
            current = other
        else:
            if current is not None:
                if node.otherwise is not None:
                    current = self.run(node.otherwise, current)
                elif not doubts:
                    current.known(0)
                else:
                    current.known(0)
        for _ in range(doubts):
            self.doubts.pop()
        last_reason = next((r for _, r, _ in reversed(ended) if r), "")
        last_depends = next((d for _, r, d in reversed(ended) if r), ())
        for after, reason, depends in reversed(ended):
            current = join_states(after, current, reason or last_reason, depends or last_depends)
        return current

    def case(self, node: syntax.Case, state: State) -> State | None:
        word = expand.text(self, state, node.word)
        choices = word.choices()
        current: State | None = state
        ended: list[State | None] = []
        why = word.value()
        why = why if isinstance(why, Unknown) else Unknown("a pattern that is not known")
        reason = self.reason(node, why)
        falls = False
        doubted = 0
        for patterns, body, ending in node.items:
            if current is None:
                break
            verdict: bool | None = True if falls else self.case_matches(patterns, word, choices, current)
            if verdict is False:
                continue
            taken = current if verdict else current.copy()
            if verdict is None:
                self.doubts.append((reason, why.depends_on))
                doubted += 1
                self.case_narrow(node.word, patterns, word, taken)
            after = self.run(body, taken)
            if ending == ";&":
                falls, current = True, after
                continue
            falls = False
            ended.append(after)
            if verdict:
                current = None
        for _ in range(doubted):
            self.doubts.pop()
        if current is not None and not ended and not doubted:
            current.known(0)
        for after in reversed(ended):
            current = join_states(after, current, reason, why.depends_on)
        return current

    def case_matches(
        self, patterns: list[Raw], word: Text, choices: tuple[str, ...] | None, state: State
    ) -> bool | None:
        found: list[bool | None] = []
        for raw in patterns:
            wanted = expand.pattern(self, state, raw)
            if wanted == [("*", False)]:
                return True
            if wanted is None:
                found.append(None)
            elif choices is not None:
                results = {matches(wanted, choice) for choice in choices}
                found.append(results.pop() if len(results) == 1 else None)
            else:
                literal = all(lit or char not in "*?[@!+" for char, lit in wanted)
                text = "".join(char for char, _ in wanted)
                found.append(False if literal and impossible(word, text) else None)
        if True in found:
            return True
        return None if None in found else False

    def case_narrow(self, raw: Raw, patterns: list[Raw], word: Text, state: State) -> None:
        operand = Operand(word, raw)
        wanted = expand.pattern(self, state, patterns[0]) if len(patterns) == 1 else None
        if operand.variable and wanted is not None and all(lit or c not in "*?[@!+" for c, lit in wanted):
            text = Text(("".join(c for c, _ in wanted),), word.source, word.inputs)
            apply(state, {operand.variable: text})

    # -- loops

    def for_loop(self, node: syntax.For, state: State) -> State | None:
        if node.words is None:
            fields = list(state.args)
        else:
            fields = [f for raw in node.words for f in expand.fields(self, state, raw)]
        loop = Loop()
        self.loops.append(loop)
        current: State | None = state
        for rounds, field in enumerate(fields):
            if current is None:
                break
            if rounds >= MAX_ROUNDS:
                many = Unknown("a loop over too many words")
                current.assign(node.name, Text([Filled(many.reason)], field.text.source))
                current = self.abstract_round(
                    current, lambda inner: self.run(node.body, inner), loop, Truth(None, many)
                )
                break
            before = current.copy() if field.optional or field.many or self.globs(field) else None
            text = field.text
            if before is not None:
                reason = field.optional or "files that are known at run time only"
                if field.many or self.globs(field):
                    text = Text([Filled(reason)], text.source, text.inputs)
                self.doubts.append((reason, ()))
            current.assign(node.name, text)
            current = self.after_body(self.run(node.body, current), loop)
            if before is not None:
                self.doubts.pop()
                current = join_states(current, before, field.optional or "a loop over unknown words")
        self.loops.pop()
        if current is not None and not fields:
            current.known(0)
        return self.leave(loop, current, "a loop that is left at run time")

    def globs(self, field: Field) -> bool:
        known = field.text.known
        return field.glob and (known is None or "*" in known or "?" in known)

    def after_body(self, state: State | None, loop: Loop) -> State | None:
        for other in loop.continues:
            state = join_states(state, other, "a loop that goes on early")
        loop.continues.clear()
        return state

    def leave(self, loop: Loop, state: State | None, reason: str) -> State | None:
        for other in loop.breaks:
            state = join_states(state, other, reason)
        return state

    def while_loop(self, node: syntax.While, state: State) -> State | None:
        return self.repeat(
            state,
            lambda current: condition(self, node.test, current),
            lambda current: self.run(node.body, current),
            node.until,
        )

    def counting_loop(self, node: syntax.CountingFor, state: State) -> State | None:
        evaluate(self, state, node.init.start, node.init.end)

        def test(current: State) -> tuple[State | None, Truth]:
            if not node.test.text.strip():
                return current, Truth(True)
            number = evaluate(self, current, node.test.start, node.test.end)
            return current, Truth(number.truth, Unknown(number.reason or "a loop", number.depends))

        def body(current: State) -> State | None:
            after = self.run(node.body, current)
            if after is not None:
                evaluate(self, after, node.step.start, node.step.end)
            return after

        return self.repeat(state, test, body, False)

    def repeat(
        self,
        state: State,
        test: Callable[[State], tuple[State | None, Truth]],
        body: Callable[[State], State | None],
        until: bool,
    ) -> State | None:
        """A loop: round by round while its condition is decided, else once in the abstract."""
        loop = Loop()
        self.loops.append(loop)
        current: State | None = state
        for _ in range(MAX_ROUNDS):
            if current is None or loop.breaks:
                break
            current, truth = test(current)
            if current is None:
                break
            holds = truth.negated() if until else truth
            if holds.value is False:
                current.known(0)
                break
            if holds.value is None:
                current = self.abstract_round(current, body, loop, truth)
                break
            current = self.after_body(body(current), loop)
        else:
            if current is not None:
                current = self.abstract_round(current, body, loop, Truth(None))
        if loop.breaks and current is not None and len(loop.breaks) >= 1:
            current = self.abstract_round(current, body, loop, Truth(None))
        self.loops.pop()
        return self.leave(loop, current, "a loop that is left at run time")

    def abstract_round(
        self,
        state: State,
        body: Callable[[State], State | None],
        loop: Loop,
        truth: Truth,
    ) -> State | None:
        """The body once from the state at hand; whatever it changed is unknown afterwards."""
        why = truth.why
        self.doubts.append((why.reason, why.depends_on))
        for _ in range(2):
            after = self.after_body(body(state.copy()), loop)
            if after is None:
                break
            state = widened(state, after, "a loop whose rounds are not counted")
        self.doubts.pop()
        state.undecided(why.reason, why.depends_on)
        return state


def widened(before: State, after: State, reason: str) -> State:
    """The state in which everything that a round changed is unknown."""
    for name, variable in list(after.variables.items()):
        old = before.lookup(name)
        if old is variable or (old.text.pieces == variable.text.pieces and old.items == variable.items):
            continue
        text = Text([Unknown(reason)], variable.text.source, variable.text.inputs)
        items = (Field(text, reason, True),) if variable.items is not None else None
        before.variables[name] = Variable(text, None, old.exported, items)
    if after.args != before.args:
        before.args = join_fields(before.args, after.args, reason)
    if after.directory != before.directory:
        before.directory = None
    for path, content in after.files.items():
        if before.files.get(path, 0) is not content:
            before.files[path] = None
    if before.out is not None and after.out is not None and after.out.pieces != before.out.pieces:
        before.out = join_texts(before.out, Text([Unknown(reason)], before.out.source), reason, ())
    return before


def stripped(text: Text) -> Text:
    """Without the line ends at its end, as a substitution strips them."""
    pieces = list(text.pieces)
    while pieces and isinstance(pieces[-1], str):
        cut = pieces[-1].rstrip("\n")
        pieces.pop()
        if cut:
            pieces.append(cut)
            break
    if pieces and isinstance(pieces[-1], Unknown) and pieces[-1].choices:
        last = pieces[-1]
        pieces[-1] = type(last)(
            last.reason,
            last.depends_on,
            last.low,
            last.high,
            tuple(dict.fromkeys(str(c).rstrip("\n") for c in last.choices)),
        )
    return Text(pieces, text.source, text.inputs)
