"""Go's formatting verbs: how ``print`` and ``printf`` write data (documentation of package ``fmt``)."""

from __future__ import annotations

import re
from math import isnan

from gwaudit.pattern import regex
from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.helm.errors import EvaluationError
from gwaudit.resolve.helm.provenance import FILLED, Builder, Long, Value, blend, stand_in
from gwaudit.resolve.helm.scalars import shortest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.helm.provenance import Trace

MAX_WIDTH = 10_000
MAX_NESTING = 60
MAX_ITEMS = 50_000
_VERB = regex(r"%([-+# 0]*)(\*|\d+)?(?:\.(\*|\d+)?)?(\[\d+\])?(.)", re.DOTALL)


def go_text(data: Any, depth: int = 0, budget: list[int] | None = None) -> str:
    """``%v``: maps in key order as ``map[a:1]``, lists as ``[1 2]``, floats in their shortest form."""
    kind = data.__class__
    if kind is str:
        return str(data)
    if data is None:
        return "<nil>"
    if kind is bool:
        return "true" if data else "false"
    if kind is float:
        return float_text(data)
    if isinstance(data, int):
        return str(int(data))
    if isinstance(data, (dict, list)):
        budget = budget if budget is not None else [MAX_ITEMS]
        budget[0] -= len(data) + 1
        if depth > MAX_NESTING or budget[0] < 0:
            raise EvaluationError("too large, or nested too deep, to be printed")
        if isinstance(data, dict):
            return "map[" + " ".join(f"{k}:{go_text(data[k].data, depth + 1, budget)}" for k in sorted(data)) + "]"
        return "[" + " ".join(go_text(item.data, depth + 1, budget) for item in data) + "]"
    if isinstance(data, Unknown):
        return stand_in(data)
    return str(data)


def printed(value: Value) -> tuple[str, Trace]:
    """What an action writes for a value."""
    data = value.data
    if data.__class__ is str:
        return data, value.trace
    if data is None:
        return "<no value>", value.trace
    return go_text(data), value.trace if value.trace is None or not isinstance(value.trace, tuple) else blend([value])


def float_text(data: float, verb: str = "g", precision: int = -1) -> str:
    """A float by ``%g``, ``%e`` or ``%f``; precision -1 is the shortest that reads back the same."""
    if isnan(data):
        return "NaN"
    if data in (float("inf"), float("-inf")):
        return "+Inf" if data > 0 else "-Inf"
    if verb in "fF":
        return f"{data:.{6 if precision < 0 else precision}f}"
    if verb in "eE":
        return f"{data:.{6 if precision < 0 else precision}{verb}}"
    if precision >= 0:
        return f"{data:.{max(precision, 1)}g}"
    digits, number = shortest(data)
    sign = "-" if str(data)[0] == "-" else ""
    if number < -4 or number >= 6:
        mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
        return f"{sign}{mantissa}e{'-' if number < 0 else '+'}{abs(number):02d}"
    return f"{data:.{max(len(digits) - 1 - number, 0)}f}"


