"""References follow renamed objects: fields that name another object get its new name (kustomize's nameReference)."""

from __future__ import annotations

from gwaudit.parse.document import Mapping, Node, Scalar, Sequence
from gwaudit.resolve.kubernetes.rewrite import scalar_from
from gwaudit.resolve.kustomize.editing import set_field, visit
from gwaudit.resolve.kustomize.resource import Spec, is_cluster_scoped
from gwaudit.source import Origin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gwaudit.resolve.kustomize.config import Fields
    from gwaudit.resolve.kustomize.resource import Identity, Resource

    Known = tuple[Resource, Identity, list[Identity]]


def fix_references(resources: list[Resource], fields: Fields) -> None:
    """Write the new names into every field that refers to a renamed object."""
    renamed = [each for each in resources if each.previous]
    if not renamed:
        return
    table = [(each, each.identity(), each.previous_identities()) for each in renamed]
    for referrer in resources:
        original = referrer.original()
        candidates: list[Known] | None = None
        for target, listed in fields.references:
            for field in listed:
                if not any(spec.selects(original) for spec in field.specs):
                    continue
                if candidates is None:
                    ours = referrer.identity()
                    candidates = [known for known in table if _may_refer(referrer, ours, known)]
                search = _Search(referrer, target, field.path, candidates)
                visit(referrer.node, field.steps, search.write)


def _may_refer(referrer: Resource, ours: Identity, target: Known) -> bool:
    """Objects refer to their own namespace, cluster-scoped ones to and from everywhere; role bindings to their subjects'."""
    theirs = target[1]
    if is_cluster_scoped(ours.group, ours.kind) or is_cluster_scoped(theirs.group, theirs.kind):
        return True
    if ours.space() == theirs.space():
        return True
    subjects = referrer.node.get("subjects") if ours.kind == "RoleBinding" else None
    if isinstance(subjects, Sequence):
        for subject in subjects.items:
            space = subject.get("namespace") if isinstance(subject, Mapping) else None
            if isinstance(space, Scalar) and space.text == theirs.namespace:
                return True
    return False


class _Search:
    def __init__(self, referrer: Resource, target: Spec, path: str, candidates: list[Known]) -> None:
        self.referrer = referrer
        self.target = target
        self.path = path
        self.candidates = candidates

    def write(self, node: Node, put: Callable[[Node], None]) -> None:
        if isinstance(node, Scalar):
            self._scalar(node, put)
        elif isinstance(node, Mapping):
            self._mapping(node)
        elif isinstance(node, Sequence):
            for index, item in enumerate(node.items):
                if isinstance(item, Scalar):
                    self._scalar(item, _setter(node, index))
                elif isinstance(item, Mapping):
                    self._mapping(item)

    def _scalar(self, node: Scalar, put: Callable[[Node], None]) -> None:
        found = self._select(node.text, self.candidates)
        if found is not None and found.name != node.text:
            put(_follow(node, found))

    def _mapping(self, node: Mapping) -> None:
        name = node.get("name")
        if not isinstance(name, Scalar):
            return
        candidates = self.candidates
        space = node.get("namespace")
        if isinstance(space, Scalar):
            then = [known for known in candidates if known[2][0].space() == space.text]
            candidates = then or [known for known in candidates if known[1].space() == space.text]
        found = self._select(name.text, candidates)
        if found is None or (found.name == name.text and not found.namespace):
            return
        set_field(node, "name", _follow(name, found))
        if found.namespace:
            where = found.node.get("metadata", "namespace") or found.node
            set_field(node, "namespace", scalar_from(found.namespace, where.origin))

    def _select(self, name: str, candidates: list[Known]) -> Resource | None:
        named = [known for known in candidates if any(before.name == name for before in known[2])]
        found = [each for each, _, before in named if any(self.target.selects(i) for i in before)]
        if self.path.endswith("roleRef/name"):
            group = self.referrer.node.get("roleRef", "apiGroup")
            kind = self.referrer.node.get("roleRef", "kind")
            if isinstance(group, Scalar) and isinstance(kind, Scalar):
                wanted = Spec(f"{kind.text}|{group.text}")
                found = [each for each in found if any(wanted.selects(i) for i in each.previous_identities())]
        ours = self.referrer.identity()
        if not is_cluster_scoped(ours.group, ours.kind):
            found = [each for each in found if each.kind == "ServiceAccount" or _same_space(ours.space(), each)]
        if len(found) == 1:
            return found[0]
        found = [each for each in found if _affixes(each, self.referrer, True)]
        if len(found) > 1:
            found = [each for each in found if _affixes(each, self.referrer, False)]
        if found and all(each.name == found[0].name for each in found):
            return found[0]
        return None


def _same_space(space: str, other: Resource) -> bool:
    identity = other.identity()
    return is_cluster_scoped(identity.group, identity.kind) or identity.space() == space


def _affixes(one: Resource, other: Resource, allow_empty: bool) -> bool:
    """Whether prefixes and suffixes were added by the same kustomizations: the longer list ends in the shorter one."""

    def same(left: list[str], right: list[str]) -> bool:
        if allow_empty and (not left or not right):
            return True
        short = min(len(left), len(right))
        if short == 0:
            return len(left) == len(right)
        return left[len(left) - short :] == right[len(right) - short :]

    return same(one.prefixes, other.prefixes) and same(one.suffixes, other.suffixes)


def _follow(node: Scalar, found: Resource) -> Scalar:
    """The new name where the reference is written, by way of the renamed object."""
    origin = node.origin
    name = found.node.get("metadata", "name")
    via = (*origin.via, name.location) if name is not None else origin.via
    return scalar_from(found.name, Origin(origin.location, via, origin.unknown))


def _setter(node: Sequence, index: int) -> Callable[[Node], None]:
    def put(new: Node) -> None:
        node.items[index] = new

    return put
