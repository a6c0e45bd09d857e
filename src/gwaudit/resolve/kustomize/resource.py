"""A resource of a build: its tree, the names it had before, and what a selector says of it."""

from __future__ import annotations

import re
from functools import lru_cache

from gwaudit.parse.document import Mapping, Scalar
from gwaudit.pattern import regex
from gwaudit.resolve.kubernetes.platform import kustomize
from gwaudit.resolve.kustomize.editing import copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gwaudit.parse.document import Node


class Identity:
    """Group, version, kind, name and namespace."""

    __slots__ = ("group", "kind", "name", "namespace", "version")

    def __init__(self, group: str, version: str, kind: str, name: str, namespace: str) -> None:
        self.group = group
        self.version = version
        self.kind = kind
        self.name = name
        self.namespace = namespace

    def space(self) -> str:
        """The namespace in effect: cluster-scoped objects have none, an empty one is ``default``."""
        if is_cluster_scoped(self.group, self.kind):
            return "_non_namespaceable_"
        return self.namespace or "default"

    def key(self) -> tuple[str, str, str, str, str]:
        return (self.group, self.version, self.kind, self.name, self.space())


class Spec:
    """``KIND|GROUP|VERSION``, empty parts match anything."""

    __slots__ = ("group", "kind", "version")

    def __init__(self, text: str) -> None:
        parts = [*text.split("|"), "", ""]
        self.kind, self.group, self.version = parts[0], parts[1], parts[2]

    def selects(self, identity: Identity) -> bool:
        return (
            self.kind in ("", identity.kind)
            and self.group in ("", identity.group)
            and self.version in ("", identity.version)
        )


def is_cluster_scoped(group: str, kind: str) -> bool:
    """Whether objects of that kind have no namespace (kinds that are not known have one)."""
    groups = _cluster_scoped().get(kind)
    return groups is not None and ("" in groups or group in groups)


@lru_cache(maxsize=1)
def _cluster_scoped() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for spec in map(Spec, kustomize()["cluster_scoped"]):
        found.setdefault(spec.kind, set()).add(spec.group)
    return found


class Resource:
    """``previous`` are the (namespace, name, kind) it had, the original one first; ``hashed`` says that the real name ends
    in a hash of the content; ``behavior`` is a generator's (create, merge, replace)."""

    __slots__ = ("behavior", "hashed", "node", "prefixes", "previous", "suffixes", "variables")

    def __init__(self, node: Mapping) -> None:
        self.node = node
        self.previous: list[tuple[str, str, str]] = []
        self.prefixes: list[str] = []
        self.suffixes: list[str] = []
        self.hashed = False
        self.behavior = "create"
        self.variables: list[str] = []

    def _text(self, *path: str) -> str:
        found = self.node.get(*path)
        return found.text if isinstance(found, Scalar) else ""

    @property
    def kind(self) -> str:
        return self._text("kind")

    @property
    def name(self) -> str:
        return self._text("metadata", "name")

    @property
    def namespace(self) -> str:
        return self._text("metadata", "namespace")

    @property
    def api_version(self) -> str:
        return self._text("apiVersion")

    def identity(self) -> Identity:
        group, _, version = self.api_version.rpartition("/")
        return Identity(group, version, self.kind, self.name, self.namespace)

    def previous_identities(self) -> list[Identity]:
        group, _, version = self.api_version.rpartition("/")
        return [Identity(group, version, kind, name, space) for space, name, kind in self.previous]

    def original(self) -> Identity:
        found = self.previous_identities()
        return found[0] if found else self.identity()

    def identities(self) -> list[Identity]:
        return [*self.previous_identities(), self.identity()]

    def remember(self) -> None:
        """Keep the identity before a transformer changes it."""
        identity = self.identity()
        if identity.name:
            self.previous.append((identity.space(), identity.name, identity.kind))

    def strings(self, *path: str) -> dict[str, str]:
        found = self.node.get(*path)
        if not isinstance(found, Mapping):
            return {}
        return {key.text: value.text for key, value in found.entries if isinstance(value, Scalar)}

    def copied(self) -> Resource:
        node = copy(self.node)
        assert isinstance(node, Mapping)
        made = Resource(node)
        made.previous, made.prefixes, made.suffixes = list(self.previous), list(self.prefixes), list(self.suffixes)
        made.hashed, made.behavior, made.variables = self.hashed, self.behavior, list(self.variables)
        return made


