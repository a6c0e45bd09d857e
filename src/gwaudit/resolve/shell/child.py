"""What a program inherits from the shell that starts it, and which files it leaves behind."""

from __future__ import annotations

from gwaudit.resolve.fact import Fact, Source, Unknown
from gwaudit.resolve.shell.state import State
from gwaudit.resolve.shell.text import Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.environment import Environment
    from gwaudit.resolve.shell.session import Session
    from gwaudit.resolve.shell.variable import Field

WRITERS = frozenset(("cp", "mv", "sed", "install", "ln", "envsubst", "python", "python3", "curl", "wget", "tee"))


def child_of(state: State) -> State:
    """The state that a new process inherits: exported variables, directory, standard input."""
    env = environment_of(state)
    child = State(env, state.directory)
    child.stdin = state.stdin
    child.files = dict(state.files)
    child.root = state.root
    child.out = None
    return child


def environment_of(state: State) -> Environment:
    """The environment of a program started here."""
    env = state.env.copy()
    for name, variable in state.variables.items():
        if variable.exported is False or variable.items is not None:
            if variable.state is False and name in env:
                env.unset(name, variable.text.source)
            continue
        if variable.state is False:
            if name in env:
                env.unset(name, variable.text.source)
            continue
        value = variable.text.value()
        if variable.state is None or variable.exported is None:
            reason = (
                value.reason if isinstance(value, Unknown) else f"{name} is set only in a branch decided at run time"
            )
            choices = value.choices if isinstance(value, Unknown) else (value,)
            value = Unknown(reason, (f"env.{name}",), choices=choices)
        old = env.get(name)
        if old.value == value and isinstance(value, str):
            continue
        secret = old.secret or any(fact.secret for fact in variable.text.inputs)
        env.put(Fact(f"env.{name}", value, variable.text.source, inputs=variable.text.inputs, secret=secret))
    return env


def note_files(session: Session, state: State, words: list[Field]) -> None:
    """Programs that plainly create or remove the files they name."""
    known = [w.text.known for w in words]
    name = (known[0] or "").rsplit("/", 1)[-1]
    if name in ("touch", "mkdir"):
        for one in known[1:]:
            path = session.path(state, one) if one and not one.startswith("-") else None
            if path is not None and session.exists(state, one or "", "any")[0] is not True:
                state.files[path] = Text((), Source("script"))
    elif name == "rm" or name in WRITERS:
        for one in known[1:]:
            path = session.path(state, one) if one and not one.startswith("-") else None
            if path is None:
                continue
            if name == "rm":
                state.files[path] = False
            elif one == known[-1] or name == "sed":
                state.files[path] = None
