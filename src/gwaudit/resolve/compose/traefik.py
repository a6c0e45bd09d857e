"""Routes that labels give to Traefik: ``traefik.http.routers.NAME.rule`` and the port of the service behind it."""

from __future__ import annotations

import re

from gwaudit.pattern import regex
from gwaudit.resolve.compose.fields import key_value
from gwaudit.resolve.compose.tree import known_text, source_of
from gwaudit.resolve.compose.units import integer_of
from gwaudit.resolve.fact import Fact, Source
from gwaudit.resolve.model import Endpoint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.document import Node
    from gwaudit.resolve.compose.fields import Service

_ROUTER = regex(
    r"traefik\.http\.routers\.([^.]{1,100})\.(rule|tls|tls\.certresolver|entrypoints|service|middlewares)",
    re.IGNORECASE,
)
_PORT = regex(r"traefik\.http\.services\.([^.]{1,100})\.loadbalancer\.server\.port", re.IGNORECASE)
_TRANSPORT = regex(r"traefik\.http\.services\.([^.]{1,100})\.loadbalancer\.serverstransport", re.IGNORECASE)
_MIDDLEWARE = regex(
    r"traefik\.http\.middlewares\.([^.]{1,100})\."
    r"(buffering\.maxrequestbodybytes|retry\.attempts|basicauth\.[^.]{1,40}|digestauth\.[^.]{1,40}|forwardauth\.address)",
    re.IGNORECASE,
)
_HOST = regex(r"\bHost\(\s*[`\"']([^`\"']{1,253})[`\"']")
_PATH = regex(r"\bPath(?:Prefix)?\(\s*[`\"']([^`\"']{1,500})[`\"']")


def routes(service: Service) -> list[Endpoint]:
    """One endpoint of kind ``route`` for each router of the service's labels, public: Traefik stands at the edge."""
    labels = [*key_value(service.get("deploy", "labels")), *key_value(service.get("labels"))]
    routers: dict[str, dict[str, tuple[str, Node]]] = {}
    ports: dict[str, int] = {}
    transports: dict[str, str] = {}
    middlewares: dict[str, list[tuple[str, str, Node]]] = {}
    for key, node in labels:
        text = known_text(node) or ""
        if key.text == "traefik.enable" and text.lower() == "false":
            return []
        router = _ROUTER.fullmatch(key.text)
        if router is not None:
            routers.setdefault(router[1], {})[router[2].lower()] = (text, node)
        behind = _PORT.fullmatch(key.text)
        number = integer_of(text) if behind is not None else None
        if behind is not None and number is not None:
            ports[behind[1]] = number
        transport = _TRANSPORT.fullmatch(key.text)
        if transport is not None:
            transports[transport[1]] = text
        middleware = _MIDDLEWARE.fullmatch(key.text)
        if middleware is not None:
            middlewares.setdefault(middleware[1], []).append((middleware[2].lower(), text, node))
    found = []
    for name, fields in routers.items():
        if "rule" not in fields:
            continue
        rule, node = fields["rule"]
        wanted = fields["service"][0] if "service" in fields else name
        port = ports.get(wanted) or (next(iter(ports.values())) if len(ports) == 1 else None)
        host, path = _HOST.search(rule), _PATH.search(rule)
        source = source_of(node)
        endpoint = Endpoint(
            "route",
            service.name,
            port,
            None,
            True,
            host[1] if host else None,
            source.location,
            path[1] if path else None,
        )
        tls = "tls.certresolver" in fields or fields.get("tls", ("",))[0].lower() == "true"
        place = next((fields[field][1] for field in ("tls.certresolver", "tls") if field in fields), node)
        endpoint.facts["hop.tls"] = Fact("hop.tls", tls, source_of(place))
        endpoint.facts["hop.product"] = Fact("hop.product", "traefik", source)
        endpoint.options = {"entrypoints": fields.get("entrypoints", ("",))[0]}
        chosen = transports.get(wanted) or (next(iter(transports.values())) if len(transports) == 1 else None)
        if chosen is not None:
            endpoint.options["transport"] = chosen
        for each in fields.get("middlewares", ("",))[0].split(","):
            for setting, value, at in middlewares.get(each.strip().partition("@")[0], ()):
                _apply(endpoint, setting, value, at)
        found.append(endpoint)
    return found


def _apply(endpoint: Endpoint, key: str, text: str, node: Node) -> None:
    """What a middleware does to the requests of a route."""
    source, number = source_of(node), integer_of(text)
    if key.partition(".")[0] in ("basicauth", "digestauth", "forwardauth"):
        endpoint.facts["hop.authenticates"] = Fact("hop.authenticates", True, Source("manifest", None, source.location))
    elif key == "buffering.maxrequestbodybytes" and number is not None:
        endpoint.facts["hop.buffering"] = Fact("hop.buffering", True, source)
        endpoint.facts["hop.max_body"] = Fact("hop.max_body", number, source)
    elif key == "retry.attempts" and number is not None:
        endpoint.facts["hop.retries"] = Fact("hop.retries", max(number - 1, 0), source)
