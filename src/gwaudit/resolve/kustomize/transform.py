"""Transformers named by a field of a kustomization: namespace, prefix, suffix, labels, annotations, images, replicas."""

from __future__ import annotations

import re

from gwaudit.parse.document import Mapping, Node, Scalar, Sequence
from gwaudit.resolve.kubernetes.reading import items
from gwaudit.resolve.kubernetes.rewrite import scalar_from
from gwaudit.resolve.kustomize.config import Field, Fields
from gwaudit.resolve.kustomize.editing import empty_mapping, replaced, set_field, visit
from gwaudit.resolve.kustomize.resource import Resource, Spec, is_cluster_scoped
from gwaudit.source import Origin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_DIGEST = r"(@[a-zA-Z0-9]+(?:[.+_-][a-zA-Z0-9]+)*:[a-zA-Z0-9_.{}-]*)?"


def set_namespace(resources: list[Resource], namespace: Scalar, fields: Fields) -> None:
    """``namespace:``: every object that has one, and ``default`` among the subjects of role bindings."""
    for resource in resources:
        resource.remember()
        identity = resource.identity()

        def write(node: Node, put: Callable[[Node], None]) -> None:
            if isinstance(node, Scalar):
                put(replaced(node, namespace.text, namespace, "double"))

        if not is_cluster_scoped(identity.group, identity.kind):
            visit(resource.node, ["metadata", "namespace"], write, True, lambda _: _empty(namespace))
        if identity.kind in ("RoleBinding", "ClusterRoleBinding"):
            for subject in items(resource.node, "subjects"):
                if isinstance(subject, Mapping) and _text(subject, "name") == "default":
                    visit(subject, ["namespace"], write, True, lambda _: _empty(namespace))
        for field in fields.of("namespace", resource):
            if field.path == "metadata/namespace" or (identity.kind == "Namespace" and resource.api_version != "v1"):
                continue
            if identity.kind in ("RoleBinding", "ClusterRoleBinding") and field.path == "subjects/namespace":
                continue
            visit(resource.node, field.steps, write, field.create, lambda _: _empty(namespace))


def add_prefix(resources: list[Resource], prefix: Scalar, fields: Fields, suffix: bool = False) -> None:
    """``namePrefix:`` or ``nameSuffix:``; references follow when all names are known."""
    from gwaudit.resolve.kubernetes.platform import kustomize

    skipped = [Spec(text) for text in kustomize()["unprefixed"]]
    for resource in resources:
        identity = resource.original()
        if any(spec.selects(identity) for spec in skipped) or not prefix.text:
            continue
        for field in fields.of("nameSuffix" if suffix else "namePrefix", resource):
            if field.path == "metadata/name":
                (resource.suffixes if suffix else resource.prefixes).append(prefix.text)
                resource.remember()

            def write(node: Node, put: Callable[[Node], None]) -> None:
                if isinstance(node, Scalar):
                    name = node.text + prefix.text if suffix else prefix.text + node.text
                    put(_renamed(node, name, prefix))

            visit(resource.node, field.steps, write, field.create)


def _renamed(node: Scalar, name: str, by: Node) -> Scalar:
    """A new name at the place where the old one is written, by way of the prefix."""
    origin = node.origin
    return scalar_from(name, Origin(origin.location, (*origin.via, by.location), origin.unknown))


def set_pairs(resources: list[Resource], pairs: Mapping, fields: Iterable[Field]) -> None:
    """Labels or annotations: every pair into every mapping that the fields name."""
    listed = list(fields)
    for resource in resources:
        identity = resource.identity()
        chosen = [field for field in listed if field.selects_identity(identity)]
        for key, value in sorted(pairs.entries, key=lambda pair: pair[0].text):
            if not isinstance(value, Scalar):
                continue
            for field in chosen:

                def write(node: Node, put: Callable[[Node], None], key: Scalar = key, value: Scalar = value) -> None:
                    if isinstance(node, Mapping):
                        set_field(node, key.text, scalar_from(value.text, value.origin), key)

                visit(resource.node, field.steps, write, field.create, empty_mapping)


def set_images(resources: list[Resource], image: Mapping, fields: Fields) -> None:
    """``images:``: a new name, tag, digest or tag suffix for one image, wherever containers name it."""
    name = _text(image, "name")
    if not name:
        return
    pattern = re.compile(re.escape(name) + r"(?::[a-zA-Z0-9_.{}-]*)?" + _DIGEST)

    def write(node: Node, put: Callable[[Node], None]) -> None:
        if isinstance(node, Scalar) and len(node.text) < 1000 and pattern.fullmatch(node.text):
            text, by = _image(node.text, image)
            if text != node.text and by is not None:
                put(replaced(node, text, by, "double"))

    for resource in resources:
        if resource.kind == "CustomResourceDefinition":
            continue
        _containers(resource.node, write)
        for field in fields.of("images", resource):
            visit(resource.node, field.steps, write, False)


def _containers(node: Node, write: Callable[[Node, Callable[[Node], None]], None]) -> None:
    """``image`` of every element of every list called containers or initContainers."""
    stack: list[Node] = [node]
    while stack:
        here = stack.pop()
        if isinstance(here, Sequence):
            stack.extend(here.items)
        elif isinstance(here, Mapping):
            for key, value in here.entries:
                stack.append(value)
                if key.text in ("containers", "initContainers") and isinstance(value, Sequence):
                    visit(value, ["image"], write)


def split_image(text: str) -> tuple[str, str, str]:
    """Name, tag and digest of an image reference."""
    slash = max(text.find("/"), 0)
    at, colon = text.find("@", slash), text.find(":", slash)
    if at >= 0 and (colon < 0 or at < colon):
        return text[:at], "", text[at + 1 :]
    if colon < 0:
        return text, "", ""
    if at >= 0:
        return text[:colon], text[colon + 1 : at], text[at + 1 :]
    return text[:colon], text[colon + 1 :], ""


def _image(text: str, image: Mapping) -> tuple[str, Node | None]:
    """The new reference and the node that decides it: the tag or digest, else the new name."""
    name, tag, digest = split_image(text)
    new_name, new_tag, new_digest = _text(image, "newName"), _text(image, "newTag"), _text(image, "digest")
    suffix = _text(image, "tagSuffix")
    by = "newName" if new_name else None
    name = new_name or name
    if new_tag or new_digest:
        tag, digest, by = new_tag, new_digest, "newTag" if new_tag else "digest"
    elif suffix:
        tag, digest, by = tag + suffix, "", "tagSuffix"
    full = name + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")
    return full, image.get(by) if by else None


def set_replicas(resources: list[Resource], entry: Mapping, fields: Fields) -> bool:
    """``replicas:``: the count of the objects of that name; False where there is none."""
    name, count = _text(entry, "name"), entry.get("count")
    if not isinstance(count, Scalar):
        return True
    found = False
    for resource in resources:
        for field in fields.all("replicas"):
            if not any(
                identity.name == name and any(spec.selects(identity) for spec in field.specs)
                for identity in resource.identities()
            ):
                continue
            found = True

            def write(node: Node, put: Callable[[Node], None]) -> None:
                if isinstance(node, Scalar):
                    put(replaced(node, count.text, count, "plain"))

            if field.selects(resource):
                visit(resource.node, field.steps, write, field.create, lambda _: scalar_from("", count.origin, "plain"))
    return found


def _empty(like: Scalar) -> Scalar:
    return scalar_from("", like.origin)


def _text(node: Node, field: str) -> str:
    found = node.get(field) if isinstance(node, Mapping) else None
    return found.text if isinstance(found, Scalar) else ""
