"""nginx: one server, its listeners and its locations.

A setting holds in the block where it stands and in every block inside (http, server, location), where it can be set anew;
``proxy_pass`` (and ``uwsgi_pass``, ``fastcgi_pass``, ``grpc_pass``) belongs to its location alone. Source: nginx.org,
ngx_http_core_module, ngx_http_proxy_module and its siblings.
"""

from __future__ import annotations

from gwaudit.resolve.fact import Fact, Source, Unknown
from gwaudit.resolve.proxy.model import Listener, Passage
from gwaudit.resolve.proxy.nginx_paths import Place, place_of, select
from gwaudit.resolve.proxy.nginx_settings import settings
from gwaudit.resolve.proxy.nginx_upstreams import put_upstreams
from gwaudit.resolve.proxy.words import address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gwaudit.parse.nginx import Directive
    from gwaudit.resolve.proxy.nginx_config import Config, Level
    from gwaudit.resolve.proxy.nginx_settings import Backend
    from gwaudit.resolve.service import Service

PROTOCOLS = ("proxy", "uwsgi", "fastcgi", "grpc")


def listeners_of(config: Config, server: Level, directive: Directive) -> list[Listener]:
    """The ports of a server; without a ``listen`` it is port 80."""
    found = []
    ssl = server.last("ssl")
    everywhere = ssl is not None and ssl.texts == ["on"]
    for listen in server.every("listen"):
        if not listen.words:
            continue
        text = config.text(listen.words[0])
        flags = listen.texts[1:]
        port: int | None = None
        if not isinstance(text.value, Unknown) and not text.value.startswith("unix:"):
            value = text.value
            port = int(value) if value.isdigit() and len(value) < 6 else address(value, 80)[2]
        place = Source("config-file", f"listen {text.source.raw}", text.source.location, text.source.via)
        tls = everywhere or "ssl" in flags or "quic" in flags
        found.append(Listener(port, tls, "proxy_protocol" in flags, Fact("hop.port", port, place)))
    if not server.every("listen"):
        place = Source("platform", None, directive.location)
        found.append(Listener(80, everywhere, False, Fact("hop.port", 80, place)))
    return found


def serving_of(places: list[Place]) -> Callable[[Passage], Callable[[str], bool | None]]:
    """For a passage, whether the server's choice of a location for a path is this passage; each path is chosen for once."""
    chosen: dict[str, tuple[Place | None, bool]] = {}

    def serving(passage: Passage) -> Callable[[str], bool | None]:
        def serves(path: str) -> bool | None:
            if path not in chosen:
                chosen[path] = select(places, path)
            place, sure = chosen[path]
            return None if not sure else place is not None and place.passage is passage

        return serves

    return serving


class Server:
    """Reads the locations of one server."""

    __slots__ = ("_backends", "_config", "_named", "_product", "_tried", "_version", "listeners", "passages")

    def __init__(
        self,
        config: Config,
        backends: dict[str, Backend],
        version: Fact,
        listeners: list[Listener],
        service: Service | None,
    ) -> None:
        self._config = config
        self._backends = backends
        self._version = version
        self._product = "nginx"
        if service is not None and service.subject.parent is not None and service.subject.parent.name != "nginx":
            self._product = f"nginx ({service.subject.parent.name})"
        self._named: dict[str, Place] = {}
        self._tried: list[tuple[Place, str]] = []
        self.listeners = listeners
        self.passages: list[Passage] = []

    def places(self, levels: Sequence[Level], depth: int = 0) -> list[Place]:
        """The locations directly in ``levels[0]``, with those nested in them."""
        found: list[Place] = []
        for directive, level in self._config.blocks(levels[0], "location"):
            place = place_of(directive.texts)
            if place is None or depth > 8:
                continue
            inner = [level, *levels]
            place.passage = self._passage(directive, place, inner)
            place.nested = self.places(inner, depth + 1)
            tried = level.last("try_files")
            if place.passage is None and tried is not None and tried.texts and tried.texts[-1].startswith("@"):
                self._tried.append((place, tried.texts[-1]))
            if place.kind == "@":
                self._named[place.pattern] = place
            else:
                found.append(place)
        return found

    def connect(self, places: list[Place]) -> None:
        """A location that tries files and then a named location passes on what that one does."""
        for place, name in self._tried:
            named = self._named.get(name)
            if named is not None:
                place.passage = named.passage

    def _passage(self, directive: Directive, place: Place, levels: Sequence[Level]) -> Passage | None:
        kind = next((kind for kind in PROTOCOLS if levels[0].last(f"{kind}_pass") is not None), "proxy")
        given = levels[0].last(f"{kind}_pass")
        if given is None or not given.words:
            return None
        shown = f"{place.kind} {place.pattern}" if place.kind not in ("", "@") else place.pattern
        passage = Passage(f"{self._product} location {shown}", place.pattern, directive.location)
        passage.exact = place.kind == "="
        passage.static = place.is_static
        backend = put_upstreams(self._config, self._backends, passage, given.words[0], levels, kind)
        for fact in settings(self._config, levels, given, backend, self._version, kind):
            passage.put(fact)
        source = Source("config-file", shown, directive.location)
        passage.put(Fact("hop.name", passage.name, source))
        passage.put(Fact("hop.kind", "proxy", source))
        passage.put(Fact("hop.product", "nginx", source))
        passage.put(Fact("hop.path", place.pattern, source))
        headers = self._config.list_setting(levels, "proxy_set_header")
        passage.upgrades = any(h.texts[:1] and h.texts[0].lower() == "upgrade" for h in headers)
        passage.put(Fact("hop.upgrades", passage.upgrades, source))
        self.passages.append(passage)
        return passage
