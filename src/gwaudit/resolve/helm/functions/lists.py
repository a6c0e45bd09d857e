"""Functions on lists, and those on lists, maps and texts alike (``len``, ``index``, ``slice``)."""

from __future__ import annotations

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.helm.errors import EvaluationError
from gwaudit.resolve.helm.functions.numbers import to_int
from gwaudit.resolve.helm.functions.signature import MAX_LIST, as_text, check, expect, plain, text, unknown
from gwaudit.resolve.helm.provenance import NIL, PLACEHOLDER, StringMap, Value, blend, mark_of, part, reason
from gwaudit.resolve.helm.truth import deep_equal, is_empty, unknown_among
from gwaudit.resolve.helm.verbs import go_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gwaudit.resolve.helm.machine import Machine, Native


def _native(least: int, most: int | None, body: Callable[[list[Value]], Value]) -> Native:
    """A function whose arguments must be known themselves (what lists hold may be unknown)."""

    def call(machine: Machine, args: list[Value]) -> Value:
        expect(args, least, most)
        found = next((value for value in args if isinstance(value.data, Unknown)), None)
        if found is not None:
            return unknown(reason(found) or "not known", args)
        machine.spend(sum(len(value.data) for value in args if value.data.__class__ is list) >> 3)
        result = body(args)
        if result.data.__class__ is list and len(result.data) > MAX_LIST:
            raise EvaluationError(f"a list of more than {MAX_LIST:,} items")
        return result

    return call


def _len(args: list[Value]) -> Value:
    data = args[0].data
    if data.__class__ is str and PLACEHOLDER in data:
        return unknown(reason(args[0]) or "not known", args)
    if data.__class__ is str:
        return Value(len(data.encode("utf-8", "replace")), mark_of(args[0]))
    if isinstance(data, (dict, list)):
        return Value(len(data), mark_of(args[0]))
    if hasattr(data, "pairs"):
        return Value(len(data.pairs()))
    raise EvaluationError(f"len of type {go_type(data)}")


def _index(args: list[Value]) -> Value:
    value = args[0]
    for key in args[1:]:
        data = value.data
        if isinstance(data, Unknown):
            return value
        if isinstance(data, dict):
            name = text(key)
            value = data.get(name) or Value("" if isinstance(data, StringMap) else None)
        elif isinstance(data, (list, str)):
            if not isinstance(key.data, int) or isinstance(key.data, bool):
                raise EvaluationError(f"cannot index slice/array with type {go_type(key.data)}")
            if not 0 <= key.data < len(data):
                raise EvaluationError(f"index out of range: {key.data}")
            value = data[key.data] if isinstance(data, list) else Value(ord(data[key.data]), mark_of(value))
        elif hasattr(data, "pairs"):
            value = next((item for name, item in data.pairs() if name.data == key.data), Value(""))
        else:
            raise EvaluationError(
                "index of untyped nil" if data is None else f"can't index item of type {go_type(data)}"
            )
    return value


def _slice(args: list[Value]) -> Value:
    data = args[0].data
    if isinstance(data, list):
        start, end = _bounds(args, len(data))
        return Value(data[start:end], args[0].trace) if data else NIL
    raise EvaluationError(f"list should be type of slice or array but {go_type(data)}")


def _bounds(args: list[Value], size: int) -> tuple[int, int]:
    start = to_int(args[1].data) if len(args) > 1 else 0
    end = to_int(args[2].data) if len(args) > 2 else size
    if not 0 <= start <= end <= size:
        raise EvaluationError("slice bounds out of range")
    return start, end


def _items(value: Value) -> list[Value]:
    found: list[Value] = check(value, "l")
    return found


def _on_list(body: Callable[[list[Value]], Value | list[Value]]) -> Native:
    """A function of one list; a list as its answer keeps the place."""

    def call(args: list[Value]) -> Value:
        found = body(_items(args[0]))
        return Value(found, args[0].trace) if isinstance(found, list) else found

    return _native(1, 1, call)


def _without_repeats(items: list[Value]) -> list[Value]:
    found: list[Value] = []
    seen: set[tuple[str, object]] = set()
    for item in items:
        data = item.data
        if isinstance(data, (dict, list)):
            if len(found) < 500 and any(deep_equal(data, other.data) for other in found):
                continue
        elif (go_type(data), data) in seen:
            continue
        else:
            seen.add((go_type(data), data))
        found.append(item)
    return found


def _has(args: list[Value]) -> Value:
    if args[1].data is None:
        return Value(False)
    items = _items(args[1])
    if any(deep_equal(args[0].data, item.data) for item in items):
        return Value(True, mark_of(args[1]))
    hidden = unknown_among([args[0], *items])
    return unknown(reason(hidden) or "not known", args) if hidden is not None else Value(False, mark_of(args[1]))


