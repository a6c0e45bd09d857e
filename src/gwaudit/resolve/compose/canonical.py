"""Short forms made long before anything is merged: ``- KEY=value`` as a mapping, one name as a list.

This is done on the text as written, so that a key is found where only its value is interpolated.
"""

from __future__ import annotations

from gwaudit.parse.document import Mapping, Node, Scalar, Sequence
from gwaudit.resolve.compose.tree import is_null
from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.interpolate import expand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gwaudit.resolve.interpolate import Lookup

PAIRS = ("environment", "labels", "annotations", "sysctls", "extra_hosts", "storage_opt")
NAMES = ("depends_on", "networks", "models")
LISTS = ("env_file", "label_file", "dns", "dns_search", "dns_opt", "tmpfs", "profiles", "cap_add", "cap_drop")
ITEM = "item"  # the style of a key that stood in a list: Compose interpolates it, as it does no other key
BUILD_PAIRS = ("args", "labels", "additional_contexts", "extra_hosts")


def canonical(service: Node) -> Node:
    """A service with its short forms made long; any other node as it is."""
    if not isinstance(service, Mapping):
        return service
    forms: dict[str, Callable[[Node], Node]] = dict.fromkeys(PAIRS, pairs)
    forms.update(dict.fromkeys(NAMES, names))
    forms.update(dict.fromkeys(LISTS, listed))
    forms["build"] = _build
    forms["deploy"] = _deploy
    return _mapped(service, forms)


def _mapped(mapping: Mapping, forms: dict[str, Callable[[Node], Node]]) -> Mapping:
    entries = [(key, forms[key.text](child) if key.text in forms else child) for key, child in mapping.entries]
    return Mapping(mapping.file, mapping.start, mapping.end, entries, mapping.tag)


def _build(node: Node) -> Node:
    if isinstance(node, Mapping):
        return _mapped(node, dict.fromkeys(BUILD_PAIRS, pairs))
    if isinstance(node, Scalar) and (node.text or node.style != "plain"):
        key = Scalar(node.file, node.start, node.end, "context")
        return Mapping(node.file, node.start, node.end, [(key, node)], node.tag)
    return node


def _deploy(node: Node) -> Node:
    return _mapped(node, {"labels": pairs}) if isinstance(node, Mapping) else node


def pairs(node: Node) -> Node:
    """``- KEY=value`` and ``- KEY`` as entries; a value that stood in a list is always a string, a missing one is null."""
    if not isinstance(node, Sequence):
        return node
    entries = [pair(item) for item in node.items if isinstance(item, Scalar)]
    return Mapping(node.file, node.start, node.end, [(key, value) for key, value in entries], node.tag)


def pair(item: Scalar) -> tuple[Scalar, Scalar]:
    """Key and value of ``KEY=value`` (``host:address`` for extra hosts), each with its own place where the text shows it."""
    name, equal, text = item.text.partition("=")
    lead = 0 if item.style == "plain" else 1
    exact = item.file.text[item.start + lead : item.start + lead + len(item.text)] == item.text
    start = item.start + lead
    key_span = (start, start + len(name)) if exact else (item.start, item.end)
    value_span = (start + len(name) + 1, start + len(item.text)) if exact else (item.start, item.end)
    key = Scalar(item.file, *key_span, name, ITEM)
    if not equal:
        return key, Scalar(item.file, *key_span, "", "plain")
    return key, Scalar(item.file, *value_span, text, "double")


def names(node: Node) -> Node:
    """A list of names as a mapping of names to null."""
    if not isinstance(node, Sequence):
        return node
    entries: list[tuple[Scalar, Node]] = [
        (item, Scalar(item.file, item.end, item.end, "", "plain")) for item in node.items if isinstance(item, Scalar)
    ]
    return Mapping(node.file, node.start, node.end, entries, node.tag)


def listed(node: Node) -> Node:
    """One scalar or mapping as a list of one."""
    if isinstance(node, Scalar):
        null = node.style == "plain" and node.text in ("", "~", "null")
        return node if null or node.tag == "!reset" else Sequence(node.file, node.start, node.end, [node], node.tag)
    return Sequence(node.file, node.start, node.end, [node]) if isinstance(node, Mapping) else node


def keyed(service: Node, lookup: Lookup) -> Node:
    """A canonical service whose keys from lists are interpolated: ``- ${KEY}=value`` and ``- $PAIR``."""
    if not isinstance(service, Mapping):
        return service
    entries = [(key, _keyed(child, lookup) if key.text in PAIRS else child) for key, child in service.entries]
    if all(new[1] is old[1] for new, old in zip(entries, service.entries, strict=True)):
        return service
    return Mapping(service.file, service.start, service.end, entries, service.tag)


def _keyed(node: Node, lookup: Lookup) -> Node:
    if not isinstance(node, Mapping) or not any("$" in key.text and key.style == ITEM for key, _ in node.entries):
        return node
    entries: list[tuple[Scalar, Node]] = []
    for key, value in node.entries:
        if "$" in key.text and key.style == ITEM:
            expanded = expand(key.text, lookup).value
            if isinstance(expanded, Unknown):
                continue  # a variable of unknown name
            name, equal, text = expanded.partition("=")
            if equal and isinstance(value, Scalar):
                value = Scalar(
                    value.file, value.start, value.end, text if is_null(value) else f"{text}={value.text}", "double"
                )
            key = Scalar(key.file, key.start, key.end, name, ITEM)
        entries.append((key, value))
    return Mapping(node.file, node.start, node.end, entries, node.tag)
