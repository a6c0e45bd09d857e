"""The variables of a container: what each is set to, who reads it, and what was probably meant where nobody does."""

from __future__ import annotations

from gwaudit.bundle import section
from gwaudit.resolve.fact import ABSENT, Unknown
from gwaudit.resolve.model import Subject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.mentions import Mentions
    from gwaudit.resolve.profile import Profile
    from gwaudit.resolve.service import Service
    from gwaudit.resolve.workspace import Workspace

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
        if service.profile is not None:
            problem = service.profile.problem(name, fact.value) if fact.known else None
            subject.set("variable.problem", problem or ABSENT, fact.source)


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
        readers.extend(str(place) for found, place in service.launch.reads if found == name)
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
    """The nearest name that the profile knows and the deployment does not set."""
    if service.profile is None:
        return None
    key = (service.profile.name, name)
    if key not in workspace.suggestions:
        workspace.suggestions[key] = service.profile.suggest(name)
    found = workspace.suggestions[key]
    return found if found and found not in service.environment else None
