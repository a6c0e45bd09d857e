"""Builtins that run another text in this shell: ``eval`` and ``source``."""

from __future__ import annotations

from gwaudit.parse.shell import Script
from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.shell.builtins.printing import joined
from gwaudit.resolve.shell.join import join_states
from gwaudit.resolve.shell.text import Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.shell import syntax
    from gwaudit.resolve.shell.interpreter import Interpreter
    from gwaudit.resolve.shell.state import State
    from gwaudit.resolve.shell.variable import Field

HARMLESS = (
    "bin/activate",
    "/etc/profile",
    "/etc/bashrc",
    "/etc/bash.bashrc",
    ".bashrc",
    ".profile",
    "scl_enable",
    "nvm.sh",
    "generate_container_user",
)


def harmless(path: str) -> bool:
    """Whether a file that is sourced and not in the tree is a well-known one that sets paths only."""
    return path.endswith(HARMLESS) or path.startswith("/etc/profile.d/")


def eval_(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State | None:
    """A text that is not known may set any variable."""
    text = joined(words[1:]).known if len(words) > 1 else ""
    place = shell.place(node.start, node.end)
    if text is None:
        shell.session.problem(place, "eval of a text that is not known")
        state.env = state.env.copy()
        state.env.opaque(f"eval at {place.path}:{place.line} of a text that is not known")
        state.undecided("eval of a text that is not known")
        return state
    return included(shell, state, Script(text, lambda _s, _e: place), returns=False)


def included(shell: Interpreter, state: State, script: Script, returns: bool = True) -> State | None:
    """Run another text in this shell (eval, source)."""
    if len(shell.returns) > 20:
        state.undecided("scripts that include each other too deeply")
        return state
    saved = shell.script, shell.parser
    shell.script, shell.parser = script, script.parser
    if returns:
        shell.returns.append([])
    try:
        after = shell.run(script.body, state)
    finally:
        shell.script, shell.parser = saved
    if returns:
        for other in shell.returns.pop():
            after = join_states(other, after, "a sourced script that returns early")
    return after


def source(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State | None:
    """``. file``: run in this shell; a file that cannot be seen may set any variable."""
    place = shell.place(node.start, node.end)
    path = words[1].text.known if len(words) > 1 else None
    found = shell.session.content(state, path) if path is not None else Unknown("a file whose name is not known")
    if found is None:
        state.known(1)
        return state
    text = found.known if isinstance(found, Text) else None
    if text is None:
        if path is None or not harmless(path):
            why = found.reason if isinstance(found, Unknown) else "its text is not known"
            shell.session.problem(place, f"{path or 'a file'} is sourced and cannot be read: {why}")
            state.env = state.env.copy()
            state.env.opaque(f"{path or 'a file'}, sourced at {place.path}:{place.line}, may set it")
            state.last = ()  # what runs last may well stand in it: the entry point of a base image, handed on to
        state.known(0)
        return state
    located = shell.session.locate(state, path or "")
    file = None
    if isinstance(located, str) and shell.session.workspace is not None:
        file = shell.session.workspace.source(located)
        if located not in shell.session.scripts:
            shell.session.scripts.append(located)
    script = Script(text, file.location if file is not None and file.text == text else (lambda _s, _e: place))
    args = state.args
    if len(words) > 2:
        state.args = tuple(words[2:])
    after = included(shell, state, script)
    if after is not None and len(words) > 2:
        after.args = args
    return after
