"""``requirement`` subjects: the packages that services of a target install, with what is known against them."""

from __future__ import annotations

from gwaudit.bundle import section
from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.model import Subject
from gwaudit.resolve.profile.version import order

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from gwaudit.resolve.requirements import Installation
    from gwaudit.resolve.requirements.record import Requirement

_SEVERITY = ("low", "medium", "high", "critical")


class Installed:
    """What one service installs: its name, its packages and its Python (major.minor; None where it is not known)."""

    __slots__ = ("installation", "python", "service")

    def __init__(self, service: str, installation: Installation, python: str | None) -> None:
        self.service = service
        self.installation = installation
        self.python = python


def requirement_subjects(parent: Subject, installed: Iterable[Installed]) -> list[Subject]:
    """One subject for each place that asks for a package, below ``parent`` (a target); the services that it serves joined.

    Packages that only another package asks for are left out unless the project's data knows something of them.
    """
    data = section("platforms/advisories")
    tabled = {
        *data["advisories"],
        *data["unmaintained"],
        *data["async_workers"],
        *(row["package"] for row in data["together"]),
    }
    found: dict[tuple[str, object, str], Subject] = {}
    for one in installed:
        records = one.installation.records
        for record in records.values():
            if not record.direct and record.name not in tabled:
                continue
            key = (record.name, record.location, record.locked or record.exact or "")
            subject = found.get(key)
            if subject is None:
                subject = found[key] = _subject(parent, record, data)
            services = subject.known("requirement.services") or ()
            if one.service not in services:
                subject.set("requirement.services", (*services, one.service), Source("manifest", None, record.location))
            problem = _incompatible(record, records, one.python, data)
            if problem is not None and subject.value("requirement.incompatible") is ABSENT:
                subject.put(problem)
    return list(found.values())


def _subject(parent: Subject, record: Requirement, data: Mapping[str, Any]) -> Subject:
    subject = Subject("requirement", record.name, parent, record.locked_at or record.location)
    source = Source("manifest", record.specifier or None, record.location)
    version = record.version().renamed("requirement.version")
    subject.set("requirement.name", record.name, source)
    subject.set("requirement.specifier", record.specifier or ABSENT, source)
    subject.put(version)
    subject.set("requirement.pinned", record.pinned, source)
    subject.set("requirement.direct", record.direct, source)
    subject.set("requirement.is_async_worker", record.name in data["async_workers"], source)
    subject.set("requirement.incompatible", ABSENT, source)
    gone = data["unmaintained"].get(record.name)
    subject.set("requirement.unmaintained", gone["why"] if gone else ABSENT, source)
    subject.set("requirement.replacement", gone["instead"] if gone else ABSENT, source)
    for fact in advisories(record.name, version, data):
        subject.put(fact)
    return subject


def advisories(name: str, version: Fact, data: Mapping[str, Any] | None = None) -> list[Fact]:
    """``requirement.advisory`` and its companions: the worst advisory of a version; Unknown for a version that is."""
    rows = (data or section("platforms/advisories"))["advisories"].get(name, ())
    source = version.source
    names = (
        "requirement.advisory",
        "requirement.advisory_severity",
        "requirement.advisory_summary",
        "requirement.fixed_in",
    )
    if not rows:
        return [*(Fact(n, ABSENT, source) for n in names), Fact("requirement.advisory_count", 0, source)]
    if not version.known:
        reason = version.value if isinstance(version.value, Unknown) else Unknown("the version is not known")
        return [Fact(n, reason, source, inputs=(version,)) for n in (*names, "requirement.advisory_count")]
    hits = [row for row in rows if affected(str(version.value), row)]
    if not hits:
        return [*(Fact(n, ABSENT, source) for n in names), Fact("requirement.advisory_count", 0, source)]
    worst = max(hits, key=lambda row: _SEVERITY.index(row["severity"]))
    values = (worst["id"], worst["severity"], worst["what"], fixed_in(str(version.value), rows))
    facts = [Fact(n, value or ABSENT, source, (), (version,)) for n, value in zip(names, values, strict=True)]
    return [*facts, Fact("requirement.advisory_count", len(hits), source, (), (version,))]


def affected(version: str, row: Mapping[str, Any]) -> bool:
    """Whether a version lies in a range of an advisory."""
    found = order(version)
    if found is None:
        return False
    for part in row["affected"]:
        low, high = order(part.get("from", "0")), order(part["below"])
        if high is not None and found < high and (low is None or found >= low):
            return True
    return False


def fixed_in(version: str, rows: Iterable[Mapping[str, Any]]) -> str | None:
    """The smallest end of a range, above the version, that no advisory of the package affects."""
    found = order(version)
    ends = {part["below"] for row in rows for part in row["affected"]}
    safe = (
        [end for end in ends if (order(end) or found) > found and not any(affected(end, row) for row in rows)]
        if found
        else []
    )
    return min(safe, key=lambda end: order(end) or ((), 0, 0)) if safe else None


def _incompatible(
    record: Requirement, records: Mapping[str, Requirement], python: str | None, data: Mapping[str, Any]
) -> Fact | None:
    """``requirement.incompatible``: with another package of the same service, or with its Python; exact versions only."""
    name = record.name
    if name not in data["python"] and not any(row["package"] == name for row in data["together"]):
        return None
    version = record.version()
    if not version.known:
        return None
    found = order(str(version.value))
    for row in data["together"]:
        other = records.get(row["needs"])
        if row["package"] != record.name or other is None or found is None or found < (order(row["from"]) or found):
            continue
        if "below" in row and found >= (order(row["below"]) or found):
            continue
        theirs = other.version()
        if theirs.known and (order(str(theirs.value)) or found) < (order(row["at_least"]) or found):
            text = f"{record.name} {version.value} needs {row['needs']} >= {row['at_least']}, here is {theirs.value}"
            place = Source("derived", None, version.location)
            return Fact("requirement.incompatible", text, place, (), (version, theirs))
    for first, needed in data["python"].get(record.name, ()):
        if python is not None and found is not None and found >= (order(first) or found):
            if (order(python) or found) < (order(needed) or found):
                text = f"{record.name} {version.value} needs Python >= {needed}, the image has {python}"
                return Fact("requirement.incompatible", text, version.source, (), (version,))
            return None
    return None
