"""Functions on texts (sprig's strings)."""

from __future__ import annotations

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.helm.errors import EvaluationError
from gwaudit.resolve.helm.functions.signature import MAX_TEXT, as_text, expect, plain, text, unknown, whole
from gwaudit.resolve.helm.provenance import FILLED, PLACEHOLDER, Builder, Value, blend, hidden, part, reason, runs_of
from gwaudit.resolve.helm.verbs import quoted, sprintf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gwaudit.resolve.helm.machine import Machine, Native
    from gwaudit.resolve.helm.provenance import Trace

_SPACES = " \t\n\v\f\r\x85\xa0"


def _quoting(write: Callable[[str], str]) -> Native:
    def call(machine: Machine, args: list[Value]) -> Value:
        out = Builder()
        for value in args:
            if value.data is None:
                continue
            if out.size:
                out.add(" ")
            one = as_text(value)
            body = write(one.data)
            if len(body) == len(one.data) + 2:
                out.add(body[0])
                out.add(one.data, one.trace)
                out.add(body[-1])
            else:
                out.add(body, uniform(one))
        return out.value()

    return call


def uniform(value: Value) -> Trace:
    """The trace of a text whose characters moved: unknown where any is, else the best mark."""
    from gwaudit.resolve.helm.provenance import mark_of

    if isinstance(value.trace, tuple):
        hidden = next((mark for _, mark, _ in value.trace if mark is not None and mark.unknown), None)
        return hidden or mark_of(value)
    return value.trace


def _indented(machine: Machine, args: list[Value], before: str) -> Value:
    expect(args, 2, 2)
    count = whole(args[0])
    if not 0 <= count <= 1000:
        raise EvaluationError("indentation out of range")
    body = text(as_text(args[1]) if isinstance(args[1].data, Unknown) else args[1])
    trace = as_text(args[1]).trace
    pad = " " * count
    out = Builder()
    out.add(before + pad)
    if (body.count("\n") + 1) * count + len(body) > MAX_TEXT:
        raise EvaluationError(f"a text of more than {MAX_TEXT:,} characters")
    runs = runs_of(body, trace)
    start = 0
    for end, mark, at in runs:
        piece = body[start:end]
        first = True
        for line in piece.split("\n"):
            if not first:
                out.add("\n" + pad, mark if mark is not None and not mark.linear else None)
                at += 1 if at >= 0 else 0
            if line:
                out.add(line, ((len(line), mark, at),))
                at += len(line) if at >= 0 else 0
            first = False
        start = end
    return out.value()


def _indent(machine: Machine, args: list[Value]) -> Value:
    return _indented(machine, args, "")


def _nindent(machine: Machine, args: list[Value]) -> Value:
    return _indented(machine, args, "\n")


def _sliced(bounds: Callable[..., tuple[int, int]], parameters: int) -> Native:
    """A function that answers a stretch of its last argument, a text; ``bounds`` gets the text and the others."""

    def call(machine: Machine, args: list[Value]) -> Value:
        expect(args, parameters + 1, parameters + 1)
        subject = args[-1]
        if isinstance(subject.data, Unknown):
            return subject
        body = text(subject)
        if PLACEHOLDER in body:
            found = bounds(body.replace(PLACEHOLDER, "x" * 8), *[value.data for value in args[:-1]])
            if found != (0, len(body) + 7 * body.count(PLACEHOLDER)):
                return hidden(reason(subject) or "not known", blend(args), filled=FILLED in body)
            return subject
        start, end = bounds(body, *[value.data for value in args[:-1]])
        return part(subject, start, end)

    return call


def _trunc(body: str, count: object) -> tuple[int, int]:
    if not isinstance(count, int):
        raise EvaluationError("wrong type for value; expected int")
    size = len(body)
    if count < 0:
        return (size + count, size) if size + count > 0 else (0, size)
    return 0, min(count, size)


def _trim(body: str, cutset: object = _SPACES) -> tuple[int, int]:
    if not isinstance(cutset, str):
        raise EvaluationError("wrong type for value; expected string")
    start = len(body) - len(body.lstrip(cutset))
    return (start, max(start, len(body.rstrip(cutset)))) if cutset else (0, len(body))


def _trim_suffix(body: str, suffix: object) -> tuple[int, int]:
    if not isinstance(suffix, str):
        raise EvaluationError("wrong type for value; expected string")
    return 0, len(body) - len(suffix) if suffix and body.endswith(suffix) else len(body)


