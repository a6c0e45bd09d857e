"""Security contexts of pod and container: the container's own field wins over the pod's."""

from __future__ import annotations

from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.kubernetes.reading import at, boolean, fact_of, hidden, integer, items, source_of, state, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.document import Node
    from gwaudit.resolve.model import Container


def put_security(container: Container, spec: Node, pod: Node) -> None:
    """Facts on user, root file system, privileges and capabilities of a container; Kubernetes' defaults where unset."""
    own = at(spec, "securityContext")
    shared = at(pod, "spec", "securityContext")
    context = own if own is not None else shared
    place = context.location if context is not None else container.place
    user = at(own, "runAsUser") or at(shared, "runAsUser")
    non_root = at(own, "runAsNonRoot") or at(shared, "runAsNonRoot")
    state(container, "container.user", user, text, ABSENT, place)
    state(container, "container.run_as_non_root", non_root, boolean, ABSENT, place)
    if user is not None:
        uid = fact_of(user, "container.runs_as_root", integer)
        container.put(uid if isinstance(uid.value, Unknown) else uid.with_value(uid.value == 0))
    elif non_root is not None:
        fact = fact_of(non_root, "container.runs_as_root", boolean)
        # The kubelet refuses to start an image that would run as root; where it is false the image decides.
        if fact.value is True:
            container.put(fact.with_value(False))
    state(container, "container.read_only_root", at(own, "readOnlyRootFilesystem"), boolean, False, place)
    privileged = state(container, "container.privileged", at(own, "privileged"), boolean, False, place)
    state(container, "container.allow_privilege_escalation", at(own, "allowPrivilegeEscalation"), boolean, True, place)
    drops = at(own, "capabilities", "drop")
    name = "container.drops_all_capabilities"
    reason = hidden(drops)
    if reason and drops is not None:
        container.put(Fact(name, Unknown(reason, (name,)), source_of(drops)))
    elif drops is not None:
        listed = [fact_of(item, name, text).value for item in items(drops)]
        found = any(isinstance(value, str) and value.upper() == "ALL" for value in listed)
        if not found and any(isinstance(value, Unknown) for value in listed):
            container.put(Fact(name, Unknown("a dropped capability is unknown", (name,)), source_of(drops)))
        else:
            container.put(Fact(name, found and privileged.value is not True, source_of(drops)))
    else:
        container.put(Fact(name, False, Source("platform", None, place)))
