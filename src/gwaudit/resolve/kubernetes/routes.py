"""Ways in from outside the cluster: Ingress, Route, IngressRoute, Gateway API HTTPRoute, Istio VirtualService."""

from __future__ import annotations

from gwaudit.parse.document import Node, Scalar
from gwaudit.resolve.fact import Fact, Source, Unknown
from gwaudit.resolve.kubernetes.controllers import controller_facts, controller_of
from gwaudit.resolve.kubernetes.platform import ingress
from gwaudit.resolve.kubernetes.reading import at, duration, fact_of, hidden, integer, items, source_of, text_at
from gwaudit.resolve.model import Endpoint, Reference

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gwaudit.resolve.kubernetes.context import Context
    from gwaudit.resolve.kubernetes.objects import Object
    from gwaudit.resolve.kubernetes.services import Service


def route_endpoints(services: dict[str, Service], context: Context) -> list[Endpoint]:
    """The endpoints of every object that leads traffic into the cluster."""
    found: list[Endpoint] = []
    for item in context.store.objects:
        if item.kind == "Ingress" and item.group in ("networking.k8s.io", "extensions"):
            found.extend(_ingress(item, services, context))
        elif item.kind == "Route" and item.group in ("route.openshift.io", ""):
            found.extend(_openshift_route(item, services, context))
        elif item.kind == "IngressRoute" and item.group in ("traefik.io", "traefik.containo.us"):
            found.extend(_ingress_route(item, services, context))
        elif item.kind == "HTTPRoute":
            found.extend(_http_route(item, services, context))
        elif item.kind == "VirtualService" and item.group == "networking.istio.io":
            found.extend(_virtual_service(item, services, context))
    return found


def _ingress(item: Object, services: dict[str, Service], context: Context) -> Iterator[Endpoint]:
    controller = controller_of(item, context)
    for backend, host, path, place in _backends(item):
        name_node = at(backend, "service", "name") or at(backend, "serviceName")
        port_node = (
            at(backend, "service", "port", "number")
            or at(backend, "service", "port", "name")
            or at(backend, "servicePort")
        )
        for endpoint in _leading_to("ingress", item, name_node, port_node, services, context):
            endpoint.host, endpoint.path = host, path
            endpoint.location = place.location
            tls = _ingress_tls(item, host)
            endpoint.outer_port = 443 if tls.value is True else 80
            endpoint.facts["hop.tls"] = tls
            endpoint.facts["hop.kind"] = Fact("hop.kind", "ingress", Source("manifest", None, item.place))
            endpoint.facts["hop.name"] = Fact("hop.name", f"Ingress {item.name}", Source("manifest", None, item.place))
            controller_facts(
                endpoint,
                item,
                controller,
                services.get(name_node.text if isinstance(name_node, Scalar) else ""),
                context,
            )
            yield endpoint


def _backends(item: Object) -> Iterator[tuple[Node, str | None, str | None, Node]]:
    """(backend, host, path, place) of an Ingress."""
    default = at(item.node, "spec", "defaultBackend") or at(item.node, "spec", "backend")
    if default is not None:
        yield default, None, "/", default
    for rule in items(item.node, "spec", "rules"):
        host = text_at(rule, "host")
        for path in items(rule, "http", "paths"):
            backend = at(path, "backend")
            if backend is not None:
                yield backend, host, text_at(path, "path") or "/", path


def _ingress_tls(item: Object, host: str | None) -> Fact:
    name = "hop.tls"
    section = at(item.node, "spec", "tls")
    reason = hidden(section)
    if section is not None and reason:
        return Fact(name, Unknown(reason, (name,)), source_of(section))
    for each in items(section):
        hosts = [node.text for node in items(each, "hosts") if isinstance(node, Scalar)]
        if not hosts or host is None or host in hosts or any(_covers(pattern, host) for pattern in hosts):
            return Fact(name, True, source_of(each))
    for key in ingress()["tls_annotations"]:
        node = at(item.node, "metadata", "annotations", key)
        if isinstance(node, Scalar) and (not key.endswith("listen-ports") or "HTTPS" in node.text):
            return Fact(name, True, source_of(node))
    return Fact(name, False, Source("manifest", None, item.place))


