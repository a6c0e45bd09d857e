"""What a target is for (production, staging, development, test, template): said outright, or by points of evidence.

Outright, in this order: ``--assume stage=``, a comment ``# gwaudit: stage=prod`` in one of its files, the variable by
which an application of the target is told. Otherwise the points of ``platforms/stage`` are added up, each kind of evidence
once; the sum decides, or leaves it open. Where names (of a file, a folder, a namespace, a label) say staging and none says
another stage, it is staging: a staging deployment looks like production on purpose.
"""

from __future__ import annotations

import re

from gwaudit.bundle import section
from gwaudit.pattern import regex
from gwaudit.resolve.declared import stage_of
from gwaudit.resolve.fact import Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from gwaudit.resolve.model import TargetDraft
    from gwaudit.resolve.service import Service
    from gwaudit.resolve.targets import Target
    from gwaudit.resolve.workspace import Workspace
    from gwaudit.source import Location

    Evidence = tuple[int, str, Location | None]

_COMMENT = regex(r"gwaudit:[ \t]*stage[ \t]*=[ \t]*([A-Za-z-]{1,20})")
_TOKEN = regex(r"[a-z0-9]+")
_TRUE = frozenset(("1", "true", "yes", "on"))
_DEPLOYED = frozenset(("manifest", "env-file", "interpolation", "dotenv", "assumed"))


def stage(workspace: Workspace, target: Target) -> None:
    """Put ``stage``, ``stage.score`` and ``stage.evidence`` on the target's subject."""
    data = section("platforms/stage")
    evidence = sorted(_unique(_evidence(data, target)), key=lambda found: -abs(found[0]))
    score = sum(points for points, _, _ in evidence)
    place = next((location for _, _, location in evidence if location is not None), target.draft.place)
    shown = tuple(f"{text} ({points:+d})" for points, text, _ in evidence)
    source = Source("derived", None, place)
    inputs = [
        Fact("stage.evidence", text, Source("manifest", None, location)) for _, text, location in evidence if location
    ]
    subject = target.subject
    subject.set("stage.score", score, source, inputs=inputs)
    subject.set("stage.evidence", shown, source)
    stated = target.draft.facts.get("stage") or said(workspace, target)
    if stated is not None:
        subject.put(stated)
    elif _is_template(data, target):
        subject.set("stage", "template", Source("manifest", None, target.draft.place))
    else:
        subject.set("stage", judged(data, score, evidence), source, inputs=inputs, derivation=" ".join(shown) or None)


def judged(data: dict[str, Any], score: int, evidence: list[Evidence]) -> str | Unknown:
    """The stage that a score tells: staging where names say so, Unknown where nothing or too little is known."""
    if not evidence:
        return Unknown("nothing tells what this deployment is for", ("stage",))
    named = {stage for _, text, _ in evidence for stage in data["name_points"] if text.startswith(f"{stage} by the ")}
    if named == {"staging"}:
        return "staging"
    if score >= data["production_at"]:
        return "production"
    if "staging" in named:
        return "staging"
    if score <= data["development_at"]:
        return "development"
    return Unknown("the evidence does not decide what this deployment is for", ("stage",))


def stage_named(text: str) -> str | None:
    """The stage that a word names (``prod``), None for any other word."""
    word = text.strip().lower()
    stages = section("platforms/stage")["stages"]
    return next((name for name, words in stages.items() if word in words), None)


def said(workspace: Workspace, target: Target) -> Fact | None:
    """The stage as it is said outright, None where it is not."""
    assumed = workspace.assume.get("stage")
    if assumed is not None:
        return Fact("stage", assumed, Source("assumed", str(assumed)), assumed=True)
    declared = stage_of(workspace, target.draft)
    if declared is not None:
        return declared
    for path in target.draft.paths:
        file = workspace.tree.source(path)
        match = _COMMENT.search(file.text) if file is not None and "gwaudit:" in file.text else None
        found = stage_named(match[1]) if match else None
        if file is not None and match is not None and found is not None:
            return Fact("stage", found, Source("manifest", match[0], file.location(match.start(), match.end())))
    told = _told(target.services)
    if told is not None and _inherited(told, target.draft):
        return Fact("stage", "development", Source("derived", None, target.draft.place))
    return told


def _inherited(told: Fact, draft: TargetDraft) -> bool:
    """A values set or overlay for development says what it is by its name, and has the variable from what it changes."""
    named = name_evidence(draft.name) if draft.kind in ("helm", "kustomize") else None
    path = told.location.path if told.location is not None else ""
    own = path.rpartition("/")[2] in draft.name or draft.name in path
    return named is not None and named[0] < 0 and not own


