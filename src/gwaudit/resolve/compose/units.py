"""Sizes, durations and counts as Compose writes them."""

from __future__ import annotations

import re

from gwaudit.pattern import regex

_BYTES = regex(r"(\d+(?:\.\d+)?)\s*(?:([kKmMgGtTpP])(?:i?[bB])?|[bB])?")
_DURATION = regex(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h|d|w)")
_POWER = {"k": 1, "m": 2, "g": 3, "t": 4, "p": 5}
_SECONDS = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "μs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
    "d": 86400.0,
    "w": 604800.0,
}


def bytes_of(text: str) -> int | None:
    """``512m``, ``1.5GB``, ``1073741824`` in bytes, powers of 1024 (docker/go-units RAMInBytes); None where it is none."""
    match = _BYTES.fullmatch(text.strip()) if len(text) < 40 else None
    if match is None:
        return None
    return int(float(match[1]) * 1024 ** _POWER.get((match[2] or "").lower(), 0))


def seconds_of(text: str) -> float | None:
    """``1m30s``, ``500ms``, ``10`` (seconds, as a bare number) in seconds; None where it is no duration."""
    text = text.strip()
    if len(text) > 60:
        return None
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    total, at = 0.0, 0
    while at < len(text):
        match = _DURATION.match(text, at)
        if match is None:
            return None
        total += float(match[1]) * _SECONDS[match[2]]
        at = match.end()
    return total if text else None


def number_of(text: str) -> float | None:
    """A count or a number of CPUs; None where it is none."""
    text = text.strip()
    return float(text) if len(text) < 40 and re.fullmatch(r"\d+(\.\d*)?|\.\d+", text) else None


def integer_of(text: str) -> int | None:
    number = number_of(text)
    return int(number) if number is not None and number == int(number) else None
