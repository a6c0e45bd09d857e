"""Validators of settings that take one of a few words."""

from __future__ import annotations

from gwaudit.resolve.gunicorn.validate.scalars import Refused, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def _words(message: str, mapping: dict[str, str], absent: Any, booleans: tuple[str, str] | None = None) -> Any:
    def check(value: Any) -> Any:
        if value is None:
            return absent
        if isinstance(value, bool) and booleans is not None:
            return booleans[0] if value else booleans[1]
        if not isinstance(value, str):
            raise Refused(f"{message}: {shown(value)}")
        word = value.lower().strip()
        if word not in mapping:
            raise Refused(f"{message}: {shown(value)}")
        return mapping[word]

    return check


def _same(*words: str) -> dict[str, str]:
    return {word: word for word in words}


def _http_protocols(value: Any) -> tuple[str, ...]:
    if value is None:
        return ("h1",)
    if not isinstance(value, str):
        raise Refused("http_protocols must be a string")
    found = tuple(part.strip().lower() for part in value.split(",") if part.strip()) or ("h1",)
    for word in found:
        if word not in ("h1", "h2"):
            raise Refused(f"Invalid protocol '{word}'. Valid protocols: h1, h2")
    if len(set(found)) != len(found):
        raise Refused("Duplicate protocols specified")
    return found


def _reload_engine(value: Any) -> Any:
    if value not in ("auto", "poll", "inotify"):
        raise Refused(f"Invalid reload_engine: {shown(value)}")
    return value


_OFF = {"false": "off", "off": "off", "0": "off", "none": "off", "true": "auto", "auto": "auto", "1": "auto"}


VALIDATORS: dict[str, Callable[[Any], Any]] = {
    "reload_engine": _reload_engine,
    "http_protocols": _http_protocols,
    "proxy_protocol": _words(
        "proxy_protocol must be: off, v1, v2, or auto", {**_OFF, "v1": "v1", "v2": "v2"}, "off", ("auto", "off")
    ),
    "http2_cleartext": _words(
        "Invalid http2_cleartext",
        _same("off", "prior-knowledge", "upgrade", "both"),
        "off",
        ("prior-knowledge", "off"),
    ),
    "header_map_behaviour": _words("Invalid header map behaviour", _same("drop", "refuse", "dangerous"), None),
    "asgi_loop": _words("Invalid ASGI loop", _same("auto", "asyncio", "uvloop"), "auto"),
    "asgi_lifespan": _words("Invalid ASGI lifespan", _same("auto", "on", "off"), "auto"),
    "http_parser": _words("http_parser must be one of", _same("auto", "fast", "python"), "auto"),
}
