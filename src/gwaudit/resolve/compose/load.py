"""One Compose project loaded: its files read, includes and extends followed, and merged in the order Compose merges them."""

from __future__ import annotations

import posixpath

from gwaudit.parse.document import Mapping, Node, Scalar, Sequence
from gwaudit.resolve.compose.canonical import canonical, keyed
from gwaudit.resolve.compose.merge import merge, stripped
from gwaudit.resolve.compose.tree import interpolated, is_null, known_text, plain, strings
from gwaudit.resolve.compose.variables import Variables, project_variables
from gwaudit.resolve.model import Reference

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gwaudit.resolve.compose.tree import Note
    from gwaudit.resolve.workspace import Workspace
    from gwaudit.source import Location

    Parsed = dict[str, tuple[list[Mapping], list[tuple[Location, str]]]]  # the documents of a file, and notes on it

MAX_DEPTH = 20  # of includes and of extends
MAX_FILES = 200
SECTIONS = ("services", "volumes", "networks", "secrets", "configs", "models")


class Project:
    """A loaded project: ``root`` is the merged tree, ``directory`` what its relative paths start from.

    ``paths`` are the files it is made of, the main one first; paths in a file that was extended or included start from that
    file's own directory: ask ``resolve``.
    """

    __slots__ = ("directories", "directory", "name", "notes", "paths", "references", "root", "variables", "workspace")

    def __init__(self, workspace: Workspace, directory: str) -> None:
        self.workspace = workspace
        self.directory = directory
        self.directories: dict[str, str] = {}
        self.name = ""
        self.notes: list[tuple[Location, str]] = []
        self.paths: list[str] = []
        self.references: list[Reference] = []
        self.root: Node | None = None
        self.variables: Variables = project_variables(workspace, directory, self.note)

    def note(self, location: Location, message: str) -> None:
        if all(found[0] != location or found[1] != message for found in self.notes):
            self.notes.append((location, message))

    def section(self, name: str) -> list[tuple[Scalar, Node]]:
        """The entries of a top-level section, in order."""
        node = self.root.get(name) if isinstance(self.root, Mapping) else None
        return node.entries if isinstance(node, Mapping) else []

    def resolve(self, path: str, node: Node) -> str | None:
        """A path written at ``node``, relative to the root of the tree; None where it is absolute or leaves the root."""
        return inside(self.directories.get(node.file.path, self.directory), path)


def inside(directory: str, path: str) -> str | None:
    """``path`` from ``directory`` on, relative to the root of the tree; None where it is absolute, home or outside."""
    if path.startswith(("/", "~", "\\")) or path[1:3] in (":\\", ":/"):
        return None
    found = posixpath.normpath(posixpath.join(directory or ".", path))
    return None if found == ".." or found.startswith("../") else found


def load(workspace: Workspace, paths: tuple[str, ...], parsed: Parsed | None = None) -> Project:
    """The project of these files, the first giving its directory; ``parsed`` is shared between projects of one tree."""
    project = Project(workspace, posixpath.dirname(paths[0]))
    loader = _Loader(project, parsed if parsed is not None else {})
    root: Node | None = None
    for path in paths:
        root = loader.over(root, loader.file(path, project.directory, project.variables, ()), project.note)
    project.root = root
    name = root.get("name") if isinstance(root, Mapping) else None
    project.name = known_text(name) or ""
    return project


