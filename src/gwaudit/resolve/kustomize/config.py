"""Which fields the transformers change: kustomize's own table and what ``configurations:`` add to it."""

from __future__ import annotations

from gwaudit.parse.document import Mapping, Scalar
from gwaudit.resolve.kubernetes.platform import kustomize
from gwaudit.resolve.kubernetes.reading import items, text_at
from gwaudit.resolve.kustomize.editing import split_path
from gwaudit.resolve.kustomize.resource import Spec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from gwaudit.parse.document import Node
    from gwaudit.resolve.kustomize.resource import Identity, Resource

SECTIONS = ("commonLabels", "labels", "templateLabels", "volumeClaimTemplateLabels", "commonAnnotations", "images",
            "namePrefix", "nameSuffix", "namespace", "replicas", "varReference")  # fmt: skip


class Field:
    """A path in the objects that ``specs`` select (all where there is none); ``create`` makes it where it is missing."""

    __slots__ = ("create", "path", "specs", "steps")

    def __init__(self, path: str, specs: Iterable[Spec], create: bool) -> None:
        self.path = path
        self.steps = split_path(path)
        self.specs = tuple(specs) or (Spec(""),)
        self.create = create

    def selects(self, resource: Resource) -> bool:
        return self.selects_identity(resource.identity())

    def selects_identity(self, identity: Identity) -> bool:
        return any(spec.selects(identity) for spec in self.specs)


class Fields:
    """The fields by transformer, and the fields that refer to other objects by name."""

    def __init__(self) -> None:
        self._sections: dict[str, list[Field]] = {}
        self.references: list[tuple[Spec, list[Field]]] = []

    @classmethod
    def standard(cls) -> Fields:
        made = cls()
        data = kustomize()
        for name, listed in data["fields"].items():
            made._sections[name] = [_field(record) for record in listed]
        for record in data["name_references"]:
            made.references.append((Spec(record["target"]), [_field(each) for each in record["fields"]]))
        return made

    def copied(self) -> Fields:
        made = Fields()
        made._sections = {name: list(listed) for name, listed in self._sections.items()}
        made.references = [(target, list(listed)) for target, listed in self.references]
        return made

    def all(self, section: str) -> list[Field]:
        return self._sections.get(section, [])

    def of(self, section: str, resource: Resource) -> list[Field]:
        identity = resource.identity()
        return [field for field in self.all(section) if field.selects_identity(identity)]

    def joined(self, other: Fields) -> None:
        """Add what another table has and this one has not."""
        for name, listed in other._sections.items():
            known = {(field.path, _names(field)) for field in self.all(name)}
            self._sections.setdefault(name, []).extend(f for f in listed if (f.path, _names(f)) not in known)
        for target, listed in other.references:
            self._refer(target, listed)

    def add(self, root: Node) -> None:
        """A transformer configuration (a file of ``configurations:``)."""
        for section in SECTIONS:
            for item in items(root, section):
                field = _written(item)
                if field is not None:
                    self._sections.setdefault(section, []).append(field)
        for item in items(root, "nameReference"):
            listed = [field for each in items(item, "fieldSpecs") if (field := _written(each)) is not None]
            self._refer(_spec(item), listed)

    def set_section(self, section: str, listed: Node) -> None:
        """The fields of one transformer, as a list in a file gives them."""
        self._sections[section] = [field for each in items(listed) if (field := _written(each)) is not None]

    def _refer(self, target: Spec, listed: list[Field]) -> None:
        for known, fields in self.references:
            if (known.kind, known.group, known.version) == (target.kind, target.group, target.version):
                have = {(field.path, _names(field)) for field in fields}
                fields.extend(field for field in listed if (field.path, _names(field)) not in have)
                return
        self.references.append((target, list(listed)))


def _names(field: Field) -> tuple[tuple[str, str, str], ...]:
    return tuple((spec.kind, spec.group, spec.version) for spec in field.specs)


def _field(record: dict[str, Any]) -> Field:
    return Field(record["path"], [Spec(text) for text in record.get("of", ())], bool(record.get("create")))


def _spec(node: Node) -> Spec:
    return Spec("|".join(text_at(node, part) or "" for part in ("kind", "group", "version")))


def _written(node: Node) -> Field | None:
    path = node.get("path") if isinstance(node, Mapping) else None
    if not isinstance(path, Scalar):
        return None
    return Field(path.text, [_spec(node)], text_at(node, "create") == "true")


def field_of(node: Node) -> Field | None:
    """A field written in a kustomization (``labels[].fields``)."""
    return _written(node)
