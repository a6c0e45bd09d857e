"""Whether the driver that the database's URL asks for is among the packages of the service."""

from __future__ import annotations

from gwaudit.bundle import section
from gwaudit.resolve.fact import Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.service import Service


def driver(service: Service) -> None:
    """``database.driver_installed``; Unknown unless a lock tells every package that is installed."""
    subject = service.subject
    wanted, complete = subject.fact("database.driver"), subject.fact("dependencies.complete")
    if not wanted.known:
        return
    names = set(service.packages)
    packages = section("platforms/databases").get("driver_packages", {}).get(wanted.value, [wanted.value])
    source = Source("derived", None, wanted.location, wanted.source.via)
    value: object = any(name in names for name in packages)
    if value is False and not (complete.known and complete.value is True):
        value = Unknown("the packages of the service are not all known", ("dependencies.complete",))
    place = source if not isinstance(value, Unknown) else Source("derived")
    subject.put(Fact("database.driver_installed", value, place, wanted.shadowed, (wanted, complete)))
