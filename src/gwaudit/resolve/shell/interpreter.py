"""Partial evaluation of a script: statements over an abstract state, branches that cannot be decided are joined.

Nothing is executed. ``run`` returns the state after a node, None where execution surely does not go on from there (an
exit, an exec, a server in the foreground). Exits in branches that cannot be decided are failure paths: their state does not
join, so that ``[ -f cert ] || exit 1`` tells that the certificate is there afterwards.
"""

from __future__ import annotations

from gwaudit.parse.shell import Script, syntax
from gwaudit.resolve.fact import Source
from gwaudit.resolve.shell.arithmetic.evaluation import evaluate
from gwaudit.resolve.shell.condition.decide import decided
from gwaudit.resolve.shell.expansion.parameter import parameter
from gwaudit.resolve.shell.expansion.segment import Segment
from gwaudit.resolve.shell.expansion.substitution import backquoted, substitution
from gwaudit.resolve.shell.session import MAX_DEPTH, OutOfFuel
from gwaudit.resolve.shell.statements.branches import branches, case
from gwaudit.resolve.shell.statements.function import define
from gwaudit.resolve.shell.statements.lists import and_or, group, pipeline, sequence
from gwaudit.resolve.shell.statements.loops import counting_loop, for_loop, while_loop
from gwaudit.resolve.shell.statements.redirect import redirected
from gwaudit.resolve.shell.statements.simple import simple
from gwaudit.resolve.shell.text import Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gwaudit.parse.shell.syntax import Node
    from gwaudit.resolve.command import Command
    from gwaudit.resolve.fact import Unknown
    from gwaudit.resolve.shell.arithmetic.number import Number
    from gwaudit.resolve.shell.chain import Chain
    from gwaudit.resolve.shell.session import Session
    from gwaudit.resolve.shell.state import State
    from gwaudit.resolve.shell.statements.loops import Loop
    from gwaudit.source import Location

STATEMENTS: dict[type[Node], Callable[[Interpreter, Any, State], State | None]] = {
    syntax.Simple: simple, syntax.Sequence: sequence, syntax.AndOr: and_or, syntax.Pipeline: pipeline,
    syntax.Group: group, syntax.If: branches, syntax.Case: case, syntax.For: for_loop, syntax.While: while_loop,
    syntax.CountingFor: counting_loop, syntax.Function: define, syntax.Test: decided, syntax.Arithmetic: decided,
}  # fmt: skip
FAILING = frozenset((syntax.Simple, syntax.Pipeline, syntax.Test, syntax.Arithmetic))  # what ``set -e`` looks at


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
        self.source = self.source_at(self.place(0, 0))
        self.piped = False
        self.traps = False
        self.substituted = False  # whether the last assignment ran a command, whose exit status it keeps
        self.lasts: list[Command] = []  # the last programs on every way to the script's end
        self.directories: list[str | None] = []  # pushd and popd
        self.functions: dict[str, Script] = {}  # the script in which each function was defined

    # -- places and texts

    def spend(self, amount: int) -> None:
        """Work is paid from the session's budget."""
        self.session.spend(amount)

    def place(self, start: int, end: int) -> Location:
        """The place of a stretch of the script that runs now."""
        return self.script.place(start, end)

    def source_at(self, location: Location, raw: str | None = None) -> Source:
        return Source("script", raw, location)

    def literal(self, text: str, start: int, end: int, split: bool) -> Segment:
        """A stretch of a word that stands for itself."""
        source = Source("script", self.script.text[start:end], self.place(start, end))
        return Segment(Text((text,), source), split, True)

    def reason(self, node: Node, why: Unknown) -> str:
        """Why nobody knows what runs behind a node."""
        place = self.place(node.start, node.start)
        return f"decided at run time at {place.path}:{place.line} ({why.reason})"

    # -- what stands behind a dollar

    def parameter(self, state: State, at: int, end: int, quoted: bool, simple: bool = False) -> list[Segment]:
        """The segments of a parameter expansion whose inside stands between two offsets."""
        return parameter(self, state, at, end, quoted, simple)

    def arithmetic(self, state: State, start: int, end: int) -> Number:
        """The value of the script's text between two offsets as an arithmetic expression."""
        return evaluate(self, state, start, end)

    def is_arithmetic(self, at: int) -> bool:
        """Whether the dollar at ``at`` starts ``$(( ))``, not a substitution that starts with a subshell."""
        return at + 1 not in self.parser.substitutions

    def substitution(self, at: int, state: State) -> Text:
        """What ``$( )`` at the offset of its parenthesis prints."""
        return substitution(self, at, state)

    def backquoted(self, at: int, end: int, state: State) -> Text:
        """What the commands between two backquotes print."""
        return backquoted(self, at, end, state)

    # -- statements

    def run(self, node: Node | None, state: State | None) -> State | None:
        """The state after a node; None where execution does not go on from there."""
        if node is None or state is None:
            return state
        self.spend(5)
        self.session.depth += 1
        if self.session.depth > MAX_DEPTH:
            self.session.depth -= 1
            raise OutOfFuel
        try:
            if node.redirects and not isinstance(node, syntax.Simple):
                return redirected(self, node, state, lambda inner: self.dispatch(node, inner))
            return self.dispatch(node, state)
        finally:
            self.session.depth -= 1

    def dispatch(self, node: Node, state: State) -> State | None:
        """A node in its own right, its redirections in place."""
        kind = type(node)
        after = STATEMENTS[kind](self, node, state)
        return self.checked(after, node) if kind in FAILING else after

    def checked(self, state: State | None, node: Node) -> State | None:
        """``set -e``: a command that surely fails outside a condition ends the script."""
        if state is not None and state.errexit and not self.guarded and state.status not in (0, None):
            self.session.problem(self.place(node.start, node.end), "set -e ends the script here: this command fails")
            return None
        return state

    def ended(self, state: State, status: int | None) -> None:
        """The script ends here; a surely failing end is a failure path, which says nothing of what serves."""
        if status in (0, None):
            self.lasts.extend(command for command in state.last if command not in self.lasts)

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