def _trim_prefix(body: str, prefix: object) -> tuple[int, int]:
    if not isinstance(prefix, str):
        raise EvaluationError("wrong type for value; expected string")
    return len(prefix) if body.startswith(prefix) else 0, len(body)


def _substr(body: str, start: object, end: object) -> tuple[int, int]:
    if not isinstance(start, int) or not isinstance(end, int):
        raise EvaluationError("wrong type for value; expected int")
    if start < 0:
        return 0, end
    return start, len(body) if end < 0 or end > len(body) else end


def _replace(machine: Machine, args: list[Value]) -> Value:
    expect(args, 3, 3)
    subject = args[2]
    if any(isinstance(value.data, Unknown) for value in args):
        return unknown(next(filter(None, map(reason, args)), "not known"), args)
    old, new, body = text(args[0]), text(args[1]), text(subject)
    if old not in body:
        return subject
    if (body.count(old) if old else len(body) + 1) * len(new) + len(body) > MAX_TEXT:
        raise EvaluationError(f"a text of more than {MAX_TEXT:,} characters")
    if not old:
        return plain(lambda o, n, s: s.replace(o, n), "sss")(machine, args)
    out = Builder()
    start = 0
    while True:
        found = body.find(old, start)
        piece = part(subject, start, found if found >= 0 else len(body))
        out.add(piece.data, piece.trace)
        if found < 0:
            return out.value()
        if new:
            mark = part(subject, found, found + len(old)).trace
            from_text = args[1].trace if args[1].trace is not None else mark if not isinstance(mark, tuple) else None
            out.add(new, from_text)
        start = found + len(old)


def _cat(machine: Machine, args: list[Value]) -> Value:
    out = Builder()
    for value in args:
        if value.data is not None:
            if out.size:
                out.add(" ")
            one = as_text(value)
            out.add(one.data, one.trace)
    return out.value()


def _join(machine: Machine, args: list[Value]) -> Value:
    expect(args, 2, 2)
    separator = text(args[0])
    data = args[1].data
    items = data if isinstance(data, list) else [] if data is None else [args[1]]
    out = Builder()
    first = True
    for item in items:
        if item.data is None:
            continue
        if not first:
            out.add(separator, args[0].trace)
        first = False
        one = as_text(item)
        out.add(one.data, one.trace)
        if out.size > MAX_TEXT:
            raise EvaluationError(f"a text of more than {MAX_TEXT:,} characters")
    return out.value()


def _printf(machine: Machine, args: list[Value]) -> Value:
    expect(args, 1)
    if PLACEHOLDER in text(args[0]):
        return unknown(reason(args[0]) or "not known", args)
    return sprintf(args[0], args[1:])


def _print(machine: Machine, args: list[Value]) -> Value:
    out = Builder()
    for index, value in enumerate(args):
        if index and not isinstance(value.data, str) and not isinstance(args[index - 1].data, str):
            out.add(" ")
        one = as_text(value)
        out.add(one.data, one.trace)
    return out.value()


def _println(machine: Machine, args: list[Value]) -> Value:
    out = Builder()
    for index, value in enumerate(args):
        out.add(" " if index else "")
        one = as_text(value)
        out.add(one.data, one.trace)
    out.add("\n")
    return out.value()


FUNCTIONS: dict[str, Native] = {
    "quote": _quoting(quoted),
    "squote": _quoting(lambda body: f"'{body}'"),
    "indent": _indent,
    "nindent": _nindent,
    "trunc": _sliced(_trunc, 1),
    "trim": _sliced(_trim, 0),
    "trimAll": _sliced(_trim, 1),
    "trimall": _sliced(_trim, 1),
    "trimSuffix": _sliced(_trim_suffix, 1),
    "trimPrefix": _sliced(_trim_prefix, 1),
    "substr": _sliced(_substr, 2),
    "replace": _replace,
    "cat": _cat,
    "join": _join,
    "print": _print,
    "println": _println,
    "printf": _printf,
    "toString": lambda machine, args: as_text(args[0]) if len(args) == 1 else plain(str, "a")(machine, args),
    "contains": plain(lambda part, body: part in body, "ss"),
    "hasPrefix": plain(lambda part, body: body.startswith(part), "ss"),
    "hasSuffix": plain(lambda part, body: body.endswith(part), "ss"),
}
