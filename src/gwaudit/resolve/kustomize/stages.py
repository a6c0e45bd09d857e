"""The transformers of one kustomization in kustomize's order."""

from __future__ import annotations

from gwaudit.parse.document import Mapping, Scalar
from gwaudit.resolve.kubernetes.reading import items, text_at
from gwaudit.resolve.kustomize.config import Field, Fields, field_of
from gwaudit.resolve.kustomize.resource import Resource, Spec
from gwaudit.resolve.kustomize.transform import add_prefix, set_images, set_namespace, set_pairs, set_replicas

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gwaudit.parse.document import Node
    from gwaudit.resolve.kustomize.patches import Patches
    from gwaudit.source import Location


def transform(
    root: Mapping,
    resources: list[Resource],
    fields: Fields,
    patches: Patches,
    note: Callable[[Location, str], None],
) -> None:
    """Everything but replacements, which see the outcome of this."""
    patches.strategic(root)
    patches.modern(root)
    namespace, prefix, suffix = (root.get(field) for field in ("namespace", "namePrefix", "nameSuffix"))
    if isinstance(namespace, Scalar) and namespace.text:
        set_namespace(resources, namespace, fields)
    if isinstance(prefix, Scalar):
        add_prefix(resources, prefix, fields)
    if isinstance(suffix, Scalar):
        add_prefix(resources, suffix, fields, suffix=True)
    for entry in items(root, "labels"):
        pairs = entry.get("pairs") if isinstance(entry, Mapping) else None
        if isinstance(pairs, Mapping):
            set_pairs(resources, pairs, _label_fields(entry, fields))
    common = root.get("commonLabels")
    if isinstance(common, Mapping):
        set_pairs(resources, common, fields.all("commonLabels"))
    annotations = root.get("commonAnnotations")
    if isinstance(annotations, Mapping):
        set_pairs(resources, annotations, fields.all("commonAnnotations"))
    patches.json(root)
    for entry in items(root, "replicas"):
        if isinstance(entry, Mapping) and not set_replicas(resources, entry, fields):
            note(entry.location, f"replicas names {text_at(entry, 'name')}, which is not there")
    for field in ("images", "imageTags"):
        for entry in items(root, field):
            if isinstance(entry, Mapping):
                set_images(resources, entry, fields)


def _label_fields(entry: Node, fields: Fields) -> list[Field]:
    """Where an entry of ``labels:`` goes: metadata only, unless it asks for templates or selectors."""
    found = [field for each in items(entry, "fields") if (field := field_of(each)) is not None]
    found += fields.all("labels")
    if text_at(entry, "includeSelectors") == "true":
        return found + fields.all("commonLabels")
    if text_at(entry, "includeTemplates") == "true":
        found += fields.all("templateLabels")
    if text_at(entry, "includeVolumeClaimTemplates") == "true":
        found += fields.all("volumeClaimTemplateLabels")
    return [*found, Field("metadata/labels", [Spec("")], True)]