def _told(services: list[Service]) -> Fact | None:
    """The variable by which the target's own applications are told; None where they are told different things."""
    own = [service for service in services if service.profile is not None or service.container.build is not None]
    for name in section("platforms/stage")["variables"]:
        facts = [fact for service in own or services if (fact := _deployed(service, name)) is not None]
        stages = {found for fact in facts if (found := stage_named(str(fact.value)))}
        if len(stages) == 1:
            fact = next(fact for fact in facts if stage_named(str(fact.value)))
            return Fact("stage", stages.pop(), fact.source, inputs=(fact,))
        if stages:
            return None
    return None


def _deployed(service: Service, name: str) -> Fact | None:
    fact = service.environment.get(name)
    return fact if fact.known and fact.source.layer in _DEPLOYED else None


def _unique(found: Iterable[tuple[str, Evidence]]) -> list[Evidence]:
    """The first evidence of each kind."""
    kinds: dict[str, Evidence] = {}
    for kind, evidence in found:
        kinds.setdefault(kind, evidence)
    return list(kinds.values())


def _is_template(data: dict[str, Any], target: Target) -> bool:
    return any(re.search(data["template_names"], path.lower()) for path in target.draft.paths[:1])


def name_evidence(name: str) -> Evidence | None:
    """What the tokens of a file or folder name tell; None where they tell nothing or contradict each other."""
    data = section("platforms/stage")
    words = set(_TOKEN.findall(re.sub(data["pipeline_names"], " ", name.lower())))
    found = {stage for stage, tokens in data["names"].items() if words & set(tokens)}
    if re.search(data["development_names"], name.lower()):
        found.add("development")
    if len(found) != 1:
        return None
    stage = found.pop()
    return (data["name_points"][stage], f"{stage} by the name {name}", None)


def _evidence(data: dict[str, Any], target: Target) -> Iterator[tuple[str, Evidence]]:
    draft = target.draft
    for points, text, location in draft.stage_hints:
        if points:
            yield text, (points, text, location)
    named = name_evidence(draft.name)
    if named is None and draft.paths:
        named = name_evidence(draft.paths[0])
    if named is not None:
        yield "name", (named[0], named[1], draft.place)
    if draft.kind in data["platform_points"]:
        yield "platform", (data["platform_points"][draft.kind], f"runs on {draft.kind}", draft.place)
    for endpoint in draft.endpoints:
        if endpoint.kind == "load-balancer":
            yield "load-balancer", (data["load_balancer_points"], "a load balancer in front", endpoint.location)
    for workload in draft.workloads:
        replicas = workload.facts.get("workload.replicas")
        if replicas is not None and replicas.known and replicas.value >= 2:
            yield (
                "replicas",
                (data["replicas_points"], f"{workload.name} has {replicas.value} replicas", replicas.location),
            )
    for service in target.services:
        yield from _of_service(data, service)


def _of_service(data: dict[str, Any], service: Service) -> Iterator[tuple[str, Evidence]]:
    facts = service.container.facts
    for name in ("container.cpu_limit", "container.memory_limit"):
        fact = facts.get(name)
        if fact is not None and fact.known and fact.source.layer != "platform":
            yield "limits", (data["limits_points"], "resources are limited", fact.location)
    image = service.container.image
    if image is not None and isinstance(image.value, str) and service.container.build is None and _pinned(image.value):
        yield "image", (data["pinned_image_points"], f"{service.container.name} runs a pinned image", image.location)
    managed = re.compile(data["managed_hosts"])
    tokens = data["asymmetric_tokens"]
    postgres: Evidence | None = None
    for fact in service.environment:
        if not isinstance(fact.value, str) or fact.source.layer not in _DEPLOYED:
            continue
        name, value, place = fact.name[4:], fact.value[:2000], fact.location
        host = managed.search(value)
        if host:
            text = f"{name} names a managed service ({host[0].strip('.')})"
            yield "managed", (data["managed_points"], text, place)
        if value.startswith("sqlite"):
            yield "sqlite", (data["sqlite_points"], f"{name} is an SQLite database", place)
        elif value.startswith("postgres") and "://" in value:
            postgres = (data["postgres_points"], f"{name} is a PostgreSQL database", place)
        if name in data["debug_variables"] and value.strip().lower() in _TRUE:
            yield "debug", (data["debug_points"], f"{name} is on", place)
        if name == tokens["variable"] and value.startswith(tuple(tokens["prefixes"])):
            yield "tokens", (tokens["points"], f"{name} is {value[:10]}", place)
    if postgres is not None:
        yield "postgres", postgres


def _pinned(reference: str) -> bool:
    """An image of a registry other than Docker Hub, with a digest or a version."""
    host, slash, rest = reference.partition("/")
    if not slash or not ("." in host or ":" in host or host == "localhost"):
        return False
    if "@sha256:" in rest:
        return True
    tag = rest.rpartition(":")[2] if ":" in rest else ""
    return any(char.isdigit() for char in tag)
