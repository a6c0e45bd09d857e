"""Special parameters: ``$1``, ``$#``, ``$?`` and their like, and the variables that the shell itself keeps."""

from __future__ import annotations

from gwaudit.resolve.fact import Source, Unknown
from gwaudit.resolve.shell.text import Filled, Text
from gwaudit.resolve.shell.variable import Variable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.shell.interpreter import Interpreter
    from gwaudit.resolve.shell.state import State


def special(shell: Interpreter, state: State, name: str) -> Variable | None:
    """``$1``, ``$#``, ``$?`` and their like; None for an ordinary variable."""
    source = shell.source
    if name.isdigit():
        number = int(name[:6])
        if number == 0:
            return Variable(Text((shell.name,), source))
        args = state.args
        if any(f.optional or f.many for f in args[:number]):
            return Variable(Text([Unknown("a parameter that may be missing")], source), None)
        if number <= len(args):
            return Variable(args[number - 1].text)
        return Variable(Text((), source), False)
    if name == "#":
        sure = sum(1 for f in state.args if not f.optional and not f.many)
        if sure == len(state.args):
            return Variable(Text((str(sure),), source))
        high = None if any(f.many for f in state.args) else len(state.args)
        return Variable(Text([Filled("the number of parameters is not known", (), sure, high)], source))
    if name == "?":
        if state.status is not None:
            return Variable(Text((str(state.status),), source))
        return Variable(Text([Filled(state.why.reason, state.why.depends_on, 0, 255)], source))
    if name in ("$", "!"):
        return Variable(Text([Filled("a process id")], source))
    if name == "-":
        return Variable(Text([Unknown("the shell's options")], source))
    if name in ("UID", "EUID") and name not in state.variables:
        return Variable(user_id(state, source))
    if name == "PWD" and name not in state.variables:
        return Variable(Text((state.directory,) if state.directory else [Filled("the working directory")], source))
    if name == "BASH_SOURCE":
        return Variable(Text((shell.name,), source))
    if name == "OSTYPE" and shell.shell == "bash":
        return Variable(Text(("linux-gnu",), source))
    return None


def user_id(state: State, source: Source) -> Text:
    """What ``id -u`` prints."""
    if state.root:
        return Text(("0",), source)
    return Text([Filled("the user is known at run time only", ("user",), 0 if state.root is None else 1)], source)


def number(state: State, text: str) -> int | None:
    """A small arithmetic text (an index, an offset) as a number."""
    text = text.strip().strip("()").strip()
    if text.lstrip("-").isdigit():
        return int(text) if len(text) < 10 else None
    name = text.strip("${}")
    if name.isidentifier():
        known = state.lookup(name).text.known
        return int(known) if known is not None and known.lstrip("-").isdigit() and len(known) < 10 else None
    return None
