"""The functions of the rule language: one table of what each takes, gives and means, and what it does.

A parameter is ``text``, ``list``, ``number``, ``any``, ``fact`` (the name of a fact, not its value), ``regex`` or
``version`` (literals). A result is a type, ``same`` (that of the first argument) or ``common`` (that of all arguments).
A trailing ``...`` repeats the last parameter.
"""

from __future__ import annotations

from gwaudit.resolve.fact import Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# name: (parameters, result, one line of documentation)
TABLE: dict[str, tuple[tuple[str, ...], str, str]] = {
    # about a fact
    "is_set": (("fact",), "bool", "the fact has a value, its default included"),
    "is_absent": (("fact",), "bool", "the fact surely has no value"),
    "is_known": (("fact",), "bool", "the value can be told from the text"),
    "is_written": (("fact",), "bool", "somebody wrote the value down: it is no default"),
    "default": (("fact", "any"), "common", "the value of the fact, or the second argument where it is absent"),
    "overrides": (("fact",), "int", "how many other sources the fact's source overrides"),
    "differs": (("fact",), "bool", "the nearest overridden source has another value"),
    "layer": (("fact",), "str", "the layer the value stands in (default, config-file, command-line, manifest, ...)"),
    "is_bounded": (("fact",), "bool", "the largest value it may have is known"),
    "low": (("fact",), "same", "the smallest value it may have"),
    "high": (("fact",), "same", "the largest value it may have"),
    # text
    "matches": (("text", "regex"), "bool", "the regular expression is found in the text (`^` and `$` anchor it)"),
    "lower": (("text",), "str", "in small letters"),
    "startswith": (("text", "text", "..."), "bool", "the text starts with one of these"),
    "endswith": (("text", "text", "..."), "bool", "the text ends with one of these"),
    "contains": (("text or list", "any"), "bool", "the text contains this text, or the list this item"),
    "length": (("text or list",), "int", "characters of a text, items of a list"),
    # lists
    "any_of": (("list", "any", "..."), "bool", "the list has one of these items"),
    "all_of": (("list", "any", "..."), "bool", "the list has all of these items"),
    "any_matches": (("list", "regex"), "bool", "the regular expression is found in one of the items"),
    "join": (("list", "text"), "str", "the items as one text"),
    "first": (("list",), "any", "the first item"),
    # versions
    "version_below": (("version text", "version"), "bool", "an older version than this"),
    "version_at_least": (("version text", "version"), "bool", "this version or a newer one"),
    # numbers
    "min": (("number", "number", "..."), "common", "the smallest"),
    "max": (("number", "number", "..."), "common", "the largest"),
    "ceil": (("number",), "same", "rounded up"),
    "floor": (("number",), "same", "rounded down"),
    "round": (("number",), "same", "rounded to the nearest"),
    "abs": (("number",), "same", "without its sign"),
    "number": (("number",), "number", "without its unit"),
    "seconds": (("number",), "seconds", "that many seconds"),
    "minutes": (("number",), "seconds", "that many minutes"),
    "hours": (("number",), "seconds", "that many hours"),
    "kib": (("number",), "bytes", "that many KiB"),
    "mib": (("number",), "bytes", "that many MiB"),
    "gib": (("number",), "bytes", "that many GiB"),
    "cpu": (("number",), "cpu", "that many CPUs"),
}  # fmt: skip

ABOUT_FACT = frozenset(name for name, (parameters, _, _) in TABLE.items() if parameters[0] == "fact")
MONOTONIC = frozenset(
    ("ceil", "floor", "round", "number", "seconds", "minutes", "hours", "kib", "mib", "gib", "cpu")
)  # one argument, and a larger argument never gives a smaller result: bounds go through

# Characters of input for which a pattern with that many unbounded repeats is still fast.
LONGEST_INPUT = {0: 100_000, 1: 4096, 2: 512}
_patterns: dict[str, tuple[Any, int]] = {}


def search(text: str, pattern: str) -> Any:
    """Whether a checked pattern is found; Unknown for an input too long to be matched in little time."""
    found = _patterns.get(pattern)
    if found is None:
        import re

        unbounded = min(2, sum(pattern.count(char) for char in "*+{"))
        found = _patterns[pattern] = (re.compile(pattern), LONGEST_INPUT[unbounded])
    compiled, longest = found
    if len(text) > longest:
        return Unknown(f"a text of {len(text)} characters is not matched")
    return compiled.search(text) is not None


