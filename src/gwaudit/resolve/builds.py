"""Which images the tree builds itself: image name -> Dockerfile, so that a manifest that only names one is understood.

An image is taken for a build of this tree when the configuration says so (``images``), when a Compose service says both
(``image`` and ``build``), when the last part of its name is the project's name or the folder of a Dockerfile, when an
application profile whose own source the tree is names it, or when a command of the tree builds it (``built``). Anything
weaker stays unknown; so does a name under which services build different Dockerfiles, but for the service that builds it
itself elsewhere.
"""

from __future__ import annotations

import posixpath

from gwaudit.resolve.model import Build

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gwaudit.resolve.built import Name
    from gwaudit.resolve.fact import Fact
    from gwaudit.resolve.model import TargetDraft
    from gwaudit.resolve.workspace import Workspace


def image_name(reference: str) -> str:
    """An image reference without tag and digest (``registry:5000/a/b:1@sha256:...`` -> ``registry:5000/a/b``)."""
    name = reference.split("@", 1)[0]
    head, _, tail = name.rpartition("/")
    tail = tail.split(":", 1)[0]
    return f"{head}/{tail}" if head else tail


class Builds:
    """Image names that this tree builds."""

    def __init__(self, workspace: Workspace, drafts: Iterable[TargetDraft]) -> None:
        self._tree = workspace.tree
        self._workspace = workspace
        self._commanded: list[tuple[Name, Build]] | None = None  # looked for when the first image is not told otherwise
        self._named: dict[str, dict[str, Build]] = {}  # image name -> service -> its build
        self._by_last: dict[str, Build] = {}
        self.dockerfiles: dict[str, Build] = {}  # every deployable Dockerfile of the walk, by path
        for path in workspace.paths("dockerfile"):
            if path.endswith((".dockerignore", ".md")):
                continue
            folder = posixpath.dirname(path)
            build = Build(folder or ".", path)
            self.dockerfiles[path] = build
            if workspace.role_of(path) == "deployment" and folder:
                self._by_last.setdefault(posixpath.basename(folder).lower(), build)
        root = self.dockerfiles.get("Dockerfile") or self.dockerfiles.get("Containerfile")
        if root is not None:
            for name in _project_names(workspace):
                self._by_last[name.lower()] = root
        for draft in drafts:
            for workload in draft.workloads:
                for container in workload.containers:
                    if container.build is not None and container.image is not None and container.image.known:
                        services = self._named.setdefault(image_name(str(container.image.value)), {})
                        services.setdefault(container.name, container.build)
        self.root = root
        self._configured = dict(_configured(workspace))

    def of(self, image: Fact, service: str | None = None) -> Build | None:
        """The build of an image reference that ``service`` runs, None where the tree does not tell that it builds it."""
        if not image.known:
            return None
        name = image_name(str(image.value))
        if name in self._configured:
            return self._configured[name]
        named = self._named.get(name)
        if named is not None:
            if service in named:
                return named[service]
            several = {(build.context, build.dockerfile) for build in named.values()}
            return next(iter(named.values())) if len(several) == 1 else None
        last = name.rsplit("/", 1)[-1].lower()
        return self._by_last.get(last) or self._profiled(name) or self._built(str(image.value), name)

    def _built(self, reference: str, name: str) -> Build | None:
        """What a command of the tree builds under the name, where all such commands build the same; no public image."""
        from gwaudit.resolve.image import image_of_reference

        if not self.dockerfiles or image_of_reference(reference) is not None:
            return None
        if self._commanded is None:
            from gwaudit.resolve.built import builds_of

            self._commanded = builds_of(self._workspace)
        found = [build for named, build in self._commanded if named.fits(name)]
        several = {(build.context, build.dockerfile, build.stage) for build in found}
        return found[-1] if len(several) == 1 else None

    def _profiled(self, name: str) -> Build | None:
        """The tree's own image under a name that a profile lists: the tree is the source of the profiled application."""
        from gwaudit.bundle import section

        if self.root is None:
            return None
        for marks in section("profiles/applications").values():
            if name in marks.get("images", ()) and all(
                self._tree.is_file(file) for file in marks.get("tree_files", ("?",))
            ):
                return self.root
        return None


def _configured(workspace: Workspace) -> Iterable[tuple[str, Build]]:
    """``[tool.gwaudit.images]``; a Dockerfile that is not there is the user's mistake."""
    configuration = workspace.configuration
    for name, (dockerfile, context) in configuration.images.items() if configuration is not None else ():
        assert configuration is not None
        if not workspace.tree.is_file(dockerfile):
            raise configuration.error(f"there is no file {dockerfile!r}", "images", name)
        yield name, Build(context or ".", dockerfile, location=configuration.location_of("images", name))


def _project_names(workspace: Workspace) -> Iterable[str]:
    """The project's own name, as pyproject.toml at the root tells."""
    from gwaudit.parse.document import Mapping, Scalar

    if not workspace.tree.is_file("pyproject.toml"):
        return
    document = workspace.document("pyproject.toml")
    if document is not None and isinstance(document.root, Mapping):
        for path in (("project", "name"), ("tool", "poetry", "name")):
            node = document.root.get(*path)
            if isinstance(node, Scalar):
                yield node.text
                yield node.text.replace("_", "-")
                return
