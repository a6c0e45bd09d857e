"""One package that something asks for, and what that tells of its version."""

from __future__ import annotations

import re

from gwaudit.pattern import regex
from gwaudit.resolve.fact import Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.source import Location

_CLAUSE = regex(r"(===|==|~=|>=|<=|!=|<|>)\s*([^,\s]+)")


class Requirement:
    """A requirement as written, in ``file``; ``locked`` is the version that a lock file or constraint chose for it.

    ``name`` is normalised (PEP 503), ``specifier`` as written, ``marker`` its text; ``group`` the extra or dependency
    group it belongs to, empty for the project's own; ``direct`` is False for one that only another package asks for.
    """

    __slots__ = (
        "direct", "extras", "file", "group", "hashed", "location", "locked", "locked_at", "marker", "name", "specifier",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        specifier: str,
        location: Location,
        extras: tuple[str, ...] = (),
        marker: str = "",
        hashed: bool = False,
        group: str = "",
        direct: bool = True,
    ) -> None:
        self.name = name
        self.specifier = specifier
        self.extras = extras
        self.marker = marker
        self.hashed = hashed
        self.group = group
        self.direct = direct
        self.location = location
        self.file = location.path
        self.locked: str | None = None
        self.locked_at: Location | None = None

    @property
    def exact(self) -> str | None:
        """The version of an exact specifier (``==1.2.3``, not ``==1.2.*``)."""
        clauses = _CLAUSE.findall(self.specifier)
        exact = [version for sign, version in clauses if sign in ("==", "===") and "*" not in version]
        return exact[0] if len(exact) == 1 else None

    @property
    def pinned(self) -> bool:
        """Whether an exact specifier or a lock fixes the version."""
        return self.locked is not None or self.exact is not None

    @property
    def lowest(self) -> str | None:
        """The lowest version that the specifier admits; None where it has no lower bound."""
        lows = [v.removesuffix(".*") for sign, v in _CLAUSE.findall(self.specifier) if sign in (">=", "~=", "==", ">")]
        return max(lows, key=_order) if lows else None

    def version(self) -> Fact:
        """``package.version``: exact where a lock or the specifier fixes it, else Unknown with the reason."""
        source = Source("manifest", self.specifier or self.name, self.location)
        if self.locked is not None:
            place = Source("manifest", self.locked, self.locked_at or self.location)
            return Fact("package.version", self.locked, place)
        if self.exact is not None:
            return Fact("package.version", self.exact, source)
        wanted = f"{self.name}{self.specifier}" if self.specifier else f"{self.name} without a version"
        reason = Unknown(
            f"{self.file} asks for {wanted}; the index decides when the image is built", ("package.index",)
        )
        return Fact("package.version", reason, source)

    def __repr__(self) -> str:
        return f"Requirement({self.name}{self.specifier}{' locked ' + self.locked if self.locked else ''})"


def satisfies(version: str, specifier: str) -> bool:
    """Whether a release (numbers only) is one that the specifier admits; compatible and wildcard clauses included."""
    own = _order(version)
    for sign, text in _CLAUSE.findall(specifier):
        wild = text.endswith(".*")
        limit = _order(text.removesuffix(".*"))
        size = max(len(own), len(limit))
        left, right = own + (0,) * (size - len(own)), limit + (0,) * (size - len(limit))
        same = left[: len(limit)] == limit if wild else left == right
        admitted = {
            "==": same,
            "===": same,
            "!=": not same,
            ">=": left >= right,
            "<=": left <= right,
            ">": left > right,
            "<": left < right,
            "~=": left >= right and left[: len(limit) - 1] == limit[:-1],
        }[sign]
        if not admitted:
            return False
    return True


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d{1,9}", version))
