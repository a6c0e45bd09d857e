"""Built-in functions that turn one scalar into another: str, bool, chr, pow, format."""

from __future__ import annotations

import builtins

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.python.choices import lift
from gwaudit.resolve.python.containers.items import lift_plain
from gwaudit.resolve.python.operators import binary, truth
from gwaudit.resolve.python.strings import plain_text
from gwaudit.resolve.python.value import MISSING, Value, blur, made

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.python.machine import Builtin, Frame, Machine


def _str(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    if not args:
        return Value("")
    value = args[0]
    if isinstance(value.data, Unknown):
        return lift(m, str, value, kind="str")
    plain = plain_text(m, value)
    if plain is MISSING:
        m.doubt = m.doubt or "str() of an unknown value"
        return blur(value, kind="str")
    return lift_plain(m, lambda: str(plain), value)


def _bool(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    if not args:
        return Value(False)
    answer = truth(m, args[0])
    return blur(args[0], kind="bool") if answer is None else made(answer, args[0])


def _plain(name: str) -> Builtin:
    function = getattr(builtins, name)

    def run(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
        return lift(m, function, *args, kind="str" if name in ("chr", "hex", "oct", "bin", "ascii") else None)

    return run


def _pow(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    return binary(m, "Pow", *args) if len(args) == 2 else blur(*args)


def _repr(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    plain = m.state.plain(args[0].data)
    return blur(*args, kind="str") if plain is MISSING else lift_plain(m, lambda: repr(plain), args[0])


def _format(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    from gwaudit.resolve.python.strings import f_string

    return f_string(m, [(args[0], -1, args[1] if len(args) > 1 else None)])


def _divmod(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    return Value((binary(m, "FloorDiv", *args), binary(m, "Mod", *args)))


FUNCTIONS: dict[str, Builtin] = {
    "str": _str,
    "bool": _bool,
    "abs": _plain("abs"),
    "ord": _plain("ord"),
    "chr": _plain("chr"),
    "hex": _plain("hex"),
    "oct": _plain("oct"),
    "bin": _plain("bin"),
    "ascii": _plain("ascii"),
    "pow": _pow,
    "divmod": _divmod,
    "repr": _repr,
    "format": _format,
}
