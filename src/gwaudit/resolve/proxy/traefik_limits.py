"""The time limits of Traefik: of its entry points, towards clients, and of its transports, towards servers.

A bare number is in seconds; zero sets no limit. Source: doc.traefik.io/traefik (entryPoints.transport, serversTransport).
"""

from __future__ import annotations

from gwaudit.parse.document import Scalar
from gwaudit.resolve.compose.units import seconds_of
from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from gwaudit.parse.document import Node
    from gwaudit.resolve.proxy.traefik_dynamic import Dynamic
    from gwaudit.resolve.proxy.traefik_static import Static
    from gwaudit.resolve.service import Service


class Limits:
    """What one Traefik waits for, by its configuration and its version."""

    __slots__ = ("_defaults", "_dynamic", "_service", "_static", "_version")

    def __init__(
        self, service: Service, static: Static, dynamic: Dynamic, version: Fact, defaults: dict[str, Any]
    ) -> None:
        self._service = service
        self._static = static
        self._dynamic = dynamic
        self._version = version
        self._defaults = defaults

    def facts(self, entries: list[str], transport: str | None) -> Iterator[Fact]:
        """The limits of entry points (the strictest of several) and of the transport to the servers."""
        defaults = self._defaults
        yield self._version
        writes = [self._entry(name, "writetimeout", "hop.request_timeout", defaults["write"]) for name in entries]
        yield _strictest(writes, "hop.request_timeout", self._service)
        major = str(self._version.value).lstrip("v").partition(".")[0]
        default = defaults["read"].get(major) if isinstance(self._version.value, str) else None
        reads = [self._entry(name, "readtimeout", "hop.receive_timeout", default) for name in entries]
        yield _strictest(reads, "hop.receive_timeout", self._service)
        for key, name in (
            ("responseHeaderTimeout", "hop.read_timeout"),
            ("dialTimeout", "hop.connect_timeout"),
            ("idleConnTimeout", "hop.keepalive"),
        ):
            yield _limited(self._forwarding(transport, key, name, defaults[key]))

    def _entry(self, name: str, key: str, fact: str, default: Any) -> Fact:
        found = self._static.get(f"entrypoints.{name}.transport.respondingtimeouts.{key}")
        if found is not None:
            return _limited(_converted(found, fact, seconds_of))
        place = self._static.place(f"entrypoints.{name}") or self._service.container.place
        if default is None:
            return Fact(fact, Unknown("it depends on the version of Traefik", ("hop.version",)), Source("platform"))
        return _limited(Fact(fact, float(default), Source("platform", None, place)))

    def _forwarding(self, transport: str | None, key: str, name: str, default: float) -> Fact:
        if transport is not None:
            own = self._dynamic.find("serversTransports", transport)
            if own is None:
                unknown = Unknown(f"the transport {transport[:60]} is not in the files that were read", (name,))
                return Fact(name, unknown, Source("config-file"))
            node = own.get("forwardingTimeouts", key)
            if node is not None:
                return of_node(node, name, seconds_of)
        else:
            found = self._static.get(f"serverstransport.forwardingtimeouts.{key.lower()}")
            if found is not None:
                return _converted(found, name, seconds_of)
        return Fact(name, float(default), Source("platform", None, self._service.container.place))


def of_node(node: Node, name: str, convert: Callable[[str], Any]) -> Fact:
    """The fact that a node of a file states; Unknown where a Go template fills it in."""
    text = node.text if isinstance(node, Scalar) else ""
    value = convert(text) if "{{" not in text else None
    source = Source("config-file", text, node.location)
    return Fact(name, value if value is not None else Unknown(f"{text[:40]!r} is not understood", (name,)), source)


def _converted(fact: Fact, name: str, convert: Callable[[str], Any]) -> Fact:
    value = convert(fact.value) if isinstance(fact.value, str) else fact.value
    if value is None:
        value = Unknown(f"{str(fact.value)[:40]!r} is not understood", (name,))
    return Fact(name, value, fact.source, inputs=fact.inputs)


def _limited(fact: Fact) -> Fact:
    return fact.with_value(ABSENT) if fact.known and fact.value == 0 else fact


def _strictest(facts: list[Fact], name: str, service: Service) -> Fact:
    known = [fact for fact in facts if fact.known]
    unknown = next((fact for fact in facts if isinstance(fact.value, Unknown)), None)
    if known:
        return min(known, key=lambda fact: float(fact.value))
    return unknown or (facts[0] if facts else Fact(name, ABSENT, Source("platform", None, service.container.place)))
