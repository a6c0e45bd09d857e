"""Traefik: from its static configuration and the files of its file provider to the passages through it.

The static configuration stands in a file, on the command line or in variables (the first that there is);
routers that labels or objects of Kubernetes define are endpoints of the platform, which get its limits.
Source: doc.traefik.io/traefik (routers, services, middlewares).
"""

from __future__ import annotations

from gwaudit.bundle import section
from gwaudit.parse.document import Mapping, Scalar, Sequence
from gwaudit.pattern import regex
from gwaudit.resolve.compose.units import integer_of
from gwaudit.resolve.fact import Fact, Source, Unknown
from gwaudit.resolve.proxy.model import Listener, Passage, Proxy, Upstream
from gwaudit.resolve.proxy.traefik_dynamic import dynamic_of
from gwaudit.resolve.proxy.traefik_limits import Limits, of_node
from gwaudit.resolve.proxy.traefik_static import image_version, static_of
from gwaudit.resolve.proxy.words import address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.model import Endpoint, TargetDraft
    from gwaudit.resolve.proxy.traefik_dynamic import Dynamic
    from gwaudit.resolve.proxy.traefik_static import Static
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
    dynamic = dynamic_of(workspace, service, static)
    limits = Limits(service, static, dynamic, image_version(service, data), data["defaults"])
    return Reader(service, static, dynamic, limits).proxy()


def put_limits(draft: TargetDraft, proxy: Proxy) -> None:
    """The limits of a target's Traefik on the routes that labels of its services define."""
    reader = proxy.reader
    if not isinstance(reader, Reader):
        return
    for endpoint in draft.endpoints:
        product = endpoint.facts.get("hop.product")
        if endpoint.kind == "route" and product is not None and product.value == "traefik":
            reader.limit(endpoint)


class Reader:
    """What one Traefik knows: its static settings, everything its files define, and its limits."""

    __slots__ = ("_dynamic", "_limits", "_name", "_service", "_static")

    def __init__(self, service: Service, static: Static, dynamic: Dynamic, limits: Limits) -> None:
        self._service = service
        self._static = static
        self._dynamic = dynamic
        self._limits = limits
        parent = service.subject.parent
        self._name = "traefik" if parent is None or parent.name == "traefik" else f"traefik ({parent.name})"

    def proxy(self) -> Proxy:
        proxy = Proxy("traefik", self._service)
        proxy.reader = self
        listeners = {name: self._listener(name) for name in self._static.entry_points()}
        proxy.listeners.extend(listener for listener in listeners.values() if listener is not None)
        for key, router in list(self._dynamic.defined("routers"))[:MAX_ROUTERS]:
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
        for fact in self._limits.facts(entries, endpoint.options.get("transport")):
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
        for balancer in self._dynamic.balancers(service.text, 0):
            named = balancer.get("serversTransport")
            transport = named.text if isinstance(named, Scalar) else transport
            _servers(passage, balancer)
            sticky = balancer.get("sticky")
            if sticky is not None:
                passage.put(Fact("hop.affinity", True, Source("config-file", "sticky", sticky.location)))
        for fact in self._limits.facts(self._entries(router), transport):
            passage.put(fact)
        passage.facts.setdefault("hop.affinity", Fact("hop.affinity", False, Source("platform", None, key.location)))
        for name, neutral in _NEUTRAL:
            passage.put(Fact(name, neutral, Source("platform", None, key.location)))
        for middleware in self._dynamic.middlewares(router, 0):
            _apply(passage, middleware)
        first = passage.upstreams[0] if passage.upstreams else None
        passage.put(Fact("hop.scheme", first.scheme if first else "http", first.fact.source if first else source))
        passage.upgrades = True  # WebSockets pass without a setting
        return passage


def _servers(passage: Passage, balancer: Mapping) -> None:
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


def _apply(passage: Passage, middleware: Mapping) -> None:
    for key, value in middleware.entries:
        source = Source("config-file", key.text, key.location)
        if key.text in _AUTHENTICATING:
            passage.put(Fact("hop.authenticates", True, source))
        elif key.text == "buffering" and isinstance(value, Mapping):
            passage.put(Fact("hop.buffering", True, source))
            most = value.get("maxRequestBodyBytes")
            if most is not None:
                passage.put(of_node(most, "hop.max_body", integer_of))
        elif key.text == "retry" and isinstance(value, Mapping):
            attempts = value.get("attempts")
            if attempts is not None:
                fact = of_node(attempts, "hop.retries", integer_of)
                passage.put(fact.with_value(max(fact.value - 1, 0)) if fact.known else fact)


def _serve(passages: list[Passage]) -> None:
    """The longest prefix takes a path, among the routers of one host."""
    for passage in passages:
        others = [other for other in passages if other.host == passage.host and len(other.path) > len(passage.path)]

        def serves(asked: str, own: Passage = passage, longer: list[Passage] = others) -> bool:
            takes = asked == own.path if own.exact else asked.startswith(own.path)
            return takes and not any(asked.startswith(other.path) for other in longer)

        passage.serves = serves
