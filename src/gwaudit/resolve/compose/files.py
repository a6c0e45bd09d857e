"""Which Compose files make one project: the automatic override, ``COMPOSE_FILE``, and overlays that need a base."""

from __future__ import annotations

import posixpath
import re

from gwaudit.bundle import section
from gwaudit.parse.document import Mapping, Sequence
from gwaudit.resolve.compose.tree import is_null
from gwaudit.resolve.env_file import read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.workspace import Workspace

_SERVICES = re.compile(r"^services:[ \t]*(?:#.*)?$", re.MULTILINE)
_OWN = re.compile(r"^[ \t]+(?:image|build|extends):", re.MULTILINE)
_FLAG = re.compile(r"(?:^|[\s\"'\[,(])(?:-f|--file)[\s=\"',]+([A-Za-z0-9_./-]{1,200}\.ya?ml)(?=$|[\s\"'\],);`])")
_SETTING = re.compile(r"\bCOMPOSE_FILE\s*[:?]?=\s*[\"']?([A-Za-z0-9_./:;-]{1,1000})")
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
            base = _base(workspace, path, paths) if _needs_base(workspace, path) else None
            found[(base, path) if base else (path,)] = None
    return sorted(found)[:MAX_TARGETS]


def _files(workspace: Workspace) -> list[str]:
    """Files that are Compose files by name, or by their text where the name is free."""
    found = list(workspace.paths("compose"))
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
    known = set(files)
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
            paths = tuple(dict.fromkeys(chosen for name in names if (chosen := _place(name, folder, known))))
            if len(paths) > 1 and len(paths) == len(set(names)):
                found[paths] = None
    return list(found)


def _place(name: str, folder: str, known: set[str]) -> str | None:
    """The file that a command names: from the folder of the text, else from the root."""
    for start in (folder, ""):
        path = posixpath.normpath(posixpath.join(start, name))
        if path in known:
            return path
    return None


def _incomplete(workspace: Workspace, path: str) -> tuple[set[str], set[str]]:
    """The services of a file: those that could not run alone (no image, build, extends), and all."""
    root = _root(workspace, path)
    services = root.get("services") if root is not None else None
    if not isinstance(services, Mapping):
        return set(), set()
    own = ("image", "build", "extends", "provider", "<<")
    names = {key.text for key, _ in services.entries}
    lacking = {
        key.text
        for key, node in services.entries
        if is_null(node) or (isinstance(node, Mapping) and not any(node.key(name) for name in own))
    }
    return lacking, names


def _needs_base(workspace: Workspace, path: str) -> bool:
    root = _root(workspace, path)
    include = root.get("include") if root is not None else None
    return bool(_incomplete(workspace, path)[0]) and not isinstance(include, Sequence)


def _base(workspace: Workspace, path: str, siblings: list[str]) -> str | None:
    """The file of the same folder in which the services that lack an image have one; the default file before others."""
    lacking, _ = _incomplete(workspace, path)
    defaults = section("platforms/compose")["base_files"]
    order = sorted(siblings, key=lambda p: (posixpath.basename(p) not in defaults, len(p), p))
    for candidate in order:
        if candidate != path:
            below, names = _incomplete(workspace, candidate)
            if lacking <= names - below:
                return candidate
    return None
