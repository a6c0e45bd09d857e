"""Reading the fields of an object: nodes become facts that remember their place, and what cannot be known says why.

A node's origin tells where a person edits it (rendered text overrides ``SourceFile.origin``). A scalar whose origin is
unknown stands for a value, or for a whole block, that nobody can know before run time: everything below it is Unknown, so
``at`` answers that very scalar for any path below it.
"""

from __future__ import annotations

from gwaudit.parse.document import Mapping, Node, Scalar, Sequence
from gwaudit.pattern import regex
from gwaudit.resolve.fact import ABSENT, Fact, Source, Step, Unknown
from gwaudit.resolve.kubernetes.quantity import cpus, whole_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from gwaudit.resolve.model import Container, Workload
    from gwaudit.source import Location

    Convert = Callable[[str], Any]

# What tools that run before Kubernetes replace: envsubst and OpenShift, Go and Jinja templates.
_PLACEHOLDER = regex(r"\$\{\{?[A-Z][A-Z0-9_]*(?::?[-=?+][^}]*)?\}|\{\{[^{}]*\}\}")
_INTEGER = regex(r"[+-]?[0-9]{1,18}")
_DURATION = regex(r"(?:[0-9]{1,12}(?:\.[0-9]{1,9})?(?:ns|us|µs|ms|s|m|h|d))+")
_DURATION_PART = regex(r"([0-9.]+)(ns|us|µs|ms|s|m|h|d)")
_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def is_null(node: Node | None) -> bool:
    """Whether the node is missing or a YAML null (which Kubernetes takes as missing)."""
    if node is None:
        return True
    return (
        isinstance(node, Scalar)
        and node.style == "plain"
        and node.text in ("", "~", "null", "Null", "NULL")
        and node.origin.unknown is None
    )


def at(node: Node | None, *path: str) -> Node | None:
    """The node below ``path``; None where it is missing or null; the scalar that hides it where a block is unknown."""
    for step in path:
        if isinstance(node, Scalar):
            return node if node.origin.unknown else None
        if not isinstance(node, Mapping):
            return None
        node = node.get(step)
    return None if is_null(node) else node


def items(node: Node | None, *path: str) -> list[Node]:
    """The items of a list below ``path``; empty where there is none or it is unknown (see ``hidden``)."""
    found = at(node, *path)
    return [item for item in found.items if not is_null(item)] if isinstance(found, Sequence) else []


def entries(node: Node | None, *path: str) -> Iterator[tuple[Scalar, Node]]:
    """Keys and values of a mapping below ``path``, the last of a repeated key only."""
    found = at(node, *path)
    if isinstance(found, Mapping):
        last = {key.text: (key, value) for key, value in found.entries}
        yield from last.values()


def hidden(node: Node | None) -> str | None:
    """Why the node (or the block it stands for) cannot be known; None where it is known or missing."""
    return node.origin.unknown if isinstance(node, Scalar) else None


def text_at(node: Node | None, *path: str) -> str | None:
    """The text of a scalar below ``path``; None where it is missing or unknown."""
    found = at(node, *path)
    return found.text if isinstance(found, Scalar) and found.origin.unknown is None else None


def strings(node: Node | None, *path: str) -> dict[str, str]:
    """A mapping of strings (labels, annotations, selectors); unknown values are left out."""
    return {
        key.text: value.text
        for key, value in entries(node, *path)
        if isinstance(value, Scalar) and value.origin.unknown is None
    }


def source_of(node: Node, layer: str = "manifest", secret: bool = False) -> Source:
    """Where the node's value was set, with the way from there."""
    origin = node.origin
    raw = node.text if isinstance(node, Scalar) and not secret else None
    return Source(layer, raw, origin.location, [Step(location) for location in origin.via])


def fact_of(node: Node, name: str, convert: Convert, layer: str = "manifest", secret: bool = False) -> Fact:
    """A fact from a scalar: ``convert(text)`` gives its value, or None for a text that cannot be read that way.

    Unknown origins and placeholders of other tools give Unknown with the reason; what a patch replaced is shadowed.
    """
    value: Any
    origin = node.origin
    if origin.unknown is not None:
        value = Unknown(origin.unknown, (name,))
    elif not isinstance(node, Scalar):
        value = Unknown("a list or mapping stands where a single value is expected", (name,))
    else:
        value = convert(node.text)
        if isinstance(value, str) or value is None:
            found = _PLACEHOLDER.search(node.text)
            if found and not secret:
                value = Unknown(f"{found.group()} is filled in by another tool", (name,))
            elif found:
                value = Unknown("a placeholder that another tool fills in", (name,))
            elif value is None:
                value = Unknown("not a valid value" if secret else f"{_short(node.text)} is not a valid value", (name,))
    shadowed = [fact_of(lower, name, convert, layer, secret) for lower in node.shadowed]
    return Fact(name, value, source_of(node, layer, secret), shadowed, secret=secret)


def state(
    subject: Container | Workload,
    name: str,
    node: Node | None,
    convert: Convert,
    default: Any = ABSENT,
    place: Location | None = None,
) -> Fact:
    """Put the fact ``name`` read from ``node`` on ``subject``; where it is missing, the platform's ``default``."""
    if node is not None:
        fact = fact_of(node, name, convert)
    else:
        fact = Fact(name, default, Source("manifest" if default is ABSENT else "platform", None, place))
    subject.put(fact)
    return fact


def text(value: str) -> str:
    return value


def integer(value: str) -> int | None:
    return int(value) if _INTEGER.fullmatch(value) else None


def seconds(value: str) -> float | None:
    """Seconds of a plain number of seconds (Kubernetes' ``...Seconds`` fields)."""
    return float(value) if _INTEGER.fullmatch(value) else None


def duration(value: str) -> float | None:
    """Seconds of a duration with units (``30s``, ``1m30s``, ``500ms``); a bare number counts seconds."""
    if _INTEGER.fullmatch(value):
        return float(value)
    if not _DURATION.fullmatch(value):
        return None
    try:
        return sum(float(number) * _UNITS[unit] for number, unit in _DURATION_PART.findall(value))
    except ValueError:
        return None


def boolean(value: str) -> bool | None:
    return {"true": True, "false": False}.get(value.lower())


def cpu(value: str) -> float | None:
    return cpus(value)


def size(value: str) -> int | None:
    return whole_bytes(value)


def _short(value: str) -> str:
    return repr(value if len(value) <= 40 else value[:37] + "...")
