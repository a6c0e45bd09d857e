"""The JSON report of trivy: misconfigurations, vulnerabilities and secrets of every target it scanned.

https://trivy.dev/latest/docs/configuration/reporting/#json
"""

from __future__ import annotations

import posixpath

from gwaudit.imports.result import Result, items, number, table, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

SEVERITIES = {"CRITICAL": "critical", "HIGH": "high", "MEDIUM": "medium", "LOW": "low", "UNKNOWN": "low"}


def is_trivy(data: Any) -> bool:
    """Whether it is a report of trivy; one that found nothing has no ``Results``."""
    return isinstance(data, dict) and (isinstance(data.get("Results"), list) or "ArtifactType" in data)


def results(data: dict[str, Any]) -> Iterator[Result]:
    """Every finding of every target."""
    artifact = text(data.get("ArtifactName")) if text(data.get("ArtifactType")) in ("filesystem", "repository") else ""
    for found in map(table, items(data.get("Results"))):
        target = text(found.get("Target"))
        paths = tuple(dict.fromkeys((posixpath.join(artifact, target), target))) if target else ()
        for one in map(table, items(found.get("Misconfigurations"))):
            if text(one.get("Status")) in ("", "FAIL"):
                yield _misconfiguration(one, paths)
        for one in map(table, items(found.get("Vulnerabilities"))):
            yield _vulnerability(one, paths)
        for one in map(table, items(found.get("Secrets"))):
            message = text(one.get("Title")) or text(one.get("Category")) or "a secret"
            yield _made(one, text(one.get("RuleID")), message, paths, _lines(one), secret=True)


def _misconfiguration(one: dict[str, Any], paths: tuple[str, ...]) -> Result:
    message = text(one.get("Message")) or text(one.get("Title"))
    id = text(one.get("ID")) or text(one.get("AVDID"))
    return _made(one, id, message, paths, _lines(table(one.get("CauseMetadata"))))


def _vulnerability(one: dict[str, Any], paths: tuple[str, ...]) -> Result:
    id = text(one.get("VulnerabilityID"))
    package = f"{text(one.get('PkgName'))} {text(one.get('InstalledVersion'))}".strip()
    fixed = text(one.get("FixedVersion"))
    message = f"{package}: {text(one.get('Title')) or id}" + (f" (fixed in {fixed})" if fixed else "")
    own = text(one.get("PkgPath"))
    places = [table(place) for place in items(one.get("Locations"))]  # of the lock file, where trivy knows them
    return _made(one, id, message, (own, *paths) if own else paths, _lines(places[0]) if places else None)


def _made(
    one: dict[str, Any],
    id: str,
    message: str,
    paths: tuple[str, ...],
    region: tuple[int, int, int, int] | None,
    secret: bool = False,
) -> Result:
    severity = SEVERITIES.get(text(one.get("Severity")).upper(), "low")
    return Result("trivy", id or "finding", severity, message or id, paths, region, secret)


def _lines(place: dict[str, Any]) -> tuple[int, int, int, int] | None:
    """Whole lines: trivy names no columns, and its last line belongs to the place."""
    line = number(place.get("StartLine"))
    return (line, 0, max(line, number(place.get("EndLine"))), 0) if line else None
