"""Builtins of the script's parameters and options: ``set``, ``shift``, ``getopts``."""

from __future__ import annotations

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.shell.text import Text
from gwaudit.resolve.shell.variable import Field, number_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.shell import syntax
    from gwaudit.resolve.shell.interpreter import Interpreter
    from gwaudit.resolve.shell.state import State
    from gwaudit.resolve.shell.variable import Field

OPTIONS = ("errexit", "nounset", "allexport", "pipefail")  # of ``set -o`` that are followed
LETTERS = {"e": "errexit", "u": "nounset", "a": "allexport", "f": "noglob"}


def set_(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State:
    """Options first, then the parameters, where any are given."""
    args = words[1:]
    index = 0
    while index < len(args):
        known = args[index].text.known
        if known is None or args[index].optional or known[:1] not in ("-", "+") or known in ("-", "+"):
            break
        if known == "--":
            index += 1
            state.args = tuple(args[index:])
            return state.done()
        on = known[0] == "-"
        if known[1:] == "o":
            index += 1
            option = args[index].text.known if index < len(args) else None
            if option in OPTIONS:
                setattr(state, option, on)
            index += 1
            continue
        for letter in known[1:]:
            if letter == "o":
                index += 1
                option = args[index].text.known if index < len(args) else None
                if option in OPTIONS:
                    setattr(state, option, on)
            name = LETTERS.get(letter)
            if name is not None:
                setattr(state, name, on)
        index += 1
    if index < len(args):
        state.args = tuple(args[index:])
    return state.done()


def shift(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State:
    """The first parameters go."""
    count = number_at(words, 1, 1)
    if count is None or any(f.many or f.optional for f in state.args[: count or 0]):
        why = "parameters shifted by a number that is not known"
        state.args = (Field(Text([Unknown(why)], shell.source), why, True),)
        return state.done()
    if count > len(state.args):
        return state.done(1)
    state.args = state.args[count:]
    return state.done()


def getopts(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State:
    """Without parameters there are no options; else they are not followed."""
    if not state.args:
        return state.done(1)
    for name in [w.text.known for w in words[2:3]] + ["OPTARG", "OPTIND"]:
        if name:
            state.assign(name, Text([Unknown("an option of the script")], shell.source))
    state.undecided("the options of the script")
    return state
