"""Durations, sizes and counts as job files write them."""

from __future__ import annotations

import re

from gwaudit.resolve.compose.units import integer_of, number_of, seconds_of

_NANOSECONDS = 1e-9
MEBIBYTE = 1 << 20


def seconds(text: str) -> float | None:
    """Seconds of a Go duration (``1m30s``); a bare number counts nanoseconds, as in Go."""
    if re.fullmatch(r"[0-9]{1,18}", text.strip()):
        return int(text) * _NANOSECONDS
    return seconds_of(text)


def mebibytes(text: str) -> int | None:
    """Bytes of a number of MiB."""
    number = integer_of(text)
    return number * MEBIBYTE if number is not None and number > 0 else None


def count(text: str) -> int | None:
    return integer_of(text)


def cores(text: str) -> float | None:
    number = number_of(text)
    return number if number else None


def flag(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text.strip().lower())
