"""Which name was probably meant: names an edit or two away, or with a missing or extra prefix or suffix."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_SHORT = 6  # shorter names differ by one edit from too many others


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that ``name`` most probably stands for; None where none, or more than one, is near."""
    wanted = name.upper()
    best: list[str] = []
    limit = 1 if len(wanted) <= _SHORT else 2
    squeezed = wanted.replace("_", "")
    letters = frozenset(wanted)
    for candidate in known:
        other = candidate.upper()
        if other == wanted:
            continue
        if other.replace("_", "") == squeezed:
            return candidate
        if abs(len(other) - len(wanted)) > limit:
            continue
        if len(letters.symmetric_difference(other)) > 2 * limit:
            continue  # an edit changes two letters at most
        found = distance(wanted, other, limit)
        if found is None:
            continue
        if found < limit or not best:
            best = [*best, candidate] if found == limit else [candidate]
            limit = found
        elif found == limit:
            best.append(candidate)
    if len(best) == 1 and _differs_in_letters(wanted, best[0].upper()):
        return best[0]
    return None if best else _affix(wanted, known)


def distance(one: str, other: str, limit: int) -> int | None:
    """Edits (insert, delete, replace, swap of neighbours) from one to the other, None above ``limit``."""
    size, above = len(other), limit + 1
    if abs(len(one) - size) > limit:
        return None
    before: list[int] = []
    row = [j if j <= limit else above for j in range(size + 1)]
    for i, a in enumerate(one, 1):
        # Only cells within ``limit`` of the diagonal can hold a cost within it.
        earlier, before, row = before, row, [above] * (size + 1)
        if i <= limit:
            row[0] = i
        least = row[0]
        for j in range(max(1, i - limit), min(size, i + limit) + 1):
            b = other[j - 1]
            cost = before[j - 1] if a == b else min(before[j - 1], before[j], row[j - 1]) + 1
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b and earlier[j - 2] + 1 < cost:
                cost = earlier[j - 2] + 1
            row[j] = cost
            least = min(least, cost)
        if least > limit:
            return None
    return row[-1] if row[-1] <= limit else None


def _differs_in_letters(one: str, other: str) -> bool:
    """``REDIS_URL_1`` and ``REDIS_URL_2`` are numbered siblings, not slips of the pen."""
    return [c for c in one if not c.isdigit()] != [c for c in other if not c.isdigit()]


def _affix(wanted: str, known: Iterable[str]) -> str | None:
    """The one known name that ``wanted`` lacks, or adds, a whole word at its front or end of."""
    if "_" not in wanted:
        return None
    words = wanted.split("_")
    found: list[str] = []
    for candidate in known:
        other = candidate.upper().split("_")
        longer, shorter = (other, words) if len(other) > len(words) else (words, other)
        if len(longer) - len(shorter) == 1 and len(shorter) >= 2 and shorter in (longer[1:], longer[:-1]):
            found.append(candidate)
    return found[0] if len(found) == 1 else None
