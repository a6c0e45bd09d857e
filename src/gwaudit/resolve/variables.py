"""The variables of a container: what each is set to, who reads it, and what was probably meant where nobody does."""

from __future__ import annotations

import re

from gwaudit.bundle import section
from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.model import Subject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gwaudit.resolve.mentions import Mentions
    from gwaudit.resolve.profile import Profile
    from gwaudit.resolve.service import Service
    from gwaudit.resolve.workspace import Workspace
    from gwaudit.source import Location

# Layers in which a person set the variable for this deployment; a default or an image's ENV is not a deployment's wish.
_DEPLOYED = frozenset(("manifest", "env-file", "dotenv", "interpolation"))


def describe(workspace: Workspace, service: Service, mentions: Mentions) -> None:
    """Add one ``variable`` subject per variable that the deployment sets for the container."""
    generic = section("profiles/generic")
    parts = _parts(service)
    for fact in service.environment:
        if fact.value is ABSENT or fact.source.layer not in _DEPLOYED:
            continue
        name = fact.name[4:]
        subject = Subject("variable", name, service.subject, fact.location)
        subject.set("variable.name", name, fact.source)
        subject.put(fact.renamed("variable.value"))
        subject.set("variable.layer", fact.source.layer, fact.source)
        if name in parts:  # another variable is put together from it (``$(NAME)``)
            readers: list[str] | Unknown = ["another variable"]
        else:
            readers = _readers(workspace, service, name, mentions)
        if isinstance(readers, Unknown):
            subject.set("variable.read", readers, fact.source)
        else:
            subject.set("variable.read", bool(readers), fact.source)
            subject.set("variable.readers", tuple(readers), fact.source)
        subject.set("variable.looks_like_setting", _looks_like_setting(workspace, service, name, generic), fact.source)
        unread = not isinstance(readers, Unknown) and not readers
        suggestion = _suggestion(workspace, service, name) if unread else None
        subject.set("variable.suggestion", suggestion if suggestion else ABSENT, fact.source)
        _judge(service, subject, name, fact)
        _meant(service, subject, name, fact)
        _unresolved(workspace, service, subject, fact)
        _quotes(subject, name, fact)


def _judge(service: Service, subject: Subject, name: str, fact: Fact) -> None:
    """``variable.problem``, ``.expected`` and ``.valid`` by type; ``.refused`` by the checks at start-up."""
    profile = service.profile
    if profile is None or not fact.known:
        return
    problem = profile.problem(name, fact.value)
    subject.set("variable.problem", problem or ABSENT, fact.source)
    subject.set("variable.expected", profile.expected(name, fact.value) or ABSENT, fact.source)
    subject.set("variable.valid", problem is None, fact.source)
    stage = service.subject.known("app.stage") or service.subject.known("stage")
    refused = profile.refused(name, fact.value, str(stage) if stage is not None else None)
    subject.set("variable.refused", refused[0] if refused else ABSENT, fact.source)
    subject.set("variable.refused_since", refused[1] if refused else ABSENT, fact.source)


def _meant(service: Service, subject: Subject, name: str, fact: Fact) -> None:
    """``variable.effective`` and ``.instead`` of GUNICORN_NAME: the setting that it seems to mean, as it really is."""
    run = service.gunicorn
    if run is None or not name.startswith("GUNICORN_"):
        return
    squeezed = name[len("GUNICORN_") :].replace("_", "").lower()
    setting = next((one for one in run.release.settings.values() if one.name.replace("_", "") == squeezed), None)
    if setting is None:
        return
    real = run.settings[setting.name]
    if real.known and not real.secret and not setting.is_hook:
        value = real.value if not isinstance(real.value, tuple) else ", ".join(map(str, real.value))
        subject.set("variable.effective", f"{setting.name} is {value}", Source("derived"))
    flag = next((one for one in setting.flags if one.startswith("--")), None)
    if flag is not None and isinstance(fact.value, str) and not fact.secret and len(fact.value) < 40:
        subject.set("variable.instead", f"{flag} {fact.value}", Source("derived"))


