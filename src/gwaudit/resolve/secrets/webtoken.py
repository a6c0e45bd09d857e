"""What a JSON Web Token says of itself: its algorithm and when it expires. Nothing else of it is ever shown."""

from __future__ import annotations

from gwaudit.bundle import section

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_UNSIGNED = ("none", "")


def described(token: str, today: str | None = None) -> str | None:
    """``HS256, expires 2031-01-01`` in UTC; None for a text that is no token, a sample, public on purpose, or expired."""
    header, payload, _ = token.split(".", 2)
    head, body = _decoded(header), _decoded(payload)
    if head is None or body is None or not isinstance(head.get("alg"), str):
        return None
    algorithm = str(head["alg"])[:12]
    if algorithm.lower() in _UNSIGNED or not algorithm.isalnum():
        return None
    for sample in section("platforms/providers")["public_tokens"]:
        if all(str(body.get(key)) == value for key, value in sample.items()):
            return None
    expiry = body.get("exp")
    if isinstance(expiry, bool) or not isinstance(expiry, (int, float)):
        return f"{algorithm}, never expires"
    day = _date(expiry)
    if day is None:
        return f"{algorithm}, never expires"
    return None if day < (today or _today()) else f"{algorithm}, expires {day}"


def _decoded(part: str) -> dict[str, Any] | None:
    from base64 import urlsafe_b64decode
    from json import loads

    try:
        found = loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _date(seconds: float) -> str | None:
    from time import gmtime, strftime

    try:
        return strftime("%Y-%m-%d", gmtime(seconds))
    except (ValueError, OverflowError, OSError):
        return None


def _today() -> str:
    from time import gmtime, strftime

    return strftime("%Y-%m-%d", gmtime())
