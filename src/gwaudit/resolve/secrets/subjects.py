"""One ``secret`` subject per secret variable of a container, and the one place where values of several targets meet.

Values are compared in memory only; what leaves is names, stages and places.
"""

from __future__ import annotations

from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.model import Subject
from gwaudit.resolve.secrets.names import holds_secret
from gwaudit.resolve.secrets.values import is_generated, judge, kind_of_name, url_password

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.secrets.values import Judgement
    from gwaudit.resolve.service import Service
    from gwaudit.resolve.workspace import Workspace
    from gwaudit.source import Location

_WHERE = {"image": "image-env", "env-file": "env-file", "dotenv": "env-file", "interpolation": "env-file"}
_OF_ENV_FILES = ("env-file", "dotenv", "interpolation")
_IN_MANIFEST = "environment"


class Seen:
    """One secret value in one service: kept until every target was seen."""

    __slots__ = ("fact", "key", "service", "stage", "value")

    def __init__(self, key: str, value: str, stage: str | None, service: str, fact: Fact) -> None:
        self.key = key
        self.value = value
        self.stage = stage
        self.service = service
        self.fact = fact


def describe(workspace: Workspace, service: Service) -> None:
    """Add the secrets among a container's variables; remember the real ones for the comparison over targets."""
    stage = service.subject.fact("stage")
    mine: list[tuple[Subject, str, Fact]] = []
    for fact in service.environment:
        name = fact.name[4:]
        if not isinstance(fact.value, str) or fact.source.layer in ("default", "assumed"):
            continue
        password = url_password(fact.value)
        if not holds_secret(name) and password is None:
            continue
        judgement = judge(fact.value, kind_of_name(name))
        if judgement.what in ("reference", "harmless", "empty", "digest"):
            continue
        fact = _origin(fact, password)
        subject = secret(workspace, service.subject, name, fact, judgement, _where(service, name, fact))
        if name in service.defaulted:
            subject.set("secret.variable", service.defaulted[name], Source(fact.source.layer, None, fact.location))
        value = judgement.inner or fact.value
        mine.append((subject, value, fact))
        if judgement.what in ("real", "weak"):
            parent = service.subject.parent
            owner = parent.name if parent is not None else service.subject.name
            known = str(stage.value) if stage.known else None
            workspace.secrets.append(Seen(name, value, known, owner, fact))
    _same(mine)
    _copied(workspace, service)
    _identity(workspace, service)


def _origin(fact: Fact, password: str | None) -> Fact:
    """A URL into which a variable puts its password is the secret of that variable's place: there a person edits it."""
    for part in fact.inputs if password is not None else ():
        if part.value == password and part.location is not None and part.location != fact.location:
            return Fact(fact.name, fact.value, part.source, fact.shadowed, fact.inputs, secret=True)
    return fact


def _copied(workspace: Workspace, service: Service) -> None:
    """One subject per COPY or ADD that takes a dotenv file with secrets along into the image."""
    image = service.image
    for location, paths in image.copied if image is not None else ():
        held: list[tuple[str, int]] = []
        inputs: list[Fact] = []
        for path in paths:
            document = workspace.document(path, "dotenv")
            for item in document.root if document is not None else ():
                real = item.value and judge(item.value, kind_of_name(item.key)).what in ("real", "weak")
                if real and (holds_secret(item.key) or url_password(item.value) is not None):
                    inputs.append(
                        Fact(f"env.{item.key}", item.value, Source("dotenv", None, item.location), secret=True)
                    )
            if inputs:
                held.append((path, len(inputs)))
        if not held:
            continue
        source = Source("image", None, location)
        subject = Subject("secret", held[0][0], service.subject, location)
        subject.set("secret.where", "image-copy", source)
        names = tuple(path for path, _ in held)
        subject.put(Fact("secret.copied_files", names, Source("derived", None, location), inputs=inputs))
        subject.set("secret.copied_count", len(inputs), source)


def _identity(workspace: Workspace, service: Service) -> None:
    """Remember by what tokens of this service can be told from those of another stage."""
    subject = service.subject
    default = subject.fact("jwt.identity_is_default")
    stage, algorithm = subject.known("stage"), subject.known("jwt.algorithm")
    if (
        default.value is True
        and str(algorithm).startswith("HS")
        and subject.known("jwt.key_per_environment") is not True
    ):
        key = subject.fact("jwt.key")
        written = next((f for f in default.inputs if f.location is not None and f.source.layer != "profile"), None)
        place = written.location if written else subject.fact("container.image").location or service.container.place
        workspace.identities.append((str(stage) if stage else None, key.value, place))


def indistinguishable(workspace: Workspace, repository: Subject) -> None:
    """``repository.indistinguishable``: stages whose tokens look alike and whose keys may be one.

    A development machine has a key of its own; where its key is written down, ``secret.other_stages`` tells that it is not.
    """
    stages: dict[str, tuple[object, Location | None]] = {}
    for stage, key, place in workspace.identities:
        if stage in ("production", "staging"):
            stages.setdefault(stage, (key, place))
    keys = [key for key, _ in stages.values() if isinstance(key, str)]
    apart = len(keys) == len(stages) and len(set(keys)) == len(keys)
    if len(stages) < 2 or apart:
        repository.set("repository.indistinguishable", ABSENT)
        return
    order = sorted(stages, key=("production", "staging").index)
    facts = [Fact("stage", stage, Source("derived", None, stages[stage][1])) for stage in order]
    repository.put(Fact("repository.indistinguishable", tuple(order), facts[0].source, inputs=facts[1:]))


