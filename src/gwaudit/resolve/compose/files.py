"""Which Compose files make one project: the automatic override, ``COMPOSE_FILE``, and overlays that need a base."""

from __future__ import annotations

import posixpath
import re

from gwaudit.bundle import section
from gwaudit.parse.document import Mapping, Sequence
from gwaudit.pattern import regex
from gwaudit.resolve.compose.merge import tag_of
from gwaudit.resolve.compose.tree import is_null, strings
from gwaudit.resolve.env_file import read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.workspace import Workspace

_SERVICES = regex(r"^services:[ \t]*(?:#.*)?$", re.MULTILINE)
_OWN = regex(r"^[ \t]+(?:image|build|extends):", re.MULTILINE)
_FLAG = regex(
    r"(?:^|[\s\"'\[,(])(?:-f|--file)[\s=\"',]+([A-Za-z0-9_./-]{1,200}\.ya?ml|\$[({]?\w{1,80}[)}]?)(?=$|[\s\"'\],);`])"
)
_SETTING = regex(r"\bCOMPOSE_FILE\s*[:?]?=\s*[\"']?([A-Za-z0-9_./:;-]{1,1000})")
_IMAGES = ("image", "build", "extends", "provider", "<<")
MAX_TARGETS = 300


def projects(workspace: Workspace) -> list[tuple[str, ...]]:
    """The files of each project, the main one first: every Compose file is in one project at least."""
    files = _files(workspace)
    by_folder: dict[str, list[str]] = {}
    for path in files:
        by_folder.setdefault(posixpath.dirname(path), []).append(path)
    mentioned = _mentions(workspace, files) if len(files) > 1 else []
    found: dict[tuple[str, ...], None] = {}
    used: set[str] = set()
    for folder, paths in by_folder.items():
        default = _configured(workspace, folder) or _automatic(paths)
        if default:
            found[default] = None
            used.update(default)
    for combination in mentioned:
        found[combination] = None
        used.update(combination[1:])
    for paths in by_folder.values():
        for path in paths:
            if path in used:
                continue
            base = _base(workspace, path, files)
            found[(base, path) if base else (path,)] = None
    return sorted(found)[:MAX_TARGETS]


def _files(workspace: Workspace) -> list[str]:
    """Files that are Compose files by name, or by their text where the name is free."""
    found = [path for path in workspace.paths("compose") if "/.github/" not in f"/{path}"]
    for path in workspace.paths("yaml"):
        if "/.github/" in f"/{path}":
            continue
        file = workspace.tree.source(path)
        if file is not None and "services:" in file.text and _SERVICES.search(file.text) and _OWN.search(file.text):
            root = _root(workspace, path)
            if root is not None and root.get("kind") is None and isinstance(root.get("services"), Mapping):
                found.append(path)
    return sorted(found)


def _root(workspace: Workspace, path: str) -> Mapping | None:
    document = workspace.document(path, "compose")
    return document.root if document is not None and isinstance(document.root, Mapping) else None


def _automatic(paths: list[str]) -> tuple[str, ...]:
    """What ``docker compose up`` takes in a folder."""
    data = section("platforms/compose")
    by_name = {posixpath.basename(path): path for path in paths}
    base = next((by_name[name] for name in data["base_files"] if name in by_name), None)
    if base is None:
        return ()
    override = next((by_name[name] for name in data["override_files"] if name in by_name), None)
    return (base, override) if override else (base,)


def _configured(workspace: Workspace, folder: str) -> tuple[str, ...]:
    """``COMPOSE_FILE`` of the folder's ``.env``."""
    file = workspace.tree.source(posixpath.join(folder, ".env"))
    if file is None or "COMPOSE_FILE" not in file.text:
        return ()
    values = {name: entry.value for name, entry in read(file, "compose").last().items()}
    chosen = values.get("COMPOSE_FILE")
    separator = values.get("COMPOSE_PATH_SEPARATOR")
    if not isinstance(chosen, str):
        return ()
    parts = chosen.split(separator if isinstance(separator, str) and separator else ":")
    paths = [posixpath.normpath(posixpath.join(folder, part)) for part in parts if part]
    return tuple(paths) if all(workspace.tree.is_file(path) for path in paths) else ()