class _Loader:
    def __init__(self, project: Project, parsed: Parsed) -> None:
        self.project = project
        self.workspace = project.workspace
        self.parsed = parsed
        self.trees: dict[tuple[str, int], list[Mapping]] = {}
        self.kept: list[Variables] = []  # so that no two of them share an id

    def over(self, root: Node | None, other: Node | None, note: Note) -> Node | None:
        if root is None or other is None:
            return other or root
        return merge(root, other, note)

    def file(self, path: str, directory: str, variables: Variables, including: tuple[str, ...]) -> Node | None:
        """A file with its includes below it and its extends resolved; several documents in one file merge in order."""
        root: Node | None = None
        for tree in self.documents(path, directory, variables):
            below = self.included(tree, directory, variables, (*including, path))
            services = {key.text: child for key, child in _entries(below, "services")}
            services.update((key.text, child) for key, child in _entries(tree, "services"))
            tree = self.extended(tree, path, services, variables)
            root = self.over(self.over(root, below, self.project.note), tree, self.project.note)
        return root

    def documents(self, path: str, directory: str, variables: Variables) -> list[Mapping]:
        """The documents of a file: merge keys resolved, short forms made long, scalars interpolated."""
        project = self.project
        if path not in project.paths:
            if len(project.paths) >= MAX_FILES:
                return []
            project.paths.append(path)
        project.directories.setdefault(path, directory)
        key = (path, id(variables))
        if key not in self.trees:
            self.trees[key] = self.read(path, variables)
        return self.trees[key]

    def read(self, path: str, variables: Variables) -> list[Mapping]:
        if path not in self.parsed:
            notes: list[tuple[Location, str]] = []
            trees = _parsed(self.workspace, path, lambda location, message: notes.append((location, message)))
            self.parsed[path] = (trees, notes)
        trees, notes = self.parsed[path]
        for location, message in notes:
            self.project.note(location, message)
        found = []
        for tree in trees:
            result = interpolated(tree, variables.look, self.project.note)
            if isinstance(result, Mapping):
                found.append(_with_services(result, lambda service: keyed(service, variables.look)))
        return found

    def included(self, tree: Mapping, directory: str, variables: Variables, including: tuple[str, ...]) -> Node | None:
        """What ``include`` brings, merged; the including file lies above it."""
        include = tree.get("include")
        result: Node | None = None
        for item in include.items if isinstance(include, Sequence) else ():
            names = strings(item.get("path")) if isinstance(item, Mapping) else strings(item)
            paths = [self.path(node, directory, "compose-file") for node in names]
            if not paths or paths[0] is None:
                continue
            first = paths[0]
            if first in including or len(including) > MAX_DEPTH:
                self.project.note(names[0].location, f"include goes round in a circle: {first}")
                continue
            folder = posixpath.dirname(first)
            env_files = [f"{folder}/.env" if folder else ".env"]
            if isinstance(item, Mapping):
                chosen = known_text(item.get("project_directory"))
                folder = (inside(directory, chosen) if chosen else None) or folder
                named = [self.path(node, directory, "env-file") for node in strings(item.get("env_file"))]
                env_files = [path for path in named if path] if item.get("env_file") is not None else env_files
            below = variables.below(self.workspace, env_files, self.project.note)
            self.kept.append(below)
            part: Node | None = None
            for path in paths:
                if path is not None:
                    part = self.over(part, self.file(path, folder, below, including), self.project.note)
            result = self.over(result, part, self.project.note)
        if isinstance(result, Mapping):
            entries = [(key, child) for key, child in result.entries if key.text in SECTIONS]
            return Mapping(result.file, result.start, result.end, entries)
        return None

    def path(self, node: Scalar, directory: str, kind: str) -> str | None:
        """The repository path that a scalar names; a reference is kept, a remote resource noted."""
        text = known_text(node)
        if text is None or text == "/dev/null":
            return None
        if "://" in text or text.startswith(("git@", "github.com/")):
            self.project.note(node.location, f"a remote resource is not read: {kind}")
            return None
        path = inside(directory, text)
        there = path is not None and self.workspace.tree.is_file(path)
        if not there:
            self.project.references.append(Reference(kind, text, False if path else None, False, node.location))
        return path if there else None

    def extended(self, tree: Mapping, path: str, services: dict[str, Node], variables: Variables) -> Mapping:
        """``tree`` with ``extends`` of its services resolved."""
        section = tree.get("services")
        if not isinstance(section, Mapping) or all(_extends(child) is None for _, child in section.entries):
            return tree
        done = [(key, self.service(key.text, child, path, services, variables, ())) for key, child in section.entries]
        changed = Mapping(section.file, section.start, section.end, done, section.tag)
        entries = [(key, changed if key.text == "services" else child) for key, child in tree.entries]
        return Mapping(tree.file, tree.start, tree.end, entries, tree.tag)

    def service(
        self, name: str, node: Node, path: str, services: dict[str, Node], variables: Variables, seen: tuple[str, ...]
    ) -> Node:
        """A service over the one it extends; a chain that bites its tail is noted and cut."""
        extends = _extends(node)
        if extends is None or not isinstance(node, Mapping):
            return node
        own = [(key, child) for key, child in node.entries if key.text != "extends"]
        result = Mapping(node.file, node.start, node.end, own, node.tag)
        target = extends.get("service") if isinstance(extends, Mapping) else extends
        wanted = known_text(target)
        step = f"{path}:{name}"
        if wanted is None or target is None or not isinstance(target, Scalar):
            return result
        if step in seen or len(seen) >= MAX_DEPTH:
            self.project.note(extends.location, "extends goes round in a circle")
            return result
        from_file = extends.get("file") if isinstance(extends, Mapping) else None
        if isinstance(from_file, Scalar) and known_text(from_file):
            directory = self.project.directories.get(path, self.project.directory)
            found = self.path(from_file, directory, "compose-file")
            if found is None:
                return result
            path = found
            services = {}
            for document in self.documents(path, posixpath.dirname(path), variables):
                services.update((key.text, child) for key, child in _entries(document, "services"))
        base = services.get(wanted)
        if base is None:
            self.project.references.append(Reference("service", wanted, False, False, target.location, name))
            return result
        base = self.service(wanted, base, path, services, variables, (*seen, step))
        return merge(stripped(base), result, self.project.note, f"services.{name}")


def _extends(node: Node) -> Node | None:
    found = node.get("extends") if isinstance(node, Mapping) else None
    return None if is_null(found) else found


def _entries(tree: Node | None, section: str) -> list[tuple[Scalar, Node]]:
    node = tree.get(section) if isinstance(tree, Mapping) else None
    return node.entries if isinstance(node, Mapping) else []


def _parsed(workspace: Workspace, path: str, note: Note) -> list[Mapping]:
    """The documents of a file before interpolation: merge keys resolved, short forms made long."""
    found = []
    for document in workspace.documents(path, "compose"):
        tree = plain(document.root, note)
        if isinstance(tree, Mapping):
            found.append(_with_services(tree, canonical))
        elif not is_null(tree):
            note(tree.location, "not a Compose file: the top level is no mapping")
    return found


def _with_services(tree: Mapping, change: Callable[[Node], Node]) -> Mapping:
    """``tree`` with every service changed."""
    section = tree.get("services")
    if not isinstance(section, Mapping):
        return tree
    services = [(key, change(child)) for key, child in section.entries]
    changed = Mapping(section.file, section.start, section.end, services, section.tag)
    entries = [(key, changed if key.text == "services" else child) for key, child in tree.entries]
    return Mapping(tree.file, tree.start, tree.end, entries, tree.tag)
