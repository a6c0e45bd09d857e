"""Caddy: from its Caddyfile to the passages through it.

A site block takes the requests of its addresses; ``handle``, ``handle_path``, ``route`` and matchers lead to a
``reverse_proxy``. Source: caddyserver.com/docs/caddyfile (concepts, options, directives).
"""

from __future__ import annotations

from gwaudit.bundle import section
from gwaudit.resolve.fact import Fact, Source, Unknown
from gwaudit.resolve.proxy.caddy_config import MAX_DEPTH, Config
from gwaudit.resolve.proxy.caddy_settings import put_handling, put_limits
from gwaudit.resolve.proxy.files import Files
from gwaudit.resolve.proxy.model import Listener, Passage, Proxy, Upstream
from gwaudit.resolve.proxy.words import address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.parse.nginx import Directive, Word
    from gwaudit.resolve.service import Service
    from gwaudit.resolve.workspace import Workspace

MAX_PASSAGES = 200
_HOLDING = frozenset(("handle", "handle_path", "route"))


def in_service(workspace: Workspace, service: Service) -> Proxy | None:
    """The Caddy that a container runs; None where it holds no Caddyfile that can be read."""
    data = section("platforms/proxies")["caddy"]
    files = Files(workspace, service, service.filesystem, "caddy")
    path = next((path for path in (*_named(service), *data["main"]) if files.exists(path)), None)
    root = files.root(path) if path is not None else None
    if path is None or not isinstance(root, list):
        return None
    config = Config(files, path, root, service.environment)
    return _Reader(config, service, data["defaults"]).proxy()


def _named(service: Service) -> list[str]:
    """The file that the command names (``caddy run --config FILE``)."""
    for given in (service.container.entrypoint, service.container.arguments):
        words = [
            word for word in (given.value if given is not None and given.known else ()) or () if isinstance(word, str)
        ]
        for index, word in enumerate(words):
            if word in ("--config", "-c", "-conf") and index + 1 < len(words):
                return [words[index + 1]]
            if word.startswith("--config="):
                return [word.partition("=")[2]]
    return []


