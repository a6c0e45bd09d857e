"""Commands one after another: lists, ``&&`` and ``||``, pipelines, groups and subshells."""

from __future__ import annotations

from gwaudit.resolve.fact import Source, Unknown
from gwaudit.resolve.shell.condition.decide import test_of
from gwaudit.resolve.shell.condition.truth import apply
from gwaudit.resolve.shell.join import join_states
from gwaudit.resolve.shell.text import Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.shell import syntax
    from gwaudit.parse.shell.syntax import Node
    from gwaudit.resolve.shell.interpreter import Interpreter
    from gwaudit.resolve.shell.state import State


def sequence(shell: Interpreter, node: syntax.Sequence, state: State) -> State | None:
    """Commands in turn; what runs in the background changes nothing here."""
    implicit, shell.implicit_exec = shell.implicit_exec, False
    current: State | None = state
    for number, (item, background) in enumerate(node.items):
        if current is None:
            break
        if background:
            inner = current.copy()
            shell.isolated(lambda item=item, inner=inner: shell.run(item, inner))  # type: ignore[misc]
            current.known(0)
            continue
        last = number == len(node.items) - 1
        shell.implicit_exec = implicit and last and not item.redirects
        current = shell.run(item, current)
        shell.implicit_exec = False
    return current


def and_or(shell: Interpreter, node: syntax.AndOr, state: State) -> State | None:
    """``&&`` and ``||``: where a status is not known, what follows runs on a copy and is joined."""
    implicit, shell.implicit_exec = shell.implicit_exec, False
    shell.guarded += 1
    current = shell.run(node.first, state)
    shell.guarded -= 1
    for number, (operator, item) in enumerate(node.rest):
        if current is None:
            return None
        last = number == len(node.rest) - 1
        if current.status is not None:
            if (current.status == 0) != (operator == "&&"):
                continue
            current = guard(shell, not last, item, current, implicit and last)
            continue
        why = current.why
        other = current.copy()
        other.status = 1 if operator == "&&" else 0
        current.known(0 if operator == "&&" else 1)
        truth = test_of(shell, node.first if number == 0 else node.rest[number - 1][1], other)
        apply(current, truth.yes if operator == "&&" else truth.no)
        apply(other, truth.no if operator == "&&" else truth.yes)
        done = guard(shell, not last, item, current, implicit and last)
        current = join_states(done, other, shell.reason(item, why), why.depends_on)
        if done is None and current is not None:
            current.status = 0 if operator == "||" else None
        elif current is not None and operator == "||" and done is not None and done.status == 0:
            current.known(0)
    return current


def guard(shell: Interpreter, guarded: bool, item: Node, state: State, implicit: bool) -> State | None:
    """Run a part of an and-or list; ``guarded`` where ``set -e`` does not look at it."""
    shell.guarded += guarded
    shell.implicit_exec = implicit
    done = shell.run(item, state)
    shell.guarded -= guarded
    return done


def pipeline(shell: Interpreter, node: syntax.Pipeline, state: State) -> State | None:
    """Stages joined by pipes, or one command; ``!`` turns its status round and never triggers ``set -e``."""
    shell.guarded += node.negated
    after = stages(shell, node, state) if len(node.stages) > 1 else shell.run(node.stages[0], state)
    shell.guarded -= node.negated
    if node.negated and after is not None and after.status is not None:
        after.known(int(after.status == 0))
    return after


def stages(shell: Interpreter, node: syntax.Pipeline, state: State) -> State:
    """Every stage in a copy, its output the next one's input; the status is the last one's, or of ``pipefail``."""
    stdin = state.stdin
    after: State | None = None
    statuses: list[int | None] = []
    for number, stage in enumerate(node.stages):
        inner = state.copy()
        inner.stdin = stdin
        last = number == len(node.stages) - 1
        if not last:
            inner.out = Text((), Source("script"))
        piped, shell.piped = shell.piped, shell.piped or not last
        after = shell.isolated(lambda stage=stage, inner=inner: shell.run(stage, inner))  # type: ignore[misc]
        shell.piped = piped
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
    return state


def group(shell: Interpreter, node: syntax.Group, state: State) -> State | None:
    """``{ }`` runs in this shell; ``( )`` in a copy, of which only its status, output and files stay."""
    if not node.subshell:
        return shell.run(node.body, state)
    inner = state.copy()
    after = shell.isolated(lambda: shell.run(node.body, inner))
    if after is None:
        state.undecided("the exit status of a subshell")
        return state
    state.status, state.why, state.out, state.files = after.status, after.why, after.out, after.files
    return shell.checked(state, node)
