"""nginx as a proxy of connections: the ``stream`` block. Source: nginx.org, ngx_stream_proxy_module."""

from __future__ import annotations

from gwaudit.bundle import section
from gwaudit.resolve.fact import Fact, Source, Unknown
from gwaudit.resolve.proxy.model import Listener, Passage, Upstream
from gwaudit.resolve.proxy.words import address, seconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.nginx import Word
    from gwaudit.resolve.proxy.model import Proxy
    from gwaudit.resolve.proxy.nginx_config import Config, Level
    from gwaudit.resolve.service import Service

MAX_SERVERS = 100


def put_stream(proxy: Proxy, config: Config, stream: Level, service: Service) -> None:
    """Add a passage for each server of the block."""
    backends = {d.texts[0]: level for d, level in config.blocks(stream, "upstream") if len(d.words) == 1}
    parent = service.subject.parent
    name = "nginx" if parent is None or parent.name == "nginx" else f"nginx ({parent.name})"
    defaults = section("platforms/proxies")["nginx"]["stream"]
    for directive, server in list(config.blocks(stream, "server"))[:MAX_SERVERS]:
        given = server.last("proxy_pass")
        if given is None or not given.words:
            continue
        listeners = _listeners(config, server)
        port = next((str(listener.port) for listener in listeners if listener.port is not None), "")
        passage = Passage(f"{name} server {port}".strip(), "/", directive.location)
        passage.listeners = listeners
        passage.serves = lambda path: True
        passage.upgrades = True
        _upstreams(passage, config, given.words[0], backends)
        levels = [server, stream]
        source = Source("config-file", given.texts[0], directive.location)
        for key, value in (("name", passage.name), ("kind", "proxy"), ("product", "nginx"), ("path", "/")):
            passage.put(Fact(f"hop.{key}", value, source))
        passage.put(Fact("hop.scheme", "tcp", source))
        passage.put(Fact("hop.buffering", False, Source("platform", None, given.location)))
        for key, fact in (("proxy_timeout", "hop.idle_timeout"), ("proxy_connect_timeout", "hop.connect_timeout")):
            written = config.setting(levels, key, fact, seconds)
            passage.put(written or Fact(fact, defaults[key], Source("platform", None, given.location)))
        sends = server.last("proxy_protocol") or stream.last("proxy_protocol")
        for upstream in passage.upstreams:
            upstream.proxy_protocol = sends is not None and sends.texts == ["on"]
        proxy.listeners.extend(listeners)
        proxy.passages.append(passage)


def _listeners(config: Config, server: Level) -> list[Listener]:
    found = []
    for listen in server.every("listen"):
        text = config.text(listen.words[0]) if listen.words else None
        if text is None or isinstance(text.value, Unknown) or "udp" in listen.texts:
            continue
        value = text.value
        port = int(value) if value.isdigit() and len(value) < 6 else address(value)[2]
        source = Source("config-file", f"listen {value}", text.source.location, text.source.via)
        flags = listen.texts[1:]
        found.append(Listener(port, "ssl" in flags, "proxy_protocol" in flags, Fact("hop.port", port, source)))
    return found


def _upstreams(passage: Passage, config: Config, word: Word, backends: dict[str, Level]) -> None:
    text = config.text(word)
    servers = [(word, False)]
    if isinstance(text.value, str) and text.value in backends:
        level = backends[text.value]
        servers = [
            (d.words[0], "backup" in d.texts) for d in level.every("server") if d.words and "down" not in d.texts
        ]
    for each, spare in servers:
        found = config.text(each)
        source = Source("config-file", found.source.raw, found.source.location, found.source.via)
        fact = Fact("hop.host", str(found.value), source, inputs=found.inputs)
        if isinstance(found.value, Unknown) or "$" in found.value:
            passage.upstreams.append(Upstream("tcp", None, None, fact, spare))
            continue
        scheme, host, port, _ = address(found.value)
        passage.upstreams.append(Upstream("unix" if scheme == "unix" else "tcp", host, port, fact, spare))