class _Reader:
    """Reads the sites of one Caddyfile."""

    __slots__ = ("_config", "_defaults", "_name", "_service")

    def __init__(self, config: Config, service: Service, defaults: dict[str, Any]) -> None:
        self._config = config
        self._service = service
        self._defaults = defaults
        parent = service.subject.parent
        self._name = "caddy" if parent is None or parent.name == "caddy" else f"caddy ({parent.name})"

    def proxy(self) -> Proxy:
        proxy = Proxy("caddy", self._service)
        sites = list(self._config.sites())
        for site, addresses in sites:
            listeners = [listener for word in addresses if (listener := self._listener(word)) is not None]
            proxy.listeners.extend(listeners)
            found: list[Passage] = []
            self._walk(site, "/", addresses, found, [], 0)
            for passage in found:
                passage.listeners = listeners
                passage.serves = _serving(passage, found)
            proxy.passages.extend(found[: MAX_PASSAGES - len(proxy.passages)])
        return proxy

    def _walk(
        self,
        block: list[Directive],
        path: str,
        addresses: list[Word],
        found: list[Passage],
        around: list[Directive],
        depth: int,
    ) -> None:
        """The passages of a block; ``around`` are the directives of the blocks around it."""
        directives = list(self._config.expanded(block, depth))
        matchers = {d.name: _path_of_matcher(d) for d in directives if d.name[:1] == "@"}
        levels = [*directives, *around]
        for directive in directives:
            if len(found) >= MAX_PASSAGES or depth > MAX_DEPTH:
                return
            first = directive.words[0].text if directive.words else ""
            own = first if first[:1] == "/" else matchers.get(first, "") if first[:1] == "@" else ""
            if directive.name in _HOLDING and directive.block is not None:
                self._walk(directive.block, own or path, addresses, found, levels, depth + 1)
            elif directive.name == "reverse_proxy":
                matched = first[:1] in ("/", "@") or first == "*"
                found.append(self._passage(directive, own or path, directive.words[1 if matched else 0 :], levels))

    def _listener(self, word: Word) -> Listener | None:
        """An address of a site: TLS is automatic unless it says http, port 80 or no host at all."""
        text = self._config.text(_spelled(word, word.text.rstrip(",")))
        if isinstance(text.value, Unknown):
            return None
        scheme, host, port, _ = address(text.value)
        automatic = any(
            d.name == "auto_https" and d.words[:1] and d.words[0].text == "off" for d in self._config.options
        )
        tls = scheme == "https" or (scheme != "http" and port in (443, None) and bool(host) and not automatic)
        number = port if port is not None else 443 if tls else 80
        source = Source("config-file", text.value, word.location, text.source.via)
        return Listener(number, tls, False, Fact("hop.port", number, source))

    def _passage(self, directive: Directive, path: str, words: list[Word], levels: list[Directive]) -> Passage:
        prefix = path.rstrip("*").rstrip("/") or "/"
        passage = Passage(f"{self._name} reverse_proxy {path}", prefix, directive.location)
        passage.exact = path != "/" and "*" not in path
        passage.upgrades = True  # WebSockets pass without a setting
        block = list(self._config.expanded(directive.block or []))
        source = Source("config-file", directive.name, directive.location)
        for name, value in (("name", passage.name), ("kind", "proxy"), ("product", "caddy"), ("path", prefix)):
            passage.put(Fact(f"hop.{name}", value, source))
        targets = [*words, *(word for d in block if d.name == "to" for word in d.words)]
        for word in targets:
            self._upstream(passage, word)
        transport = next((d for d in block if d.name == "transport"), None)
        inner = list(self._config.expanded(transport.block or [])) if transport is not None else []
        secure = any(d.name.startswith("tls") for d in inner)
        for upstream in passage.upstreams if secure else ():
            upstream.scheme = "https" if upstream.scheme == "http" else upstream.scheme
        scheme = passage.upstreams[0].scheme if passage.upstreams else "http"
        if transport is not None and transport.words and transport.words[0].text == "fastcgi":
            scheme = "fastcgi"
        passage.put(Fact("hop.scheme", scheme, passage.upstreams[0].fact.source if passage.upstreams else source))
        put_limits(self._config, passage, inner, directive, self._defaults)
        put_handling(self._config, passage, block, levels, directive, self._defaults)
        return passage

    def _upstream(self, passage: Passage, word: Word) -> None:
        text = self._config.text(word)
        place = Source("config-file", text.source.raw, text.source.location, text.source.via)
        fact = Fact("hop.host", str(text.value), place, inputs=text.inputs)
        if isinstance(text.value, Unknown):
            passage.upstreams.append(Upstream("http", None, None, fact))
            return
        if text.value.startswith("unix/"):
            passage.upstreams.append(Upstream("unix", text.value[5:], None, fact))
            return
        scheme, host, port, _ = address(text.value, 80)
        passage.upstreams.append(Upstream({"h2c": "http"}.get(scheme, scheme or "http"), host, port, fact))


def _spelled(word: Word, text: str) -> Word:
    """The same word with another text."""
    from gwaudit.parse.nginx import Word as Plain

    return Plain(word.file, word.start, word.end, text, word.quoted)


def _path_of_matcher(directive: Directive) -> str:
    """The path that a named matcher takes, empty where it takes another thing."""
    texts = directive.texts
    if texts[:1] == ["path"] and len(texts) > 1:
        return texts[1]
    path = next((d for d in directive.block or () if d.name == "path" and d.words), None)
    return path.words[0].text if path is not None else ""


def _serving(passage: Passage, all_of_site: list[Passage]) -> Any:
    """The longest path takes a request, as Caddy sorts the handlers of a site."""
    longer = [other for other in all_of_site if len(other.path) > len(passage.path)]

    def serves(asked: str) -> bool:
        takes = asked == passage.path if passage.exact else asked.startswith(passage.path)
        return takes and not any(asked.startswith(other.path) for other in longer)

    return serves
