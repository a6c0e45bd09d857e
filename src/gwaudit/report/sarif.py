"""SARIF 2.1.0 for code scanning: every field that GitHub reads, inside its limits, and no secret.

The model is sarif-om's; the walk over it is ours: its companion serialiser copies each level again and writes every
default. Only rules that fired are listed. A region is one line, because GitHub shows an alert in a pull request only when
all of its lines are in the diff. Suppressed findings are left out unless asked for: GitHub does not honour suppressions.
"""

from __future__ import annotations

from gwaudit import __version__
from gwaudit.baseline import REASON
from gwaudit.finding import SEVERITIES
from gwaudit.report.descriptor import LEVELS, descriptor
from gwaudit.report.linehash import line_hashes
from gwaudit.report.redact import REDACTED, line_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from gwaudit.finding import Finding, Labelled, Report
    from gwaudit.options import Options
    from gwaudit.source import Location, SourceFile

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MAX_HASHED = 300_000  # characters; GitHub's own action fills in what is missing
MAX_RESULTS = 5_000  # GitHub keeps no more of one run
_KEPT = frozenset(("level", "ruleIndex"))  # written even where they equal the default: GitHub reads them
_RENAMED = {"state": "status"}  # sarif-om follows a draft here


def render(report: Report, options: Options, colored: bool) -> str:
    """The log as JSON text; the most severe results first, 5,000 at most."""
    from json import dumps

    import sarif_om as om

    findings = [*report.findings, *(report.suppressed if options.show_suppressed else ())]
    groups = _by_line(report, sorted(findings, key=lambda f: -SEVERITIES.index(f.rule.severity)))
    dropped = len(groups) - MAX_RESULTS
    groups = groups[:MAX_RESULTS]
    rules = list({group[0].rule.id: group[0].rule for group in groups}.values())
    index = {rule.id: number for number, rule in enumerate(rules)}
    hashes = _hashes(report, groups)
    driver = om.ToolComponent(
        name="gwaudit",
        version=__version__,
        semantic_version=__version__,
        rules=[descriptor(om, rule) for rule in rules],
    )
    run = om.Run(
        tool=om.Tool(driver=driver),
        results=[_result(om, report, group, index, hashes) for group in groups],
        invocations=[_invocation(om, report, dropped)],
        column_kind="unicodeCodePoints",
        redaction_tokens=[REDACTED],
    )
    log = om.SarifLog(version="2.1.0", schema_uri=SCHEMA, runs=[run])
    return dumps(plain(log), indent=1, ensure_ascii=True) + "\n"


