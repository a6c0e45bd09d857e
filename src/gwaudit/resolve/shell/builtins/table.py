"""Every builtin by its name, and those that look others up: ``command``, ``type``, ``exec``."""

from __future__ import annotations

from gwaudit.resolve.shell.builtins.directory import cd, pushd
from gwaudit.resolve.shell.builtins.flow import colon, exit_, false, leave, return_, test, trap, wait
from gwaudit.resolve.shell.builtins.parameters import getopts, set_, shift
from gwaudit.resolve.shell.builtins.printing import echo, printf
from gwaudit.resolve.shell.builtins.sourcing import eval_, source
from gwaudit.resolve.shell.builtins.variables import export, let, read, unset
from gwaudit.resolve.shell.program import program
from gwaudit.resolve.shell.text import Filled, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gwaudit.parse.shell import syntax
    from gwaudit.resolve.shell.interpreter import Interpreter
    from gwaudit.resolve.shell.state import State
    from gwaudit.resolve.shell.variable import Field

    Builtin = Callable[[Interpreter, State, list[Field], syntax.Simple], State | None]


def exec_(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State | None:
    """The program replaces the shell; without one, only the redirections stay."""
    rest = words[1:]
    while rest and rest[0].text.known in ("-l", "-c", "-a", "--"):
        rest = rest[2:] if rest[0].text.known == "-a" else rest[1:]
    if not rest:
        return state.done()  # only redirections, which stay
    return program(shell, state, rest, shell.place(node.start, node.end), replace=True)


def command_(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State | None:
    """``command`` and ``builtin`` pass a function by; ``command -v``, ``type``, ``which`` and ``hash`` only ask."""
    flags = [w.text.known for w in words[1:2]]
    if words[0].text.known in ("type", "which", "hash") or flags in (["-v"], ["-V"]):
        name = words[-1].text.known or "a program"
        if state.out is not None:
            state.emit(Text([Filled(f"the path of {name}")], shell.source_at(shell.place(node.start, node.end))))
        if name in BUILTINS or name in state.functions:
            return state.done()
        state.undecided(f"whether {name} is installed")
        return state
    rest = words[2:] if flags in (["-p"], ["--"]) else words[1:]
    if not rest:
        return state.done()
    builtin = BUILTINS.get(rest[0].text.known or "")
    if builtin is not None:
        return builtin(shell, state, rest, node)
    return program(shell, state, rest, shell.place(node.start, node.end))


BUILTINS: dict[str, Builtin] = {
    ":": colon, "true": colon, "false": false, "echo": echo, "printf": printf, "[": test, "test": test, "cd": cd,
    "export": export, "declare": export, "typeset": export, "readonly": export, "local": export, "unset": unset,
    "set": set_, "shift": shift, "exit": exit_, "return": return_, "break": leave, "continue": leave, "eval": eval_,
    ".": source, "source": source, "exec": exec_, "command": command_, "type": command_, "which": command_,
    "hash": command_, "read": read, "trap": trap, "wait": wait, "let": let, "getopts": getopts, "umask": colon,
    "ulimit": colon, "shopt": colon, "alias": colon, "kill": colon, "sleep": colon, "pushd": pushd, "popd": pushd,
    "jobs": colon, "disown": colon, "enable": colon, "complete": colon, "builtin": command_,
}  # fmt: skip
