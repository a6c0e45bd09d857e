"""``toJson`` and its kin: data as Go's JSON encoder writes it (sorted keys, HTML characters escaped), with traces."""

from __future__ import annotations

import json

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.helm.provenance import Builder, Value, mark_of, stand_in
from gwaudit.resolve.helm.scalars import number_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.helm.provenance import Trace

MAX_DEPTH = 100
MAX_TEXT = 1_000_000


class TooDeep(Exception):
    """The data is nested deeper, or its text is longer, than is written."""


def to_json(value: Value, indent: int = 0, html: bool = True) -> Value:
    """The JSON text of a value; with ``indent`` spaces a level it is spread over lines."""
    out = Builder()
    _write(out, value, indent, 0, html)
    return out.value()


def _write(out: Builder, value: Value, indent: int, level: int, html: bool) -> None:
    if level > MAX_DEPTH or out.size > MAX_TEXT:
        raise TooDeep
    data = value.data
    inner = "\n" + " " * (indent * (level + 1)) if indent else ""
    outer = "\n" + " " * (indent * level) if indent else ""
    if isinstance(data, dict):
        out.add("{")
        for index, name in enumerate(sorted(data)):
            item = data[name]
            out.add(("," if index else "") + inner + _text(name, html) + (": " if indent else ":"), item.key)
            _write(out, item, indent, level + 1, html)
        out.add((outer if data else "") + "}")
    elif isinstance(data, list):
        out.add("[")
        for index, item in enumerate(data):
            out.add(("," if index else "") + inner)
            _write(out, item, indent, level + 1, html)
        out.add((outer if data else "") + "]")
    else:
        text = _scalar(data, html)
        trace: Trace = value.trace
        if isinstance(trace, tuple):
            hidden = next((mark for _, mark, _ in trace if mark is not None and mark.unknown), None)
            trace = hidden or mark_of(value)
        out.add(text, trace)


def _scalar(data: Any, html: bool) -> str:
    if data is None:
        return "null"
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, (int, float)):
        return number_text(data)
    if isinstance(data, Unknown):
        return f'"{stand_in(data)}"'
    return _text(str(data), html)


def _text(text: str, html: bool) -> str:
    written = json.dumps(text, ensure_ascii=False).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    if html and ("<" in written or ">" in written or "&" in written):
        written = written.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return written
