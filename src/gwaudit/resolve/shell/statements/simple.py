"""Simple commands: assignments, functions, builtins and programs."""

from __future__ import annotations

from gwaudit.parse.shell import syntax
from gwaudit.parse.shell.syntax import Raw
from gwaudit.resolve.shell.builtins.table import BUILTINS
from gwaudit.resolve.shell.expansion import expand
from gwaudit.resolve.shell.program import program
from gwaudit.resolve.shell.statements.assignment import assign, with_assigns
from gwaudit.resolve.shell.statements.function import call
from gwaudit.resolve.shell.statements.redirect import redirected
from gwaudit.resolve.shell.text import Text
from gwaudit.resolve.shell.variable import Field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.shell.interpreter import Interpreter
    from gwaudit.resolve.shell.state import State

PREFIXES = frozenset(("exec", "eval", ".", "source", "command"))  # builtins that run something with the assignments


def simple(shell: Interpreter, node: syntax.Simple, state: State) -> State | None:
    """One simple command."""
    if node.redirects:
        return redirected(shell, node, state, lambda inner: command(shell, node, inner))
    return command(shell, node, state)


def command(shell: Interpreter, node: syntax.Simple, state: State) -> State | None:
    """What a simple command does without its redirections."""
    words: list[Field] = []
    for word in node.words:
        if isinstance(word, Raw):
            words.extend(expand.fields(shell, state, word))
        else:  # an assignment among a declaration's words: its text keeps blanks together
            words.append(Field(Text((shell.script.text[word.start : word.end],), shell.source)))
    if not words:
        shell.substituted = False
        for item in node.assigns:
            assign(shell, state, item)
        if not shell.substituted:
            state.known(0)
        return state
    while words and words[0].optional and len(words) > 1 and not words[0].many:
        words.pop(0)  # a prefix that may be there (an optional wrapper) does not decide what runs
    name = words[0].text.known
    location = shell.place(node.start, node.end)
    if name is not None and not words[0].optional:
        if name in state.functions and name not in ("exec", "command", "builtin"):
            return call(shell, node, name, words, state)
        builtin = BUILTINS.get(name)
        if builtin is not None:
            for item in node.assigns:  # POSIX: they persist for special builtins; for the rest they matter little
                if name in PREFIXES:
                    continue
                if name == "export":
                    assign(shell, state, item)
            if name in PREFIXES and node.assigns:
                return with_assigns(shell, node, state, lambda inner: builtin(shell, inner, words, node))
            return builtin(shell, state, words, node)
    if node.assigns:
        return with_assigns(shell, node, state, lambda inner: program(shell, inner, words, location))
    return program(shell, state, words, location)
