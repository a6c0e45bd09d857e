"""What namespaces, labels and hosts of a target say of its stage: (points, text, place); the score is made elsewhere."""

from __future__ import annotations

from gwaudit.parse.document import Scalar
from gwaudit.pattern import regex
from gwaudit.resolve.kubernetes.platform import kubernetes, stages
from gwaudit.resolve.kubernetes.reading import at, items, text_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.kubernetes.context import Context
    from gwaudit.source import Location

_SPLIT = regex(r"[^a-z0-9]+")


def stage_of(text: str) -> str | None:
    """The stage that a name's tokens tell (production, staging, development); None where none or two do."""
    words = set(_SPLIT.split(text.lower()))
    found = {stage for stage, tokens in stages()["names"].items() if words & set(tokens)}
    return found.pop() if len(found) == 1 else None


def points_of(stage: str) -> int:
    return int(stages()["name_points"][stage])


def hints(context: Context) -> list[tuple[int, str, Location | None]]:
    """Evidence from namespaces, environment labels and certificate issuers; every piece of evidence once."""
    found: dict[str, tuple[int, str, Location | None]] = {}

    def add(points: int, text: str, place: Location | None) -> None:
        found.setdefault(text, (points, text, place))

    for item in context.store.objects:
        if item.kind == "Namespace":
            named, place = item.name, item.place
        else:
            node = at(item.node, "metadata", "namespace")
            named, place = item.namespace or "", node.location if node is not None else item.place
        stage = stage_of(named)
        if stage is not None:
            add(points_of(stage), f"{stage} by the namespace {named}", place)
        for key in kubernetes()["stage_labels"]:
            label = at(item.node, "metadata", "labels", key)
            value = text_at(label)
            stage = stage_of(value or "")
            if stage is not None and label is not None:
                add(points_of(stage), f"{stage} by the label {key}: {value}", label.location)
        if item.kind == "Ingress":
            issuer = item.annotations.get("cert-manager.io/cluster-issuer", "")
            if "letsencrypt" in issuer and stage_of(issuer) == "production":
                add(3, f"certificate issuer {issuer}", item.place)
            if items(item.node, "spec", "tls") and items(item.node, "spec", "rules"):
                host = at(items(item.node, "spec", "rules")[0], "host")
                if (
                    isinstance(host, Scalar)
                    and "." in host.text
                    and not host.origin.unknown
                    and not _is_local(host.text)
                ):
                    add(3, f"public host {host.text} with TLS", host.location)
        if item.kind in ("HorizontalPodAutoscaler", "PodDisruptionBudget"):
            add(2, f"a {item.kind}", item.place)
    return list(found.values())


def _is_local(host: str) -> bool:
    return host.endswith(tuple(kubernetes()["local_hosts"]))