def version_key(text: str) -> tuple[tuple[int, ...], int] | None:
    """A version for comparison: release numbers without trailing zeros, then -1 for a pre-release; None for no version.

    Reads what PEP 440 and container tags have in common (``v1.2``, ``27.0.1``, ``1.0.7.post1``, ``3.12-slim``).
    """
    body = text.strip().lstrip("vV=")
    numbers: list[int] = []
    rest = body
    while True:
        digits = ""
        for char in rest:
            if char not in "0123456789":
                break
            digits += char
        if not digits or len(digits) > 9:
            break
        numbers.append(int(digits))
        rest = rest[len(digits) :]
        if rest[:1] == "." and rest[1:2].isdigit():
            rest = rest[1:]
            continue
        break
    if not numbers:
        return None
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    tail = rest.lstrip(".-_").lower()
    pre = tail[:1] in ("a", "b") or tail.startswith(("rc", "dev", "pre"))
    pre = pre and not tail.startswith(("alpine", "bookworm", "bullseye", "buster", "base"))
    return tuple(numbers), -1 if pre else 0


def _version(left: Any, right: Any) -> int | None:
    a, b = version_key(str(left)), version_key(str(right))
    if a is None or b is None:
        return None
    return (a > b) - (a < b)


def _below(left: Any, right: Any) -> Any:
    order = _version(left, right)
    return Unknown(f"{left!s:.40} is no version") if order is None else order < 0


def _at_least(left: Any, right: Any) -> Any:
    order = _version(left, right)
    return Unknown(f"{left!s:.40} is no version") if order is None else order >= 0


def has(items: Any, item: Any) -> Any:
    """Whether a list has an item, or a text a part; Unknown where an unknown item may be it."""
    if isinstance(items, str):
        return isinstance(item, str) and item in items
    if item in items:
        return True
    hidden = next((one for one in items if isinstance(one, Unknown)), None)
    return Unknown(hidden.reason, hidden.depends_on) if hidden is not None else False


def _any_of(items: Any, *wanted: Any) -> Any:
    found = [has(items, one) for one in _flat(wanted)]
    if any(one is True for one in found):
        return True
    return next((one for one in found if one is not False), False)


def _all_of(items: Any, *wanted: Any) -> Any:
    found = [has(items, one) for one in _flat(wanted)]
    if any(one is False for one in found):
        return False
    return next((one for one in found if one is not True), True)


def _flat(wanted: tuple[Any, ...]) -> list[Any]:
    return [one for part in wanted for one in (part if isinstance(part, (tuple, list)) else (part,))]


def _any_matches(items: Any, pattern: str) -> Any:
    unsure = None
    for item in items:
        found = item if isinstance(item, Unknown) else search(str(item), pattern)
        if found is True:
            return True
        if found is not False:
            unsure = found
    return False if unsure is None else unsure


def _round(value: float, up: int) -> int:
    from math import ceil, floor

    return (floor(value), round(value), ceil(value))[up]


PURE: dict[str, Callable[..., Any]] = {
    "matches": search,
    "lower": lambda text: text.lower(),
    "startswith": lambda text, *heads: text.startswith(heads),
    "endswith": lambda text, *tails: text.endswith(tails),
    "contains": has,
    "length": len,
    "any_of": _any_of,
    "all_of": _all_of,
    "any_matches": _any_matches,
    "join": lambda items, between: between.join(str(one) for one in items),
    "first": lambda items: items[0] if items else Unknown("the list is empty"),
    "version_below": _below,
    "version_at_least": _at_least,
    "min": min,
    "max": max,
    "ceil": lambda value: _round(value, 2),
    "floor": lambda value: _round(value, 0),
    "round": lambda value: _round(value, 1),
    "abs": abs,
    "number": lambda value: value,
    "seconds": lambda value: value,
    "minutes": lambda value: value * 60,
    "hours": lambda value: value * 3600,
    "kib": lambda value: value * 1024,
    "mib": lambda value: value * 1024**2,
    "gib": lambda value: value * 1024**3,
    "cpu": lambda value: value,
}
