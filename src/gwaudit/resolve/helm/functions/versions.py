"""Semantic versions and their constraints, as ``semverCompare`` reads them (Masterminds/semver 3)."""

from __future__ import annotations

import re

from gwaudit.pattern import regex
from gwaudit.resolve.helm.errors import EvaluationError
from gwaudit.resolve.helm.functions.signature import plain
from gwaudit.resolve.helm.provenance import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from gwaudit.resolve.helm.machine import Machine, Native

    Key: TypeAlias = "tuple[int, int, int, tuple[int, tuple[tuple[int, int, str], ...]]]"

_VERSION = regex(
    r"v?([0-9]{1,18})(?:\.([0-9]{1,18}))?(?:\.([0-9]{1,18}))?(?:-([0-9A-Za-z.-]{1,200}))?(?:\+([0-9A-Za-z.-]{1,200}))?"
)
_PART = (
    r"v?([0-9]{1,18}|[xX*])(?:\.([0-9]{1,18}|[xX*]))?(?:\.([0-9]{1,18}|[xX*]))?"
    r"(?:-([0-9A-Za-z.-]{1,200}))?(?:\+[0-9A-Za-z.-]{1,200})?"
)
_CONSTRAINT = regex(rf"\s*(=|==|!=|>|<|>=|=>|<=|=<|~|~>|\^)?\s*({_PART})\s*(?:,|\s|$)")
_HYPHEN = regex(rf"\s*({_PART})\s+-\s+({_PART})\s*")


class Version:
    """A version; ``field`` gives templates what the Go type offers."""

    __slots__ = ("key", "metadata", "numbers", "original", "prerelease")
    type_name = "*semver.Version"
    kind_name = "ptr"

    def __init__(self, text: str) -> None:
        match = _VERSION.fullmatch(text[:600])
        if match is None:
            raise EvaluationError("invalid semantic version")
        self.original = text
        self.numbers = (int(match[1]), int(match[2] or 0), int(match[3] or 0))
        self.prerelease = match[4] or ""
        self.metadata = match[5] or ""
        self.key = _key(self.numbers, self.prerelease)

    def field(self, machine: Machine, name: str, args: list[Value]) -> Value:
        numbers = {"Major": 0, "Minor": 1, "Patch": 2}
        if name in numbers:
            return Value(self.numbers[numbers[name]])
        texts = {
            "Prerelease": self.prerelease,
            "Metadata": self.metadata,
            "Original": self.original,
            "String": str(self),
        }
        if name in texts:
            return Value(texts[name])
        if name == "Compare" and len(args) == 1 and isinstance(args[0].data, Version):
            other = args[0].data.key
            return Value((self.key > other) - (self.key < other))
        raise EvaluationError(f"can't evaluate field {name} in type {self.type_name}")

    def __str__(self) -> str:
        text = ".".join(map(str, self.numbers))
        return (
            text + (f"-{self.prerelease}" if self.prerelease else "") + (f"+{self.metadata}" if self.metadata else "")
        )


def _key(numbers: tuple[int, int, int], prerelease: str) -> Key:
    if not prerelease:
        return (*numbers, (1, ()))
    parts = tuple((0, int(p), "") if p.isdigit() else (1, 0, p) for p in prerelease.split("."))
    return (*numbers, (0, parts))


def satisfies(constraint: str, version: Version) -> bool:
    """Whether a version meets a constraint: alternatives between ``||``, conditions between commas or spaces."""
    if len(constraint) > 500:
        raise EvaluationError("improper constraint")
    groups = [_conditions(group) for group in constraint.split("||")]
    return any(all(_meets(condition, version) for condition in group) for group in groups)


def _conditions(group: str) -> list[tuple[str, re.Match[str]]]:
    hyphen = _HYPHEN.fullmatch(group)
    if hyphen is not None:
        group = f">={hyphen[1]},<={hyphen[6]}"
    found: list[tuple[str, re.Match[str]]] = []
    at = 0
    while at < len(group.rstrip()):
        match = _CONSTRAINT.match(group, at)
        if match is None or match.end() == at:
            raise EvaluationError(f"improper constraint: {group.strip()}")
        found.append((match[1] or "", match))
        at = match.end()
        while at < len(group) and group[at] in " ,":
            at += 1
    if not found:
        raise EvaluationError("improper constraint")
    return found


def _meets(condition: tuple[str, re.Match[str]], version: Version) -> bool:
    operator, match = condition
    major, minor, patch, prerelease = match[3], match[4], match[5], match[6] or ""
    wild = [part is None or part in "xX*" for part in (major, minor, patch)]
    numbers = tuple(0 if w else int(p) for w, p in zip(wild, (major, minor, patch), strict=True))
    low = _key(numbers, prerelease)  # type: ignore[arg-type]
    if version.prerelease and not prerelease:
        return operator == "!=" and not wild[0] and version.numbers != numbers
    if wild[0]:
        return operator != "!="
    dirty = wild[1] or wild[2]
    upper = _next(numbers, 0 if wild[1] else 1 if wild[2] else 2)  # the first version above all that the pattern covers
    key = version.key
    if operator in ("", "=", "==", "!="):
        within = version.numbers >= numbers and version.numbers < upper if dirty else key == low
        return within if operator != "!=" else not within
    if operator in (">=", "=>"):
        return key >= low
    if operator == ">":
        return version.numbers >= upper if dirty else key > low
    if operator == "<":
        return key < low
    if operator in ("<=", "=<"):
        return version.numbers < upper if dirty else key <= low
    if key < low:
        return False
    if operator in ("~", "~>"):
        return version.numbers < _next(numbers, 0 if wild[1] else 1)
    if numbers[0] > 0 or wild[1]:
        return version.numbers[0] == numbers[0]
    if numbers[1] > 0 or wild[2]:
        return version.numbers[:2] == numbers[:2]
    return version.numbers == numbers


def _next(numbers: tuple[int, ...], position: int) -> tuple[int, ...]:
    return (*numbers[:position], numbers[position] + 1, *(0,) * (2 - position))


FUNCTIONS: dict[str, Native] = {
    "semver": plain(Version, "s"),
    "semverCompare": plain(lambda constraint, version: satisfies(constraint, Version(version)), "ss"),
}