def secret(
    workspace: Workspace, parent: Subject, key: str | None, fact: Fact, judgement: Judgement, where: str
) -> Subject:
    """The subject of one value in one place; ``fact`` carries the value and the place."""
    location = fact.location
    source = Source(fact.source.layer, None, location, fact.source.via)
    subject = Subject("secret", key or judgement.kind, parent, location)
    length = len(judgement.inner if judgement.inner is not None else str(fact.value))
    subject.put(Fact("secret.value", fact.value, source, fact.shadowed, (), secret=True))
    path = location.path if location is not None else None
    tracked: object = workspace.tree.tracked(path) if path is not None else None
    if tracked is None:
        tracked = Unknown("no git repository tells whether the file is committed")
    facts: dict[str, object] = {
        "key": key or ABSENT,
        "kind": judgement.kind,
        "provider": ABSENT,
        "detail": ABSENT,
        "verified": False,
        "length": length,
        "generated": is_generated(judgement.inner if judgement.inner is not None else str(fact.value)),
        "real": judgement.what == "real",
        "placeholder": judgement.what == "placeholder",
        "weak": judgement.what == "weak",
        "weak_name": judgement.weak_name or ABSENT,
        "tracked": tracked,
        "template": path is not None and workspace.role_of(path) != "deployment",
        "where": where,
        "place_name": parent.name if parent.kind in ("container", "workload") else ABSENT,
        "overridden": False,
        "same_as": ABSENT,
        "other_stages": ABSENT,
        "default_in_effect": where == "interpolation-default",
        "copied_files": ABSENT,
    }
    for name, value in facts.items():
        subject.set(f"secret.{name}", value, source)
    if location is not None:
        sure = facts["real"] and facts["generated"] and tracked is True and not facts["template"]
        places = workspace.described.setdefault(judgement.inner or str(fact.value), set())
        places.add((location.path, location.line, bool(sure)))
    return subject


def _where(service: Service, name: str, fact: Fact) -> str:
    if name in service.protected:
        return "secret-object"
    if name in service.defaulted:
        return "interpolation-default"
    return _WHERE.get(fact.source.layer, _IN_MANIFEST)


def _same(mine: list[tuple[Subject, str, Fact]]) -> None:
    """``secret.same_as``: secrets of other purposes in the service with the same value; told once, of the first."""
    told: set[str] = set()
    for subject, value, fact in sorted(mine, key=lambda one: one[0].known("secret.kind") != "signing-key"):
        others = [(s, f) for s, v, f in mine if v == value and s is not subject and f.location != fact.location]
        if others and value not in told and subject.known("secret.kind") != "connection-string":
            told.add(value)
            names = tuple(s.name for s, _ in others)
            inputs = tuple(Fact(f.name, f.value, f.source, secret=True) for _, f in others)
            subject.put(Fact("secret.same_as", names, Source("derived"), (), inputs))


def _places(fact: Fact) -> set[object]:
    """Where a person edits the value: the place, and of an env file the file."""
    place = fact.location
    if place is None:
        return {None}
    return {place.key(), place.path} if fact.source.layer in _OF_ENV_FILES else {place.key()}


def reused(workspace: Workspace, repository: Subject) -> None:
    """Secrets whose value stands in services of different stages: one subject below the repository for each value.

    A value that reaches several services from one place is one secret, not a reused one; so is what overlays of one manifest
    have from one env file, whatever its lines are called.
    """
    by_value: dict[str, list[Seen]] = {}
    for seen in workspace.secrets:
        if seen.stage is not None and seen.stage != "template" and len(seen.value) >= 6:
            by_value.setdefault(seen.value, []).append(seen)
    for value, places in by_value.items():
        if len({seen.stage for seen in places}) < 2:
            continue
        first = next((seen for seen in places if seen.stage == "production"), places[0])
        own = {where for seen in places if seen.stage == first.stage for where in _places(seen.fact)}
        others = [seen for seen in places if seen.stage != first.stage and own.isdisjoint(_places(seen.fact))]
        if not others:
            continue
        judgement = judge(value, kind_of_name(first.key))
        # What stands in a manifest is the matter of the service there.
        where = _WHERE.get(first.fact.source.layer, "text")
        subject = secret(workspace, repository, first.key, first.fact, judgement, where)
        inputs = tuple(Fact(f"env.{seen.key}", value, seen.fact.source, secret=True) for seen in others)
        stages = tuple(dict.fromkeys(str(seen.stage) for seen in others))
        subject.put(Fact("secret.other_stages", stages, Source("derived"), (), inputs))
        subject.set("stage", first.stage, first.fact.source)
