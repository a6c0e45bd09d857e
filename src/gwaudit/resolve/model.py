"""The one model in the middle: subjects (what rules judge) and the drafts from which platforms make them.

A platform module turns its manifests into ``TargetDraft``s: what the manifests state, nothing more. ``service`` then
looks at images, scripts, configuration files and applications and completes them into ``Subject``s, on which
``derive.py`` computes and ``link.py`` joins. Rules see subjects only.
"""

from __future__ import annotations

from gwaudit.resolve.environment import Environment
from gwaudit.resolve.fact import ABSENT, DEFAULT, Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from gwaudit.parse.document import Scalar
    from gwaudit.source import Location


class Subject:
    """One thing that rules judge: a record of facts inside a larger one.

    ``kind`` is one of setting, variable, assignment, secret, container, workload, route, link, server, requirement,
    image, file, loadtest, target, repository. A look-up climbs to the enclosing subjects. ``place`` is where a missing
    setting would be set.
    """

    __slots__ = ("children", "draft", "environment", "facts", "kind", "name", "parent", "place")

    def __init__(self, kind: str, name: str, parent: Subject | None = None, place: Location | None = None) -> None:
        self.kind = kind
        self.name = name
        self.parent = parent
        self.place = place
        self.facts: dict[str, Fact] = {}
        self.children: list[Subject] = []
        self.environment: Environment | None = None  # containers only
        self.draft: Container | None = None  # containers only: what the platform stated
        if parent is not None:
            parent.children.append(self)

    def put(self, fact: Fact) -> None:
        self.facts[fact.name] = fact

    def set(self, name: str, value: Any, source: Source = DEFAULT, **more: Any) -> Fact:
        fact = Fact(name, value, source, **more)
        self.facts[name] = fact
        return fact

    def fact(self, name: str) -> Fact:
        """The fact of that name here or in what encloses it; Unknown where nothing that was read states it.

        ``env.NAME`` asks the environment of the nearest container.
        """
        subject: Subject | None = self
        is_env = name.startswith("env.")
        while subject is not None:
            found = subject.facts.get(name)
            if found is not None:
                return found
            if is_env and subject.environment is not None:
                return subject.environment.get(name[4:])
            subject = subject.parent
        return unstated(name)

    def value(self, name: str) -> Any:
        return self.fact(name).value

    def known(self, name: str) -> Any:
        """The plain value of a fact, None where it is Unknown or ABSENT."""
        fact = self.fact(name)
        return fact.value if fact.known else None

    def nearest(self, kind: str) -> Subject | None:
        """This subject or the enclosing one of that kind."""
        subject: Subject | None = self
        while subject is not None and subject.kind != kind:
            subject = subject.parent
        return subject

    def walk(self, kind: str | None = None) -> Iterator[Subject]:
        """This subject and everything in it, depth first, of one kind or of all."""
        if kind is None or self.kind == kind:
            yield self
        for child in self.children:
            yield from child.walk(kind)

    def __repr__(self) -> str:
        return f"Subject({self.kind} {self.name})"


_unstated: dict[str, Fact] = {}  # by name; the names that are asked for are those of the vocabulary and of variables


def unstated(name: str) -> Fact:
    """The fact of a name that nothing states. Rules ask for few names many times, so each is made once."""
    found = _unstated.get(name)
    if found is None:
        found = Fact(name, Unknown("nothing that was read states it", (name,)), DEFAULT)
        if len(_unstated) < 2000:
            _unstated[name] = found
    return found


class Build:
    """An image built from the audited tree: context directory, Dockerfile (both relative to the root), stage, arguments."""

    __slots__ = ("arguments", "context", "dockerfile", "location", "stage")

    def __init__(
        self,
        context: str,
        dockerfile: str | None = None,
        stage: str | None = None,
        arguments: dict[str, Fact] | None = None,
        location: Location | None = None,
    ) -> None:
        self.context = context
        self.dockerfile = dockerfile
        self.stage = stage
        self.arguments = arguments or {}
        self.location = location


class Mount:
    """Something mounted into a container at ``path``.

    ``kind``: bind, volume, tmpfs, memory, empty-dir, persistent (a claim), network (NFS, CIFS, RWX class), config-map,
    secret, image, unknown. ``source`` is the bound path relative to the root (bind) or the volume's name. ``access`` are
    the claim's access modes.
    """

    __slots__ = ("access", "kind", "location", "path", "read_only", "source")

    def __init__(
        self,
        path: str,
        kind: str,
        source: str | None = None,
        read_only: bool = False,
        access: tuple[str, ...] = (),
        location: Location | None = None,
    ) -> None:
        self.path = path
        self.kind = kind
        self.source = source
        self.read_only = read_only
        self.access = access
        self.location = location


class Stated:
    """What a manifest states of one thing: facts by name."""

    __slots__ = ("facts",)

    def __init__(self) -> None:
        self.facts: dict[str, Fact] = {}

    def put(self, fact: Fact) -> None:
        self.facts[fact.name] = fact

    def state(self, name: str, value: Any, source: Source, **more: Any) -> None:
        self.facts[name] = Fact(name, value, source, **more)

    def absent(self, *names: str, location: Location | None = None) -> None:
        """Note facts that the manifest could state and does not."""
        for name in names:
            self.facts.setdefault(name, Fact(name, ABSENT, Source("manifest", None, location)))


