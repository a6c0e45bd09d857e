"""Regular expressions: Go's syntax on Python's engine, only where the match is sure to end soon.

Go matches in linear time, Python backtracks: a pattern with a repetition inside a repetition, or with more repetitions
than the length of the text allows, is not tried, and its result is unknown.
"""

from __future__ import annotations

import re

from gwaudit.resolve.helm.errors import EvaluationError
from gwaudit.resolve.helm.functions.signature import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.helm.machine import Native

MAX_WORK = 20_000_000
_CLASSES = {
    "alpha": "A-Za-z", "digit": "0-9", "alnum": "0-9A-Za-z", "upper": "A-Z", "lower": "a-z", "space": r"\t\n\v\f\r ",
    "punct": r"!-/:-@\[-`{-~", "word": r"0-9A-Za-z_", "xdigit": "0-9A-Fa-f",
}  # fmt: skip
_NAMED = re.compile(r"\[:(\w+):\]")
_TEMPLATE = re.compile(r"\$(?:(\$)|(\w+)|\{(\w+)\})")


def _scan(pattern: str) -> tuple[str, int]:
    """The pattern in Python's words, and the number of its open-ended repetitions; raises where one nests in another."""
    out: list[str] = []
    stack: list[bool] = []  # for each open group: whether it holds a repetition
    holds = False
    count = 0
    last_group = False  # the atom before this place is a group that holds a repetition
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            piece = pattern[at : at + 2]
            out.append("\\Z" if piece == "\\z" else piece)
            if piece in ("\\p", "\\P", "\\C", "\\Q"):
                raise EvaluationError("a regular expression that is not evaluated")
            at += 2
            last_group = False
            continue
        if char == "[":
            end = _class_end(pattern, at)
            out.append(_NAMED.sub(lambda m: _CLASSES.get(m[1], ""), pattern[at:end]))
            at = end
            last_group = False
            continue
        if char == "(":
            stack.append(holds)
            holds = False
        elif char == ")":
            if not stack:
                raise EvaluationError("error parsing regexp: unexpected )")
            last_group = holds
            holds = stack.pop() or holds
            out.append(char)
            at += 1
            continue
        elif char in "*+{" or (char == "?" and out and out[-1] not in ("(", "*", "+", "?", "}")):
            open_ended = char in "*+" or (char == "{" and "," in pattern[at : at + 12])
            if open_ended:
                if last_group:
                    raise EvaluationError("a regular expression that may take too long")
                count += 1
                holds = True
            elif char == "{":
                holds = True
        if char == "$":
            out.append("\\Z")
        else:
            out.append(char)
        last_group = False if char not in "*+?" else last_group
        at += 1
    return "".join(out), count


def _class_end(pattern: str, start: int) -> int:
    at = start + 1
    if pattern[at : at + 1] == "^":
        at += 1
    if pattern[at : at + 1] == "]":
        at += 1
    while at < len(pattern) and pattern[at] != "]":
        if pattern.startswith("[:", at):
            close = pattern.find(":]", at)
            at = close + 2 if close > 0 else at + 2
        else:
            at += 2 if pattern[at] == "\\" else 1
    return at + 1


def compiled(pattern: str, body: str) -> re.Pattern[str]:
    """The pattern, ready to be used on ``body``."""
    if len(pattern) > 1000:
        raise EvaluationError("a regular expression that may take too long")
    translated, count = _scan(pattern)
    work = (len(body) + 1) ** max(1, min(count, 8) + (not pattern.startswith("^")) - 1)
    if work * len(pattern) > MAX_WORK * 20:
        raise EvaluationError("a regular expression that may take too long")
    try:
        return re.compile(translated, re.ASCII)
    except (re.error, RecursionError, OverflowError) as error:
        raise EvaluationError(f"error parsing regexp: {error}") from None


def _find_all(pattern: str, body: str, count: int) -> list[str]:
    found = [match.group() for match in compiled(pattern, body).finditer(body)]
    return found if count < 0 else found[:count]


def _find(pattern: str, body: str) -> str:
    match = compiled(pattern, body).search(body)
    return match.group() if match else ""


def _replace(pattern: str, body: str, replacement: str) -> str:
    def expand(match: re.Match[str]) -> str:
        def one(part: re.Match[str]) -> str:
            if part[1]:
                return "$"
            name = part[2] or part[3]
            try:
                return match[int(name) if name.isdigit() else name] or ""
            except (IndexError, KeyError):
                return ""

        return _TEMPLATE.sub(one, replacement)

    return compiled(pattern, body).sub(expand, body)


def _split(pattern: str, body: str, count: int) -> list[str]:
    if count == 0:
        return []
    regex = compiled(pattern, body)
    parts: list[str] = []
    start = 0
    for match in regex.finditer(body):
        if 0 < count <= len(parts) + 1:
            break
        if match.end() == 0:
            continue
        parts.append(body[start : match.start()])
        start = match.end()
    parts.append(body[start:])
    return parts


_MATCH = plain(lambda pattern, body: compiled(pattern, body).search(body) is not None, "ss")
_ALL = plain(_find_all, "ssi")
_ONE = plain(_find, "ss")
_REPLACE = plain(_replace, "sss")
_LITERAL = plain(lambda pattern, body, new: compiled(pattern, body).sub(lambda match: new, body), "sss")
_SPLIT = plain(_split, "ssi")

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