def _mentions(workspace: Workspace, files: list[str]) -> list[tuple[str, ...]]:
    """Combinations of files that the repository's own commands give: ``-f A -f B``, ``COMPOSE_FILE=A:B``."""
    found: dict[tuple[str, ...], None] = {}
    texts = [*workspace.paths("makefile", "shell"), *files]
    texts += [path for path in workspace.paths("text") if posixpath.basename(path).lower().startswith("readme")]
    for path in texts:
        file = workspace.tree.source(path)
        if file is None or "ompose" not in file.text:
            continue
        folder = posixpath.dirname(path)
        for line in file.text.replace("\\\n", " ").split("\n"):
            if len(line) > 2000 or "ompose" not in line:
                continue
            names = _FLAG.findall(line)
            setting = _SETTING.search(line)
            if setting:
                names = [name for name in re.split("[:;]", setting[1]) if name]
            paths = tuple(dict.fromkeys(chosen for name in names if (chosen := _place(name, folder, files))))
            if len(paths) > 1 and len(paths) == len(set(names)):
                found[paths] = None
    return list(found)


def _place(name: str, folder: str, files: list[str]) -> str | None:
    """The file that a command names, from the text's folder or the root; a variable stands for the default file."""
    for start in dict.fromkeys((folder, "")):
        if name.startswith("$"):
            default = _automatic([path for path in files if posixpath.dirname(path) == start])
            if default and ("COMPOSE" in name or "FILE" in name):
                return default[0]
            continue
        path = posixpath.normpath(posixpath.join(start, name))
        if path in files:
            return path
    return None


class _Needs:
    """What a file leaves to another: services without an image, and volumes, networks and services that it only names."""

    __slots__ = ("lacking", "named", "services")

    def __init__(self, root: Mapping | None) -> None:
        self.services: set[str] = set()
        self.lacking: set[str] = set()
        self.named: set[tuple[str, str]] = set()
        services = root.get("services") if root is not None else None
        if root is None or not isinstance(services, Mapping):
            return
        for key, node in services.entries:
            self.services.add(key.text)
            own = [node.get(name) for name in _IMAGES] if isinstance(node, Mapping) else []
            if all(is_null(found) or tag_of(found) == "!reset" for found in own if found is not None):
                self.lacking.add(key.text)
            if isinstance(node, Mapping):
                self.named.update(_named(node))
        self.named -= {("services", name) for name in self.services}
        for kind in ("volumes", "networks"):
            self.named -= {(kind, name) for name in defined(root, kind)}


def defined(root: Mapping, kind: str) -> set[str]:
    """The names that a top-level section defines."""
    node = root.get(kind)
    return {key.text for key, _ in node.entries} if isinstance(node, Mapping) else set()


def _named(service: Mapping) -> set[tuple[str, str]]:
    """What a service names in short form: volumes, networks, services it depends on."""
    found: set[tuple[str, str]] = set()
    for field, kind in (("networks", "networks"), ("depends_on", "services")):
        node = service.get(field)
        names = (
            [item.text for item in strings(node)]
            if not isinstance(node, Mapping)
            else [k.text for k, _ in node.entries]
        )
        found.update((kind, name) for name in names if name != "default" and "$" not in name)
    for item in strings(service.get("volumes")):
        source, colon, _ = item.text.partition(":")
        if colon and not source.startswith((".", "/", "~", "$")) and "/" not in source:
            found.add(("volumes", source))
    return found


def _base(workspace: Workspace, path: str, files: list[str]) -> str | None:
    """The file beside or above this one that has what it leaves out: an image for its services, or what it only names."""
    root = _root(workspace, path)
    if root is None or isinstance(root.get("include"), Sequence):
        return None
    needs = _Needs(root)
    if not (needs.lacking or needs.named):
        return None
    folder = posixpath.dirname(path)
    defaults = section("platforms/compose")["base_files"]
    near = [p for p in files if posixpath.dirname(p) in (folder, posixpath.dirname(folder)) and p != path]
    order = sorted(
        near, key=lambda p: (posixpath.dirname(p) != folder, posixpath.basename(p) not in defaults, len(p), p)
    )
    for candidate in order:
        below = _root(workspace, candidate)
        if below is None:
            continue
        other = _Needs(below)
        has = {(kind, name) for kind in ("volumes", "networks", "services") for name in defined(below, kind)}
        complete = needs.lacking <= other.services - other.lacking
        if complete and (needs.lacking or needs.named <= has):
            return candidate
    return None
