"""Texts and data read from them: JSON, literals, shell words, switches, names of log levels."""

from __future__ import annotations

from gwaudit.resolve.python.arithmetic import raised
from gwaudit.resolve.python.choices import lift
from gwaudit.resolve.python.containers.items import lift_plain
from gwaudit.resolve.python.failure import PROGRAM_ERRORS, Raised
from gwaudit.resolve.python.value import MISSING, Value, blur, made

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.python.machine import Builtin, Frame, Machine


def _strtobool(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    def strtobool(text: object) -> int:
        word = str.lower(text) if isinstance(text, str) else _not_text()
        if word in ("y", "yes", "t", "true", "on", "1"):
            return 1
        if word in ("n", "no", "f", "false", "off", "0"):
            return 0
        raise ValueError(f"invalid truth value {text!r}")

    return lift(m, strtobool, args[0], kind="int")


def _not_text() -> str:
    raise AttributeError("no attribute 'lower'")


def _json_loads(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    import json

    if not isinstance(args[0].data, str):
        m.doubt = m.doubt or "json.loads of an unknown value"
        return blur(args[0])
    try:
        return m.state.abstract(json.loads(args[0].data), args[0])
    except (ValueError, RecursionError) as error:
        if isinstance(error, RecursionError):
            return blur(args[0], reason="nested too deeply")
        raise Raised("JSONDecodeError", str(error)[:100], m.here, ("ValueError",)) from None
    except PROGRAM_ERRORS as error:
        raise raised(error) from None


def _json_dumps(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    import json

    plain = m.state.plain(args[0].data)
    if plain is MISSING or keywords:
        return blur(*args, kind="str", reason="text made at run time" if plain is not MISSING else None)
    return lift_plain(m, lambda: json.dumps(plain), args[0])


def _literal(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    import ast

    if not isinstance(args[0].data, str) or len(args[0].data) > 10_000:
        return blur(args[0])
    try:
        return m.state.abstract(ast.literal_eval(args[0].data), args[0])
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise Raised(type(error).__name__, "literal_eval", m.here) from None


def _shlex(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    import shlex

    if not isinstance(args[0].data, str) or keywords:
        return blur(*args)
    return lift_plain(m, lambda: shlex.split(args[0].data), args[0])


def _level_name(m: Machine, args: list[Value]) -> Value:
    names = {50: "CRITICAL", 40: "ERROR", 30: "WARNING", 20: "INFO", 10: "DEBUG", 0: "NOTSET"}
    levels = {name: number for number, name in names.items()} | {"WARN": 30, "FATAL": 50}
    data = args[0].data
    if isinstance(data, int):
        return made(names.get(data, f"Level {data}"), args[0])
    if isinstance(data, str):
        return made(levels.get(data, f"Level {data}"), args[0])
    return blur(args[0])


FUNCTIONS: dict[str, Builtin] = {
    "json.loads": _json_loads,
    "json.dumps": _json_dumps,
    "ast.literal_eval": _literal,
    "distutils.util.strtobool": _strtobool,
    "setuptools.distutils.util.strtobool": _strtobool,
    "shlex.split": _shlex,
    "logging.getLevelName": lambda m, args, keywords, frame: _level_name(m, args),
}
