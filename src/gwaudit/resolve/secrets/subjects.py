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

_WHERE = {"image": "image-env", "env-file": "env-file", "dotenv": "env-file", "interpolation": "env-file"}
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
        subject = secret(workspace, service.subject, name, fact, judgement, _where(service, name, fact))
        value = judgement.inner or fact.value
        mine.append((subject, value, fact))
        if judgement.what in ("real", "weak"):
            parent = service.subject.parent
            owner = parent.name if parent is not None else service.subject.name
            known = str(stage.value) if stage.known else None
            workspace.secrets.append(Seen(name, value, known, owner, fact))
    _same(mine)


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
    """``secret.same_as``: other secrets of the service with the same value."""
    for subject, value, fact in mine:
        others = [(s, f) for s, v, f in mine if v == value and s is not subject and f.location != fact.location]
        if others and subject.known("secret.kind") != "connection-string":
            names = tuple(s.name for s, _ in others)
            inputs = tuple(Fact(f.name, f.value, f.source, secret=True) for _, f in others)
            subject.put(Fact("secret.same_as", names, Source("derived"), (), inputs))


def reused(workspace: Workspace, repository: Subject) -> None:
    """Secrets whose value stands in services of different stages: one subject below the repository for each value.

    A value that reaches several services from one place is one secret, not a reused one.
    """
    by_value: dict[str, list[Seen]] = {}
    for seen in workspace.secrets:
        if seen.stage is not None and seen.stage != "template" and len(seen.value) >= 6:
            by_value.setdefault(seen.value, []).append(seen)
    for value, places in by_value.items():
        if len({seen.stage for seen in places}) < 2:
            continue
        first = next((seen for seen in places if seen.stage == "production"), places[0])
        others = [seen for seen in places if seen.stage != first.stage and seen.fact.location != first.fact.location]
        if not others:
            continue
        judgement = judge(value, kind_of_name(first.key))
        subject = secret(workspace, repository, first.key, first.fact, judgement, _IN_MANIFEST)
        inputs = tuple(Fact(f"env.{seen.key}", value, seen.fact.source, secret=True) for seen in others)
        stages = tuple(dict.fromkeys(str(seen.stage) for seen in others))
        subject.put(Fact("secret.other_stages", stages, Source("derived"), (), inputs))
        subject.set("stage", first.stage, first.fact.source)