def _covers(pattern: str, host: str) -> bool:
    return pattern.startswith("*.") and host.partition(".")[2] == pattern[2:]


def _leading_to(
    kind: str,
    item: Object,
    name_node: Node | None,
    port_node: Node | None,
    services: dict[str, Service],
    context: Context,
) -> list[Endpoint]:
    """Endpoints to the workloads behind a Service; one to the Service's name where the target does not define it."""
    if not isinstance(name_node, Scalar):
        return []
    unknown = hidden(name_node)
    service = services.get(name_node.text)
    if not unknown or service is not None:
        defined = True if service is not None else (False if context.complete else None)
        context.refer(Reference("service", name_node.text, defined, False, name_node.location, item.name))
    port: int | str | None = None
    if isinstance(port_node, Scalar) and port_node.origin.unknown is None:
        number = integer(port_node.text)
        port = number if number is not None else port_node.text
    if service is None:
        return [Endpoint(kind, name_node.text, None, None, True, None, item.place)]
    if port is None and len(set(service.ports.values())) == 1:
        port = next(iter(service.ports))
    target = service.ports.get(port) if port is not None else None
    names = [each.workload.name for each in service.selected] or [name_node.text]
    return [Endpoint(kind, name, target, None, True, None, item.place) for name in names]


def _openshift_route(item: Object, services: dict[str, Service], context: Context) -> Iterator[Endpoint]:
    data = ingress()["openshift_route"]
    name_node = at(item.node, "spec", "to", "name")
    host = text_at(item.node, "spec", "host")
    for endpoint in _leading_to("route", item, name_node, None, services, context):
        service = services.get(name_node.text) if isinstance(name_node, Scalar) else None
        wanted = text_at(item.node, "spec", "port", "targetPort")
        if service is not None and wanted is not None:
            number = integer(wanted)
            endpoint.port = number if number is not None else service.ports.get(wanted, wanted)
        endpoint.host, endpoint.path = host, text_at(item.node, "spec", "path") or "/"
        tls = at(item.node, "spec", "tls")
        reason = hidden(tls)
        endpoint.facts["hop.tls"] = Fact(
            "hop.tls",
            Unknown(reason, ("hop.tls",)) if reason else tls is not None,
            source_of(tls) if tls is not None else Source("manifest", None, item.place),
        )
        endpoint.outer_port = 443 if tls is not None else 80
        for name, value in (("kind", "route"), ("product", "openshift-route"), ("name", f"Route {item.name}")):
            endpoint.facts[f"hop.{name}"] = Fact(f"hop.{name}", value, Source("manifest", None, item.place))
        timeout = at(item.node, "metadata", "annotations", data["timeout_annotation"])
        for name in ("hop.read_timeout", "hop.idle_timeout"):
            endpoint.facts[name] = (
                fact_of(timeout, name, duration)
                if timeout is not None
                else Fact(name, float(data["timeout"]), Source("platform", None, item.place))
            )
        cookies = text_at(item.node, "metadata", "annotations", data["no_cookie_annotation"])
        sticky = cookies not in ("true", "TRUE") and (tls is None or text_at(tls, "termination") != "passthrough")
        endpoint.facts["hop.affinity"] = Fact("hop.affinity", sticky, Source("platform", None, item.place))
        endpoint.facts["hop.buffering"] = Fact("hop.buffering", False, Source("platform", None, item.place))
        yield endpoint


def _ingress_route(item: Object, services: dict[str, Service], context: Context) -> Iterator[Endpoint]:
    from gwaudit.resolve.kubernetes import traefik

    for rule in items(item.node, "spec", "routes"):
        for backend in items(rule, "services"):
            if (text_at(backend, "kind") or "Service") != "Service":
                continue
            for endpoint in _leading_to("ingress", item, at(backend, "name"), at(backend, "port"), services, context):
                traefik.complete(endpoint, item, rule, backend, context)
                yield endpoint