class Container(Stated):
    """What a platform states of one container (or process) before its image and its command are looked at.

    ``facts`` are named by the vocabulary (``container.cpu_limit``, ``liveness.path``, ...); a fact that the manifest could
    state and does not is ABSENT, one that the platform cannot state is left out. ``entrypoint`` and ``arguments``
    override the image's ENTRYPOINT and CMD: facts whose value is a tuple of str or Unknown words, None where not given.
    ``shell`` is the command line as one string where the platform runs it through a shell (Procfile, systemd without one
    gives words). ``files`` maps container paths to repository paths for what the platform puts there (config maps);
    ``texts`` maps container paths to the scalar that holds a file's text where it stands inside a manifest.
    """

    __slots__ = (
        "arguments",
        "build",
        "directory",
        "entrypoint",
        "env_place",
        "environment",
        "files",
        "image",
        "is_init",
        "mounts",
        "name",
        "place",
        "shell",
        "texts",
        "working_dir",
    )  # fmt: skip

    def __init__(self, name: str, place: Location | None) -> None:
        self.name = name
        self.place = place
        self.env_place: Location | None = place  # where a missing variable would be set
        super().__init__()
        self.image: Fact | None = None
        self.build: Build | None = None
        self.entrypoint: Fact | None = None
        self.arguments: Fact | None = None
        self.shell: Fact | None = None
        self.environment = Environment()
        self.mounts: list[Mount] = []
        self.files: dict[str, str] = {}
        self.texts: dict[str, Scalar] = {}
        self.working_dir: Fact | None = None
        self.is_init = False
        self.directory: str | None = None  # the repository folder it runs in, where it runs without an image


class Workload(Stated):
    """A pod, Compose service, Nomad group, application: replicas, grace and containers."""

    __slots__ = ("aliases", "containers", "depends_on", "kind", "labels", "name", "place")

    def __init__(self, name: str, kind: str, place: Location | None) -> None:
        self.name = name
        self.kind = kind
        self.place = place
        super().__init__()
        self.containers: list[Container] = []
        self.labels: dict[str, str] = {}
        self.aliases: set[str] = {name}  # the names by which others in the target reach it (services, links)
        self.depends_on: list[str] = []


class Endpoint:
    """A way into a workload: a published port, a Service, an Ingress rule, a route.

    ``port`` is the port of the container that it leads to (a number, a name, or None), ``outer_port`` the one that a
    client uses; ``public`` whether it is reachable from outside the target (None: unknown); ``host`` the name it answers
    to; ``facts`` are the limits it sets (``hop.read_timeout``, ``hop.tls``, ...); ``options`` are names by which it refers
    to what its proxy defines (``entrypoints``, ``transport``).
    """

    __slots__ = ("facts", "host", "kind", "location", "options", "outer_port", "path", "port", "public", "workload")

    def __init__(
        self,
        kind: str,
        workload: str,
        port: int | str | None,
        outer_port: int | None = None,
        public: bool | None = None,
        host: str | None = None,
        location: Location | None = None,
        path: str | None = None,
    ) -> None:
        self.kind = kind  # published-port, service, node-port, load-balancer, ingress, gateway, route, proxy
        self.workload = workload  # the name or alias it leads to
        self.port = port
        self.outer_port = outer_port
        self.public = public
        self.host = host
        self.location = location
        self.path = path
        self.options: dict[str, str] = {}
        self.facts: dict[str, Fact] = {}


class Reference:
    """A manifest names an object: a volume, network, secret, config map, env_file or service (rule undefined-reference)."""

    __slots__ = ("defined", "kind", "location", "name", "optional", "owner")

    def __init__(
        self, kind: str, name: str, defined: bool | None, optional: bool, location: Location, owner: str = ""
    ) -> None:
        self.kind = kind
        self.name = name
        self.defined = defined  # None where objects managed elsewhere may define it
        self.optional = optional
        self.location = location
        self.owner = owner


class TargetDraft:
    """One deployment as its platform states it.

    ``kind``: compose, kubernetes, helm, kustomize, knative, nomad, code-engine, cloud-run, container-apps, procfile,
    systemd, supervisor, fly, image, directory. ``paths`` are the files it is made of, the main one first. ``stage_hints``
    are (points, text, location) as the platform knows them; a stage written explicitly is a fact ``stage``. ``notes`` are
    (location, message) for what could not be understood. ``role`` says what it is there for where the path of its main file
    does not (see ``discover.role_of``).
    """

    __slots__ = (
        "endpoints",
        "facts",
        "kind",
        "name",
        "notes",
        "paths",
        "place",
        "references",
        "role",
        "stage_hints",
        "workloads",
    )  # fmt: skip

    def __init__(self, name: str, kind: str, place: Location | None, paths: tuple[str, ...] = ()) -> None:
        self.name = name
        self.kind = kind
        self.place = place
        self.paths = paths
        self.facts: dict[str, Fact] = {}
        self.workloads: list[Workload] = []
        self.endpoints: list[Endpoint] = []
        self.references: list[Reference] = []
        self.role: str | None = None
        self.stage_hints: list[tuple[int, str, Location | None]] = []
        self.notes: list[tuple[Location, str]] = []

    def state(self, name: str, value: Any, source: Source, **more: Any) -> None:
        self.facts[name] = Fact(name, value, source, **more)

    def __repr__(self) -> str:
        return f"TargetDraft({self.kind} {self.name}: {[w.name for w in self.workloads]})"


class Assumptions:
    """What-if answers from the command line: ``--assume KEY=VALUE``, ``--env NAME=VALUE``, ``--env-file``.

    Keys: cpus (int), memory (bytes), stage, gunicorn and python (versions), memory_per_worker (bytes), today (date).
    """

    __slots__ = ("env", "values")

    def __init__(self, values: dict[str, Any] | None = None, env: dict[str, Fact] | None = None) -> None:
        self.values = values or {}
        self.env = env or {}

    def get(self, key: str) -> Any:
        return self.values.get(key)
