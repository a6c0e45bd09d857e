"""From platform drafts to targets: every draft completed, derived and joined, one at a time.

``PLATFORMS`` is the registry: format-independent name -> (module, formats that make it worth importing). A module answers
``targets(workspace) -> list[TargetDraft]``. Files that no target uses form ``directory`` and ``image`` targets at the end.
"""

from __future__ import annotations

from importlib import import_module

from gwaudit.errors import Guard
from gwaudit.resolve.builds import Builds
from gwaudit.resolve.fact import Source
from gwaudit.resolve.model import Subject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gwaudit.resolve.fact import Fact
    from gwaudit.resolve.mentions import Mentions
    from gwaudit.resolve.model import TargetDraft, Workload
    from gwaudit.resolve.requirements.subjects import Installed
    from gwaudit.resolve.service import Service
    from gwaudit.resolve.workspace import Workspace
    from gwaudit.source import Location

PLATFORMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("gwaudit.resolve.compose", ("compose", "yaml")),
    ("gwaudit.resolve.kubernetes", ("yaml", "kustomization", "helm-template")),
    ("gwaudit.resolve.kustomize", ("kustomization",)),
    ("gwaudit.resolve.helm", ("helm-chart",)),
    ("gwaudit.resolve.processes", ("procfile", "systemd", "supervisor", "shell", "makefile")),
    ("gwaudit.resolve.nomad", ("nomad",)),
    ("gwaudit.resolve.commands", ("shell", "makefile", "yaml")),
    ("gwaudit.resolve.fly", ("fly",)),
    ("gwaudit.resolve.terraform", ("terraform",)),
)


class Target:
    """One deployment, completed: its subject, the services in it, and the draft it was made from.

    ``judged`` is False for a target that is only shown (an image that other targets already run).
    """

    __slots__ = ("draft", "judged", "services", "subject")

    def __init__(self, draft: TargetDraft, subject: Subject, services: list[Service], judged: bool = True) -> None:
        self.draft = draft
        self.subject = subject
        self.services = services
        self.judged = judged

    def remarks(self) -> Iterator[tuple[Location, str]]:
        """What of the target was read and not understood, with its places."""
        yield from self.draft.notes
        for service in self.services:
            yield from service.launch.problems if service.launch is not None else ()


_ASYNCHRONOUS = ("gevent", "eventlet", "tornado", "asgi", "uvicorn")


class Started:
    """One start of gunicorn: the fact of its configuration file, its working directory, the ``folder`` it comes from."""

    __slots__ = ("config", "directory", "folder", "place")

    def __init__(self, config: Fact, directory: str | None, folder: str, place: Location | None) -> None:
        self.config = config
        self.directory = directory
        self.folder = folder
        self.place = place


class Used:
    """Files that targets were found to use, so that what remains can be told.

    ``loaded`` are the configurations that a deployment's gunicorn loads (``configs`` also those that were looked at on their
    own), ``starts`` its starts from files of the tree; ``asynchronous`` whether one of them has asynchronous workers.
    """

    __slots__ = ("asynchronous", "configs", "dockerfiles", "loaded", "paths", "starts", "unread_launches")

    def __init__(self) -> None:
        self.paths: set[str] = set()
        self.configs: set[str] = set()
        self.dockerfiles: set[str] = set()
        self.loaded: set[str] = set()
        self.starts: list[Started] = []
        self.asynchronous = False
        self.unread_launches = 0  # services whose command could not be read: they may load any configuration

    def note(self, target: Target) -> None:
        self.paths.update(target.draft.paths)
        for service in target.services:
            self.paths.update(fact.location.path for fact in service.container.environment if fact.location is not None)
            if service.image is not None and service.image.path:
                self.dockerfiles.add(service.image.path)
            if service.launch is not None:
                self.paths.update(service.launch.scripts)
            if service.gunicorn is not None and service.gunicorn.config_file.known:
                self.configs.update((str(service.gunicorn.config_file.value), *service.gunicorn.imports))
            if service.gunicorn is not None and target.draft.kind != "directory":
                self._start(service, target)
            if service.command is None and service.image is not None and service.image.local:
                self.unread_launches += 1

    def code(self) -> set[str]:
        """The Python files that configure or launch services."""
        return self.configs | {path for path in self.paths if path.endswith(".py")}

    def _start(self, service: Service, target: Target) -> None:
        run, command, image = service.gunicorn, service.command, service.image
        if run is None or command is None:
            return
        if run.config_file.known:
            self.loaded.update((str(run.config_file.value), *run.imports))
        kind = service.subject.known("gunicorn.worker_kind")
        self.asynchronous = self.asynchronous or (target.judged and kind in _ASYNCHRONOUS)
        folder = image.context if image is not None and image.local else service.container.directory
        if folder is not None:
            place = command.words[0].source.location if command.words else command.location
            self.starts.append(Started(run.config_file, command.directory, folder, place))


def drafts(workspace: Workspace) -> list[TargetDraft]:
    """What every platform states, in the order of ``PLATFORMS``; a platform's module is imported when its files are met."""
    found: list[TargetDraft] = []
    for module, formats in PLATFORMS:
        if any(workspace.by_format.get(format) for format in formats):
            found.extend(import_module(module).targets(workspace))
    return found


