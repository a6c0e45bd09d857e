"""Traefik's own objects: IngressRoute with the ServersTransport and the Middleware objects that it names.

What Traefik's static configuration sets (entry points) is not part of these objects; its defaults hold for what they leave
out. Source: doc.traefik.io/traefik, reference of the Kubernetes CRD provider.
"""

from __future__ import annotations

from gwaudit.parse.document import Mapping, Scalar
from gwaudit.pattern import regex
from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.kubernetes.platform import ingress
from gwaudit.resolve.kubernetes.reading import at, duration, fact_of, hidden, integer, items, source_of, text_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.document import Node
    from gwaudit.resolve.kubernetes.context import Context
    from gwaudit.resolve.kubernetes.objects import Object
    from gwaudit.resolve.model import Endpoint

GROUPS = ("traefik.io", "traefik.containo.us")
_PATH = regex(r"\bPath(?:Prefix)?\(\s*[`\"']([^`\"']{1,500})[`\"']")
_HOST = regex(r"\bHost\(\s*[`\"']([^`\"']{1,253})[`\"']")
_TIMES = (
    ("responseHeaderTimeout", "hop.read_timeout", "read_timeout"),
    ("dialTimeout", "hop.connect_timeout", "connect_timeout"),
    ("idleConnTimeout", "hop.keepalive", "keepalive"),
)


def complete(endpoint: Endpoint, item: Object, rule: Node, backend: Node, context: Context) -> None:
    """What a route of an IngressRoute states of the way to one of its services."""
    source = Source("manifest", None, item.place)
    match = text_at(rule, "match") or ""
    host, path = _HOST.search(match), _PATH.search(match)
    endpoint.host, endpoint.path = (host[1] if host else None), (path[1] if path else "/")
    endpoint.location = rule.location
    tls = at(item.node, "spec", "tls")
    reason = hidden(tls)
    place = source_of(tls) if tls is not None else source
    endpoint.facts["hop.tls"] = Fact("hop.tls", Unknown(reason, ("hop.tls",)) if reason else tls is not None, place)
    endpoint.outer_port = 443 if tls is not None else 80
    for name, value in (("kind", "ingress"), ("product", "traefik"), ("name", f"IngressRoute {item.name}")):
        endpoint.facts[f"hop.{name}"] = Fact(f"hop.{name}", value, source)
    _transport(endpoint, item, backend, context)
    sticky = at(backend, "sticky")
    endpoint.facts["hop.affinity"] = Fact("hop.affinity", sticky is not None, source_of(sticky) if sticky else source)
    endpoint.facts["hop.buffering"] = Fact("hop.buffering", False, Source("platform", None, item.place))
    for named in items(rule, "middlewares"):
        found = context.store.find("Middleware", text_at(named, "name") or "", text_at(named, "namespace"))
        spec = at(found.node, "spec") if found is not None and found.group in GROUPS else None
        for key, value_node in spec.entries if isinstance(spec, Mapping) else ():
            _apply(endpoint, key, value_node)


def _transport(endpoint: Endpoint, item: Object, backend: Node, context: Context) -> None:
    """The limits of the transport to the servers; an entry point may set others that no object tells."""
    named = at(backend, "serversTransport")
    defaults = ingress()["controllers"]["traefik"]["defaults"]
    found = None
    if isinstance(named, Scalar):
        wanted = named.text.partition("@")[0]
        found = context.store.find("ServersTransport", wanted, None)
        if found is None:
            unknown = Unknown(f"the ServersTransport {wanted[:60]} is not in the tree")
            for _, name, _ in _TIMES:
                endpoint.facts[name] = Fact(name, unknown, source_of(named))
            return
    for key, name, default in _TIMES:
        node = at(found.node, "spec", "forwardingTimeouts", key) if found is not None else None
        if node is not None:
            fact = fact_of(
                node, name, lambda text: float(text) if text.isdigit() and len(text) < 12 else duration(text)
            )
            fact = fact.with_value(ABSENT) if fact.value == 0 else fact
        else:
            value = defaults[default]
            fact = Fact(name, ABSENT if value is None else value, Source("platform", None, item.place))
        endpoint.facts[name] = fact


def _apply(endpoint: Endpoint, key: Scalar, node: Node) -> None:
    if key.text in ("basicAuth", "digestAuth", "forwardAuth"):
        endpoint.facts["hop.authenticates"] = Fact("hop.authenticates", True, source_of(key))
    elif key.text == "buffering":
        endpoint.facts["hop.buffering"] = Fact("hop.buffering", True, source_of(key))
        most = at(node, "maxRequestBodyBytes")
        if most is not None:
            endpoint.facts["hop.max_body"] = fact_of(most, "hop.max_body", integer)
    elif key.text == "retry":
        attempts = at(node, "attempts")
        fact = fact_of(attempts, "hop.retries", integer) if attempts is not None else None
        if fact is not None:
            endpoint.facts["hop.retries"] = fact.with_value(max(fact.value - 1, 0)) if fact.known else fact
