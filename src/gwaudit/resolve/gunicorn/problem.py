"""What is wrong with how gunicorn is configured, as records that rules turn into findings."""

from __future__ import annotations

from gwaudit.resolve.fact import ABSENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gwaudit.source import Location


class Problem:
    """One mistake.

    ``kind``: unknown-flag, removed-flag, ambiguous-flag, bad-flag, unrecognized-argument (gunicorn stops with a usage
    message), invalid-value (it refuses the value and stops), raises, syntax-error, missing-config (the configuration file
    cannot be loaded), no-application, missing-variable (the file needs a variable that nothing sets), unknown-name (a name
    in the file that looks like a setting and is ignored), clobbered (a setting's name that an import or a loop overwrites),
    not-in-release (a setting that this release does not have and ignores). ``stops`` says that gunicorn does not start;
    ``value`` is what an unknown name was set to, where that is plain.
    """

    __slots__ = ("kind", "location", "message", "name", "suggestion", "value")

    def __init__(
        self,
        kind: str,
        name: str,
        message: str,
        location: Location | None = None,
        suggestion: str | None = None,
        value: object = ABSENT,
    ) -> None:
        self.kind = kind
        self.name = name
        self.message = message
        self.location = location
        self.suggestion = suggestion
        self.value = value

    @property
    def stops(self) -> bool:
        return self.kind not in ("unknown-name", "clobbered", "not-in-release", "missing-variable")

    def __repr__(self) -> str:
        return f"Problem({self.kind} {self.name}: {self.message})"


def distance(left: str, right: str) -> int:
    """Edit distance with transpositions (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        above, row = row, [i]
        for j, b in enumerate(right, 1):
            best = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                best = min(best, before[j - 2] + 1)
            row.append(best)
        before = above
    return row[-1]


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that a misspelt one most likely means, None where none is near."""
    if len(name) > 60:
        return None
    limit = 1 if len(name) < 5 else 2 if len(name) < 10 else 3
    scored = sorted((distance(name, one), one) for one in known if abs(len(one) - len(name)) <= limit)
    return scored[0][1] if scored and scored[0][0] <= limit else None
