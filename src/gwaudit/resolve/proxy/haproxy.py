"""HAProxy: from its configuration to the passages through it.

A frontend or backend takes what it does not say from the ``defaults`` section before it (or the one that ``from`` names); a
time without unit is in milliseconds; a limit that nobody sets is none. Source: docs.haproxy.org, configuration manual.
"""

from __future__ import annotations

from gwaudit.bundle import section
from gwaudit.pattern import regex
from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.proxy.files import Files
from gwaudit.resolve.proxy.model import Listener, Passage, Proxy, Upstream
from gwaudit.resolve.proxy.words import address, read, seconds, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.haproxy import Line, Section
    from gwaudit.resolve.proxy.words import Text
    from gwaudit.resolve.service import Service
    from gwaudit.resolve.workspace import Workspace

_LIMITS = (
    ("server", "hop.read_timeout"),
    ("connect", "hop.connect_timeout"),
    ("server", "hop.idle_timeout"),
)
_PREFIX = regex(r"\bpath(?:_beg|,beg)?\b")


def in_service(workspace: Workspace, service: Service) -> Proxy | None:
    """The HAProxy that a container runs; None where it holds no configuration of one that can be read."""
    files = Files(workspace, service, service.filesystem, "haproxy")
    data = section("platforms/proxies")["haproxy"]
    path = next((path for path in (*_named(service), *data["main"]) if files.exists(path)), None)
    root = files.root(path) if path is not None else None
    if not isinstance(root, list):
        return None
    return _Reader(root, service).proxy()


def _named(service: Service) -> list[str]:
    """The file that the command names (``haproxy -f FILE``)."""
    given = service.container.arguments
    words = list(given.value) if given is not None and given.known and given.value else []
    if any(isinstance(word, str) and word.rsplit("/", 1)[-1] == "haproxy" for word in words) and "-f" in words[:-1]:
        path = words[words.index("-f") + 1]
        return [path] if isinstance(path, str) else []
    return []


