"""What is mounted into a service: volumes, tmpfs, configs and secrets, short and long form."""

from __future__ import annotations

import posixpath

from gwaudit.bundle import section
from gwaudit.parse.document import Mapping, Node, Scalar, Sequence
from gwaudit.pattern import regex
from gwaudit.resolve.compose.fields import key_value, written
from gwaudit.resolve.compose.load import inside
from gwaudit.resolve.compose.tree import Text, flag, is_null, known_text, source_of, strings, text_of
from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.model import Mount, Reference

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.compose.fields import Service
    from gwaudit.resolve.compose.load import Project
    from gwaudit.resolve.model import Container

_WORKING_DIRECTORY = regex(r"\$(?:\{(\w+)\}|(\w+))(/[^$:]*|(?=:)|$)")


class Volume:
    """One volume of a service as written: ``kind`` volume, bind, tmpfs, npipe, cluster or image."""

    __slots__ = ("kind", "node", "read_only", "source", "target")

    def __init__(self, kind: str, source: str, target: str, read_only: bool, node: Node) -> None:
        self.kind = kind
        self.source = source
        self.target = target
        self.read_only = read_only
        self.node = node


def put_mounts(container: Container, service: Service) -> None:
    """The container's mounts, one for each target, and the files that configs and secrets put there."""
    found: dict[str, Mount] = {}
    node = service.get("volumes")
    for item in node.items if isinstance(node, Sequence) else ():
        volume = _long(item) if isinstance(item, Mapping) else _short(item, service.project)
        if volume is None:
            if not isinstance(text_of(item), Unknown):
                service.project.note(item.location, "a volume is not understood")
            continue
        volume.target = posixpath.normpath(volume.target)
        found[volume.target] = _mount(volume, service)
    for scalar in strings(service.get("tmpfs")):
        path = (known_text(scalar) or "").partition(":")[0]
        if path:
            found[path] = Mount(path, "tmpfs", location=scalar.location)
    container.mounts.extend(found.values())
    _files(container, service, "configs", "config-map", "")
    _files(container, service, "secrets", "secret", section("platforms/compose")["secrets_directory"])


def _long(item: Mapping) -> Volume | None:
    target = known_text(item.get("target"))
    if target is None:
        return None
    read_only = flag(item.get("read_only")) is True
    kind = known_text(item.get("type")) or "volume"
    return Volume(kind, known_text(item.get("source")) or "", target, read_only, item)


def _short(item: Node, project: Project) -> Volume | None:
    """``[SOURCE:]TARGET[:OPTIONS]``; a Windows drive letter keeps its colon."""
    if not isinstance(item, Scalar):
        return None
    text = text_of(item)
    if isinstance(text, Unknown):
        text = _from_working_directory(item)
    if not text:
        return None
    parts: list[str] = []
    for part in text.split(":"):
        if parts and len(parts[-1]) == 1 and parts[-1].isalpha() and part[:1] in ("\\", "/"):
            parts[-1] += ":" + part
        else:
            parts.append(part)
    if len(parts) == 1:
        return Volume("volume", "", parts[0], False, item)
    if not parts[0] or not parts[1] or len(parts) > 3:
        return None
    options = parts[2].split(",") if len(parts) > 2 else []
    is_path = parts[0].startswith((".", "/", "~")) or parts[0][1:3] in (":\\", ":/")
    return Volume("bind" if is_path else "volume", parts[0], parts[1], "ro" in options, item)


def _from_working_directory(item: Scalar) -> str | None:
    """``${PWD}/x:/y`` is ``./x:/y``: stacks are started in the project's directory."""
    if not isinstance(item, Text):
        return None
    text = written(item)
    match = _WORKING_DIRECTORY.match(text)
    if match is None or (match[1] or match[2]) not in section("platforms/compose")["working_directory_variables"]:
        return None
    rest = text[match.end() :]
    return f".{match[3]}{rest}" if "$" not in rest else None


def _mount(volume: Volume, service: Service) -> Mount:
    location = source_of(volume.node).location or volume.node.location
    project = service.project
    if volume.kind == "tmpfs":
        return Mount(volume.target, "tmpfs", location=location)
    if volume.kind == "bind":
        source = project.resolve(volume.source, volume.node)
        return Mount(volume.target, "bind", source, volume.read_only, location=location)
    if volume.kind == "image":
        return Mount(volume.target, "image", volume.source, True, location=location)
    if volume.kind != "volume" or not volume.source:
        return Mount(
            volume.target, "volume" if volume.kind == "volume" else "unknown", None, volume.read_only, location=location
        )
    definition = next((node for key, node in project.section("volumes") if key.text == volume.source), None)
    project.references.append(
        Reference("volume", volume.source, definition is not None, False, volume.node.location, service.name)
    )
    kind, source = _named(definition, volume.source, project)
    return Mount(volume.target, kind, source, volume.read_only, location=location)


def _named(definition: Node | None, name: str, project: Project) -> tuple[str, str | None]:
    """The kind and source of a named volume: the local driver can bind a folder, mount a share or memory."""
    if not isinstance(definition, Mapping):
        return "volume", name
    data = section("platforms/compose")
    driver = (known_text(definition.get("driver")) or "local").lower()
    options = {key.text: known_text(value) or "" for key, value in key_value(definition.get("driver_opts"))}
    if options.get("type", "").lower() in data["network_volume_types"]:
        return "network", name
    if driver != "local":
        network = any(part in driver for part in data["network_volume_drivers"])
        return ("network" if network else "volume"), name
    if options.get("type") == "tmpfs":
        return "tmpfs", None
    if "bind" in options.get("o", "").split(",") and options.get("device"):
        return "bind", project.resolve(options["device"], definition)
    return "volume", name


def _files(container: Container, service: Service, field: str, kind: str, directory: str) -> None:
    project = service.project
    node = service.get(field)
    for item in node.items if isinstance(node, Sequence) else ():
        name_node = item.get("source") if isinstance(item, Mapping) else item
        name = known_text(name_node)
        if name is None or name_node is None:
            continue
        target = (known_text(item.get("target")) if isinstance(item, Mapping) else None) or name
        path = target if target.startswith("/") else posixpath.join(directory or "/", target)
        definition = next((value for key, value in project.section(field) if key.text == name), None)
        reference = Reference(kind, name, definition is not None, False, name_node.location, service.name)
        project.references.append(reference)
        container.mounts.append(Mount(path, kind, name, True, location=item.location))
        if not isinstance(definition, Mapping):
            continue
        file_node = definition.get("file")
        file = known_text(file_node)
        content = definition.get("content")
        if file is not None and file_node is not None:
            source = project.resolve(file, file_node)
            if source is not None and project.workspace.tree.is_file(source):
                container.files[path] = source
        elif isinstance(content, Scalar) and kind == "config-map" and not is_null(content):
            container.texts[path] = content


def build_context(service: Service) -> str | None:
    """The build context relative to the root; None where it is remote or outside."""
    node = service.get("build", "context")
    text = known_text(node)
    if node is None:
        return service.project.directory or "."
    if text is None or "://" in text or text.startswith("git@"):
        return None
    return inside(service.project.directories.get(node.file.path, service.project.directory), text)
