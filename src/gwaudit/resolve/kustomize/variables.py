"""``vars:``: values of objects that ``$(NAME)`` stands for in fields of others."""

from __future__ import annotations

from gwaudit.parse.document import Mapping, Node, Scalar, Sequence
from gwaudit.resolve.kubernetes.reading import items, text_at
from gwaudit.resolve.kubernetes.rewrite import scalar_from
from gwaudit.resolve.kustomize.editing import MAX_TEXT, TooLarge, is_text, replaced, split_path, visit
from gwaudit.resolve.kustomize.fieldpath import lookup
from gwaudit.resolve.kustomize.resource import Resource, Selector
from gwaudit.source import Origin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gwaudit.resolve.kustomize.config import Fields
    from gwaudit.source import Location

    Note = Callable[[Location, str], None]
    Put = Callable[[Node], None]


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
