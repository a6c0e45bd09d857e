"""Traefik: from its static configuration and the files of its file provider to the passages through it.

The static configuration stands in a file, on the command line or in variables (the first that there is);
routers that labels or objects of Kubernetes define are endpoints of the platform, which get its limits. A bare number is in
seconds; zero sets no limit. Source: doc.traefik.io/traefik (entryPoints.transport, serversTransport, providers.file).
"""

from __future__ import annotations

from gwaudit.bundle import section
from gwaudit.parse.document import Mapping, Scalar, Sequence
from gwaudit.pattern import regex
from gwaudit.resolve.compose.units import integer_of, seconds_of
from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.proxy.files import Files
from gwaudit.resolve.proxy.model import Listener, Passage, Proxy, Upstream
from gwaudit.resolve.proxy.traefik_static import Static, image_version, static_of
from gwaudit.resolve.proxy.words import address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from gwaudit.parse.document import Node
    from gwaudit.resolve.model import Endpoint, TargetDraft
    from gwaudit.resolve.service import Service
    from gwaudit.resolve.workspace import Workspace

MAX_ROUTERS = 400
_PATH = regex(r"\bPath(?:Prefix)?\(\s*[`\"']([^`\"']{1,500})[`\"']")
_HOST = regex(r"\bHost\(\s*[`\"']([^`\"']{1,253})[`\"']")
# What it does where no middleware says otherwise.
_NEUTRAL = (("hop.buffering", False), ("hop.authenticates", False), ("hop.max_body", 0), ("hop.retries", 0))
_AUTHENTICATING = ("basicAuth", "digestAuth", "forwardAuth")


def in_service(workspace: Workspace, service: Service) -> Proxy:
    """The Traefik that a container runs."""
    data = section("platforms/proxies")["traefik"]
    static = static_of(workspace, service, data)
    return Reader(service, static, _dynamic(workspace, service, static), image_version(service, data), data).proxy()


def put_limits(draft: TargetDraft, proxy: Proxy) -> None:
    """The limits of a target's Traefik on the routes that labels of its services define."""
    reader = proxy.reader
    if not isinstance(reader, Reader):
        return
    for endpoint in draft.endpoints:
        product = endpoint.facts.get("hop.product")
        if endpoint.kind == "route" and product is not None and product.value == "traefik":
            reader.limit(endpoint)


def _dynamic(workspace: Workspace, service: Service, static: Static) -> list[Mapping]:
    """The roots of the file provider's files."""
    paths: list[str] = []
    folder, single = static.text("providers.file.directory"), static.text("providers.file.filename")
    files = Files(workspace, service, service.filesystem, "yaml")
    if folder:
        paths = [path for ending in ("yml", "yaml", "toml") for path in files.matching(f"{folder}/*.{ending}")]
    elif single:
        paths = [single]
    roots = []
    for path in paths:
        format = "toml" if path.endswith(".toml") else "yaml"
        root = Files(workspace, service, service.filesystem, format).root(path)
        if isinstance(root, Mapping):
            roots.append(root)
    return roots


