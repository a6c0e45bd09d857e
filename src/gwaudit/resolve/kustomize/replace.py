"""``replacements:`` and ``vars:``: values of one object's field copied into fields of others."""

from __future__ import annotations

from gwaudit.parse.document import Mapping, Node, Scalar, Sequence
from gwaudit.resolve.kubernetes.reading import items, text_at
from gwaudit.resolve.kubernetes.rewrite import scalar_from
from gwaudit.resolve.kustomize.editing import TooLarge, copy, is_nil, is_text, replaced, shadowing, split_path, visit
from gwaudit.resolve.kustomize.resource import Resource, Selector
from gwaudit.source import Origin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gwaudit.resolve.kustomize.config import Fields
    from gwaudit.source import Location

    Note = Callable[[Location, str], None]
    Put = Callable[[Node], None]


MAX_TEXT = 1_000_000  # characters of one value


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

    _follow(root, steps, put_value, create, value)
    return bool(found)


def _follow(node: Node, steps: list[str], change: Callable[[Node, Put], None], create: bool, value: Node) -> None:
    """Walk a replacement's path: fields, ``[key=value]`` elements, indexes and ``*``."""

    def go(here: Node, rest: list[str], put: Put | None) -> None:
        if not rest:
            if put is not None:
                change(here, put)
            return
        step = rest[0]
        if isinstance(here, Sequence):
            for index in _matching(here, step, create, value if len(rest) == 1 else None):
                go(here.items[index], rest[1:], _item(here, index))
            return
        if not isinstance(here, Mapping):
            return
        names = [key.text for key, _ in here.entries] if step == "*" else [step]
        for name in names:
            position = next((i for i in range(len(here.entries) - 1, -1, -1) if here.entries[i][0].text == name), None)
            if position is None:
                if not create:
                    continue
                made = _made(rest[1:], value)
                here.entries.append((scalar_from(name, value.origin), made))
                position = len(here.entries) - 1
            go(here.entries[position][1], rest[1:], _entry(here, position))

    go(node, steps, None)


def _made(rest: list[str], value: Node) -> Node:
    if not rest:
        return scalar_from("", value.origin, "plain") if isinstance(value, Scalar) else copy(value)
    if rest[0].startswith("[") or rest[0].isdigit():
        return Sequence(value.file, value.start, value.end, [])
    return Mapping(value.file, value.start, value.end, [])


def _matching(here: Sequence, step: str, create: bool, value: Node | None) -> list[int]:
    if step == "*":
        return list(range(len(here.items)))
    if step.isdigit():
        index = int(step) if len(step) < 7 else len(here.items)
        return [index] if index < len(here.items) else []
    if step == "-":
        return [len(here.items) - 1] if here.items else []
    if step.startswith("[") and step.endswith("]"):
        key, _, wanted = step[1:-1].partition("=")
        found = []
        for index, item in enumerate(here.items):
            if key in ("", "."):
                if isinstance(item, Scalar) and item.text == wanted:
                    found.append(index)
                continue
            field = item.get(key) if isinstance(item, Mapping) else None
            if isinstance(field, Scalar) and field.text == wanted:
                found.append(index)
        if not found and create and key:
            like = value if value is not None else here
            pair: list[tuple[Scalar, Node]] = [(scalar_from(key, like.origin), scalar_from(wanted, like.origin))]
            here.items.append(Mapping(like.file, like.start, like.end, pair))
            found = [len(here.items) - 1]
        return found
    return []


def _item(node: Sequence, index: int) -> Put:
    def put(new: Node) -> None:
        node.items[index] = new

    return put


def _entry(node: Mapping, index: int) -> Put:
    def put(new: Node) -> None:
        node.entries[index] = (node.entries[index][0], new)

    return put


def lookup(node: Node | None, steps: list[str]) -> Node | None:
    """The one node at a path, None where there is none."""
    for step in steps:
        if isinstance(node, Mapping):
            node = node.get(step)
        elif isinstance(node, Sequence):
            found = _matching(node, step, False, None)
            node = node.items[found[0]] if found else None
        else:
            return None
    return node


