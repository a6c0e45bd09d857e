"""What the readers of one target share: its objects, its references and notes, and whether the objects are all there are."""

from __future__ import annotations

from gwaudit.resolve.fact import Source
from gwaudit.resolve.kubernetes.reading import items, text_at
from gwaudit.resolve.kubernetes.store import Store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gwaudit.resolve.kubernetes.objects import Object
    from gwaudit.resolve.model import Reference
    from gwaudit.source import Location


MAX_VARIABLES = 5_000  # of one container; twenty times that of one target
MAX_NOTES = 200


class Context:
    """``complete`` says that the objects are all that the deployment creates (a Helm release, a Kustomize build)."""

    def __init__(self, objects: Iterable[Object], complete: bool) -> None:
        self.store = Store(objects)
        self.complete = complete
        self.references: list[Reference] = []
        self.notes: list[tuple[Location, str]] = []
        self._budget = 20 * MAX_VARIABLES
        self._seen: set[tuple[str, str, object]] = set()
        self._variables: dict[str | None, list[tuple[str, Source]]] = {}

    def spend(self, count: int) -> bool:
        """Whether ``count`` more variables may be read: the work on one target is bounded."""
        self._budget -= count
        return self._budget >= 0 and count <= MAX_VARIABLES

    def note(self, location: Location | None, message: str) -> None:
        if location is not None and len(self.notes) < MAX_NOTES:
            self.notes.append((location, message))

    def refer(self, reference: Reference) -> None:
        key = (reference.kind, reference.name, reference.location)
        if key not in self._seen:
            self._seen.add(key)
            self.references.append(reference)

    def service_variables(self, namespace: str | None) -> list[tuple[str, Source]]:
        """Names of the variables that the kubelet sets in every pod of the namespace for each Service with a cluster IP.

        Source: kubernetes.io, "Services: discovering services: environment variables". This is how ``REDIS_PORT`` becomes
        ``tcp://10.0.0.11:6379``.
        """
        if namespace not in self._variables:
            found: list[tuple[str, Source]] = []
            for service in self.store.of_kind("Service"):
                if service.group != "" or text_at(service.node, "spec", "clusterIP") == "None":
                    continue
                if text_at(service.node, "spec", "type") == "ExternalName":
                    continue
                if namespace and service.namespace and service.namespace != namespace:
                    continue
                stem = service.name.upper().replace("-", "_")
                source = Source("platform", None, service.place)
                found.extend((stem + end, source) for end in ("_SERVICE_HOST", "_SERVICE_PORT", "_PORT"))
                for port in items(service.node, "spec", "ports"):
                    name, number = text_at(port, "name"), text_at(port, "port")
                    if name:
                        found.append((f"{stem}_SERVICE_PORT_{name.upper().replace('-', '_')}", source))
                    if number:
                        protocol = (text_at(port, "protocol") or "TCP").upper()
                        base = f"{stem}_PORT_{number}_{protocol}"
                        found.extend((base + end, source) for end in ("", "_PROTO", "_PORT", "_ADDR"))
            self._variables[namespace] = found
        return self._variables[namespace]
