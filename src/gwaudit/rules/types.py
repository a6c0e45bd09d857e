"""The types of the rule language and the vocabulary of facts.

Units are types: ``seconds`` and ``bytes`` mix with bare numbers only; ``int``, ``float`` and ``cpu`` count things and mix
with one another. A list of choices is an enumeration, written ``one of a|b|c``. ``any`` fits everywhere.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

# What a subject of a kind sees besides itself, nearest first.
ENCLOSING: dict[str, tuple[str, ...]] = {
    "repository": (),
    "target": ("repository",),
    "workload": ("target", "repository"),
    "container": ("workload", "target", "repository"),
    "setting": ("container", "workload", "target", "repository"),
    "variable": ("container", "workload", "target", "repository"),
    "route": ("container", "workload", "target", "repository"),
    "link": ("route", "container", "workload", "target", "repository"),
    "loadtest": ("container", "workload", "target", "repository"),
    "image": ("container", "workload", "target", "repository"),
    "server": ("container", "workload", "target", "repository"),
    "file": ("target", "repository"),
    "requirement": ("target", "repository"),
    "assignment": ("file", "container", "workload", "target", "repository"),
    "secret": ("variable", "container", "workload", "file", "target", "repository"),
}

COUNTS = frozenset(("int", "float", "cpu"))
NUMBERS = COUNTS | {"seconds", "bytes", "number"}
NAMES = NUMBERS | {"str", "bool", "version", "date", "any", "list[str]", "list[int]", "list[any]"}
CHOICE = "one of "


def type_of(record: Mapping[str, Any]) -> str:
    """The type of a fact's record as text; an enumeration becomes ``one of a|b``."""
    written = record["type"]
    return CHOICE + "|".join(map(str, written)) if isinstance(written, list) else str(written)


def choices(kind: str) -> tuple[str, ...]:
    """The values of an enumeration, empty for any other type."""
    return tuple(kind[len(CHOICE) :].split("|")) if kind.startswith(CHOICE) else ()


def is_text(kind: str) -> bool:
    return kind in ("str", "any", "version", "date") or kind.startswith(CHOICE)


def is_list(kind: str) -> bool:
    return kind.startswith("list[") or kind == "any"


def is_number(kind: str) -> bool:
    return kind in NUMBERS or kind == "any"


def of_value(value: Any) -> str:
    """The type of a literal or a parameter; a bare number fits every unit."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "str"
    if isinstance(value, (list, tuple)):
        kinds = {of_value(item) for item in value}
        if kinds == {"number"}:
            return "list[int]"
        return "list[str]" if kinds <= {"str"} else "list[any]"
    return "any"


def common(left: str, right: str) -> str | None:
    """The type of a sum, minimum or choice of the two; None where they do not go together."""
    if left == right:
        return left
    if left == "any" or right == "any":
        return "any"
    if left == "number":
        return right if right in NUMBERS else None
    if right == "number":
        return left if left in NUMBERS else None
    if left in COUNTS and right in COUNTS:
        return "float"
    if is_text(left) and is_text(right):
        return "str"
    if left.startswith("list[") and right.startswith("list["):
        return "list[any]"
    return None


def spoken(kind: str) -> str:
    """A type in a message."""
    if kind.startswith(CHOICE):
        return "one of " + ", ".join(choices(kind))
    names = {"str": "text", "bool": "a condition", "number": "a number", "int": "a number", "float": "a number"}
    return names.get(kind, kind)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant: within an edit distance of a third of its length, or with the same end."""
    best: tuple[int, str] | None = None
    for candidate in known:
        if abs(len(candidate) - len(name)) > 4:
            continue
        distance = _distance(name, candidate, 4)
        if best is None or (distance, candidate) < best:
            best = (distance, candidate)
    if best is not None and best[0] <= max(1, min(4, (len(name) + 1) // 3)):
        return best[1]
    tail = name.rpartition(".")[2]
    same = sorted(candidate for candidate in known if candidate.rpartition(".")[2] == tail)
    return same[0] if same else None


def _distance(left: str, right: str, limit: int) -> int:
    """Edit distance with transpositions, ``limit + 1`` where it is larger."""
    before: list[int] = []
    previous = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        current = [i]
        for j, b in enumerate(right, 1):
            cost = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            current.append(cost)
        if min(current) > limit:
            return limit + 1
        before, previous = previous, current
    return previous[-1]
