"""Builtins of the working directory: ``cd``, ``pushd``, ``popd``."""

from __future__ import annotations

import posixpath

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.shell import syntax
    from gwaudit.resolve.shell.interpreter import Interpreter
    from gwaudit.resolve.shell.state import State
    from gwaudit.resolve.shell.variable import Field


def cd(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State:
    """A relative path from an unknown directory stays unknown; the way home is not followed."""
    args = [w for w in words[1:] if w.text.known not in ("--", "-P", "-L")]
    if not args:
        state.directory = None
        return state.done()
    known = args[0].text.known
    if known == "" and not args[0].optional:
        return state.done()
    if known is None or args[0].optional or known == "-":
        state.directory = None
        state.known(0)
        return state
    if known.startswith("/"):
        state.directory = posixpath.normpath(known)
    elif state.directory is not None:
        state.directory = posixpath.normpath(posixpath.join(state.directory, known))
    return state.done()


def pushd(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State:
    """``pushd`` and ``popd``; a directory that was never pushed is unknown."""
    if words[0].text.known == "pushd" and len(words) > 1:
        shell.directories.append(state.directory)
        return cd(shell, state, words, node)
    state.directory = shell.directories.pop() if shell.directories else None
    return state.done()
