"""Answers of the user to what no file says: ``--assume KEY=VALUE``, ``--env NAME=VALUE`` and ``--env-file FILE``."""

from __future__ import annotations

import re

from gwaudit.errors import ConfigurationError, near
from gwaudit.resolve.fact import Fact, Source
from gwaudit.source import SourceFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

STAGES = ("production", "staging", "development", "test", "template")
_UNITS = {letter: 1000**power for power, letter in enumerate(("", "k", "m", "g", "t"))}
_UNITS |= {f"{letter}i": 1024**power for power, letter in enumerate(("", "k", "m", "g", "t")) if letter}


def size(text: str) -> int:
    """Bytes of ``512Mi``, ``2G``, ``1.5GiB`` or a plain number; ValueError for anything else."""
    match = re.fullmatch(r"(\d{1,15}(?:\.\d{1,9})?) ?([kmgt]?i?)b?", text.strip().lower())
    if match is None or match[2] not in _UNITS:
        raise ValueError("a size such as 512Mi or 2G")
    return int(float(match[1]) * _UNITS[match[2]])


def _cpus(text: str) -> float | int:
    if not re.fullmatch(r"\d{1,5}(\.\d{1,3})?", text) or float(text) <= 0:
        raise ValueError("a positive number of CPUs")
    return float(text) if "." in text else int(text)


def _stage(text: str) -> str:
    if text not in STAGES:
        raise ValueError("one of " + ", ".join(STAGES))
    return text


def _version(text: str) -> str:
    if not re.fullmatch(r"\d{1,5}(\.\d{1,5}){0,3}", text):
        raise ValueError("a version such as 23.0.0")
    return text


def _date(text: str) -> str:
    import datetime

    try:
        return datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError("a date such as 2026-12-31") from None


# key -> how its value is read
READERS: dict[str, Callable[[str], Any]] = {
    "cpus": _cpus,
    "memory": size,
    "memory_per_worker": size,
    "stage": _stage,
    "gunicorn": _version,
    "python": _version,
    "today": _date,
}


def assumption(key: str, text: str) -> tuple[str, Any]:
    """The key and its value, checked and in its unit (CPUs, bytes, ISO date)."""
    reader = READERS.get(key)
    if reader is None:
        raise ConfigurationError(
            f"nothing can be assumed about {key!r}", hint=near(key, READERS) or "known: " + ", ".join(READERS)
        )
    try:
        return key, reader(text)
    except ValueError as error:
        raise ConfigurationError(f"{key}: expected {error}, not {text!r}") from None


def variables(files: Iterable[str], pairs: Iterable[tuple[str, str]]) -> dict[str, Fact]:
    """Host variables by name: those of the files in order, then the single ones on top."""
    found: dict[str, Fact] = {}
    for path in files:
        for fact in _file(path):
            found[fact.name[4:]] = fact.over(found.get(fact.name[4:]))
    for name, value in pairs:
        fact = Fact(f"env.{name}", value, Source("assumed"), assumed=True)
        found[name] = fact.over(found.get(name))
    return found


def _file(path: str) -> list[Fact]:
    from gwaudit.parse import parser_for

    try:
        with open(path, "rb") as stream:
            text = stream.read(2_000_000).decode("utf-8", "replace")
    except OSError as error:
        raise ConfigurationError(f"--env-file {path}: {error.strerror or error}") from None
    parse = parser_for("dotenv")
    assert parse is not None
    file = SourceFile(path, text)
    found: list[Fact] = []
    for document in parse(file):
        for assignment in getattr(document, "root", ()):
            if assignment.value is not None:
                source = Source("assumed", None, assignment.value_location)
                found.append(Fact(f"env.{assignment.key}", assignment.value, source, assumed=True))
    return found