def quoted(text: str) -> str:
    """``%q``: a Go string literal."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    out = []
    for char in text:
        if char in _QUOTED:
            out.append(_QUOTED[char])
        elif char.isprintable() or char in FILLED:
            out.append(char)
        else:
            code = ord(char)
            out.append(f"\\x{code:02x}" if code < 128 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}")
    return '"' + "".join(out) + '"'


_QUOTED = {
    "\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", '"': '\\"', "\\": "\\\\",
}  # fmt: skip


def sprintf(form: Value, args: list[Value]) -> Value:
    """``printf``: every argument keeps its trace, the text between them keeps the format's."""
    out = Builder()
    text: str = form.data
    at = 0
    used = 0
    for match in _VERB.finditer(text):
        if match.start() < at:
            continue
        if match.start() > at:
            out.add(text[at : match.start()])
        at = match.end()
        flags, width, precision, index, verb = match.groups()
        if verb == "%":
            out.add("%")
            continue
        numbers: list[int | None] = []
        for given in (width, precision):
            if given == "*":
                number = args[used].data if used < len(args) else 0
                used += 1
                numbers.append(number if isinstance(number, int) else 0)
            else:
                numbers.append(int(given[:6]) if given else None)
        if "." in match.group() and numbers[1] is None and verb not in "v.":
            numbers[1] = 0
        if index:
            used = max(int(index[1:-1]) - 1, 0)
        if used >= len(args):
            out.add(f"%!{verb}(MISSING)" if not index else f"%!{verb}(BADINDEX)")
            continue
        value = args[used]
        used += 1
        _write(out, value, flags, numbers[0], numbers[1], verb)
    if at < len(text):
        out.add(text[at:])
    if used < len(args) and not re.search(r"%\[\d", text):
        extra = ", ".join(
            f"{go_type(v.data)}={go_text(v.data)}" if v.data is not None else "<nil>" for v in args[used:]
        )
        out.add(f"%!(EXTRA {extra})", blend(args[used:]))
    return out.value()


def _write(out: Builder, value: Value, flags: str, width: int | None, precision: int | None, verb: str) -> None:
    data = value.data
    if data.__class__ is str and verb in "sv" and width is None and precision is None and "#" not in flags:
        out.add(data, value.trace)
        return
    text = _formed(data, flags, precision, verb)
    if width is not None:
        width = min(width, MAX_WIDTH)
        if "-" in flags:
            text = text.ljust(width)
        elif "0" in flags and verb not in "sqvT":
            sign = text[:1] if text[:1] in "+-" else ""
            text = sign + text[len(sign) :].rjust(width - len(sign), "0")
        else:
            text = text.rjust(width)
    out.add(text, value.trace if not isinstance(value.trace, tuple) else blend([value]))


def _formed(data: Any, flags: str, precision: int | None, verb: str) -> str:
    if isinstance(data, Unknown):
        return stand_in(data)
    if verb == "T":
        return go_type(data)
    if verb == "v":
        return go_text(data)
    if isinstance(data, str):
        if verb == "s":
            return data if precision is None else data[:precision]
        if verb == "q":
            return quoted(data)
        if verb in "xX":
            found = data.encode("utf-8", "replace").hex()
            return found if verb == "x" else found.upper()
    elif isinstance(data, bool):
        if verb == "t":
            return "true" if data else "false"
    elif isinstance(data, float):
        if verb in "eEfFgG":
            found = float_text(data, verb, -1 if precision is None else precision)
            return "+" + found if "+" in flags and data >= 0 else found
    elif isinstance(data, int):
        if verb in "dxXobc":
            found = (
                chr(data) if verb == "c" and 0 <= data < 0x110000 else format(int(data), "d" if verb == "c" else verb)
            )
            return "+" + found if "+" in flags and data >= 0 and verb == "d" else found
        if verb == "q":
            return repr(chr(data)) if 0 <= data < 0x110000 else "'\\ufffd'"
    elif isinstance(data, (list, dict)) and verb in "sdqxf":
        if isinstance(data, list):
            return "[" + " ".join(_formed(item.data, flags, precision, verb) for item in data) + "]"
        pairs = (
            f"{_formed(k, flags, None, verb)}:{_formed(data[k].data, flags, precision, verb)}" for k in sorted(data)
        )
        return "map[" + " ".join(pairs) + "]"
    if data is None:
        return f"%!{verb}(<nil>)"
    return f"%!{verb}({go_type(data)}={go_text(data)})"


def go_type(data: Any) -> str:
    """``%T``"""
    if data is None:
        return "<nil>"
    for kind, name in _TYPES:
        if isinstance(data, kind):
            return name
    return str(getattr(data, "type_name", data.__class__.__name__))


_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "bool"),
    (Long, "int64"),
    (int, "int"),
    (float, "float64"),
    (str, "string"),
    (dict, "map[string]interface {}"),
    (list, "[]interface {}"),
)
