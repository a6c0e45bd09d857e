"""Functions on regular expressions."""

from __future__ import annotations

import re

from gwaudit.resolve.helm.functions.signature import plain
from gwaudit.resolve.helm.regular import Regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gwaudit.resolve.helm.machine import Machine, Native
    from gwaudit.resolve.helm.provenance import Value

_TEMPLATE = re.compile(r"\$(?:(\$)|(\w+)|\{(\w+)\})")


def _find_all(pattern: str, body: str, count: int) -> list[str]:
    found: list[str] = []
    for match in Regex(pattern).matches(body):
        if 0 <= count <= len(found):
            break
        found.append(body[match[0] : match[1]])
    return found


def _find(pattern: str, body: str) -> str:
    match = Regex(pattern).match(body)
    return body[match[0] : match[1]] if match is not None else ""


def _replace(pattern: str, body: str, replacement: str) -> str:
    """``$1`` and ``${name}`` in the replacement stand for groups; a group that is not there is empty."""
    regex = Regex(pattern)

    def expand(match: tuple[int, ...]) -> str:
        def one(part: re.Match[str]) -> str:
            if part[1]:
                return "$"
            name = part[2] or part[3]
            index = int(name[:6]) if name.isdigit() else regex.names.get(name, -1)
            if not 0 <= index <= regex.groups or match[2 * index] < 0:
                return ""
            return body[match[2 * index] : match[2 * index + 1]]

        return _TEMPLATE.sub(one, replacement) if "$" in replacement else replacement

    return _substitute(regex, body, expand)


def _literal(pattern: str, body: str, replacement: str) -> str:
    return _substitute(Regex(pattern), body, lambda match: replacement)


def _substitute(regex: Regex, body: str, replacement: Callable[[tuple[int, ...]], str]) -> str:
    out: list[str] = []
    at = 0
    for match in regex.matches(body):
        out.append(body[at : match[0]])
        out.append(replacement(match))
        at = match[1]
    return "".join([*out, body[at:]])


def _split(pattern: str, body: str, count: int) -> list[str]:
    if count == 0:
        return []
    parts: list[str] = []
    start = end = 0
    for match in Regex(pattern).matches(body) if body else ():
        if 0 < count == len(parts) + 1:
            break
        end = match[0]
        if match[1] != 0:
            parts.append(body[start:end])
        start = match[1]
    if end != len(body) or not body:
        parts.append(body[start:])
    return parts


def _costed(native: Native) -> Native:
    """The work of a pattern counts: its length times that of the text."""

    def call(machine: Machine, args: list[Value]) -> Value:
        texts = [len(value.data) for value in args if value.data.__class__ is str]
        machine.spend(1 + (texts[0] * texts[1] >> 5 if len(texts) > 1 else 0))
        return native(machine, args)

    return call


_MATCH = _costed(plain(lambda pattern, body: Regex(pattern).match(body) is not None, "ss"))
_ALL = _costed(plain(_find_all, "ssi"))
_ONE = _costed(plain(_find, "ss"))
_REPLACE = _costed(plain(_replace, "sss"))
_LITERAL = _costed(plain(_literal, "sss"))
_SPLIT = _costed(plain(_split, "ssi"))

FUNCTIONS: dict[str, Native] = {
    "regexMatch": _MATCH,
    "mustRegexMatch": _MATCH,
    "regexFindAll": _ALL,
    "mustRegexFindAll": _ALL,
    "regexFind": _ONE,
    "mustRegexFind": _ONE,
    "regexReplaceAll": _REPLACE,
    "mustRegexReplaceAll": _REPLACE,
    "regexReplaceAllLiteral": _LITERAL,
    "mustRegexReplaceAllLiteral": _LITERAL,
    "regexSplit": _SPLIT,
    "mustRegexSplit": _SPLIT,
    "regexQuoteMeta": plain(lambda body: re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", body), "s"),
}
