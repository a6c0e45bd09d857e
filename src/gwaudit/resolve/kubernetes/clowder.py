"""``ClowdApp`` objects of the Clowder operator as the Deployments, CronJobs and Jobs that it makes of them.

Source: RedHatInsights/clowder, providers/deployment/impl.go and clowdapp_types.go. A deployment is named after its
application and itself; its container has ``ACG_CONFIG`` beside its own variables; the resources that it leaves out and the
port of its web service come from the ClowdEnvironment, which another repository holds.
"""

from __future__ import annotations

from gwaudit.parse.document import Mapping, Scalar, Sequence
from gwaudit.resolve.kubernetes.reading import at, items, text_at
from gwaudit.resolve.kubernetes.rewrite import scalar_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gwaudit.parse.document import Node

GROUP = "cloud.redhat.com"
MAX_DEPLOYMENTS = 100
_OWN = frozenset(
    ("env", "resources", "initContainers", "volumes", "volumeMounts", "sidecars", "metadata", "machinePool")
)
_ENVIRONMENT = "the ClowdEnvironment sets it"
_CONFIG = "/cdapp/cdappconfig.json"


def deployed(app: Mapping) -> Iterator[Mapping]:
    """The objects that Clowder makes of an application, each at the place of its deployment or job."""
    name = text_at(app, "metadata", "name") or "app"
    namespace = at(app, "metadata", "namespace")
    for item in items(app, "spec", "deployments")[:MAX_DEPLOYMENTS]:
        pod = at(item, "podSpec")
        own = at(item, "name")
        if not isinstance(item, Mapping) or not isinstance(pod, Mapping) or not isinstance(own, Scalar):
            continue
        title = scalar_at(f"{name}-{own.text}", own.location, unknown=own.origin.unknown)
        labels = _labels(item, title)
        spec: list[tuple[str, Node]] = [("selector", _made(item, [("matchLabels", labels)]))]
        spec.append(("template", _template(item, pod, title, labels)))
        replicas = at(item, "replicas") or at(item, "minReplicas")
        if replicas is not None:
            spec.insert(0, ("replicas", replicas))
        yield _object("apps/v1", "Deployment", item, title, namespace, spec)
    for item in items(app, "spec", "jobs")[:MAX_DEPLOYMENTS]:
        pod = at(item, "podSpec")
        own = at(item, "name")
        if not isinstance(item, Mapping) or not isinstance(pod, Mapping) or not isinstance(own, Scalar):
            continue
        title = scalar_at(f"{name}-{own.text}", own.location, unknown=own.origin.unknown)
        template = _template(item, pod, title, _labels(item, title))
        schedule = at(item, "schedule")
        if schedule is not None:
            inner = _made(item, [("spec", _made(item, [("template", template)]))])
            yield _object(
                "batch/v1", "CronJob", item, title, namespace, [("schedule", schedule), ("jobTemplate", inner)]
            )
        else:
            yield _object("batch/v1", "Job", item, title, namespace, [("template", template)])


def _made(near: Node, entries: list[tuple[str, Node]]) -> Mapping:
    """A mapping of the operator's, at the place of what it was made from."""
    keys = [(scalar_at(key, near.location), value) for key, value in entries]
    return Mapping(near.file, near.start, near.end, [(key, value) for key, value in keys])


def _object(
    version: str, kind: str, item: Mapping, title: Scalar, namespace: Node | None, spec: list[tuple[str, Node]]
) -> Mapping:
    metadata: list[tuple[str, Node]] = [("name", title)]
    if namespace is not None:
        metadata.append(("namespace", namespace))
    place = item.location
    return _made(
        item,
        [
            ("apiVersion", scalar_at(version, place)),
            ("kind", scalar_at(kind, place)),
            ("metadata", _made(item, metadata)),
            ("spec", _made(item, spec)),
        ],
    )


def _labels(item: Mapping, title: Scalar) -> Mapping:
    return _made(item, [("pod", title)])


def _template(item: Mapping, pod: Mapping, title: Scalar, labels: Mapping) -> Mapping:
    env = [*items(pod, "env"), _variable(pod)]
    resources = _resources(pod)
    mounts = at(pod, "volumeMounts")
    shared: list[tuple[str, Node]] = [
        ("resources", resources),
        *([("volumeMounts", mounts)] if mounts is not None else []),
    ]
    own = [(key.text, value) for key, value in pod.entries if key.text not in _OWN]
    container = [("name", title), *own, ("env", Sequence(pod.file, pod.start, pod.end, list(env))), *shared]
    given = {key for key, _ in container}
    if _is_web(item):
        container += [(probe, _probe(item)) for probe in ("livenessProbe", "readinessProbe") if probe not in given]
    spec: list[tuple[str, Node]] = [("containers", _list(pod, [_made(pod, container)]))]
    first = [_first(each, pod, title, shared) for each in items(pod, "initContainers") if isinstance(each, Mapping)]
    if first:
        spec.append(("initContainers", _list(pod, list(first))))
    volumes = at(pod, "volumes")
    if volumes is not None:
        spec.append(("volumes", volumes))
    return _made(item, [("metadata", _made(item, [("labels", labels)])), ("spec", _made(pod, spec))])


def _list(near: Node, found: list[Node]) -> Sequence:
    return Sequence(near.file, near.start, near.end, found)


def _variable(near: Node) -> Mapping:
    place = near.location
    return _made(near, [("name", scalar_at("ACG_CONFIG", place)), ("value", scalar_at(_CONFIG, place))])


def _first(each: Mapping, pod: Mapping, title: Scalar, shared: list[tuple[str, Node]]) -> Mapping:
    """An init container: the image, resources and mounts of the pod's container; its variables where it inherits them."""
    named = text_at(each, "name") or title.text
    image = at(each, "image") or at(pod, "image")
    own = items(each, "env")
    env: list[Node] = [*own, _variable(each)]
    if text_at(each, "inheritEnv") == "true":
        used = {text_at(item, "name") for item in own}
        env = [*own, *(item for item in items(pod, "env") if text_at(item, "name") not in used), _variable(each)]
    entries: list[tuple[str, Node]] = [
        ("name", scalar_at(f"{named}-init", each.location)),
        ("env", _list(each, env)),
        *shared,
    ]
    if image is not None:
        entries.append(("image", image))
    entries += [(key, node) for key in ("command", "args") if (node := at(each, key)) is not None]
    return _made(each, entries)


def _resources(pod: Mapping) -> Mapping:
    """Limits and requests: each of CPU and memory as stated, else what the environment sets."""
    stated = at(pod, "resources")
    near = stated if stated is not None else pod
    sides: list[tuple[str, Node]] = []
    for side in ("limits", "requests"):
        values: list[tuple[str, Node]] = []
        for what in ("cpu", "memory"):
            node = at(pod, "resources", side, what)
            values.append((what, node if node is not None else scalar_at("", near.location, unknown=_ENVIRONMENT)))
        sides.append((side, _made(near, values)))
    return _made(near, sides)


def _is_web(item: Mapping) -> bool:
    return text_at(item, "webServices", "public", "enabled") == "true" or text_at(item, "web") == "true"


def _probe(item: Mapping) -> Mapping:
    """The probe that a web service has without one of its own."""
    place = item.location
    port = scalar_at("0", place, unknown=_ENVIRONMENT)
    request = _made(item, [("path", scalar_at("/healthz", place)), ("port", port)])
    times = [("failureThreshold", "3"), ("periodSeconds", "30"), ("timeoutSeconds", "1")]
    return _made(item, [("httpGet", request), *((key, scalar_at(text, place, "plain")) for key, text in times)])
