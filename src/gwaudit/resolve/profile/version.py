"""Release numbers as far as profiles and image tags need them: ordered, tags that name no release left out."""

from __future__ import annotations

import re
from functools import lru_cache

from gwaudit.pattern import regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_RELEASE = regex(
    r"v?(\d{1,9}(?:\.\d{1,9}){0,5})(?:[-_.]?(alpha|a|beta|b|rc|c|pre|dev)[-_.]?(\d{0,9})(?![A-Za-z]))?", re.I
)
_STAGES = {"dev": 0, "a": 1, "alpha": 1, "b": 2, "beta": 2, "c": 3, "rc": 3, "pre": 3}


@lru_cache(maxsize=256)
def order(text: str) -> tuple[tuple[int, ...], int, int] | None:
    """A sortable form of ``1.0.8``, ``v1.0.0-RC-3`` or ``1.0.0-beta1-slim``; None for what is no release (``latest``)."""
    match = _RELEASE.match(text.strip())
    if match is None or (match.end() < len(text.strip()) and text.strip()[match.end()] not in "-+_."):
        return None
    numbers = tuple(int(part) for part in match.group(1).split("."))
    while numbers and numbers[-1] == 0:
        numbers = numbers[:-1]
    stage = _STAGES[match.group(2).lower()] if match.group(2) else 9
    return numbers, stage, int(match.group(3) or 0)


def release(text: str) -> str | None:
    """The release that an image tag names (``v1.0.8-slim`` gives ``1.0.8``); None where it names none."""
    match = _RELEASE.match(text.strip())
    if match is None or order(text) is None or "." not in match.group(1):
        return None
    return match.group(0).lstrip("vV")


def within(version: str | None, row: Mapping[str, Any]) -> bool:
    """Whether a release lies in ``since``..``until`` of a row; true where the release is not known."""
    found = order(version) if version else None
    if found is None:
        return True
    since, until = row.get("since"), row.get("until")
    if since and found < (order(since) or found):
        return False
    return not (until and found > (order(until) or found))
