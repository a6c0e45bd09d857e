"""The environment that a service states: env files in order, ``environment`` on top."""

from __future__ import annotations

from gwaudit.parse.document import Mapping, Node, Scalar, Sequence
from gwaudit.parse.yaml import value as yaml_value
from gwaudit.pattern import regex
from gwaudit.resolve.compose.fields import key_value
from gwaudit.resolve.compose.tree import Text, flag, inputs_of, is_null, known_text, source_of, text_of
from gwaudit.resolve.env_file import apply, note_reader, note_refusal, read
from gwaudit.resolve.fact import Fact, Step, Unknown
from gwaudit.resolve.model import Reference

_OCTAL = regex(r"[-+]?0[0-7_]{1,30}")
_GROUPED = regex(r"[-+]?[1-9][0-9]{0,30}_[0-9_]{1,30}")
TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.compose.fields import Service
    from gwaudit.resolve.environment import Environment


def fill(environment: Environment, service: Service) -> None:
    """Add what the service states to ``environment``, from the lowest layer upwards."""
    stated = {key.text: _fact(key, node, service) for key, node in key_value(service.get("environment"))}
    files = service.get("env_file")
    unique: dict[str, Node] = {}
    for item in files.items if isinstance(files, Sequence) else ():
        unique[str(text_of(item.get("path") if isinstance(item, Mapping) else item))] = item
    for item in unique.values():
        _env_file(environment, service, item, stated)
    for fact in stated.values():
        environment.put(fact)


def _env_file(environment: Environment, service: Service, item: Node, stated: dict[str, Fact]) -> None:
    project = service.project
    node = item.get("path") if isinstance(item, Mapping) else item
    required = not (isinstance(item, Mapping) and flag(item.get("required")) is False)
    raw = isinstance(item, Mapping) and known_text(item.get("format")) == "raw"
    if not isinstance(node, Scalar):
        return
    text = known_text(node)
    if text is None:
        environment.opaque(f"{node.location}: the name of an env_file is not known")
        return
    path = project.resolve(text, node)
    file = project.workspace.source(path) if path is not None else None
    there = file is not None or (path is not None and project.workspace.tree.is_file(path))
    defined = True if there else None if path is None else False
    project.references.append(Reference("env-file", text, defined, not required, node.location, service.name))
    if file is None:
        what = "cannot be read" if there else "is not in the tree"
        environment.opaque(f"env_file {text} {what}")
        return

    def look(name: str) -> Fact | None:
        found = project.variables.look(name)
        if found is not None:
            return found
        fact = stated.get(name)
        if fact is not None:
            return fact
        return environment.get(name) if name in environment else None

    note_reader(project.workspace, file.path, "docker" if raw else "compose")
    reading = read(file, "docker" if raw else "compose", look)
    if reading.failure is not None:
        note_refusal(project.workspace, reading.failure)
        project.note(reading.failure.location, f"Compose refuses this env_file: {reading.failure.message}")
    apply(reading, environment, "env-file", (Step(node.location, f"env_file of {service.name}"),))


def _fact(key: Scalar, node: Node, service: Service) -> Fact:
    name = f"env.{key.text}"
    if is_null(node):
        return passed_on(key, service)
    below = [
        Fact(name, value_text(each), source_of(each), inputs=inputs_of(each))
        for each in node.shadowed
        if not is_null(each)
    ]
    return Fact(name, value_text(node), source_of(node), below, inputs_of(node))


def passed_on(key: Scalar, service: Service) -> Fact:
    """A variable named without a value: it comes from ``.env`` or from the shell that starts the stack."""
    name = f"env.{key.text}"
    found = service.project.variables.look(key.text)
    if found is not None:
        step = Step(key.location, f"passed on to {service.name}")
        return Fact(name, found.value, found.source.through(step.location, step.label), found.shadowed, (found,))
    reason = f"{key.text} is passed on from the shell that starts the stack"
    return Fact(name, Unknown(reason, (name,)), source_of(key))


def value_text(node: Node) -> str | Unknown:
    """The text that the process gets: what YAML reads as a number or a truth value is written out anew, as Go prints it."""
    text = text_of(node)
    if not isinstance(text, str):
        return text or ""
    if isinstance(node, Text):
        return text
    if isinstance(node, Scalar) and node.style == "plain" and _OCTAL.fullmatch(text):
        return str(int(text.replace("_", ""), 8))
    if isinstance(node, Scalar) and node.style == "plain" and _GROUPED.fullmatch(text):
        return str(int(text.replace("_", "")))
    found = yaml_value(node)
    if isinstance(found, bool):
        return "true" if found else "false"
    if isinstance(found, float):
        whole = abs(found) < 1e21 and found == int(found)
        return str(int(found)) if whole else repr(found)
    return str(found) if isinstance(found, int) else text
