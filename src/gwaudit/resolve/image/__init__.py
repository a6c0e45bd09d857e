"""Images: what a Dockerfile of the tree, or a well-known public image, says of the containers that run it."""

from __future__ import annotations

import posixpath

from gwaudit.resolve.fact import Fact, Source, Unknown
from gwaudit.resolve.image.context import Context
from gwaudit.resolve.image.known import Reference, entry_of, known_image
from gwaudit.resolve.image.record import Image
from gwaudit.resolve.image.stage import Stage, argument, at_layer
from gwaudit.resolve.image.variables import Scope, interpolate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.dockerfile.syntax import Dockerfile, Instruction
    from gwaudit.resolve.model import Build
    from gwaudit.resolve.workspace import Workspace
    from gwaudit.tree import Tree

__all__ = ["Image", "Reference", "dockerfile_of", "image_for", "image_of_reference"]
MAX_STAGES = 60


def dockerfile_of(workspace: Workspace, build: Build) -> str | None:
    """The repository path of a build's Dockerfile: as named, else Dockerfile, else Containerfile in the context."""
    tree = workspace.tree
    if build.dockerfile is not None:
        for base in ("", build.context):
            path = posixpath.normpath(posixpath.join(base, build.dockerfile))
            if tree.is_file(path):
                return path
        return None
    for name in ("Dockerfile", "Containerfile", "dockerfile"):
        path = posixpath.normpath(posixpath.join(build.context, name))
        if tree.is_file(path):
            return path
    return None


def image_for(workspace: Workspace, build: Build) -> Image | Unknown:
    """The image that a build of the tree makes; Unknown where its Dockerfile or its stage is not there."""
    path = dockerfile_of(workspace, build)
    if path is None:
        named = build.dockerfile or posixpath.join(build.context, "Dockerfile")
        return Unknown(f"the Dockerfile {named} is not in the tree", ("image",))
    document = workspace.document(path, "dockerfile")
    if document is None:
        return Unknown(f"{path} cannot be read", ("image",))
    found = build_image(workspace, document.root, path, build)
    return found


def image_of_reference(text: str, tree: Tree | None = None) -> Image | None:
    """What is known of a public image by its reference; None for an image that the table does not hold.

    ``tree`` lets its file system be extended by files of the tree (mounts).
    """
    if entry_of(Reference(text)) is None:
        return None
    return known_image(tree, text, Source("image", text))


def build_image(workspace: Workspace, root: Dockerfile, path: str, build: Build) -> Image | Unknown:
    """Run the stages of a Dockerfile, up to the wanted one, and answer its image."""
    context = Context(workspace.tree, build.context, path)
    given = dict(build.arguments)
    outer = Scope()
    stages: dict[str, Image] = {}
    scopes: dict[str, Scope] = {}
    current: Stage | None = None
    name: str | None = None
    count = 0
    wanted = (build.stage or "").lower()
    result: Image | None = None
    for instruction in root.instructions:
        if instruction.keyword == "FROM":
            if current is not None and wanted and wanted in (name, str(count - 1)):
                result = current.image
                break
            if count >= MAX_STAGES:
                break
            current, name = _begin(workspace, root, instruction, context, outer, given, stages, scopes, count)
            stages[str(count)] = current.image
            scopes[str(count)] = current.scope
            if name is not None:
                stages[name] = current.image
                scopes[name] = current.scope
            count += 1
        elif current is None:
            if instruction.keyword == "ARG":
                from gwaudit.parse.dockerfile import split

                for token in split(instruction.value, root.escape):
                    argument(instruction, token.start, token.end, outer, given, {}, root.escape)
        else:
            current.run(instruction)
    if current is None:
        return Unknown(f"{path} has no FROM", ("image",))
    if wanted and result is None and wanted not in (name, str(count - 1)):
        return Unknown(f"{path} has no stage {build.stage}", ("image",))
    image = result or current.image
    image.path = path
    image.context = build.context
    image.local = True
    image.stage = build.stage or name
    return image


def _begin(
    workspace: Workspace,
    root: Dockerfile,
    instruction: Instruction,
    context: Context,
    outer: Scope,
    given: dict[str, Fact],
    stages: dict[str, Image],
    scopes: dict[str, Scope],
    count: int,
) -> tuple[Stage, str | None]:
    """A FROM: the stage on an earlier one, a well-known image, or an unknown one."""
    words = instruction.value.split()
    name = words[2].lower() if len(words) == 3 and words[1].lower() == "as" else None
    end = len(words[0]) if words else 0
    text = interpolate(instruction, outer, 0, end, root.escape)
    reference = text.value()
    scope = Scope()
    source = at_layer(text.source)
    if isinstance(reference, str) and reference.lower() in stages and not reference.isdigit():
        image = inherited(stages[reference.lower()])
        below = scopes[reference.lower()]
        scope.environment = dict(below.environment)
        scope.opaque = below.opaque
    else:
        if isinstance(reference, Unknown) or not reference:
            reason = reference.reason if isinstance(reference, Unknown) else "FROM names no image"
            image = known_image(workspace.tree, "(unknown)", source)
            image.base = Fact("image.base", Unknown(reason, ("image",)), source)
        else:
            image = known_image(workspace.tree, reference, source)
        scope.opaque = image.unknown
        scope.environment = {fact.name[4:]: fact for fact in image.environment}
    stage = Stage(root, context, image, scope, outer.arguments, given, stages)
    return stage, name


def inherited(base: Image) -> Image:
    """A fresh image on top of a stage."""
    image = Image(base.filesystem.copy())
    for slot in Image.__slots__:
        if slot == "filesystem":
            continue
        value = getattr(base, slot)
        if isinstance(value, (list, dict)):
            value = value.copy()
        elif slot == "environment":
            value = base.environment.copy()
        setattr(image, slot, value)
    return image
