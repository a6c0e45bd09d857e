"""Terraform: Code Engine applications and Cloud Run services, from the modules of the tree.

A root is a folder that no module of the tree calls; a root with variable files that are named on the command line
(``prod.tfvars``) is a deployment for each of them.
"""

from __future__ import annotations

from gwaudit.bundle import section
from gwaudit.resolve.terraform.module import Module, calls_locally, folders, source_of, variable_file, variable_sets
from gwaudit.resolve.terraform.scope import Scope
from gwaudit.resolve.terraform.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gwaudit.parse.hcl.syntax import Block
    from gwaudit.resolve.model import TargetDraft
    from gwaudit.resolve.workspace import Workspace

PLATFORMS = ("code-engine", "cloud-run")
MAX_DEPTH = 5
MAX_MODULES = 100  # instances below one root
MAX_TARGETS = 300


class Modules:
    """The modules of the tree, read when asked for; ``useful`` are those that state an application or call one that does."""

    __slots__ = ("_read", "by_folder", "calls", "types", "useful", "workspace")

    def __init__(self, workspace: Workspace, types: dict[str, str]) -> None:
        self.workspace = workspace
        self.types = types
        self.by_folder = folders(workspace)
        self._read: dict[str, Module] = {}
        self.calls: dict[str, list[tuple[str, Block]]] = {}
        self.useful: set[str] = set()
        calling: list[str] = []
        for folder, paths in self.by_folder.items():
            for path in paths:
                source = workspace.tree.source(path) if path.endswith(".tf") else None
                if source is None:
                    continue
                if any(f'"{name}"' in source.text for name in types):
                    self.useful.add(folder)
                if folder not in calling[-1:] and calls_locally(source.text):
                    calling.append(folder)
        if self.useful:
            self._follow(calling)

    def module(self, folder: str) -> Module:
        if folder not in self._read:
            self._read[folder] = Module(self.workspace, folder, self.by_folder.get(folder, []))
        return self._read[folder]

    def _follow(self, calling: list[str]) -> None:
        for folder in calling:
            made = [(source_of(folder, block), block) for block in self.module(folder).calls]
            self.calls[folder] = [
                (to, block) for to, block in made if to is not None and to in self.by_folder and to != folder
            ]
        for _ in range(MAX_DEPTH):
            more = {folder for folder, made in self.calls.items() if any(to in self.useful for to, _ in made)}
            if more <= self.useful:
                break
            self.useful |= more

    def roots(self) -> list[str]:
        """The useful folders that no other one calls."""
        called = {to for made in self.calls.values() for to, _ in made}
        return sorted(self.useful - called)


def targets(workspace: Workspace) -> list[TargetDraft]:
    """A draft per application and set of variables."""
    types = {name: platform for platform in PLATFORMS for name in section(f"platforms/{platform}")["terraform"]}
    modules = Modules(workspace, types)
    found: list[TargetDraft] = []
    for folder in modules.roots():
        root = modules.module(folder)
        loaded = root.given
        chosen: list[str | None] = [*variable_sets(workspace, root, modules.by_folder)]
        for path in chosen or [None]:
            # What was made before keeps no reference to the variables: every value was read.
            root.given = {**loaded, **variable_file(workspace, path)} if path is not None else loaded
            for draft in _drafts(modules, Scope(root), (), path, [MAX_MODULES]):
                found.append(draft)
                if len(found) == MAX_TARGETS:
                    return found
        root.given = loaded
    return found


def _drafts(
    modules: Modules, scope: Scope, way: tuple[str, ...], variables: str | None, budget: list[int]
) -> Iterator[TargetDraft]:
    """The applications of one module instance and of what it calls; ``way`` are the files of its callers."""
    from gwaudit.resolve.terraform.application import application
    from gwaudit.resolve.terraform.blocks import instances

    own = scope.module
    for (type, _), block in own.resources.items():
        if type in modules.types:
            for suffix, inner in instances(block.body, block, scope):
                yield application(modules.types[type], block, inner, suffix, way, variables)
    if len(way) >= MAX_DEPTH:
        return
    for to, block in modules.calls.get(own.folder, ()):
        for _, inner in instances(block.body, block, scope) if to in modules.useful else ():
            budget[0] -= 1
            if budget[0] < 0:
                return
            arguments = {key.text: Value(value, inner) for key, value in block.body.entries}
            child = Scope(modules.module(to), arguments)
            yield from _drafts(modules, child, (*way, block.file.path), variables, budget)
