"""Files that exist to hold credentials (``.netrc``, ``.pgpass``, a registry login): a value in its place needs no key.

Also the values that are written as base64 of ``user:password``, in such files and in ``Authorization`` headers.
"""

from __future__ import annotations

import re

from gwaudit.bundle import section
from gwaudit.resolve.secrets.found import Found
from gwaudit.resolve.secrets.values import judge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAX_VALUES = 200  # of one form in one file
_patterns: dict[str, re.Pattern[str]] = {}


def kept(data: bytes, path: str) -> tuple[str, list[Found]]:
    """The decoded text and what the file keeps; both empty for a file that is none of those."""
    entries = [entry for entry in _entries(path) if entry.get("holds", "").encode() in data]
    if not entries:
        return "", []
    text = data.decode("utf-8", "replace")
    found: dict[int, Found] = {}
    for entry in entries:
        for count, match in enumerate(compiled(entry["pattern"], re.MULTILINE).finditer(text)):
            if count >= MAX_VALUES:
                break
            one = credential(entry, match)
            if one is not None:
                found.setdefault(one.start, one)
    return text, list(found.values())


def credential(entry: dict[str, Any], match: re.Match[str]) -> Found | None:
    """What a match of an entry holds, decoded as the entry says; None where it is no secret of its own."""
    start, end = match.span("value")
    value = match.group("value")
    if value[:1] == '"' == value[-1:] and len(value) > 2:
        start, end, value = start + 1, end - 1, value[1:-1]
    if entry.get("of") is not None:
        decoded = _decoded(value, entry["of"] == "basic")
        if decoded is None:
            return None
        value = decoded
    lower = value.lower()
    if any(sample in lower for sample in section("platforms/providers")["samples"]):
        return None
    judgement = judge(value, entry.get("kind", "password"))
    if judgement.what != "real" or judgement.kind in ("jwt", "private-key", "connection-string"):
        return None
    return Found(value, judgement.kind, start, end, key=entry.get("key", entry.get("title")))


def _decoded(value: str, pair: bool) -> str | None:
    """The text behind base64, for a pair what follows the user's name. The rest of some clients has no padding."""
    from base64 import b64decode

    try:
        text = b64decode(value + "=" * (-len(value) % 4), validate=True).decode("utf-8").strip()
    except ValueError:
        return None
    return text if not pair else text.partition(":")[2] or None


def _entries(path: str) -> list[dict[str, Any]]:
    """The entries for the file, by its name and up to two folders above."""
    data = section("platforms/secrets")["kept"]
    parts = path.lower().split("/")[-3:]
    ends = ["/".join(parts[at:]) for at in range(len(parts))]
    every = _patterns.get("")
    if every is None:
        every = _patterns[""] = re.compile("|".join(f"(?:{entry['files']})" for entry in data))
    if not any(every.fullmatch(end) for end in ends):
        return []
    return [entry for entry in data if any(compiled(entry["files"]).fullmatch(end) for end in ends)]


def compiled(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """A pattern of the data, compiled once."""
    found = _patterns.get(pattern)
    if found is None:
        found = _patterns[pattern] = re.compile(pattern, flags)
    return found
