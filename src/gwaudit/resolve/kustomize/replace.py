"""``replacements:``: values of one object's field copied into fields of others."""

from __future__ import annotations

from gwaudit.parse.document import Mapping, Node, Scalar
from gwaudit.resolve.kubernetes.reading import items, text_at
from gwaudit.resolve.kubernetes.rewrite import scalar_from
from gwaudit.resolve.kustomize.editing import MAX_TEXT, TooLarge, copy, is_nil, is_text, replaced, shadowing
from gwaudit.resolve.kustomize.fieldpath import follow, lookup, smart_path
from gwaudit.resolve.kustomize.resource import Resource, Selector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gwaudit.source import Location

    Note = Callable[[Location, str], None]
    Put = Callable[[Node], None]


def apply_replacement(resources: list[Resource], entry: Node, note: Note) -> None:
    """One replacement; what cannot be found is noted, as kustomize would refuse to build."""
    value = _source(resources, entry, note)
    if value is None:
        return
    for target in items(entry, "targets"):
        select = target.get("select") if isinstance(target, Mapping) else None
        chosen = Selector(select)
        rejected = [Selector(each) for each in items(target, "reject")]
        paths = [each.text for each in items(target, "fieldPaths") if isinstance(each, Scalar)] or ["metadata.name"]
        options = target.get("options") if isinstance(target, Mapping) else None
        for resource in resources:
            identities = resource.identities()
            if not chosen.selects_labels(resource) or not any(chosen.selects_identity(i) for i in identities):
                continue
            if any(_rejects(each, resource) for each in rejected):
                continue
            for path in paths:
                if not _write(resource.node, smart_path(path), value, options):
                    note(target.location, f"{resource.kind} {resource.name} has no field {path} to replace")


def _rejects(selector: Selector, resource: Resource) -> bool:
    """Whether a ``reject`` entry names the object: by identity, or by labels and annotations where it has only those."""
    named = any(selector.parts.get(part) for part in ("group", "version", "kind", "name", "namespace"))
    labelled = any(selector.parts.get(part) for part in ("labelSelector", "annotationSelector"))
    if labelled and selector.selects_labels(resource):
        return True
    return named and any(selector.selects_identity(identity) for identity in resource.identities())


def _source(resources: list[Resource], entry: Node, note: Note) -> Node | None:
    given = entry.get("sourceValue") if isinstance(entry, Mapping) else None
    if isinstance(given, Scalar):
        return scalar_from(given.text, given.origin)
    source = entry.get("source") if isinstance(entry, Mapping) else None
    if source is None:
        return None
    chosen = Selector(source, exact=True)
    found = [each for each in resources if any(chosen.selects_identity(i) for i in each.identities())]
    if len(found) != 1:
        note(source.location, "the source of a replacement selects no object, or more than one")
        return None
    path = text_at(source, "fieldPath") or "metadata.name"
    value = lookup(found[0].node, smart_path(path))
    if is_nil(value) or value is None:
        note(source.location, f"{found[0].kind} {found[0].name} has no field {path}")
        return None
    delimiter = text_at(source, "options", "delimiter")
    if delimiter and isinstance(value, Scalar):
        parts = value.text.split(delimiter)
        index = _number(text_at(source, "options", "index"))
        if not 0 <= index < len(parts):
            note(source.location, f"the source has no part {index}")
            return None
        return scalar_from(parts[index], value.origin)
    return value


def _write(root: Node, steps: list[str], value: Node, options: Node | None) -> bool:
    create = text_at(options, "create") == "true"
    found: list[bool] = []

    def put_value(node: Node, put: Put) -> None:
        found.append(True)
        delimiter = text_at(options, "delimiter")
        if delimiter and isinstance(node, Scalar) and isinstance(value, Scalar):
            parts = node.text.split(delimiter)
            index = _number(text_at(options, "index"))
            if index < 0:
                parts.insert(0, value.text)
            elif index >= len(parts):
                parts.append(value.text)
            else:
                parts[index] = value.text
            if sum(map(len, parts)) > MAX_TEXT:
                raise TooLarge
            put(replaced(node, delimiter.join(parts), value, node.style))
        elif isinstance(node, Scalar) and isinstance(value, Scalar):
            # The target keeps its type: a number stays a number, a string a string whatever it says.
            made = node.style == "plain" and node.text == ""
            style = value.style if made else "double" if node.style == "plain" and is_text(node) else node.style
            put(replaced(node, value.text, value, style))
        else:
            put(shadowing(copy(value), node))

    follow(root, steps, put_value, create, value)
    return bool(found)


def _number(text: str | None) -> int:
    body = (text or "0").removeprefix("-")
    return int(text or 0) if body.isdigit() and len(body) < 9 else 0
