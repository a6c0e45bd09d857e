"""Objects become one ``TargetDraft``: the core that plain manifests, Helm releases and Kustomize builds share."""

from __future__ import annotations

from gwaudit.parse.document import Mapping, Node, Scalar
from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.kubernetes.context import Context
from gwaudit.resolve.kubernetes.objects import Object, objects_of
from gwaudit.resolve.kubernetes.platform import kubernetes
from gwaudit.resolve.kubernetes.reading import at, hidden, text_at
from gwaudit.resolve.kubernetes.routes import route_endpoints
from gwaudit.resolve.kubernetes.scaling import put_scaling
from gwaudit.resolve.kubernetes.services import Placed, service_endpoints, services_of
from gwaudit.resolve.kubernetes.stage import hints
from gwaudit.resolve.kubernetes.workloads import named_ports, pod_of, workload_of
from gwaudit.resolve.model import Reference, TargetDraft

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gwaudit.resolve.model import Workload
    from gwaudit.source import Location


MAX_OBJECTS = 3_000  # of one deployment


def drafts_from_objects(
    objects: Iterable[Node],
    name: str,
    kind: str,
    place: Location | None = None,
    paths: Iterable[str] = (),
    complete: bool = False,
    namespace: str | None = None,
    notes: Iterable[tuple[Location, str]] = (),
) -> list[TargetDraft]:
    """The deployment that a stream of objects describes: one draft, or none where nothing in it runs.

    ``objects`` are the root nodes of the documents (mappings with ``apiVersion`` and ``kind``, lists and OpenShift templates
    among them; anything else is passed over). ``kind`` is the target's kind (kubernetes, helm, kustomize), ``paths`` its
    files, the main one first, ``place`` the place of what it lacks. ``complete`` says that the objects are all that the
    deployment creates (a Helm release, a Kustomize build): a ConfigMap or Service that they lack is then undefined, and not
    perhaps managed elsewhere; Secrets may always be. ``namespace`` is where objects go that name none (a release's).
    ``notes`` are passed on to the draft.
    """
    found = objects_of(objects)
    if namespace is not None:
        for item in found:
            if item.namespace is None:
                item.namespace = namespace
    context = Context(found[:MAX_OBJECTS], complete)
    if len(found) > MAX_OBJECTS:
        context.note(found[MAX_OBJECTS].place, f"not read from here: more than {MAX_OBJECTS:,} objects")
    placed: list[Placed] = []
    for item in context.store.objects:
        pod = pod_of(item)
        if pod is None:
            note = _unread(item)
            if note is not None:
                context.notes.append((item.place, note))
            continue
        workload = workload_of(item, pod, context)
        placed.append(Placed(workload, item, pod, named_ports(workload, pod)))
    servers = _servers(context)
    if not placed and not servers:
        return []
    for each in placed:
        put_scaling(each.workload, each.object, context)
    services = services_of(placed, context)
    draft = TargetDraft(name, kind, place or found[0].place, tuple(paths) or _paths(found))
    draft.workloads = [each.workload for each in placed] + servers
    _knative(draft, placed, context)
    draft.endpoints += service_endpoints(services) + route_endpoints(services, context)
    _complete_target(draft, context)
    draft.references = context.references
    draft.notes = [*notes, *context.notes]
    draft.stage_hints = hints(context)
    return [draft]


def _servers(context: Context) -> list[Workload]:
    from gwaudit.resolve.kubernetes.operators import server_of

    known = kubernetes()["operators"]
    return [found for item in context.store.objects if item.kind in known for found in server_of(item, context)]


def _knative(draft: TargetDraft, placed: list[Placed], context: Context) -> None:
    services = [each for each in placed if each.object.group == "serving.knative.dev"]
    if not services:
        return
    from gwaudit.resolve.kubernetes.knative import put_knative

    if draft.kind == "kubernetes" and len(services) == len(placed):
        draft.kind = "knative"
    for each in services:
        draft.endpoints.append(put_knative(each.workload, each.object, each.pod, context))


def _complete_target(draft: TargetDraft, context: Context) -> None:
    """Facts and references of the whole target."""
    policy = next(context.store.of_kind("NetworkPolicy", "CiliumNetworkPolicy"), None)
    if policy is not None:
        draft.state("target.network_policy", True, Source("manifest", policy.name, policy.place))
    else:
        draft.state(
            "target.network_policy", False if context.complete else ABSENT, Source("manifest", None, draft.place)
        )
    spaces = {item.namespace for item in context.store.objects if item.namespace}
    if len(spaces) == 1:
        where = next(item for item in context.store.objects if item.namespace)
        node = at(where.node, "metadata", "namespace")
        space = spaces.pop()
        draft.facts["target.namespace"] = Fact(
            "target.namespace", space, Source("manifest", space, node.location if node is not None else where.place)
        )
    elif spaces:
        draft.state(
            "target.namespace", Unknown("objects of several namespaces", ("target.namespace",)), Source("manifest")
        )
    scaled = {item.name for item in context.store.objects if pod_of(item) is not None}
    for item in context.store.of_kind("HorizontalPodAutoscaler", "ScaledObject"):
        node = at(item.node, "spec", "scaleTargetRef", "name")
        if isinstance(node, Scalar) and not hidden(node) and node.text not in scaled:
            context.refer(
                Reference("service", node.text, False if context.complete else None, False, node.location, item.name)
            )


def _unread(item: Object) -> str | None:
    """A note for a workload kind whose template is missing or unknown."""
    if item.kind not in kubernetes()["pod_templates"] or (item.kind == "Service" and item.group == ""):
        return None
    if text_at(item.node, "spec", "workloadRef", "name"):
        return None
    spec = at(item.node, "spec")
    reason = hidden(spec) or hidden(at(spec, "template"))
    return f"{item.kind} {item.name} has no pod template that can be read" + (f": {reason}" if reason else "")


def _paths(objects: list[Object]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item.node.location.path for item in objects if isinstance(item.node, Mapping)))
