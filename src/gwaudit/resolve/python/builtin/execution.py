"""Built-in functions of the running program: its scopes, exec and eval, exit, open, imports."""

from __future__ import annotations

from gwaudit.resolve.python.attributes import attribute
from gwaudit.resolve.python.containers.changes import havoc, taint
from gwaudit.resolve.python.failure import Raised
from gwaudit.resolve.python.objects import Ref
from gwaudit.resolve.python.text import evaluate_text, run_text
from gwaudit.resolve.python.value import NONE, Opaque, Value, blur

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.python.machine import Builtin, Frame, Machine


def _open(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    from gwaudit.resolve.python.paths import open_file

    return open_file(m, args, keywords)


def _globals(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    return Value(Ref(frame.scopes[-1], "dict"))


def _locals(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    if len(frame.scopes) == 1:
        return Value(Ref(frame.scopes[0], "dict"))
    cell = m.state.read(frame.scopes[0])
    if isinstance(cell, Opaque):
        return Value(Opaque(cell.reason))
    return Value(m.state.new("dict", dict(cell)))


def _vars(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    if not args:
        return _locals(m, args, keywords, frame)
    return attribute(m, args[0], "__dict__", frame)


def _exec(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    if len(args) == 1 and isinstance(args[0].data, str):
        run_text(m, args[0].data, frame, args[0])
        return NONE
    m.doubt = m.doubt or "exec() of unknown text"
    if len(args) == 1:
        taint(m, frame.scopes[0], blur(*args, reason="exec() of text that is not known"))
    for arg in args[1:]:
        havoc(m, arg, "exec() may have changed it")
    return NONE


def _eval(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    if len(args) == 1 and isinstance(args[0].data, str):
        return evaluate_text(m, args[0].data, frame, args[0])
    m.doubt = m.doubt or "eval() of unknown text"
    return blur(*args, reason="eval() of text that is not known")


def _exit(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    raise Raised("SystemExit", str(args[0].data) if args and isinstance(args[0].data, (str, int)) else "", m.here)


def _print(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    return NONE


def _import(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    if args and isinstance(args[0].data, str):
        return m.loader.module(m, args[0].data.split(".")[0], frame)
    return blur(*args, reason="the module's name is not known")


FUNCTIONS: dict[str, Builtin] = {
    "open": _open,
    "globals": _globals,
    "locals": _locals,
    "vars": _vars,
    "exec": _exec,
    "eval": _eval,
    "exit": _exit,
    "quit": _exit,
    "print": _print,
    "__import__": _import,
}
