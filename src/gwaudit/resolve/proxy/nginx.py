"""nginx: from its configuration to the passages through it.

A setting holds in the block where it stands and in every block inside (http, server, location), where it can be set anew;
``proxy_pass`` (and ``uwsgi_pass``, ``fastcgi_pass``, ``grpc_pass``) belongs to its location alone. Times in seconds, sizes
in bytes. Source: nginx.org, ngx_http_proxy_module and its siblings, ngx_http_upstream_module and ngx_http_core_module.
"""

from __future__ import annotations

import posixpath

from gwaudit.bundle import section
from gwaudit.resolve.fact import Fact, Source, Unknown
from gwaudit.resolve.proxy.files import Files
from gwaudit.resolve.proxy.model import Listener, Passage, Proxy, Upstream
from gwaudit.resolve.proxy.nginx_config import UNKNOWN, Config, Level
from gwaudit.resolve.proxy.nginx_paths import Place, place_of, select
from gwaudit.resolve.proxy.nginx_settings import settings, version_of
from gwaudit.resolve.proxy.words import address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from gwaudit.parse.nginx import Directive, Word
    from gwaudit.resolve.filesystem import Filesystem
    from gwaudit.resolve.proxy.nginx_settings import Backend
    from gwaudit.resolve.service import Service
    from gwaudit.resolve.workspace import Workspace

MAX_PASSAGES = 400  # of one proxy
PROTOCOLS = ("proxy", "uwsgi", "fastcgi", "grpc")


def in_service(workspace: Workspace, service: Service) -> Proxy | None:
    """The nginx that a container runs; None where it holds no configuration of one that can be read."""
    data = section("platforms/proxies")["nginx"]
    files = Files(workspace, service, service.filesystem, "nginx")
    main = next((path for path in (*_named(service), *data["main"]) if files.exists(path)), None)
    if main is not None:
        config = Config(files, posixpath.dirname(main), data["harmless"])
        root = files.root(main)
        if not isinstance(root, list):
            return None
        _templates(config, service, data)
        whole = config.level(root)
        http = next((level for _, level in config.blocks(whole, "http")), None)
        stream = next((level for _, level in config.blocks(whole, "stream")), None)
        proxy = _proxy(config, http, service) if http is not None else Proxy("nginx", service)
        if stream is not None:
            from gwaudit.resolve.proxy.nginx_stream import put_stream

            put_stream(proxy, config, stream, service)
        return proxy if http is not None or proxy.passages else None
    return _stock(files, service, data)


def on_host(workspace: Workspace, path: str, filesystem: Filesystem) -> Proxy | None:
    """The proxy of a file beside the processes of a host: a main file, or one of sites."""
    data = section("platforms/proxies")["nginx"]
    document = workspace.document(path, "nginx")
    if document is None:
        return None
    config = Config(Files(workspace, None, filesystem, "nginx"), posixpath.dirname(path), data["harmless"])
    level = config.level(document.root)
    http = next((found for _, found in config.blocks(level, "http")), level)
    return _proxy(config, http, None)


def _named(service: Service) -> list[str]:
    """The main file that the command names (``nginx -c FILE``)."""
    for given in (service.container.arguments, service.container.entrypoint):
        words = list(given.value) if given is not None and given.known and given.value else []
        if any(isinstance(word, str) and word.rsplit("/", 1)[-1] == "nginx" for word in words) and "-c" in words[:-1]:
            path = words[words.index("-c") + 1]
            return [path] if isinstance(path, str) else []
    return []


def _stock(files: Files, service: Service, data: dict[str, Any]) -> Proxy | None:
    """The main file is the image's own: it includes the sites, and templates are made into sites."""
    config = Config(files, "/etc/nginx", data["harmless"])
    directives: list[Directive] = []
    for folder in data["sites"]:
        for path in files.matching(f"{folder}/*" if folder.endswith("sites-enabled") else f"{folder}/*.conf"):
            root = files.root(path)
            directives.extend(root if isinstance(root, list) else ())
    directives.extend(_templates(config, service, data))
    return _proxy(config, config.level(directives), service) if directives else None


def _templates(config: Config, service: Service, data: dict[str, Any]) -> list[Directive]:
    """The directives of templates that the image's entrypoint fills from the environment (envsubst)."""
    rules = data["templates"]
    found: list[Directive] = []
    for path in config.files.matching(f"{rules['directory']}/*{rules['suffix']}"):
        root = config.files.root(path)
        if isinstance(root, list):
            for directive in root:
                config.templated(directive.file, service.environment)
            found.extend(root)
    return found


