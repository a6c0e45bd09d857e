"""Servers that operators run from a custom resource: named workloads with what the resource states of them."""

from __future__ import annotations

from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.kubernetes.platform import kubernetes
from gwaudit.resolve.kubernetes.reading import at, fact_of, integer, items, text
from gwaudit.resolve.kubernetes.resources import put_resources
from gwaudit.resolve.model import Container, Workload

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.parse.document import Node
    from gwaudit.resolve.kubernetes.context import Context
    from gwaudit.resolve.kubernetes.objects import Object


def server_of(item: Object, context: Context) -> list[Workload]:
    """The server behind a custom resource, and its pooler; empty for a kind of that name in another API group."""
    record = kubernetes()["operators"][item.kind]
    if item.group not in record["groups"]:
        return []
    workload = _workload(item.name, item, record["server"])
    workload.aliases |= _names(record["names"], item)
    image = _first(item.node, [record["image"]]) if record.get("image") else None
    container = _container(workload, item, image, record)
    put_resources(container, _as_spec(item, record), item, context)
    for name, paths in record["settings"].items():
        node = _first(item.node, paths)
        fact_name = f"server.{name}"
        if node is not None:
            workload.put(fact_of(node, fact_name, integer if name == "max_connections" else text))
        elif name == "max_connections":
            workload.put(Fact(fact_name, ABSENT, Source("manifest", None, item.place)))
    version = _first(item.node, [record["version"]]) if record.get("version") else None
    if version is not None:
        workload.put(fact_of(version, "server.version", text))
    found = [workload]
    pooler = record.get("pooler")
    if pooler is not None and at(item.node, *pooler["path"].split(".")) is not None:
        found.append(_pooler(item, pooler))
    return found


def _workload(name: str, item: Object, server: str) -> Workload:
    workload = Workload(name, item.kind.lower(), item.place)
    source = Source("manifest", item.kind, item.place)
    workload.state("server.kind", server, source)
    workload.state("workload.is_job", False, source)
    return workload


def _container(workload: Workload, item: Object, image: Node | None, record: dict[str, Any]) -> Container:
    container = Container(record["server"], item.place)
    if image is not None:
        container.image = fact_of(image, "container.image", text)
    replicas = _replicas(item, record["replicas"])
    for name in ("workload.replicas", "workload.replicas_min", "workload.replicas_max"):
        workload.put(replicas.renamed(name))
    container.environment.opaque(f"the operator of {item.kind} sets it")
    workload.containers.append(container)
    return container


def _replicas(item: Object, paths: list[str]) -> Fact:
    name = "workload.replicas"
    for path in paths:
        nodes = _all(item.node, path)
        if nodes:
            facts = [fact_of(node, name, integer) for node in nodes]
            if any(isinstance(fact.value, Unknown) for fact in facts):
                return facts[0].with_value(Unknown("the number of instances is unknown", (name,)))
            return facts[0].with_value(sum(fact.value for fact in facts))
    return Fact(name, 1, Source("platform", None, item.place))


def _as_spec(item: Object, record: dict[str, Any]) -> Node:
    """The mapping whose ``resources`` are the server's."""
    path = str(record.get("resources", "spec.resources")).rpartition(".")[0]
    return at(item.node, *path.split(".")) or item.node


def _pooler(item: Object, record: dict[str, Any]) -> Workload:
    name = record["name"].format(name=item.name)
    workload = _workload(name, item, "pgbouncer")
    workload.aliases |= _names([record["name"]], item)
    container = Container("pgbouncer", item.place)
    container.environment.opaque(f"the operator of {item.kind} sets it")
    workload.containers.append(container)
    settings = at(item.node, *record["global"].split("."))
    for key, (fact_name, convert) in _POOLER.items():
        node = at(settings, key)
        if node is not None:
            workload.put(fact_of(node, fact_name, convert))
    replicas = at(item.node, *record["path"].split("."), "replicas")
    fact = (
        fact_of(replicas, "workload.replicas", integer)
        if replicas is not None
        else Fact("workload.replicas", 1, Source("platform", None, item.place))
    )
    for fact_name in ("workload.replicas", "workload.replicas_min", "workload.replicas_max"):
        workload.put(fact.renamed(fact_name))
    return workload


_POOLER = {
    "max_client_conn": ("server.max_connections", integer),
    "default_pool_size": ("server.default_pool_size", integer),
    "reserve_pool_size": ("server.reserve_pool_size", integer),
    "max_db_connections": ("server.max_db_connections", integer),
    "pool_mode": ("server.pool_mode", text),
    "max_prepared_statements": ("server.max_prepared_statements", integer),
}


def _names(patterns: list[str], item: Object) -> set[str]:
    names = {pattern.format(name=item.name) for pattern in patterns}
    if item.namespace:
        for name in list(names):
            names |= {
                f"{name}.{item.namespace}",
                f"{name}.{item.namespace}.svc",
                f"{name}.{item.namespace}.svc.cluster.local",
            }
    return names


def _first(node: Node, paths: list[str]) -> Node | None:
    return next((found for path in paths if (found := at(node, *path.split("."))) is not None), None)


def _all(node: Node, path: str) -> list[Node]:
    before, _, after = path.partition("[].")
    if not after:
        found = at(node, *path.split("."))
        return [found] if found is not None else []
    return [found for each in items(node, *before.split(".")) if (found := at(each, *after.split("."))) is not None]
