"""OpenShift ``Template`` objects: ``${PARAM}`` in strings and ``${{PARAM}}`` for whole values, as ``oc process`` does.

A parameter without a value that is ``generate``d, or given on the command line, is Unknown and makes only the scalars
that use it Unknown. Labels of the template are added to every object.
"""

from __future__ import annotations

import re

from gwaudit.parse.document import Mapping, Node, Scalar, Sequence
from gwaudit.pattern import regex
from gwaudit.resolve.kubernetes.reading import at, items, text_at
from gwaudit.resolve.kubernetes.rewrite import scalar_from
from gwaudit.source import Origin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# https://docs.openshift.com: parameter references; names are letters, digits and underscores
_REFERENCE = regex(r"\$\{([a-zA-Z0-9_]+)\}")
_WHOLE = regex(r"\$\{\{([a-zA-Z0-9_]+)\}\}")


MAX_TEXT = 1_000_000


class Parameter:
    __slots__ = ("node", "text", "unknown")

    def __init__(self, text: str, node: Node | None, unknown: str | None) -> None:
        self.text = text
        self.node = node
        self.unknown = unknown


def processed(template: Mapping) -> Iterator[Node]:
    """The template's objects with its parameters filled in by their defaults."""
    parameters: dict[str, Parameter] = {}
    for item in items(template, "parameters"):
        name = text_at(item, "name")
        if not name:
            continue
        value = at(item, "value")
        if isinstance(value, Scalar):
            parameters[name] = Parameter(value.text, value, value.origin.unknown)
        elif at(item, "generate") is not None:
            parameters[name] = Parameter("", item, f"parameter {name} is generated")
        elif text_at(item, "required") == "true":
            parameters[name] = Parameter("", item, f"parameter {name} has no default")
        else:
            parameters[name] = Parameter("", item, None)
    for item in items(template, "objects"):
        yield _filled(item, parameters, {})


def _filled(node: Node, parameters: dict[str, Parameter], done: dict[int, Node]) -> Node:
    known = done.get(id(node))
    if known is not None:
        return known
    result = node
    if isinstance(node, Scalar):
        result = _scalar(node, parameters)
    elif isinstance(node, Mapping):
        pairs = []
        for key, value in node.entries:
            new_key = _scalar(key, parameters)
            pairs.append((new_key, _filled(value, parameters, done)))
        result = Mapping(node.file, node.start, node.end, pairs, node.tag)
    elif isinstance(node, Sequence):
        children = [_filled(item, parameters, done) for item in node.items]
        result = Sequence(node.file, node.start, node.end, children, node.tag)
    done[id(node)] = result
    return result


def _scalar(node: Scalar, parameters: dict[str, Parameter]) -> Scalar:
    if "${" not in node.text:
        return node
    whole = _WHOLE.fullmatch(node.text)
    if whole:
        parameter = parameters.get(whole.group(1))
        return node if parameter is None else _stand_in(node, parameter, parameter.text, "plain")
    used: list[Parameter] = []

    def fill(match: re.Match[str]) -> str:
        parameter = parameters.get(match.group(1))
        if parameter is None:
            return match.group()
        used.append(parameter)
        if parameter.unknown is not None or len(used) * len(parameter.text) > MAX_TEXT:
            return match.group()
        return parameter.text

    filled = _REFERENCE.sub(fill, node.text)
    if not used:
        return node
    if len(used) == 1 and _REFERENCE.fullmatch(node.text):
        return _stand_in(node, used[0], filled, "double")
    if max(len(used) * len(parameter.text) for parameter in used) > MAX_TEXT:
        return scalar_from(node.text, Origin(node.location, (), "its parameters make it too long"))
    unknown = next((parameter.unknown for parameter in used if parameter.unknown), None)
    via = [parameter.node.location for parameter in used if parameter.node is not None]
    return scalar_from(filled, Origin(node.location, via, unknown))


def _stand_in(node: Scalar, parameter: Parameter, text: str, style: str) -> Scalar:
    """A scalar that is one parameter and nothing else: it is edited where the parameter has its value."""
    if parameter.node is None:
        return scalar_from(text, Origin(node.location, (), parameter.unknown), style)
    place = parameter.node.location
    return scalar_from(
        text or node.text if parameter.unknown else text, Origin(place, (node.location,), parameter.unknown), style
    )
