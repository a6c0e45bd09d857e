"""Which location of an nginx server takes a path, as ``ngx_http_core_find_location`` decides.

Exact ones first; else the longest prefix (with the locations nested in it), which wins over regular expressions when it is
marked ``^~``; else the first regular expression that matches, in the order written; else that longest prefix.
"""

from __future__ import annotations

import re
from functools import lru_cache

from gwaudit.pattern import regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gwaudit.resolve.proxy.model import Passage

MAX_PATH = 200
_STATIC = regex(r"\\\.(?:\(|[a-z0-9]{2,5}\$?$)")


class Place:
    """One location: ``kind`` is ``=``, ``^~``, ``~``, ``~*``, ``@`` or empty for a prefix."""

    __slots__ = ("kind", "nested", "passage", "pattern")

    def __init__(self, kind: str, pattern: str) -> None:
        self.kind = kind
        self.pattern = pattern
        self.passage: Passage | None = None
        self.nested: list[Place] = []

    @property
    def is_static(self) -> bool:
        """A regular expression over the ending of a file's name."""
        return self.kind in ("~", "~*") and _STATIC.search(self.pattern) is not None and self.pattern.endswith("$")


def place_of(texts: Sequence[str]) -> Place | None:
    """The location of ``location [MODIFIER] PATTERN``, also where the modifier is not parted from it."""
    if len(texts) == 2 and texts[0] in ("=", "^~", "~", "~*"):
        return Place(texts[0], texts[1])
    if len(texts) != 1:
        return None
    text = texts[0]
    for kind in ("^~", "~*", "~", "=", "@"):
        if text.startswith(kind):
            return Place(kind, text if kind == "@" else text[len(kind) :])
    return Place("", text)


def select(places: Sequence[Place], path: str) -> tuple[Place | None, bool]:
    """The location that takes the path, and whether that is sure (a regular expression may be too hard to try)."""
    path = path[:MAX_PATH]
    prefix: Place | None = None
    for place in places:
        if place.kind == "=" and place.pattern == path:
            return place, True
        longer = prefix is None or len(place.pattern) > len(prefix.pattern)
        if place.kind in ("", "^~") and longer and path.startswith(place.pattern):
            prefix = place
    found, sure, final = prefix, True, prefix is not None and prefix.kind == "^~"
    if prefix is not None and prefix.nested:
        inner, sure = select(prefix.nested, path)
        if inner is not None:
            found = inner
            if inner.kind not in ("",):
                return inner, sure
    if final:
        return found, sure
    for place in places:
        if place.kind in ("~", "~*"):
            matched = _matches(place, path)
            if matched is None:
                sure = False
            elif matched:
                inner, inner_sure = select(place.nested, path) if place.nested else (None, True)
                return inner or place, sure and inner_sure
    return found, sure


def _matches(place: Place, path: str) -> bool | None:
    """Whether a regular expression matches; None for one that Python reads another way or that may take long."""
    found = _compiled(place.pattern, place.kind == "~*")
    return None if found is None else found.search(path) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str, ignore_case: bool) -> re.Pattern[str] | None:
    from gwaudit.rules.regex import why_not_linear

    if len(pattern) > 500 or why_not_linear(pattern) is not None:
        return None
    return re.compile(pattern, re.IGNORECASE if ignore_case else 0)
