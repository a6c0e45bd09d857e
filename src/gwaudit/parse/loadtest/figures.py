"""Figures of a load test as text gives them, each noted with its place."""

from __future__ import annotations

from gwaudit.parse.loadtest.result import seconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Iterable

    from gwaudit.parse.loadtest.result import LoadTest

NUMBER = r"([0-9][0-9.,]{0,25})"


def note(test: LoadTest, figure: str, match: re.Match[str], group: int = 1) -> str:
    """The text of a group of the match, whose place becomes that of the figure."""
    test.spans[figure] = match.span(group)
    return match.group(group)


def percentiles(test: LoadTest, matches: Iterable[re.Match[str]], unit: float | None = None) -> None:
    """Rows of (percentile, latency); ``unit`` in seconds where the latency is a bare number. ``0% in 0.0000`` is dropped."""
    for match in matches:
        percentile = float(match.group(1))
        value = float(match.group(2)) * unit if unit is not None else seconds(match.group(2))
        if value is None or percentile <= 0:
            continue
        percentile = int(percentile) if percentile == int(percentile) else percentile
        test.percentiles[percentile] = value
        test.spans[f"p{percentile:g}"] = match.span()
