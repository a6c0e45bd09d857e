"""Text: the pure methods of str and bytes, and formatting, with guards against results that are too large."""

from __future__ import annotations

from gwaudit.pattern import regex
from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.python.arithmetic import MAX_TEXT
from gwaudit.resolve.python.choices import lift
from gwaudit.resolve.python.failure import TooBig
from gwaudit.resolve.python.objects import PathValue
from gwaudit.resolve.python.value import MISSING, Value, blur, kind_of, made

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from gwaudit.resolve.python.machine import Machine

PURE = frozenset(
    (
        "capitalize", "casefold", "count", "endswith", "find", "format", "index", "isalnum", "isalpha",
        "isascii", "isdecimal", "isdigit", "isidentifier", "islower", "isnumeric", "isprintable", "isspace",
        "istitle", "isupper", "join", "lower", "lstrip", "partition", "removeprefix", "removesuffix", "replace",
        "rfind", "rindex", "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith", "strip",
        "swapcase", "title", "upper", "zfill", "center", "ljust", "rjust", "encode", "decode", "expandtabs",
        "hex", "bit_length", "is_integer",
    )
)  # fmt: skip
_WIDE = regex(r"\d{4,}")
_LOOKS_INTO = regex(r"\{[^{}:!]*[.\[]")
_NESTED = regex(r"\{[^{}]*:[^{}]*\{")
KINDS = {"isdigit": "bool", "startswith": "bool", "endswith": "bool", "isnumeric": "bool", "isdecimal": "bool"}
KINDS |= dict.fromkeys(
    ("lower", "upper", "strip", "lstrip", "rstrip", "replace", "title", "capitalize", "casefold", "format", "join"),
    "str",
)


def safe_format(text: str) -> None:
    """Refuse a format that asks for thousands of characters, or for a width given elsewhere."""
    if _WIDE.search(text):
        raise TooBig


def method(m: Machine, owner: Value, name: str, args: Sequence[Value], keywords: dict[str, Value]) -> Value:
    """``owner.name(...)`` for text and numbers; an unknown owner with choices is tried one by one."""
    if name not in PURE:
        m.doubt = m.doubt or f".{name}() is not read"
        return blur(owner, *args, reason=f"the result of .{name}() is not known")
    sources = [owner, *args, *keywords.values()]
    if name == "format":
        return formatted(m, owner, args, keywords)
    plain: list[Value] = []
    for source in sources:
        if isinstance(source.data, Unknown):
            plain.append(source)
            continue
        data = m.state.plain(source.data)
        if data is MISSING:
            m.doubt = m.doubt or f".{name}() of an unknown value"
            return blur(*sources, kind=KINDS.get(name))
        plain.append(Value(_Held(data) if not isinstance(data, (str, int, float, bytes, type(None))) else data))
    held = [p.data.data if isinstance(p.data, _Held) else p.data for p in plain]
    names = list(keywords)

    def apply(*values: Any) -> Any:
        whole = list(held)
        free = iter(values)
        for index, item in enumerate(held):
            if isinstance(item, Unknown):
                whole[index] = next(free)
        positional = whole[1 : 1 + len(args)]
        named = dict(zip(names, whole[1 + len(args) :], strict=True))
        _guard(whole[0], name, positional)
        return getattr(whole[0], name)(*positional, **named)

    unknowns = [source for source in sources if isinstance(source.data, Unknown)]
    result = lift(m, lambda *values: _wrap(apply(*values)), *unknowns, kind=KINDS.get(name))
    if isinstance(result.data, Unknown):
        return blur(*sources, kind=kind_of(result.data), choices=[_unwrap(c) for c in result.data.choices])
    return m.state.abstract(_unwrap(result.data), *sources)


class _Held:
    """Plain data that is not a scalar (the list given to ``join``)."""

    __slots__ = ("data",)

    def __init__(self, data: Any) -> None:
        self.data = data

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and self.data == other.data

    def __hash__(self) -> int:
        return 0


