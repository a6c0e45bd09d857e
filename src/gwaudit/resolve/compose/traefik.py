"""Routes that labels give to Traefik: ``traefik.http.routers.NAME.rule`` and the port of the service behind it."""

from __future__ import annotations

from gwaudit.pattern import regex
from gwaudit.resolve.compose.fields import key_value
from gwaudit.resolve.compose.tree import known_text, source_of
from gwaudit.resolve.compose.units import integer_of
from gwaudit.resolve.fact import Fact
from gwaudit.resolve.model import Endpoint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.document import Node
    from gwaudit.resolve.compose.fields import Service

_ROUTER = regex(r"traefik\.http\.routers\.([^.]{1,100})\.(rule|tls|tls\.certresolver|entrypoints|service)")
_PORT = regex(r"traefik\.http\.services\.([^.]{1,100})\.loadbalancer\.server\.port")
_HOST = regex(r"\bHost\(\s*[`\"']([^`\"']{1,253})[`\"']")
_PATH = regex(r"\bPath(?:Prefix)?\(\s*[`\"']([^`\"']{1,500})[`\"']")


def routes(service: Service) -> list[Endpoint]:
    """One endpoint of kind ``route`` for each router of the service's labels, public: Traefik stands at the edge."""
    labels = [*key_value(service.get("deploy", "labels")), *key_value(service.get("labels"))]
    routers: dict[str, dict[str, tuple[str, Node]]] = {}
    ports: dict[str, int] = {}
    for key, node in labels:
        text = known_text(node) or ""
        if key.text == "traefik.enable" and text.lower() == "false":
            return []
        router = _ROUTER.fullmatch(key.text)
        if router is not None:
            routers.setdefault(router[1], {})[router[2]] = (text, node)
        behind = _PORT.fullmatch(key.text)
        number = integer_of(text) if behind is not None else None
        if behind is not None and number is not None:
            ports[behind[1]] = number
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
        found.append(endpoint)
    return found