def smart_path(path: str) -> list[str]:
    """A dotted path; ``[name=a.b]`` and ``[a.b/c]`` stay one step, the brackets of the second are dropped."""
    parts = split_path(path, ".")
    found: list[str] = []
    index = 0
    while index < len(parts):
        part = parts[index]
        if part.startswith("[") and not part.endswith("]"):
            joined = [part]
            while index < len(parts) - 1:
                index += 1
                joined.append(parts[index])
                if parts[index].endswith("]"):
                    break
            text = ".".join(joined)
            found.append(text if "=" in text else text.strip("[]"))
        else:
            found.append(part)
        index += 1
    return found


def _number(text: str | None) -> int:
    body = (text or "0").removeprefix("-")
    return int(text or 0) if body.isdigit() and len(body) < 9 else 0


class Variable:
    """A ``vars:`` entry: a name and the object and field that it stands for."""

    __slots__ = ("name", "node", "path", "resource")

    def __init__(self, name: str, node: Node, path: str, resource: Resource | None) -> None:
        self.name = name
        self.node = node
        self.path = path
        self.resource = resource


def find_variables(resources: list[Resource], root: Node) -> list[Variable]:
    """The variables of a kustomization with the objects they name."""
    found = []
    for entry in items(root, "vars"):
        name = text_at(entry, "name")
        reference = entry.get("objref") if isinstance(entry, Mapping) else None
        if not name or reference is None:
            continue
        chosen = Selector(reference, exact=True)
        matches = [each for each in resources if any(chosen.selects_identity(i) for i in each.identities())]
        path = text_at(entry, "fieldref", "fieldpath") or text_at(entry, "fieldref", "fieldPath") or "metadata.name"
        found.append(Variable(name, entry, path, matches[0] if len(matches) == 1 else None))
    return found


def resolve_variables(resources: list[Resource], variables: list[Variable], fields: Fields, note: Note) -> None:
    """Replace ``$(NAME)`` in the fields that kustomize looks at."""
    values: dict[str, Scalar] = {}
    for variable in variables:
        path = [step for part in split_path(variable.path, ".") for step in _indexed(part)]
        value = lookup(variable.resource.node, path) if variable.resource is not None else None
        if isinstance(value, Scalar):
            values[variable.name] = value
        else:
            note(variable.node.location, f"the variable {variable.name} names no field of one object")
    if not values:
        return

    def write(node: Node, put: Put) -> None:
        if isinstance(node, Scalar):
            if is_text(node):
                put(substituted(node, values))
        elif isinstance(node, Sequence):
            for index, item in enumerate(node.items):
                if isinstance(item, Scalar) and is_text(item):
                    node.items[index] = substituted(item, values)
        elif isinstance(node, Mapping):
            for index, (key, item) in enumerate(node.entries):
                if isinstance(item, Scalar) and is_text(item):
                    node.entries[index] = (key, substituted(item, values))

    for resource in resources:
        for field in fields.of("varReference", resource):
            visit(resource.node, field.steps, write)


def _indexed(part: str) -> list[str]:
    """``a[0]`` as two steps."""
    name, bracket, rest = part.partition("[")
    return [name, *[each.rstrip("]") for each in rest.split("[")]] if bracket and name else [part]


def substituted(node: Scalar, values: dict[str, Scalar]) -> Scalar:
    """The text with its variables replaced; a text that is one variable takes over the value's type."""
    text = node.text
    if "$" not in text:
        return node
    out: list[str] = []
    used: list[Scalar] = []
    index = length = 0
    while index < len(text):
        at = text.find("$", index)
        if at < 0 or at + 1 >= len(text):
            out.append(text[index:])
            break
        out.append(text[index:at])
        following = text[at + 1]
        end = text.find(")", at + 2) if following == "(" else -1
        if end < 0:
            out.append("$" if following == "$" else "$" + following)
            index = at + 2
            continue
        name = text[at + 2 : end]
        value = values.get(name)
        if value is not None and at == 0 and end == len(text) - 1:
            return replaced(node, value.text, value, value.style)
        if value is not None:
            used.append(value)
            length += len(value.text)
            if length > MAX_TEXT:
                raise TooLarge
        out.append(value.text if value is not None else f"$({name})")
        index = end + 1
    if not used:
        return replaced(node, "".join(out), None, node.style)
    unknown = next((value.origin.unknown for value in used if value.origin.unknown), node.origin.unknown)
    made = scalar_from("".join(out), Origin(node.location, [value.location for value in used], unknown))
    return made
