"""Settings that a deployment runs with: one that another deployment overrides is no mistake then."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gwaudit.finding import Finding
    from gwaudit.resolve.model import Subject


class Taken:
    """The settings in force, by the place where they are written and their name (one variable may hold several flags)."""

    __slots__ = ("_settings",)

    def __init__(self) -> None:
        self._settings: set[tuple[object, ...]] = set()

    def note(self, target: Subject) -> None:
        """Remember what the services of a judged target run with."""
        self._settings |= {(part.place.key(), part.name) for part in target.walk("setting") if part.place}

    def without(self, found: Iterable[Finding]) -> list[Finding]:
        """The findings, less those of rules that blame a value only where no deployment takes it."""
        return [
            one
            for one in found
            if not (one.rule.everywhere and (one.primary.location.key(), one.about) in self._settings)
        ]