def plain(value: Any) -> Any:
    """A sarif-om object as plain data: properties under their SARIF names, those that equal their default left out."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    attributes = getattr(value, "__attrs_attrs__", None)
    if attributes is None:
        return value
    found: dict[str, Any] = {}
    for attribute in attributes:
        item = getattr(value, attribute.name)
        name = attribute.metadata["schema_property_name"]
        factory = getattr(attribute.default, "factory", None)
        default = factory() if factory is not None else attribute.default
        if item is not None and (item != default or name in _KEPT):
            found[_RENAMED.get(name, name)] = plain(item)
    return found


def uri(path: str) -> str:
    """A path relative to the root as a URI reference, percent-encoded byte by byte."""
    import os
    from urllib.parse import quote

    return quote(os.fsencode(path))


def primary_of(report: Report, finding: Finding) -> Labelled:
    """The primary place; the first related one in a committed file where the primary lies in a file that git ignores."""
    if not _referred(report, finding.primary.location):
        return finding.primary
    return next((other for other in finding.related if not _referred(report, other.location)), finding.primary)


def _referred(report: Report, location: Location) -> bool:
    file = report.tree.source(location.path)
    return file is not None and file.referred


def _by_line(report: Report, findings: Iterable[Finding]) -> list[list[Finding]]:
    """Findings of one rule on one line together: GitHub would take them for one."""
    groups: dict[tuple[Any, ...], list[Finding]] = {}
    for finding in findings:
        location = primary_of(report, finding).location
        key = (finding.rule.id, location.path, location.line, finding.suppressed is None)
        groups.setdefault(key, []).append(finding)
    return list(groups.values())


def _hashes(report: Report, groups: Iterable[Sequence[Finding]]) -> dict[str, dict[int, str]]:
    wanted: dict[str, set[int]] = {}
    for group in groups:
        location = primary_of(report, group[0]).location
        wanted.setdefault(location.path, set()).add(location.line)
    found: dict[str, dict[int, str]] = {}
    for path, lines in wanted.items():
        file = report.tree.source(path)
        if file is not None and len(file.text) <= MAX_HASHED:
            found[path] = line_hashes("\ufeff" * file.byte_order_mark + file.text, lines)
    return found


def _result(
    om: Any, report: Report, group: Sequence[Finding], index: dict[str, int], hashes: dict[str, dict[int, str]]
) -> Any:
    finding = group[0]
    primary = primary_of(report, finding)
    related = _related(finding, primary, group)
    fingerprints = {"gwauditFinding/v1": finding.fingerprint}
    line_hash = hashes.get(primary.location.path, {}).get(primary.location.line)
    if line_hash is not None:
        fingerprints["primaryLocationLineHash"] = line_hash
    suppressions = None
    if finding.suppressed is not None:
        kind = "external" if finding.suppressed == REASON else "inSource"
        suppressions = [om.Suppression(kind=kind, state="accepted", justification=finding.suppressed)]
    return om.Result(
        rule_id=finding.rule.id,
        rule_index=index[finding.rule.id],
        level=LEVELS[finding.rule.severity],
        message=om.Message(text=_message(group, related)),
        locations=[om.Location(physical_location=_physical(om, report, finding, primary.location))],
        related_locations=[
            om.Location(
                id=number,
                physical_location=_physical(om, report, finding, other.location),
                message=om.Message(text=other.label or _name(other)),
            )
            for number, other in enumerate(related, 1)
        ]
        or None,
        partial_fingerprints=fingerprints,
        suppressions=suppressions,
    )


def _related(finding: Finding, primary: Labelled, group: Sequence[Finding]) -> list[Labelled]:
    """The other places of the group, each once, without the one that became the primary."""
    places = {primary.location.key()}
    found: list[Labelled] = []
    for one in group:
        for place in (one.primary, *one.related):
            if place.location.key() not in places:
                places.add(place.location.key())
                found.append(place)
    return found


def _message(group: Sequence[Finding], related: Sequence[Labelled]) -> str:
    """The messages, then a link to each related place: GitHub shows only places that the message links."""
    text = " ".join(_unlinked(_ended(message)) for message in dict.fromkeys(finding.message for finding in group))
    links = ", ".join(f"[{_name(other)}]({number})" for number, other in enumerate(related, 1))
    return f"{text} See {links}." if links else text


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else text + "."


def _unlinked(text: str) -> str:
    """The text with its brackets escaped, so that nothing in it reads as a link."""
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]") if "](" in text else text


def _name(place: Labelled) -> str:
    from gwaudit.report.json import readable

    return f"{readable(place.location.path)}:{place.location.line}".replace("[", "(").replace("]", ")")


def _physical(om: Any, report: Report, finding: Finding, location: Location) -> Any:
    artifact = om.ArtifactLocation(uri=uri(location.path))
    file = report.tree.source(location.path)
    text = line_of(report, finding, location) if file is not None else ""
    region = _region(om, file, location)
    context = None
    if text.strip() and file is not None:
        context = om.Region(start_line=location.line, snippet=om.ArtifactContent(text=text))
        marked = text[region.start_column - 1 : region.end_column - 1] if text == file.line_text(location.line) else ""
        region.snippet = om.ArtifactContent(text=marked) if marked else None
    return om.PhysicalLocation(artifact_location=artifact, region=region, context_region=context)


def _region(om: Any, file: SourceFile | None, location: Location) -> Any:
    """The first line of the place only, inside the line."""
    span = location.span
    length = len(file.line_text(location.line)) if file is not None else 0
    if span is None:
        return om.Region(start_line=1, start_column=1, end_line=1, end_column=length + 1)
    start = min(span.column, length + 1) if file is not None else span.column
    end = span.end_column if span.end_line == span.line else length + 1
    end = max(start, min(end, length + 1) if file is not None else end)
    return om.Region(start_line=span.line, start_column=start, end_line=span.line, end_column=end)


def _invocation(om: Any, report: Report, dropped: int) -> Any:
    notes = [
        om.Notification(
            level="warning",
            message=om.Message(text=failure.message),
            locations=[
                om.Location(
                    physical_location=om.PhysicalLocation(
                        artifact_location=om.ArtifactLocation(uri=uri(failure.location.path)),
                        region=om.Region(start_line=failure.location.line),
                    )
                )
            ],
        )
        for failure in report.failures
    ]
    if dropped > 0:
        text = f"{dropped} results of the lowest severities are left out: code scanning takes {MAX_RESULTS} of one run."
        notes.append(om.Notification(level="warning", message=om.Message(text=text)))
    return om.Invocation(execution_successful=True, tool_execution_notifications=notes or None)
