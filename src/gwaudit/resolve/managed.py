"""What a managed platform (Code Engine, Cloud Run, Container Apps) does for every application, however it is described."""

from __future__ import annotations

from gwaudit.resolve.fact import Fact, Source, Unknown
from gwaudit.resolve.model import Container, Endpoint, TargetDraft, Workload

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.source import Location


def begin(
    label: str, name: str, platform: str, data: dict[str, Any], place: Location | None, paths: tuple[str, ...]
) -> tuple[TargetDraft, Workload, Container]:
    """The draft of one application with what holds for all of its platform; ``data`` is the platform's section."""
    draft = TargetDraft(label, platform, place, paths)
    workload = Workload(name, "application", place)
    source = Source("platform", None, place)
    draft.state("target.terminates_tls", True, source)
    if data.get("root_in_memory"):
        draft.state("target.root_in_memory", True, source)
    vm = data["micro_vm"]
    unknown_vm = Unknown("how it isolates an instance is not documented", ("target.micro_vm",))
    draft.state("target.micro_vm", vm if vm is not None else unknown_vm, source)
    workload.state("workload.request_timeout_cap", data["defaults"]["request_timeout_cap"], source)
    workload.state("workload.autoscaled", True, source)
    workload.state("workload.replicas_stated", False, source)
    workload.state("workload.replicas", Unknown(f"{data['title']} scales it", ("workload.replicas",)), source)
    workload.state("workload.is_job", False, source)
    return draft, workload, Container(name, place)


def listen(container: Container, stated: Fact | None, data: dict[str, Any], made: bool) -> int | None:
    """The port that requests come to, None where it is not known; platforms that tell the application do so by PORT."""
    default = data["defaults"].get("port") if made else None
    if stated is not None:
        fact = stated
    elif default is not None:
        fact = Fact("container.ports", default, Source("platform", None, container.place))
    else:
        return None
    number = fact.value if isinstance(fact.value, int) else None
    container.put(fact.with_value((number,)) if number is not None else fact)
    if data["sets_port"] and "PORT" not in container.environment:
        value = str(number) if number is not None else fact.value
        container.environment.set("PORT", value, Source("platform", None, fact.location))
    return number


def route(
    workload: Workload, data: dict[str, Any], port: int | None, public: bool | None, place: Location | None
) -> Endpoint:
    """The way from clients through the platform's own proxy, which ends TLS and limits a request's time."""
    endpoint = Endpoint("route", workload.name, port, 443, public, None, place)
    source = Source("platform", None, place)
    product = data["title"].lower().replace(" ", "-")
    for name, value in (("kind", "platform"), ("product", product), ("name", data["title"]), ("tls", True)):
        endpoint.facts[f"hop.{name}"] = Fact(f"hop.{name}", value, source)
    timeout = workload.facts.get("workload.request_timeout")
    if timeout is not None:
        endpoint.facts["hop.request_timeout"] = timeout.renamed("hop.request_timeout")
    return endpoint
