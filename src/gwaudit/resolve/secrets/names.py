"""Whether a name holds a secret: a word of its own says so, and its last word does not take it back.

``JWT_SECRET_KEY`` does; ``SECRET_NAME``, ``PASSWORD_FIELD``, ``TOKEN_URL`` and ``TOKEN_EXPIRY_MINUTES`` do not.
"""

from __future__ import annotations

from gwaudit.bundle import section
from gwaudit.pattern import regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CAMEL = regex(r"(?<=[a-z0-9])(?=[A-Z])")
_SPLIT = regex(r"[^A-Za-z0-9]+")
_known: dict[str, bool] = {}


def words_of(name: str) -> list[str]:
    """The words of a name in upper case: ``dbPassword`` and ``db-password`` are DB, PASSWORD."""
    parts = _SPLIT.split(_CAMEL.sub("_", name[:200]))
    return [part.upper() for part in parts if part]


def holds_secret(name: str) -> bool:
    """Whether a variable, key or parameter of that name holds a secret value itself."""
    if name not in _known:
        if len(_known) > 20_000:
            _known.clear()
        _known[name] = _decide(name, section("profiles/generic"))
    return _known[name]


def _decide(name: str, data: dict[str, Any]) -> bool:
    joined = "_".join(words_of(name))
    if not joined or len(name) > 120:
        return False
    if joined in data["secret_names"]:
        return True
    bounded = f"_{joined}_"
    if not joined.endswith(tuple(data["secret_endings"])) and not any(
        word in joined and f"_{word}_" in bounded for word in data["secret_words"]
    ):
        return False
    if joined in data["plain_names"]:
        return False
    if any(f"_{word}_" in bounded for word in data["plain_words"]):
        return False
    return not bounded[:-1].endswith(tuple(data["plain_suffixes"]))