def _wrap(data: Any) -> Any:
    return _Held(data) if isinstance(data, (list, tuple)) else data


def _unwrap(data: Any) -> Any:
    return data.data if isinstance(data, _Held) else data


def _guard(owner: Any, name: str, args: Sequence[Any]) -> None:
    if (
        name in ("center", "ljust", "rjust", "zfill", "expandtabs")
        and args
        and isinstance(args[0], int)
        and args[0] > 999
    ):
        raise TooBig
    size = 0
    if name == "replace" and isinstance(owner, str) and len(args) > 1 and isinstance(args[1], str):
        size = (len(owner) + 1) * (len(args[1]) + 1) // 4
    if name == "join" and args and isinstance(args[0], (list, tuple)):
        size = sum(len(a) if isinstance(a, str) else 0 for a in args[0]) + len(owner) * len(args[0])
    if size > MAX_TEXT:
        raise TooBig


def plain_text(m: Machine, value: Value) -> Any:
    """What ``str()`` and formatting see of a value: plain data, or MISSING."""
    if isinstance(value.data, PathValue):
        return value.data.text
    return m.state.plain(value.data)


def formatted(m: Machine, owner: Value, args: Sequence[Value], keywords: dict[str, Value]) -> Value:
    """``"...".format(...)``."""
    sources = [owner, *args, *keywords.values()]
    template = owner.data
    if isinstance(template, str) and _LOOKS_INTO.search(template):
        return blur(*sources, reason="the format looks into its arguments", kind="str")  # never attributes of our own
    positional = [plain_text(m, value) for value in args]
    named = {key: plain_text(m, value) for key, value in keywords.items()}
    unknown = [s for s in (*args, *keywords.values()) if isinstance(s.data, Unknown)]
    if any(p is MISSING for p in (*positional, *named.values())) or unknown or not isinstance(template, str):
        simple = all(
            isinstance(s.data, Unknown) or p is not MISSING
            for s, p in zip((*args, *keywords.values()), (*positional, *named.values()), strict=True)
        )
        if not simple or not isinstance(template, (str, Unknown)):
            return blur(*sources, kind="str")

    def apply(text: Any, *values: Any) -> str:
        free = iter(values)
        filled = [next(free) if isinstance(a.data, Unknown) else p for a, p in zip(args, positional, strict=True)]
        words = {key: next(free) if isinstance(value.data, Unknown) else named[key] for key, value in keywords.items()}
        safe_format(text)
        if _LOOKS_INTO.search(text) or _NESTED.search(text):
            raise TooBig
        return str(text.format(*filled, **words))

    result = lift(m, apply, owner, *unknown, kind="str")
    return made(result.data, *sources)


def f_string(m: Machine, parts: Sequence[tuple[Value, int, Value | None]]) -> Value:
    """An f-string: (value, conversion character or -1, format spec or None) for each part."""
    sources = [value for value, _, _ in parts] + [spec for _, _, spec in parts if spec is not None]
    if not sources:
        return Value("")
    known: list[Any] = []
    unknown: list[Value] = []
    for value, conversion, spec in parts:
        data = value.data if isinstance(value.data, Unknown) else plain_text(m, value)
        if data is MISSING or (spec is not None and not isinstance(spec.data, str)):
            return blur(*sources, kind="str")
        if isinstance(data, Unknown):
            unknown.append(value)
        known.append((data, conversion, spec.data if spec is not None else ""))

    def apply(*values: Any) -> str:
        free = iter(values)
        pieces = []
        for data, conversion, spec in known:
            item = next(free) if isinstance(data, Unknown) else data
            if conversion == ord("r"):
                item = repr(item)
            elif conversion == ord("s"):
                item = str(item)
            elif conversion == ord("a"):
                item = ascii(item)
            safe_format(spec)
            pieces.append(format(item, spec))
        return "".join(pieces)

    if not unknown:
        result = lift(m, apply)
        return made(result.data, *sources)
    return made(lift(m, apply, *unknown, kind="str").data, *sources)
