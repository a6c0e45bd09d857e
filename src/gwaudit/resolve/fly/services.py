"""What Fly's proxy sends to a process group: services, their limits on concurrency, their checks.

Source: fly.io/docs/reference/configuration (http_service, services, checks).
"""

from __future__ import annotations

from gwaudit.parse.document import Mapping, Scalar, Sequence
from gwaudit.resolve.compose.units import integer_of, seconds_of
from gwaudit.resolve.fact import ABSENT, Fact, Source
from gwaudit.resolve.fly.fields import fact, is_for, source, tables
from gwaudit.resolve.model import Endpoint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.model import Container, TargetDraft, Workload

_PROBE_TIMES = (("period", "interval"), ("timeout", "timeout"), ("initial_delay", "grace_period"))


def put_services(
    draft: TargetDraft, workload: Workload, container: Container, root: Mapping, group: str, data: dict[str, Any]
) -> None:
    """``http_service`` and ``services``: ports, concurrency, instances and checks; TLS ends at Fly's proxy."""
    http = tables(root, "http_service", group)
    least: Fact | None = None
    for service in [*http, *tables(root, "services", group)]:
        port = service.get("internal_port")
        number = integer_of(port.text) if isinstance(port, Scalar) else data["internal_port"]
        if number is not None and "container.ports" not in container.facts:
            place = source(port) if port is not None else Source("platform", None, service.location)
            container.put(Fact("container.ports", (number,), place))
        hard = service.get("concurrency", "hard_limit")
        if hard is not None and "container.concurrency" not in container.facts:
            container.put(fact("container.concurrency", hard, integer_of))
        soft = service.get("concurrency", "soft_limit")
        if "workload.scale_target" not in workload.facts:
            default = Fact("workload.scale_target", data["soft_limit"], Source("platform", None, service.location))
            workload.put(fact("workload.scale_target", soft, integer_of) if soft is not None else default)
        running = service.get("min_machines_running")
        if running is not None and least is None:
            least = fact("workload.replicas_min", running, integer_of)
        tls = service in http or any("tls" in _handlers(entry) for entry in tables(service, "ports", group))
        _endpoint(draft, workload, service, number, tls, data)
        for name in ("checks", "http_checks", "tcp_checks"):
            for check in tables(service, name, group):
                _check(container, check, {"http_checks": "http", "tcp_checks": "tcp"}.get(name, "http"), number)
    if least is not None:
        workload.put(least)
    checks = root.get("checks")
    for _, named in checks.entries if isinstance(checks, Mapping) else ():
        if isinstance(named, Mapping) and is_for(named, group):
            kind = named.get("type")
            _check(container, named, kind.text if isinstance(kind, Scalar) else "http", None)


def _handlers(entry: Mapping) -> tuple[str, ...]:
    handlers = entry.get("handlers")
    return tuple(h.text for h in handlers.items if isinstance(h, Scalar)) if isinstance(handlers, Sequence) else ()


def _endpoint(
    draft: TargetDraft, workload: Workload, service: Mapping, port: int | None, tls: bool, data: dict[str, Any]
) -> None:
    place = service.location
    endpoint = Endpoint("route", workload.name, port, 443 if tls else None, True, None, place)
    platform = Source("platform", None, place)
    for name, value in (("kind", "platform"), ("product", "fly-proxy"), ("name", "Fly Proxy"), ("tls", tls)):
        endpoint.facts[f"hop.{name}"] = Fact(f"hop.{name}", value, platform)
    # Unless it is stated, the proxy closes no idle connection. It stands at the service, or at one of its ports.
    ports = service.get("ports")
    stated = [service, *(ports.items if isinstance(ports, Sequence) else ())]
    for table in stated:
        idle = table.get("http_options", "idle_timeout") if isinstance(table, Mapping) else None
        if idle is not None:
            endpoint.facts["hop.idle_timeout"] = fact("hop.idle_timeout", idle, seconds_of)
    draft.endpoints.append(endpoint)
    if tls:
        draft.state("target.terminates_tls", True, platform)


def _check(container: Container, check: Mapping, kind: str, port: int | None) -> None:
    """A check decides whether the proxy sends requests to a machine: the first one is the readiness."""
    if "readiness.kind" in container.facts:
        return
    place = check.location
    container.state("readiness.kind", kind if kind in ("http", "tcp") else ABSENT, Source("manifest", None, place))
    own, path = check.get("port"), check.get("path")
    if own is not None:
        container.put(fact("readiness.port", own, integer_of))
    elif port is not None:
        container.state("readiness.port", port, Source("manifest", None, place))
    if path is not None:
        container.put(fact("readiness.path", path, str))
    for name, key in _PROBE_TIMES:
        node = check.get(key)
        if node is not None:
            container.put(fact(f"readiness.{name}", node, _milliseconds))


def _milliseconds(text: str) -> float | None:
    """A duration (``15s``); a bare number counts milliseconds."""
    number = integer_of(text)
    return number / 1000 if number is not None else seconds_of(text)