def _unresolved(workspace: Workspace, service: Service, subject: Subject, fact: Fact) -> None:
    """A variable of Compose's ``${NAME}`` that the project's own ``.env`` does not set; without one, the host sets them."""
    if service.subject.known("target.kind") != "compose" or not fact.known:
        return
    target = service.subject.nearest("target")
    folder = target.place.path.rpartition("/")[0] if target is not None and target.place is not None else ""
    if f"{folder}/.env".lstrip("/") not in workspace.cache.get("env file readers", {}):
        return
    raw = fact.source.raw or ""
    missing = [
        one.name[4:]
        for one in fact.inputs
        if one.value is ABSENT and re.search(rf"\$(?:\{{{re.escape(one.name[4:])}\}}|{re.escape(one.name[4:])}\b)", raw)
    ]
    subject.set("variable.unresolved", bool(missing), fact.source)
    subject.set("variable.unresolved_name", missing[0] if missing else ABSENT, fact.source)


def _quotes(subject: Subject, name: str, fact: Fact) -> None:
    """An ``assignment`` for ``- NAME="value"`` in a list, where the quotes stay part of the value."""
    if fact.source.layer != "manifest" or not isinstance(fact.value, str) or fact.source.raw != fact.value:
        return
    from gwaudit.resolve.traps import quotes_kept

    if quotes_kept(fact.value) is None or subject.parent is None:
        return
    found = Subject("assignment", name, subject.parent, fact.location)
    found.set("assignment.name", name, fact.source)
    found.set("assignment.value", fact.value, fact.source, secret=True)
    found.set("assignment.trap", "quotes-kept", fact.source)
    found.set("assignment.trap_effect", "Compose takes the quotes as part of the value", fact.source)


def conflicts(services: Sequence[Service]) -> None:
    """``variable.conflicting``: a line of an env file, or of an object that ``envFrom`` names, without effect.

    Every service which loads the env file overrides it, or a later ``envFrom`` does, with another value. Where one service
    of several overrides a shared line, the line has its effect in the others.
    """
    effective = {id(fact.source): fact for service in services for fact in service.environment}
    used = {_key(fact) for fact in effective.values()}
    for service in services:
        for subject in service.subject.walk("variable"):
            fact = subject.fact("variable.value")
            lower = _overridden(fact)
            if lower is None:
                subject.set("variable.conflicting", False, fact.source)
                continue
            alone = _key(lower) not in used
            differs = fact.known and lower.known and fact.value != lower.value
            subject.set("variable.conflicting", alone and differs, fact.source)
            hidden = lower.secret or fact.secret
            subject.put(Fact("variable.shadowed_value", lower.value, lower.source, secret=hidden))
            subject.set("variable.shadowed_layer", lower.source.layer, lower.source)


def _overridden(fact: Fact) -> Fact | None:
    """The nearest source of another kind, or another object, that sets the variable as well and loses."""
    if fact.source.layer == "env-file":
        return None
    if _from_object(fact):
        return next((one for one in fact.shadowed if _from_object(one)), None)
    return next((one for one in fact.shadowed if one.source.layer == "env-file"), None)


def _from_object(fact: Fact) -> bool:
    return any(step.label.startswith("envFrom ") for step in fact.source.via)


def _key(fact: Fact) -> str | None:
    return str(fact.location) if fact.location is not None else None


def share(services: Iterable[Service]) -> None:
    """A line that several services of a target share (an anchor, ``extends``) is read when one of them reads it.

    The fact of such a service then says for all what is known of the one: read, or not to be known.
    """
    by_place: dict[Location, list[Subject]] = {}
    for service in services:
        for child in service.subject.children:
            place = child.facts["variable.value"].location if child.kind == "variable" else None
            if place is not None:
                by_place.setdefault(place, []).append(child)
    for sharing in by_place.values():
        facts = [subject.facts["variable.read"] for subject in sharing]
        better = next((fact for fact in facts if fact.value is not False), None)
        if better is not None:
            for subject in sharing:
                if subject.facts["variable.read"].value is False:
                    subject.put(better)


