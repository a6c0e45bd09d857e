"""Kustomize's own transformers named by ``transformers:`` (API version ``builtin``): the same changes, chosen fields."""

from __future__ import annotations

from gwaudit.parse.document import Mapping, Scalar
from gwaudit.resolve.kubernetes.reading import text_at
from gwaudit.resolve.kubernetes.rewrite import scalar_from
from gwaudit.resolve.kustomize.config import Fields
from gwaudit.resolve.kustomize.transform import add_prefix, set_images, set_namespace, set_pairs, set_replicas

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.document import Node
    from gwaudit.resolve.kustomize.patches import Patches
    from gwaudit.resolve.kustomize.resource import Resource

_SECTIONS = {
    "LabelTransformer": "commonLabels",
    "AnnotationsTransformer": "commonAnnotations",
    "PrefixTransformer": "namePrefix",
    "SuffixTransformer": "nameSuffix",
    "PrefixSuffixTransformer": "namePrefix",
    "NamespaceTransformer": "namespace",
    "ImageTagTransformer": "images",
    "ReplicaCountTransformer": "replicas",
}


def apply_plugin(plugin: Resource, resources: list[Resource], patches: Patches) -> bool:
    """Apply one transformer; False for one that is not kustomize's own or not known here."""
    node, kind = plugin.node, plugin.kind
    if plugin.api_version != "builtin":
        return False
    fields = _fields(node, _SECTIONS.get(kind, ""))
    if kind == "LabelTransformer":
        _pairs(resources, node.get("labels"), fields, "commonLabels")
    elif kind == "AnnotationsTransformer":
        _pairs(resources, node.get("annotations"), fields, "commonAnnotations")
    elif kind in ("PrefixTransformer", "SuffixTransformer", "PrefixSuffixTransformer"):
        for field in ("prefix", "suffix"):
            value = node.get(field)
            if isinstance(value, Scalar):
                add_prefix(resources, value, fields, suffix=field == "suffix")
    elif kind == "NamespaceTransformer":
        value = node.get("metadata", "namespace")
        if isinstance(value, Scalar):
            unset_only = text_at(node, "unsetOnly") == "true"
            set_namespace([each for each in resources if not (unset_only and each.namespace)], value, fields)
    elif kind == "ImageTagTransformer":
        image = node.get("imageTag")
        if isinstance(image, Mapping):
            set_images(resources, image, fields)
    elif kind == "ReplicaCountTransformer":
        replica = node.get("replica")
        if isinstance(replica, Mapping):
            set_replicas(resources, replica, fields)
    elif kind in ("PatchTransformer", "PatchJson6902Transformer"):
        entries = [
            (scalar_from("patch", key.origin), value) if key.text == "jsonOp" else (key, value)
            for key, value in node.entries
        ]
        patches.one(Mapping(node.file, node.start, node.end, entries))
    else:
        return False
    return True


def _fields(node: Node, section: str) -> Fields:
    """The fields that the transformer names; kustomize's own where it names none."""
    given = node.get("fieldSpecs") if isinstance(node, Mapping) else None
    if given is None or not section:
        return Fields.standard()
    made = Fields()
    made.set_section(section, given)
    if section == "namePrefix":
        made.set_section("nameSuffix", given)
    return made


def _pairs(resources: list[Resource], pairs: Node | None, fields: Fields, section: str) -> None:
    if isinstance(pairs, Mapping):
        set_pairs(resources, pairs, fields.all(section))
