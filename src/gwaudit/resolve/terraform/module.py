"""Modules: the ``.tf`` files of a folder, the values that variable files give, and which module calls which."""

from __future__ import annotations

import posixpath
import re

from gwaudit.parse.document import Mapping
from gwaudit.parse.hcl.syntax import Body

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.document import Node
    from gwaudit.parse.hcl.syntax import Block
    from gwaudit.resolve.workspace import Workspace

_CALL = re.compile(r'\bsource[ \t]*=[ \t]*"\.')
_SAMPLE = re.compile(r"example|sample|template|dist\b", re.I)
MAX_VARIABLE_FILES = 8


class Module:
    """A folder's configuration: blocks by kind, in the order of its files' names."""

    __slots__ = ("bodies", "calls", "folder", "given", "locals", "overridden", "paths", "resources", "variables")

    def __init__(self, workspace: Workspace, folder: str, paths: list[str]) -> None:
        self.folder = folder
        self.paths = tuple(path for path in paths if path.endswith(".tf"))
        self.overridden = tuple(path for path in self.paths if path.endswith(("/override.tf", "_override.tf")))
        self.bodies: list[Body] = []
        for path in self.paths:
            document = workspace.document(path, "terraform") if path not in self.overridden else None
            if document is not None and isinstance(document.root, Body):
                self.bodies.append(document.root)
        self.variables = {block.label: block for body in self.bodies for block in body.of("variable")}
        self.locals: dict[str, Node] = {
            key.text: value for body in self.bodies for block in body.of("locals") for key, value in block.body.entries
        }
        self.resources: dict[tuple[str, str], Block] = {
            (block.labels[0].text, block.labels[1].text): block
            for body in self.bodies
            for block in body.of("resource")
            if len(block.labels) > 1
        }
        self.calls = [block for body in self.bodies for block in body.of("module") if block.labels]
        loaded = [path for path in paths if _is_loaded(path)]
        self.given: dict[str, Node] = {}
        for path in sorted(loaded, key=lambda path: (".auto." in path, path)):  # the last file wins
            self.given.update(variable_file(workspace, path))

    def of(self, type: str) -> list[Block]:
        """The resources of one type."""
        return [block for (kind, _), block in self.resources.items() if kind == type]


def _is_loaded(path: str) -> bool:
    """Whether Terraform reads a variable file by itself."""
    name = path.rpartition("/")[2].removesuffix(".json")
    return name == "terraform.tfvars" or name.endswith(".auto.tfvars")


def variable_file(workspace: Workspace, path: str) -> dict[str, Node]:
    """The values of a ``.tfvars`` file by variable."""
    document = workspace.document(path, "terraform")
    root = document.root if document is not None else None
    return {key.text: value for key, value in root.entries} if isinstance(root, Mapping) else {}


def folders(workspace: Workspace) -> dict[str, list[str]]:
    """The Terraform files of the tree by folder, sorted."""
    found: dict[str, list[str]] = {}
    for path in sorted(workspace.paths("terraform")):
        found.setdefault(posixpath.dirname(path), []).append(path)
    return found


def source_of(folder: str, call: Block) -> str | None:
    """The folder inside the tree that a module block names, None for a registry, a URL or a way out."""
    node = call.body.get("source")
    text = getattr(node, "text", "")
    if not text.startswith("."):
        return None
    path = posixpath.normpath(posixpath.join(folder, text))
    return None if path.startswith(("..", "/")) else "" if path == "." else path


def calls_locally(text: str) -> bool:
    return _CALL.search(text) is not None


def variable_sets(workspace: Workspace, module: Module, by_folder: dict[str, list[str]]) -> list[str]:
    """Variable files that a person names on the command line: beside the module, or below it in folders without modules.

    Each is a deployment of its own. Samples, and files that give none of the module's variables, are none.
    """
    found: list[str] = []
    prefix = f"{module.folder}/" if module.folder else ""
    for folder, paths in by_folder.items():
        own = folder == module.folder
        below = folder.startswith(prefix) and folder[len(prefix) :].count("/") < 2 and not own
        if not own and (not below or any(path.endswith(".tf") for path in paths)):
            continue
        for path in paths:
            name = path.rpartition("/")[2]
            if ".tfvars" not in name or (own and _is_loaded(path)) or _SAMPLE.search(name):
                continue
            if variable_file(workspace, path).keys() & module.variables.keys():
                found.append(path)
    return found[:MAX_VARIABLE_FILES]
