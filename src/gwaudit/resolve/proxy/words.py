"""What the words of a proxy's configuration mean: times, sizes, addresses, variables of the environment."""

from __future__ import annotations

import re

from gwaudit.pattern import regex
from gwaudit.resolve.fact import Fact, Source, Step, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gwaudit.parse.document import Node
    from gwaudit.resolve.environment import Environment

_TIME = regex(r"([0-9]{1,12})(ms|us|[smhdwMy]?) ?")
_TIMES = {"us": 1e-6, "ms": 0.001, "": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_TIMES |= {"M": 2592000.0, "y": 31536000.0}
_SIZE = regex(r"([0-9]{1,15})([kKmMgG]?)")
_SIZES = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
_ADDRESS = regex(r"(?:(?P<scheme>[a-z][a-z0-9+]{0,15})://)?(?P<rest>.*)", re.DOTALL)
_VARIABLE = regex(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))")


def seconds(text: str, bare: float = 1.0) -> float | None:
    """A time of nginx (``60``, ``1h 30m``, ``500ms``) in seconds; ``bare`` is the unit of a number alone (HAProxy: ms)."""
    text = text.strip()
    if not text or len(text) > 60:
        return None
    if text.isdigit():
        return int(text[:12]) * bare
    at, total = 0, 0.0
    while at < len(text):
        found = _TIME.match(text, at)
        if found is None:
            return None
        total, at = total + int(found[1]) * _TIMES[found[2]], found.end()
    return total


def size(text: str) -> int | None:
    found = _SIZE.fullmatch(text.strip())
    return int(found[1]) * _SIZES[found[2].lower()] if found is not None else None


def switch(text: str) -> bool | None:
    return {"on": True, "off": False}.get(text)


def address(text: str, default_port: int | None = None) -> tuple[str, str | None, int | None, str]:
    """Scheme, host, port and path of ``[SCHEME://]HOST[:PORT][/PATH]``, ``[v6]:PORT`` or ``unix:/PATH``.

    The scheme is empty where none is written; the host of a socket is its path, with the scheme ``unix``.
    """
    found = _ADDRESS.fullmatch(text)
    scheme, rest = (found["scheme"] or "", found["rest"]) if found is not None else ("", text)
    if rest.startswith("unix:"):
        socket, _, path = rest[5:].partition(":")
        return "unix", socket, None, path
    host, slash, path = rest.partition("/")
    port: str = ""
    if host.startswith("["):
        host, _, port = host[1:].partition("]")
        port = port.lstrip(":")
    elif ":" in host:
        host, _, port = host.rpartition(":")
    default = {"https": 443, "http": 80}.get(scheme, default_port)
    number = int(port) if port.isdigit() and len(port) < 6 else (None if port else default)
    return scheme, host or None, number, slash + path


class Text:
    """The text of a word with variables of the environment put in, Unknown where it depends on something unseen."""

    __slots__ = ("inputs", "source", "value")

    def __init__(self, value: str | Unknown, source: Source, inputs: tuple[Fact, ...]) -> None:
        self.value = value
        self.source = source
        self.inputs = inputs


def text_of(node: Node, text: str, environment: Environment | None) -> Text:
    """The meaning of a word; ``environment`` is given where a program puts variables in (envsubst, HAProxy).

    envsubst as the nginx image runs it replaces only variables that are set.
    """
    origin = node.origin
    via = tuple(Step(location) for location in origin.via)
    source = Source("config-file", text, origin.location, via)
    if origin.unknown:
        return Text(Unknown(origin.unknown), source, ())
    if environment is None or "$" not in text:
        return Text(text, source, ())
    used: list[Fact] = []
    unknown: list[Unknown] = []

    def replace(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        fact = environment.get(name)
        if name not in environment and not environment.reasons:
            return found[0]
        used.append(fact)
        if isinstance(fact.value, Unknown):
            unknown.append(fact.value)
        return str(fact.value) if fact.known else ""

    value = _VARIABLE.sub(replace, text)
    if used:
        first = used[0]
        if first.location is not None:
            source = Source(first.source.layer, None, first.location, (*first.source.via, Step(origin.location)))
    return Text(unknown[0] if unknown else value, source, tuple(used))


def read(text: Text, name: str, convert: Callable[[str], Any]) -> Fact:
    """The fact of that name, from one word."""
    if isinstance(text.value, Unknown):
        return Fact(name, text.value, text.source, inputs=text.inputs)
    value = convert(text.value)
    if value is None:
        value = Unknown(f"{text.value[:40]!r} is not understood")
    return Fact(name, value, text.source, inputs=text.inputs)