def _readers(workspace: Workspace, service: Service, name: str, mentions: Mentions) -> list[str] | Unknown:
    """Who reads the variable, in words; empty where surely nobody does."""
    readers: list[str] = []
    if service.profile is not None and service.profile.reads(name):
        readers.append(service.profile.title)
    if service.gunicorn is not None:
        read_at = service.gunicorn.reads.get(name)
        if read_at is not None:
            readers.extend([str(place) for place in read_at] or ["gunicorn"])
    if service.launch is not None:
        readers.extend(str(place) for place in service.launch.places(name))
    if readers:
        return readers
    if _platform_reads(name):
        return ["the interpreter, a library or the platform"]
    local = service.image is not None and service.image.local
    if service.profile is None and not local:
        return Unknown("what the image reads is not in the tree", (f"env.{name}",))
    if service.profile is not None and not local:
        return [] if service.profile.complete else Unknown("the profile does not list every variable")
    from gwaudit.resolve.application.readers import reads

    scan = reads(workspace)
    places = scan.places(name)
    if places:
        return [str(place) for place in places]
    prefix = scan.by_prefix(name)
    if prefix is not None:
        return [f"names that begin with {prefix}"]
    paths = mentions.of(name)
    if paths is None:
        return Unknown("the tree's code was not searched for it")
    if paths:
        return [f"mentioned in {path}" for path in paths]
    if scan.opaque and service.profile is None:
        return Unknown(scan.opaque)
    return []


def _platform_reads(name: str) -> bool:
    known = section("profiles/runtime")
    return name in known["names"] or name.startswith(tuple(known["prefixes"]))


def _parts(service: Service) -> set[str]:
    """Variables from which others of the container are put together (``$(NAME)``); Compose's ``${NAME}`` asks its host."""
    if service.subject.known("target.kind") == "compose":
        return set()
    return {item.name[4:] for fact in service.environment for item in fact.inputs if item.name.startswith("env.")}


def _looks_like_setting(workspace: Workspace, service: Service, name: str, generic: dict[str, object]) -> bool:
    """A form that only a setting has: a prefix of the conventions, or one that the application's own variables share."""
    prefixes = generic.get("setting_prefixes", ())
    if isinstance(prefixes, (list, tuple)) and name.startswith(tuple(str(prefix) for prefix in prefixes)):
        return True
    profile = service.profile
    first, underscore, _ = name.partition("_")
    if profile is None or not profile.complete or not underscore or len(first) < 2:
        return False
    return first in _first_words(workspace, profile)


def _first_words(workspace: Workspace, profile: Profile) -> frozenset[str]:
    """The first words of the names that a profile knows (``A2A`` of ``A2A_STATS_CACHE_TTL``)."""
    key = f"first words of {profile.name}"
    if key not in workspace.cache:
        workspace.cache[key] = frozenset(name.partition("_")[0] for name in profile.known_names if "_" in name)
    found: frozenset[str] = workspace.cache[key]
    return found


def _suggestion(workspace: Workspace, service: Service, name: str) -> str | None:
    """The nearest name that the profile, or else gunicorn where it runs, knows and the deployment does not set."""
    profile = service.profile
    found = None
    if profile is not None:
        key = (profile.name, name)
        if key not in workspace.suggestions:
            workspace.suggestions[key] = profile.suggest(name)
        found = workspace.suggestions[key]
    if found is None and service.gunicorn is not None:
        from gwaudit.resolve.profile.names import nearest

        found = nearest(name, section("profiles/runtime")["of_gunicorn"])
    return found if found and found not in service.environment else None