def _proxy(config: Config, http: Level, service: Service | None) -> Proxy:
    proxy = Proxy("nginx", service)
    version = version_of(service)
    backends = {
        directive.texts[0]: (directive, level)
        for directive, level in config.blocks(http, "upstream")
        if len(directive.words) == 1
    }
    for directive, server in config.blocks(http, "server"):
        reader = _Server(config, backends, version, _listeners(config, server, directive), service)
        places = reader.places([server, http])
        reader.connect(places)
        serving = _serving(places)
        for passage in reader.passages:
            passage.listeners = reader.listeners
            passage.serves = serving(passage)
            proxy.passages.append(passage)
        proxy.listeners.extend(reader.listeners)
        if len(proxy.passages) > MAX_PASSAGES:
            proxy.notes.append((directive.location, f"more than {MAX_PASSAGES} locations"))
            del proxy.passages[MAX_PASSAGES:]
            break
    proxy.notes.extend(config.notes)
    return proxy


def _serving(places: list[Place]) -> Callable[[Passage], Callable[[str], bool | None]]:
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


def _listeners(config: Config, server: Level, directive: Directive) -> list[Listener]:
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


class _Server:
    """Reads the locations of one server."""

    __slots__ = ("_backends", "_config", "_named", "_product", "_tried", "_version", "listeners", "passages")

    def __init__(
        self,
        config: Config,
        backends: dict[str, tuple[Directive, Level]],
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
        backend = self._upstreams(passage, given.words[0], levels, kind)
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

    def _upstreams(self, passage: Passage, word: Word, levels: Sequence[Level], kind: str) -> Backend | None:
        """Fill the passage's upstreams; the ``upstream`` block it names, where it names one."""
        spoken = {"proxy": "http", "grpc": "http"}.get(kind, kind)
        text = self._config.text(word)
        place = Source("config-file", text.source.raw, text.source.location, text.source.via)
        fact = Fact("hop.host", str(text.value), place, inputs=text.inputs)
        named: Backend | None = None
        texts = [UNKNOWN] if isinstance(text.value, Unknown) else self._config.choices(text.value, levels)
        for each in texts:
            scheme, host, port, path = address(each)
            scheme = {"grpc": "http", "grpcs": "https"}.get(scheme, scheme or spoken)
            authority = (each.partition("://")[2] or each).partition("/")[0]
            if authority in self._backends:
                named = self._backends[authority]
                self._servers(passage, scheme, named[1], path)
            elif UNKNOWN in authority or host is None:
                passage.upstreams.append(Upstream(scheme, None, None, fact))
            else:
                upstream = Upstream(scheme, host, port, self._written(word, each, fact))
                upstream.path = path
                passage.upstreams.append(upstream)
        scheme = passage.upstreams[0].scheme if passage.upstreams else "http"
        if kind in ("uwsgi", "fastcgi"):
            scheme = kind  # through a socket file as well
        sure = len({upstream.scheme for upstream in passage.upstreams}) == 1
        passage.put(Fact("hop.scheme", scheme if sure else Unknown("it depends on the request"), place, inputs=(fact,)))
        return named

    def _written(self, word: Word, text: str, fact: Fact) -> Fact:
        if word.text == text:
            return fact
        row = self._config.values.get((word.text.strip("${}"), text))
        if row is None:
            return Fact(fact.name, text, fact.source, inputs=(fact,))
        place = self._config.text(row).source
        return Fact(fact.name, text, place.through(word.location, word.text))

    def _servers(self, passage: Passage, scheme: str, level: Level, path: str) -> None:
        for server in level.every("server"):
            if not server.words or "down" in server.texts[1:]:
                continue
            text = self._config.text(server.words[0])
            place = Source("config-file", f"server {text.source.raw}", text.source.location, text.source.via)
            fact = Fact("hop.host", str(text.value), place, inputs=text.inputs)
            if isinstance(text.value, Unknown):
                passage.upstreams.append(Upstream(scheme, None, None, fact))
                continue
            kind, host, port, _ = address(text.value, 80)
            upstream = Upstream("unix" if kind == "unix" else scheme, host, port, fact, "backup" in server.texts[1:])
            upstream.path = path
            passage.upstreams.append(upstream)
