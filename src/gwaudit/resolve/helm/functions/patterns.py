"""Functions on regular expressions."""

from __future__ import annotations

import re

from gwaudit.pattern import regex
from gwaudit.resolve.helm.functions.signature import plain
from gwaudit.resolve.helm.regular import Regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gwaudit.resolve.helm.machine import Machine, Native
    from gwaudit.resolve.helm.provenance import Value

_TEMPLATE = regex(r"\$(?:(\$)|(\w+)|\{(\w+)\})")


def _find_all(regex: Regex, body: str, count: int) -> list[str]:
    found: list[str] = []
    for match in regex.matches(body):
        if 0 <= count <= len(found):
            break
        found.append(body[match[0] : match[1]])
    return found


def _find(regex: Regex, body: str) -> str:
    match = regex.match(body)
    return body[match[0] : match[1]] if match is not None else ""


def _replace(regex: Regex, body: str, replacement: str) -> str:
    """``$1`` and ``${name}`` in the replacement stand for groups; a group that is not there is empty."""

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


def _substitute(regex: Regex, body: str, replacement: Callable[[tuple[int, ...]], str]) -> str:
    out: list[str] = []
    at = 0
    for match in regex.matches(body):
        out.append(body[at : match[0]])
        out.append(replacement(match))
        at = match[1]
    return "".join([*out, body[at:]])


def _split(regex: Regex, body: str, count: int) -> list[str]:
    if count == 0:
        return []
    parts: list[str] = []
    start = end = 0
    for match in regex.matches(body) if body else ():
        if 0 < count == len(parts) + 1:
            break
        end = match[0]
        if match[1] != 0:
            parts.append(body[start:end])
        start = match[1]
    if end != len(body) or not body:
        parts.append(body[start:])
    return parts


def _costed(function: Callable[..., Any], signature: str) -> Native:
    """A template function of a pattern and a text; the work of the matching counts as steps."""

    def call(machine: Machine, args: list[Value]) -> Value:
        used: list[Regex] = []

        def run(pattern: str, *others: Any) -> Any:
            used.append(Regex(pattern))
            return function(used[0], *others)

        try:
            return plain(run, signature)(machine, args)
        finally:
            machine.spend(1 + sum((regex.work + len(regex.program)) >> 3 for regex in used))

    return call


_MATCH = _costed(lambda regex, body: regex.match(body) is not None, "ss")
_ALL = _costed(_find_all, "ssi")
_ONE = _costed(_find, "ss")
_REPLACE = _costed(_replace, "sss")
_LITERAL = _costed(lambda regex, body, new: _substitute(regex, body, lambda match: new), "sss")
_SPLIT = _costed(_split, "ssi")

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