def _without(args: list[Value]) -> Value:
    omitted = args[1:]
    kept = [item for item in _items(args[0]) if not any(deep_equal(item.data, other.data) for other in omitted)]
    return Value(kept, args[0].trace)


def _sort(args: list[Value]) -> Value:
    data = args[0].data
    items = [as_text(item) for item in data if item.data is not None] if isinstance(data, list) else [as_text(args[0])]
    hidden = unknown_among(items)
    if hidden is not None:
        return unknown(reason(hidden) or "not known", args)
    return Value(sorted(items, key=lambda item: item.data.encode("utf-8", "replace")), args[0].trace)


def _concat(args: list[Value]) -> Value:
    return Value([item for value in args for item in _items(value)], blend(args))


def _chunk(args: list[Value]) -> Value:
    size = to_int(args[0].data)
    items = _items(args[1])
    if size < 1:
        raise EvaluationError("chunk size out of range")
    return Value([Value(items[i : i + size], args[1].trace) for i in range(0, len(items), size)], args[1].trace)


def _split(separator: str, body: str, count: int = -1) -> list[str]:
    if not separator:
        return list(body)
    if count == 0:
        return []
    return body.split(separator, count - 1) if count > 0 else body.split(separator)


def _numbered(parts: list[str]) -> StringMap:
    return StringMap((f"_{index}", item) for index, item in enumerate(parts))


def _split_list(args: list[Value]) -> Value:
    """``splitList`` keeps the place of every part."""
    separator, body = text(args[0]), text(args[1])
    if not separator or separator == PLACEHOLDER:
        return Value([part(args[1], i, i + 1) for i in range(min(len(body), MAX_LIST + 1))], mark_of(args[1]))
    found, start = [], 0
    for piece in body.split(separator):
        found.append(part(args[1], start, start + len(piece)))
        start += len(piece) + len(separator)
    return Value(found, mark_of(args[1]))


def _strings(args: list[Value]) -> Value:
    data = args[0].data
    if isinstance(data, list):
        return Value([as_text(item) for item in data if item.data is not None], args[0].trace)
    return Value([] if data is None else [as_text(args[0])], args[0].trace)


_APPEND = _native(2, 2, lambda args: Value([*_items(args[0]), args[1]], args[0].trace))
_PREPEND = _native(2, 2, lambda args: Value([args[1], *_items(args[0])], args[0].trace))
_FIRST = _on_list(lambda items: items[0] if items else NIL)
_LAST = _on_list(lambda items: items[-1] if items else NIL)
_REST = _on_list(lambda items: items[1:])
_INITIAL = _on_list(lambda items: items[:-1])
_REVERSE = _on_list(lambda items: items[::-1])
_UNIQ = _on_list(_without_repeats)
_COMPACT = _on_list(lambda items: [item for item in items if is_empty(item.data) is not True])
_HAS = _native(2, 2, _has)
_WITHOUT = _native(1, None, _without)
_CHUNK = _native(2, 2, _chunk)


def _list(machine: Machine, args: list[Value]) -> Value:
    return Value(list(args))


FUNCTIONS: dict[str, Native] = {
    "len": _native(1, 1, _len),
    "index": _native(1, None, _index),
    "slice": _native(1, 4, _slice),
    "mustSlice": _native(1, 4, _slice),
    "list": _list,
    "tuple": _list,
    "append": _APPEND,
    "push": _APPEND,
    "mustAppend": _APPEND,
    "mustPush": _APPEND,
    "prepend": _PREPEND,
    "mustPrepend": _PREPEND,
    "first": _FIRST,
    "mustFirst": _FIRST,
    "last": _LAST,
    "mustLast": _LAST,
    "rest": _REST,
    "mustRest": _REST,
    "initial": _INITIAL,
    "mustInitial": _INITIAL,
    "reverse": _REVERSE,
    "mustReverse": _REVERSE,
    "uniq": _UNIQ,
    "mustUniq": _UNIQ,
    "compact": _COMPACT,
    "mustCompact": _COMPACT,
    "has": _HAS,
    "mustHas": _HAS,
    "without": _WITHOUT,
    "mustWithout": _WITHOUT,
    "chunk": _CHUNK,
    "mustChunk": _CHUNK,
    "concat": _native(0, None, _concat),
    "sortAlpha": _native(1, 1, _sort),
    "split": plain(lambda separator, body: _numbered(_split(separator, body)), "ss"),
    "splitn": plain(lambda separator, count, body: _numbered(_split(separator, body, count)), "sis"),
    "splitList": _native(2, 2, _split_list),
    "toStrings": _native(1, 1, _strings),
}
