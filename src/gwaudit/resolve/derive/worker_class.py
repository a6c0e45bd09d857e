"""What a worker class needs: a release of gunicorn that has it, and packages beside gunicorn.

The releases and packages are those of ``gunicorn/workers/*.py``, kept in rules/gunicorn/settings.yaml.
"""

from __future__ import annotations

from gwaudit.bundle import section
from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.gunicorn.settings import parse_version
from gwaudit.resolve.requirements.record import satisfies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.service import Service


def worker_class(service: Service) -> None:
    """``gunicorn.worker_class_exists/_range/_deprecated``, ``gunicorn.worker_package`` and what is known of it."""
    if service.gunicorn is None:
        return
    chosen = service.subject.fact("gunicorn.worker_class")
    if not isinstance(chosen.value, str) or "worker_class" in service.gunicorn.class_bases:
        return
    data = section("gunicorn/settings")
    version = release_of(service)
    _exists(service, chosen, version, data)
    _package(service, chosen, version, data)


def release_of(service: Service) -> Fact:
    """``gunicorn.release``: the version that is installed; where none is fixed, the newest that the requirement admits.

    The second one is marked ``assumed``: an index decides when the image is built. Unknown where nothing asks for gunicorn.
    """
    subject = service.subject
    version = subject.fact("gunicorn.version")
    found = version.renamed("gunicorn.release")
    if not version.known and service.installation is not None:
        record = service.installation.records.get("gunicorn")
        releases = section("gunicorn/settings")["releases"]
        newest = None
        if record is not None:
            newest = next((r for r in reversed(releases) if satisfies(r, record.specifier)), None)
        if newest is not None:
            found = Fact("gunicorn.release", newest, version.source, inputs=(version,), assumed=True)
    subject.put(found)
    return found


def _exists(service: Service, chosen: Fact, version: Fact, data: dict[str, Any]) -> None:
    """Whether the release has the class; a name without a dot that no release has cannot be loaded at all."""
    subject, name = service.subject, str(chosen.value)
    entry = data["workers"].get(name) or next((e for e in data["workers"].values() if e["class"] == name), None)
    if entry is None:
        foreign = "." in name or ":" in name or "#" in name
        if not foreign:
            subject.put(Fact("gunicorn.worker_class_exists", False, chosen.source, chosen.shadowed, (chosen,)))
            subject.set("gunicorn.worker_class_range", "no release", chosen.source)
        return
    since, removed = entry.get("since"), entry.get("removed")
    text = f"before {removed}" if removed else f"{since} and newer" if since else "every release"
    subject.set("gunicorn.worker_class_range", text, chosen.source)
    exists: object = True
    if since or removed:
        if isinstance(version.value, str):
            running = parse_version(version.value)
            exists = not ((since and running < parse_version(since)) or (removed and running >= parse_version(removed)))
        else:
            exists = Unknown("the version of gunicorn is not known", ("gunicorn.version",))
    place = Source("derived", None, chosen.location, chosen.source.via)
    inputs = (chosen, version)
    subject.put(Fact("gunicorn.worker_class_exists", exists, place, chosen.shadowed, inputs, assumed=version.assumed))
    late = entry.get("deprecated")
    why: object = ABSENT
    if late and isinstance(version.value, str):
        if parse_version(version.value) >= parse_version(late):
            why = f"{name} is deprecated since gunicorn {late}"
    elif late:
        why, place = Unknown("the version of gunicorn is not known", ("gunicorn.version",)), Source("derived")
    subject.put(Fact("gunicorn.worker_class_deprecated", why, place, chosen.shadowed, inputs))


def _package(service: Service, chosen: Fact, version: Fact, data: dict[str, Any]) -> None:
    """The package beside gunicorn, whether the service installs a version that will do, and what to ask for."""
    subject, name = service.subject, str(chosen.value)
    kind = subject.known("gunicorn.worker_kind")
    paths = data["worker_path_packages"]
    entry = next((paths[prefix] for prefix in paths if name == prefix or name.startswith(f"{prefix}.")), None)
    entry = entry or (data["worker_packages"].get(kind) if isinstance(kind, str) else None)
    if entry is None:
        subject.set("gunicorn.worker_package", ABSENT, chosen.source)
        return
    package = str(entry["package"])
    subject.set("gunicorn.worker_package", package, chosen.source)
    wanted = entry.get("requires")
    if isinstance(version.value, str):
        for earlier in entry.get("earlier", ()):
            if parse_version(version.value) < parse_version(earlier["before"]):
                wanted = earlier["requires"]
    elif entry.get("earlier"):
        wanted = None
    required = f"{package}>={wanted}" if wanted else package
    subject.set("gunicorn.worker_package_required", required, chosen.source)
    _installed(service, chosen, package, wanted)
    if "deprecated" in entry:
        subject.put(_deprecated(service, chosen, package, str(entry["deprecated"])))


def _deprecated(service: Service, chosen: Fact, package: str, late: str) -> Fact:
    """Whether the package's release deprecates the class; without a fixed one, the newest that is admitted does."""
    running = service.packages.get(package)
    record = service.installation.records.get(package) if service.installation is not None else None
    name = "gunicorn.worker_class_deprecated"
    if running is None or record is None:
        return Fact(name, Unknown(f"the version of {package} is not known", (f"{package}.version",)), Source("derived"))
    if isinstance(running.value, str):
        old, assumed = parse_version(running.value) < parse_version(late), False
    else:
        newest = "999999.0.0"  # what an index gives where the requirement has no upper bound
        old, assumed = not satisfies(newest, record.specifier) and not satisfies(late, record.specifier), True
    value = ABSENT if old else f"{chosen.value} is deprecated since {package} {late}"
    place = Source("derived", None, chosen.location, chosen.source.via)
    return Fact(name, value, place, chosen.shadowed, (chosen, running), assumed=assumed)


def _installed(service: Service, chosen: Fact, package: str, wanted: str | None) -> None:
    """Known only where every package is (a lock), or where an installed version is too old."""
    name = "gunicorn.worker_package_installed"
    found = service.packages.get(package)
    complete = service.subject.fact("dependencies.complete")
    value: object = Unknown("the packages of the service are not all known", ("dependencies.complete",))
    inputs = [chosen]
    if found is not None:
        inputs.append(found)
        value = True
        if wanted and isinstance(found.value, str):
            value = parse_version(found.value) >= parse_version(wanted)
    elif complete.known and complete.value is True:
        value = False
    source = Source("derived", None, chosen.location, chosen.source.via)
    service.subject.put(Fact(name, value, source, chosen.shadowed, inputs))