class Selector:
    """A target selector: anchored patterns for group, version, kind, name and namespace; labels and annotations.

    A pattern that is no plain regular expression of bounded size matches nothing, and ``odd`` is set.
    """

    def __init__(self, node: Node | None, exact: bool = False) -> None:
        self.exact = exact
        self.odd = False
        self.parts: dict[str, str] = {}
        if isinstance(node, Mapping):
            for key, value in node.entries:
                if isinstance(value, Scalar):
                    self.parts[key.text] = value.text
        api = self.parts.get("apiVersion")
        if api and "version" not in self.parts:
            self.parts["group"], _, self.parts["version"] = api.rpartition("/")

    def _matches(self, part: str, *values: str) -> bool:
        pattern = self.parts.get(part, "")
        if not pattern:
            return True
        if self.exact or re.fullmatch(r"[\w-]*", pattern):
            return pattern in values
        if not is_cheap(pattern):
            self.odd = True
            return False
        try:
            compiled = re.compile(f"(?:{pattern})")
        except re.error:
            self.odd = True
            return False
        return any(len(value) <= 300 and compiled.fullmatch(value) for value in values)

    def selects(self, resource: Resource) -> bool:
        now, then = resource.identity(), resource.original()
        return (
            self._matches("namespace", then.space(), now.space())
            and self._matches("name", then.name, now.name)
            and self.selects_kind(now)
            and self.selects_labels(resource)
        )

    def selects_kind(self, identity: Identity) -> bool:
        return (
            self._matches("group", identity.group)
            and self._matches("version", identity.version)
            and self._matches("kind", identity.kind)
        )

    def selects_identity(self, identity: Identity) -> bool:
        return (
            self._matches("namespace", identity.space())
            and self._matches("name", identity.name)
            and self.selects_kind(identity)
        )

    def selects_labels(self, resource: Resource) -> bool:
        labels = self.parts.get("labelSelector", "")
        annotations = self.parts.get("annotationSelector", "")
        return label_match(labels, resource.strings("metadata", "labels")) and label_match(
            annotations, resource.strings("metadata", "annotations")
        )


def is_cheap(pattern: str) -> bool:
    """Whether a pattern from a file takes little time on any name: short, at most two repetitions, no repeated group."""
    if len(pattern) > 200 or "(?" in pattern or re.search(r"\)[*+{?]|\\[1-9]", pattern):
        return False
    return len(re.findall(r"[*+{]", pattern)) <= 2


_REQUIREMENT = regex(r"\s*(!?)([^\s=!,()]+)\s*(?:(==|=|!=)\s*([^\s,()]*)|(in|notin)\s*\(([^()]*)\))?\s*")


def label_match(selector: str, labels: dict[str, str]) -> bool:
    """A Kubernetes label selector (``a=b,c!=d,e in (f,g),!h``); a text that is none matches nothing."""
    if not selector.strip():
        return True
    position = 0
    while position < len(selector):
        match = _REQUIREMENT.match(selector, position)
        if match is None or match.end() == position:
            return False
        negated, key, operator, value, set_operator, members = match.groups()
        actual = labels.get(key)
        if operator in ("=", "=="):
            holds = actual == value
        elif operator == "!=":
            holds = actual != value
        elif set_operator == "in":
            holds = actual is not None and actual in _members(members)
        elif set_operator == "notin":
            holds = actual is None or actual not in _members(members)
        else:
            holds = (actual is None) == bool(negated)
        if not holds:
            return False
        position = match.end()
        if position < len(selector):
            if selector[position] != ",":
                return False
            position += 1
    return True


def _members(text: str) -> Iterable[str]:
    return [each.strip() for each in text.split(",")]
