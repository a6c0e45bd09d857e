"""Jobs in JSON: HCL's own JSON syntax, and the form of Nomad's HTTP API (``{"Job": {"TaskGroups": [...]}}``)."""

from __future__ import annotations

import re

from gwaudit.parse.document import Mapping, Scalar, Sequence
from gwaudit.parse.hcl.syntax import Block, Body

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.document import Node

MAX_DEPTH = 12
_LABELLED = frozenset(("job", "group", "task", "variable", "port", "volume"))
_BLOCKS = _LABELLED | frozenset((
    "network", "service", "check", "check_restart", "scaling", "template", "resources", "lifecycle", "volume_mount",
    "periodic", "parameterized", "locals", "mount",
))  # fmt: skip
# Names of the API beside those of the job specification; others differ only in their spelling.
_API = {
    "TaskGroups": "group", "Tasks": "task", "Services": "service", "Checks": "check", "Networks": "network",
    "DynamicPorts": "port", "ReservedPorts": "port", "Templates": "template", "EmbeddedTmpl": "data", "Envvars": "env",
    "DestPath": "destination", "MemoryMB": "memory", "MemoryMaxMB": "memory_max", "PortLabel": "port", "CPU": "cpu",
    "VolumeMounts": "volume_mount", "Volumes": "volume", "ParameterizedJob": "parameterized",
}  # fmt: skip
_NAMES = ("Name", "ID", "Label")


def body_of(root: Mapping) -> Body:
    """The same job as a body with blocks; every node keeps its place."""
    job = root.get("Job")
    api = job if isinstance(job, Mapping) else root if isinstance(root.get("TaskGroups"), Sequence) else None
    if api is None:
        return _native(root, 0)
    body = Body(root.file, root.start, root.end)
    body.blocks.append(_api_block("job", api, 0))
    return body


def _native(node: Mapping, depth: int) -> Body:
    """``{"job": {"name": {...}}}``: a list repeats a block."""
    body = Body(node.file, node.start, node.end)
    for key, value in node.entries:
        if key.text not in _BLOCKS or depth > MAX_DEPTH:
            body.entries.append((key, value))
            continue
        for item in _each(value):
            if key.text not in _LABELLED:
                body.blocks.append(Block(node.file, key.start, item.end, key, [], _native(item, depth + 1)))
                continue
            for label, inner in item.entries:
                for below in _each(inner):
                    body.blocks.append(Block(node.file, key.start, below.end, key, [label], _native(below, depth + 1)))
    return body


def _each(node: Node) -> list[Mapping]:
    items = node.items if isinstance(node, Sequence) else [node]
    return [item for item in items if isinstance(item, Mapping)]


def _api_block(type: str, node: Mapping, depth: int, key: Scalar | None = None) -> Block:
    """An object of the API as a block, with its ``Name``, ``ID`` or ``Label`` as label."""
    label = next((found for name in _NAMES if isinstance(found := node.get(name), Scalar)), None)
    head = Scalar(node.file, key.start if key else node.start, key.end if key else node.start + 1, type)
    body = Body(node.file, node.start, node.end)
    block = Block(node.file, node.start, node.end, head, [label] if label is not None else [], body)
    if depth > MAX_DEPTH:
        return block
    for name, value in node.entries:
        if isinstance(value, Scalar) and value.text == "null" and value.style == "plain":
            continue
        known = _API.get(name.text) or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.text).lower()
        if type == "port" and known == "value":
            known = "static"
        renamed = Scalar(name.file, name.start, name.end, known)
        if known in _BLOCKS and not isinstance(value, Scalar):
            for item in _each(value):
                body.blocks.append(_api_block(known, item, depth + 1, renamed))
        else:
            body.entries.append((renamed, value))
    return block