def _http_route(item: Object, services: dict[str, Service], context: Context) -> Iterator[Endpoint]:
    hosts: list[str | None] = [each.text for each in items(item.node, "spec", "hostnames") if isinstance(each, Scalar)]
    for rule in items(item.node, "spec", "rules"):
        paths = [text_at(match, "path", "value") or "/" for match in items(rule, "matches")] or ["/"]
        for backend in items(rule, "backendRefs"):
            if (text_at(backend, "kind") or "Service") != "Service":
                continue
            for endpoint in _leading_to("gateway", item, at(backend, "name"), at(backend, "port"), services, context):
                endpoint.host, endpoint.path = (hosts or [None])[0], paths[0]
                source = Source("manifest", None, item.place)
                endpoint.facts["hop.kind"] = Fact("hop.kind", "gateway", source)
                endpoint.facts["hop.name"] = Fact("hop.name", f"HTTPRoute {item.name}", source)
                for field, name in (("request", "hop.request_timeout"), ("backendRequest", "hop.read_timeout")):
                    node = at(rule, "timeouts", field)
                    if node is not None:
                        endpoint.facts[name] = _limit(node, name)
                endpoint.facts["hop.tls"] = _gateway_tls(item, context)
                yield endpoint


def _gateway_tls(item: Object, context: Context) -> Fact:
    source = Source("manifest", None, item.place)
    for parent in items(item.node, "spec", "parentRefs"):
        gateway = context.store.find("Gateway", text_at(parent, "name") or "", None)
        section = text_at(parent, "sectionName")
        if gateway is None:
            continue
        listeners = [
            each for each in items(gateway.node, "spec", "listeners") if section in (None, text_at(each, "name"))
        ]
        secure = [
            each for each in listeners if text_at(each, "protocol") in ("HTTPS", "TLS") or at(each, "tls") is not None
        ]
        if secure:
            return Fact("hop.tls", True, source_of(secure[0]))
        if listeners:
            return Fact("hop.tls", False, source_of(listeners[0]))
    return Fact("hop.tls", Unknown("the Gateway is not in the tree", ("hop.tls",)), source)


def _virtual_service(item: Object, services: dict[str, Service], context: Context) -> Iterator[Endpoint]:
    hosts = [each.text for each in items(item.node, "spec", "hosts") if isinstance(each, Scalar)]
    outside = bool(items(item.node, "spec", "gateways"))
    for route in items(item.node, "spec", "http"):
        for destination in items(route, "route"):
            host_node = at(destination, "destination", "host")
            if not isinstance(host_node, Scalar):
                continue
            short = host_node.text.partition(".")[0]
            service = services.get(short)
            port = integer(text_at(destination, "destination", "port", "number") or "")
            if port is None and service is not None and len(set(service.ports.values())) == 1:
                port = integer(str(next(iter(service.ports))))
            target = service.ports.get(port) if service is not None and port is not None else None
            names = [each.workload.name for each in service.selected] if service is not None else [short]
            for name in names or [short]:
                endpoint = Endpoint("gateway", name, target, None, outside, hosts[0] if hosts else None, route.location)
                source = Source("manifest", None, item.place)
                endpoint.facts["hop.kind"] = Fact("hop.kind", "gateway", source)
                endpoint.facts["hop.product"] = Fact("hop.product", "istio", source)
                endpoint.facts["hop.name"] = Fact("hop.name", f"VirtualService {item.name}", source)
                timeout = at(route, "timeout")
                if timeout is not None:
                    endpoint.facts["hop.request_timeout"] = _limit(timeout, "hop.request_timeout")
                attempts = at(route, "retries", "attempts")
                retries = ingress()["istio"]["retries"]
                endpoint.facts["hop.retries"] = (
                    fact_of(attempts, "hop.retries", integer)
                    if attempts is not None
                    else Fact("hop.retries", retries, Source("platform", None, item.place))
                )
                yield endpoint


def _limit(node: Node, name: str) -> Fact:
    """A time limit of which zero means none."""
    from gwaudit.resolve.fact import ABSENT

    fact = fact_of(node, name, duration)
    return fact.with_value(ABSENT) if fact.value == 0 else fact