def resolve(workspace: Workspace, repository: Subject) -> Iterator[Target]:
    """Every target of the tree below the ``repository`` subject, one at a time."""
    from gwaudit.resolve.leftover import leftovers

    stated = drafts(workspace)
    builds = Builds(workspace, stated)
    mentions = _mentions(workspace, stated)
    used = workspace.cache["used"] = Used()
    for draft in stated:
        target = guarded(workspace, builds, draft, repository, mentions)
        if target is None:
            continue
        target.judged = is_deployment(workspace, draft)
        used.note(target)
        yield target
        _let_go(repository, target)
    for draft, judged in leftovers(workspace, builds, used):
        target = guarded(workspace, builds, draft, repository, mentions)
        if target is None:
            continue
        target.judged = judged and is_deployment(workspace, draft)
        used.note(target)
        yield target
        _let_go(repository, target)


def guarded(
    workspace: Workspace, builds: Builds, draft: TargetDraft, repository: Subject, mentions: Mentions
) -> Target | None:
    """One target completed; None where a bug of ours ends it (noted in the workspace), so that the others are judged."""
    before = len(repository.children)
    with Guard(workspace.bugs, draft.name):
        return complete_target(workspace, builds, draft, repository, mentions)
    del repository.children[before:]
    return None


def is_deployment(workspace: Workspace, draft: TargetDraft) -> bool:
    """Tests, documentation, templates and vendored trees of the audited repository are shown, never judged."""
    role = draft.role or (workspace.role_of(draft.paths[0]) if draft.paths else "deployment")
    return role == "deployment"


def _let_go(repository: Subject, target: Target) -> None:
    """A target is dropped when the next one is asked for, so that memory does not grow; its stage is remembered."""
    repository.children.remove(target.subject)
    stage = target.subject.known("stage")
    if stage is not None and target.judged:
        stages = repository.known("repository.stages") or ()
        repository.set("repository.stages", tuple(sorted({*stages, str(stage)})), Source("derived"))


def _mentions(workspace: Workspace, stated: list[TargetDraft]) -> Mentions:
    """One look through the tree's code for every variable that any target sets and no runtime is known to read."""
    from gwaudit.resolve.mentions import search

    names = {
        fact.name[4:]
        for draft in stated
        for workload in draft.workloads
        for container in workload.containers
        for fact in container.environment
    }
    return search(workspace, names)


def complete_target(
    workspace: Workspace, builds: Builds, draft: TargetDraft, repository: Subject, mentions: Mentions
) -> Target:
    """One draft made into subjects: completed, derived, joined."""
    from gwaudit.resolve import images, settings, variables
    from gwaudit.resolve.derive import derive
    from gwaudit.resolve.derive.application import application
    from gwaudit.resolve.link import link
    from gwaudit.resolve.secrets import subjects as secrets
    from gwaudit.resolve.service import complete
    from gwaudit.resolve.stage import stage

    place = draft.place
    subject = Subject("target", draft.name, repository, place)
    subject.set("target.name", draft.name, Source("manifest", None, place))
    subject.set("target.kind", draft.kind, Source("manifest", None, place))
    for fact in draft.facts.values():
        subject.put(fact)
    for key, value in workspace.assume.values.items():
        subject.set(f"assume.{key}", value, Source("assumed"), assumed=True)
    services: list[Service] = []
    for workload in draft.workloads:
        below = _workload(subject, workload)
        for container in workload.containers:
            services.append(complete(workspace, builds, container, below))
    target = Target(draft, subject, services)
    stage(workspace, target)
    for service in services:
        derive(service)
    served = any(service.subject.fact("process.server").known for service in services)
    if served:
        from gwaudit.resolve.loadtests import assign, finish

        described = assign(workspace, target)
    for service in services:
        application(service)
    link(workspace, target)
    if served:
        finish(workspace, target, described)
    for service in services:
        if service.gunicorn is not None:
            settings.describe(service)
        variables.describe(workspace, service, mentions)
        secrets.describe(workspace, service)
        images.describe(workspace, service)
    variables.conflicts(services)
    variables.share(services)
    if any(service.installation is not None and service.installation.records for service in services):
        from gwaudit.resolve.requirements.subjects import requirement_subjects

        requirement_subjects(subject, [installed for service in services if (installed := _installed(service))])
    return target


def _installed(service: Service) -> Installed | None:
    """What the service installs, for the requirements of the target; None where nothing tells."""
    from gwaudit.resolve.requirements.subjects import Installed

    if service.installation is None or not service.installation.records:
        return None
    name = service.subject.parent.name if service.subject.parent is not None else service.subject.name
    return Installed(name, service.installation, service.subject.known("python.version"))


def _workload(target: Subject, workload: Workload) -> Subject:
    subject = Subject("workload", workload.name, target, workload.place)
    source = Source("manifest", None, workload.place)
    subject.set("workload.name", workload.name, source)
    subject.set("workload.kind", workload.kind, source)
    for fact in workload.facts.values():
        subject.put(fact)
    return subject