class Reader:
    """What one Traefik knows: its static settings and everything its files define, by name."""

    __slots__ = ("_data", "_dynamic", "_name", "_service", "_static", "_version")

    def __init__(
        self, service: Service, static: Static, dynamic: list[Mapping], version: Fact, data: dict[str, Any]
    ) -> None:
        self._service = service
        self._static = static
        self._dynamic = dynamic
        self._version = version
        self._data = data
        parent = service.subject.parent
        self._name = "traefik" if parent is None or parent.name == "traefik" else f"traefik ({parent.name})"

    def proxy(self) -> Proxy:
        proxy = Proxy("traefik", self._service)
        proxy.reader = self
        listeners = {name: self._listener(name) for name in self._static.entry_points()}
        proxy.listeners.extend(listener for listener in listeners.values() if listener is not None)
        for key, router in list(self._defined("routers"))[:MAX_ROUTERS]:
            passage = self._passage(key, router)
            if passage is None:
                continue
            names = self._entries(router)
            passage.listeners = [found for name in names if (found := listeners.get(name)) is not None]
            tls = router.get("tls")
            secure = tls is not None and not (isinstance(tls, Scalar) and tls.text == "false")
            if secure:
                passage.listeners = [
                    Listener(each.port, True, each.proxy_protocol, each.fact) for each in passage.listeners
                ]
            proxy.passages.append(passage)
        _serve(proxy.passages)
        return proxy

    def limit(self, endpoint: Endpoint) -> None:
        """The facts of a route that this Traefik serves; what the route states itself stays."""
        named = endpoint.options.get("entrypoints", "")
        entries = [name.strip() for name in named.split(",") if name.strip()] or list(self._static.entry_points())
        for fact in self._limits(entries, endpoint.options.get("transport")):
            endpoint.facts.setdefault(fact.name, fact)
        for name, value in _NEUTRAL:
            endpoint.facts.setdefault(name, Fact(name, value, Source("platform", None, endpoint.location)))

    def _listener(self, name: str) -> Listener | None:
        found = self._static.get(f"entrypoints.{name}.address")
        if found is None or isinstance(found.value, Unknown):
            return None
        text = str(found.value)
        if text.endswith("/udp"):
            return None
        port = address(text.removesuffix("/tcp"))[2]
        tls = any(key.startswith(f"entrypoints.{name}.http.tls") for key in self._static)
        source = Source("config-file", f"entryPoints.{name} {text}", found.location, found.source.via)
        return Listener(port, tls, False, Fact("hop.port", port, source))

    def _defined(self, kind: str) -> Iterator[tuple[Scalar, Mapping]]:
        for root in self._dynamic:
            held = root.get("http", kind)
            for key, value in held.entries if isinstance(held, Mapping) else ():
                if isinstance(value, Mapping):
                    yield key, value

    def _find(self, kind: str, name: str) -> Mapping | None:
        wanted, _, provider = name.partition("@")
        if provider not in ("", "file"):
            return None
        return next((value for key, value in self._defined(kind) if key.text == wanted), None)

    def _entries(self, router: Mapping) -> list[str]:
        node = router.get("entryPoints")
        named = [item.text for item in node.items if isinstance(item, Scalar)] if isinstance(node, Sequence) else []
        return named or list(self._static.entry_points())

    def _passage(self, key: Scalar, router: Mapping) -> Passage | None:
        rule, service = router.get("rule"), router.get("service")
        if not isinstance(service, Scalar):
            return None
        text = rule.text if isinstance(rule, Scalar) else ""
        path = _PATH.search(text)
        passage = Passage(f"{self._name} router {key.text}", path[1] if path else "/", key.location)
        source = Source("config-file", key.text, key.location)
        for name, value in (("name", passage.name), ("kind", "proxy"), ("product", "traefik"), ("path", passage.path)):
            passage.put(Fact(f"hop.{name}", value, source))
        host = _HOST.search(text)
        passage.host = host[1] if host else None
        passage.exact = bool(path) and "PathPrefix" not in text
        transport: str | None = None
        for balancer in self._balancers(service.text, 0):
            named = balancer.get("serversTransport")
            transport = named.text if isinstance(named, Scalar) else transport
            self._servers(passage, balancer)
            sticky = balancer.get("sticky")
            if sticky is not None:
                passage.put(Fact("hop.affinity", True, Source("config-file", "sticky", sticky.location)))
        for fact in self._limits(self._entries(router), transport):
            passage.put(fact)
        passage.facts.setdefault("hop.affinity", Fact("hop.affinity", False, Source("platform", None, key.location)))
        for name, neutral in _NEUTRAL:
            passage.put(Fact(name, neutral, Source("platform", None, key.location)))
        for middleware in self._middlewares(router, 0):
            self._apply(passage, middleware)
        first = passage.upstreams[0] if passage.upstreams else None
        passage.put(Fact("hop.scheme", first.scheme if first else "http", first.fact.source if first else source))
        passage.upgrades = True  # WebSockets pass without a setting
        return passage

    def _balancers(self, name: str, depth: int) -> Iterator[Mapping]:
        """The load balancers behind a service; a weighted one has several."""
        service = self._find("services", name)
        balancer = service.get("loadBalancer") if service is not None else None
        if isinstance(balancer, Mapping):
            yield balancer
        several = service.get("weighted", "services") if service is not None else None
        if isinstance(several, Sequence) and depth < 4:
            for each in several.items[:20]:
                inner = each.get("name") if isinstance(each, Mapping) else None
                if isinstance(inner, Scalar):
                    yield from self._balancers(inner.text, depth + 1)

    def _servers(self, passage: Passage, balancer: Mapping) -> None:
        servers = balancer.get("servers")
        for server in servers.items if isinstance(servers, Sequence) else ():
            url = server.get("url") if isinstance(server, Mapping) else None
            if not isinstance(url, Scalar):
                continue
            source = Source("config-file", f"url {url.text}", url.location)
            scheme, host, port, rest = address(url.text)
            known = "{{" not in url.text
            fact = Fact("hop.host", url.text, source)
            scheme = {"h2c": "http"}.get(scheme, scheme or "http")
            upstream = Upstream(scheme, host if known else None, port if known else None, fact)
            upstream.path = rest
            passage.upstreams.append(upstream)

    def _middlewares(self, router: Mapping, depth: int) -> Iterator[Mapping]:
        node = router.get("middlewares")
        for item in node.items[:50] if isinstance(node, Sequence) else ():
            found = self._find("middlewares", item.text) if isinstance(item, Scalar) else None
            if found is None:
                continue
            yield found
            chain = found.get("chain")
            if isinstance(chain, Mapping) and depth < 4:
                yield from self._middlewares(chain, depth + 1)

    def _apply(self, passage: Passage, middleware: Mapping) -> None:
        for key, value in middleware.entries:
            source = Source("config-file", key.text, key.location)
            if key.text in _AUTHENTICATING:
                passage.put(Fact("hop.authenticates", True, source))
            elif key.text == "buffering" and isinstance(value, Mapping):
                passage.put(Fact("hop.buffering", True, source))
                most = value.get("maxRequestBodyBytes")
                if most is not None:
                    passage.put(_of(most, "hop.max_body", integer_of))
            elif key.text == "retry" and isinstance(value, Mapping):
                attempts = value.get("attempts")
                if attempts is not None:
                    fact = _of(attempts, "hop.retries", integer_of)
                    passage.put(fact.with_value(max(fact.value - 1, 0)) if fact.known else fact)

    def _limits(self, entries: list[str], transport: str | None) -> Iterator[Fact]:
        """The limits of entry points (the strictest of several) and of the transport to the servers."""
        defaults = self._data["defaults"]
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
            own = self._find("serversTransports", transport)
            if own is None:
                unknown = Unknown(f"the transport {transport[:60]} is not in the files that were read", (name,))
                return Fact(name, unknown, Source("config-file"))
            node = own.get("forwardingTimeouts", key)
            if node is not None:
                return _of(node, name, seconds_of)
        else:
            found = self._static.get(f"serverstransport.forwardingtimeouts.{key.lower()}")
            if found is not None:
                return _converted(found, name, seconds_of)
        return Fact(name, float(default), Source("platform", None, self._service.container.place))


def _of(node: Node, name: str, convert: Any) -> Fact:
    text = node.text if isinstance(node, Scalar) else ""
    value = convert(text) if "{{" not in text else None
    source = Source("config-file", text, node.location)
    return Fact(name, value if value is not None else Unknown(f"{text[:40]!r} is not understood", (name,)), source)


def _converted(fact: Fact, name: str, convert: Any) -> Fact:
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


def _serve(passages: list[Passage]) -> None:
    """The longest prefix takes a path, among the routers of one host."""
    for passage in passages:
        others = [other for other in passages if other.host == passage.host and len(other.path) > len(passage.path)]

        def serves(asked: str, own: Passage = passage, longer: list[Passage] = others) -> bool:
            takes = asked == own.path if own.exact else asked.startswith(own.path)
            return takes and not any(asked.startswith(other.path) for other in longer)

        passage.serves = serves