class _Reader:
    __slots__ = ("_backends", "_bases", "_name", "_sections", "_service")

    def __init__(self, sections: list[Section], service: Service) -> None:
        self._sections = sections
        self._service = service
        self._bases: dict[int, Section | None] = {}
        named: dict[str, Section] = {}
        last: Section | None = None
        for one in sections:
            if one.kind == "defaults":
                self._bases[id(one)] = named.get(one.base) if one.base else None
                last = one
                if one.name:
                    named[one.name] = one
            else:
                self._bases[id(one)] = named.get(one.base) if one.base else last
        self._backends = {one.name: one for one in sections if one.kind in ("backend", "listen")}
        parent = service.subject.parent
        self._name = "haproxy" if parent is None or parent.name == "haproxy" else f"haproxy ({parent.name})"

    def proxy(self) -> Proxy:
        proxy = Proxy("haproxy", self._service)
        for one in self._sections:
            if one.kind not in ("frontend", "listen"):
                continue
            listeners = [listener for line in self._lines(one, "bind") if (listener := self._listener(line))]
            proxy.listeners.extend(listeners)
            for backend, path in self._targets(one):
                passage = self._passage(one, backend, path)
                passage.listeners = listeners
                proxy.passages.append(passage)
        return proxy

    def _lines(self, one: Section, name: str) -> list[Line]:
        return [line for line in one.lines if line.words[0].text == name and len(line.words) > 1]

    def _targets(self, one: Section) -> list[tuple[Section, str | None]]:
        """The backends of a frontend, each with the path that leads to it where an ACL tells one."""
        found: list[tuple[Section, str | None]] = []
        paths = {
            line.texts[1]: line.texts[-1]
            for line in self._lines(one, "acl")
            if _PREFIX.search(" ".join(line.texts[2:3]))
        }
        for line in self._lines(one, "use_backend"):
            backend = self._backends.get(line.texts[1])
            if backend is not None:
                path = next((paths[word] for word in line.texts[2:] if word in paths), None)
                found.append((backend, path))
        for line in self._lines(one, "default_backend"):
            backend = self._backends.get(line.texts[1])
            if backend is not None:
                found.append((backend, "/"))
        if one.kind == "listen" and self._lines(one, "server"):
            found.append((one, "/"))
        return found

    def _text(self, line: Line, index: int) -> Text:
        word = line.words[index]
        return text_of(word, word.text, self._service.environment if word.expands else None)

    def _listener(self, line: Line) -> Listener | None:
        text = self._text(line, 1)
        if isinstance(text.value, Unknown):
            return None
        port = address(text.value.partition(",")[0])[2]
        source = Source("config-file", f"bind {text.value}", line.location)
        flags = line.texts[2:]
        return Listener(port, "ssl" in flags, "accept-proxy" in flags, Fact("hop.port", port, source))

    def _passage(self, frontend: Section, backend: Section, path: str | None) -> Passage:
        shown = f"{self._name} backend {backend.name}"
        passage = Passage(shown, path or "", backend.location)
        passage.serves = lambda asked: path is not None and asked.startswith(path) if path != "/" else True
        source = Source("config-file", backend.name, backend.location)
        for name, value in (("name", shown), ("kind", "proxy"), ("product", "haproxy"), ("path", path or "/")):
            passage.put(Fact(f"hop.{name}", value, source))
        for limit, name in _LIMITS:
            passage.put(self._limit(backend, limit, name))
        passage.put(_shorter(passage.facts["hop.idle_timeout"], self._limit(frontend, "client", "hop.idle_timeout")))
        passage.put(Fact("hop.buffering", False, Source("platform", None, backend.location)))
        passage.put(Fact("hop.retries_non_idempotent", False, Source("platform", None, backend.location)))
        keepalive = Unknown("how long HAProxy keeps idle connections depends on its load")
        passage.put(Fact("hop.keepalive", keepalive, Source("platform", None, backend.location)))
        self._servers(passage, backend)
        scheme = passage.upstreams[0].scheme if passage.upstreams else "http"
        passage.put(Fact("hop.scheme", scheme, passage.upstreams[0].fact.source if passage.upstreams else source))
        return passage

    def _servers(self, passage: Passage, backend: Section) -> None:
        for line in self._lines(backend, "server"):
            if len(line.words) < 3:
                continue
            text = self._text(line, 2)
            source = Source("config-file", f"server {text.source.raw}", text.source.location, text.source.via)
            fact = Fact("hop.host", str(text.value), source, inputs=text.inputs)
            flags = line.texts[3:]
            scheme = "https" if "ssl" in flags else "http"
            host, port = None, None
            if not isinstance(text.value, Unknown):
                kind, host, port, _ = address(text.value.removeprefix("ipv4@"))
                scheme = "unix" if kind == "unix" or (host is None and text.value.startswith("/")) else scheme
            upstream = Upstream(scheme, host, port, fact, "backup" in flags)
            upstream.proxy_protocol = any(flag.startswith("send-proxy") for flag in flags)
            passage.upstreams.append(upstream)

    def _limit(self, one: Section, limit: str, name: str) -> Fact:
        found: list[Fact] = []
        at: Section | None = one
        for _ in range(8):
            if at is None:
                break
            for line in reversed(at.lines):
                if len(line.words) > 2 and line.texts[:2] == ["timeout", limit]:
                    fact = read(self._text(line, 2), name, lambda text: seconds(text, 0.001))
                    source = Source("config-file", f"timeout {limit} {fact.source.raw}", fact.location, fact.source.via)
                    found.append(Fact(name, fact.value, source, inputs=fact.inputs))
                    break
            at = self._bases.get(id(at))
        if not found:
            return Fact(name, ABSENT, Source("platform", None, one.location))
        return Fact(name, found[0].value, found[0].source, found[1:], found[0].inputs)


def _shorter(first: Fact, second: Fact) -> Fact:
    """The one that gives up earlier; where one is not known, that it is at most the other."""
    if first.known and second.known:
        return first if first.value <= second.value else second
    if first.value is ABSENT or second.value is ABSENT:
        return second if first.value is ABSENT else first
    return first if isinstance(first.value, Unknown) else second
