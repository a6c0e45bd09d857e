"""From many findings to the ones that are shown: one mistake, one finding; ignores; severities; order; fingerprints."""

from __future__ import annotations

from gwaudit.discover import format_of, role_of
from gwaudit.errors import near
from gwaudit.finding import SEVERITIES, Finding, Labelled
from gwaudit.glob import matches
from gwaudit.source import Location, SourceFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from gwaudit.config import Configuration, Ignored
    from gwaudit.options import Options
    from gwaudit.rules.load import RuleSet
    from gwaudit.suppress import Ignore
    from gwaudit.tree import Tree

MAX_RELATED = 20


def triage(
    found: Iterable[Finding], tree: Tree, rules: RuleSet, configuration: Configuration, options: Options
) -> tuple[list[Finding], list[Finding]]:
    """The findings to show and the suppressed ones, each sorted.

    The comments of the files of ``tree`` that were read are looked at.
    """
    shown: list[Finding] = []
    suppressed: list[Finding] = []
    merged = merge(found)
    identify(merged)
    inline = _inline(tree.sources(), rules) if options.inline_ignores else []
    today = _today(options)
    for finding in merged:
        reason = _suppression(finding, inline, configuration, today)
        if reason is None:
            shown.append(finding)
        else:
            finding.suppressed = reason
            suppressed.append(finding)
    judged = rules.selected if tree.whole else frozenset()
    deployed = [ignore for ignore in inline if role_of(ignore.location.path, tree.given) == "deployment"]
    own = [*_stale(deployed, rules, judged, today), *_stale_entries(configuration, rules, judged, today)]
    identify(own)
    return sorted([*shown, *own], key=order), sorted(suppressed, key=order)


def order(finding: Finding) -> tuple[Any, ...]:
    """The most severe first, then by place."""
    return (-SEVERITIES.index(finding.rule.severity), *finding.primary.location.key(), finding.rule.id, finding.message)


def merge(found: Iterable[Finding]) -> list[Finding]:
    """One finding for each rule and primary place: the worst one, with the targets and services of all.

    Findings that come from elsewhere share a place by chance, and are one only where they blame the same.
    """
    groups: dict[tuple[Any, ...], list[Finding]] = {}
    for finding in found:
        blamed = finding.blamed if finding.rule.source is not None else ""
        groups.setdefault((finding.rule.id, *finding.primary.location.key(), blamed), []).append(finding)
    merged: list[Finding] = []
    for group in groups.values():
        worst = max(group, key=lambda f: f.worth)
        worst.targets = tuple(dict.fromkeys(target for finding in group for target in finding.targets))
        services = sorted({finding.service for finding in group if finding.service})
        worst.service = services[0] if services else None
        worst.redact = any(finding.redact for finding in group)
        worst.related = _related(worst)
        merged.append(worst)
    return _gathered(_told_best(merged))


def _told_best(merged: list[Finding]) -> list[Finding]:
    """Without what a rule says of a line about which a rule that it yields to speaks as well.

    Two containers read one secret: one of them refuses it and the other one only finds it weak. It is one line to mend.
    """
    told = {(finding.rule.id, *_line(finding)) for finding in merged}
    return [f for f in merged if not any((better, *_line(f)) in told for better in getattr(f.rule, "yields_to", ()))]


def _line(finding: Finding) -> tuple[str, int]:
    return finding.primary.location.path, finding.primary.location.line


def _gathered(merged: list[Finding]) -> list[Finding]:
    """One finding a file for the rules that say so: the first of the worst, with the other places among its related ones."""
    kept: list[Finding] = []
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in merged:
        if getattr(finding.rule, "gather", False):
            groups.setdefault((finding.rule.id, finding.primary.location.path), []).append(finding)
        else:
            kept.append(finding)
    for group in groups.values():
        group.sort(key=lambda f: (-f.worth, f.primary.location.key()))
        first, rest = group[0], group[1:]
        if rest:
            first.message += f"; the same in {len(rest)} more place{'s' if len(rest) > 1 else ''} of this file"
            first.targets = tuple(dict.fromkeys(target for finding in group for target in finding.targets))
            first.redact = any(finding.redact for finding in group)
            others = sorted((finding.primary for finding in rest), key=lambda place: place.location.key())
            first.related = (*first.related, *others)
            first.related = _related(first)
        kept.append(first)
    return kept


def _related(finding: Finding) -> tuple[Labelled, ...]:
    """Every other place once, in the order given."""
    places = {finding.primary.location.key()}
    kept: list[Labelled] = []
    for labelled in finding.related:
        if labelled.location.key() not in places:
            places.add(labelled.location.key())
            kept.append(labelled)
    return tuple(kept[:MAX_RELATED])


def identify(findings: Iterable[Finding]) -> None:
    """Identities that survive edits: rule, path, workload, blamed fact and an ordinal among equals, in file order."""
    seen: dict[tuple[str, ...], int] = {}
    for finding in sorted(findings, key=lambda f: f.primary.location.key()):
        key = (finding.rule.id, finding.primary.location.path, finding.service or "", finding.blamed)
        seen[key] = ordinal = seen.get(key, 0) + 1
        finding.identity = (*key, str(ordinal))


def _inline(files: Iterable[SourceFile], rules: RuleSet) -> list[Ignore]:
    marked = [file for file in files if "gwaudit" in file.text]
    if not marked:
        return []
    from gwaudit.suppress import ignores

    found = [ignore for file in marked for ignore in ignores(file, format_of(file.path) or "text")]
    for ignore in found:
        ignore.rules = tuple(canonical(name, rules) for name in ignore.rules)
    return found


def canonical(name: str, rules: RuleSet) -> str:
    """The rule's present name for a former one; the name itself where no rule has it."""
    if name in rules:
        return name
    return next((id for id, rule in rules.items() if name in getattr(rule, "aliases", ())), name)


def _suppression(finding: Finding, inline: Iterable[Ignore], configuration: Configuration, today: str) -> str | None:
    """Why the finding is not shown, None where it is. Every ignore that covers it counts as used."""
    place, rule = finding.primary.location, finding.rule.id
    reason: str | None = None
    for ignore in inline:
        if ignore.covers(rule, place):
            ignore.used.add(rule)
            if ignore.until is None or ignore.until >= today:
                reason = reason or ignore.reason or f"ignored in {ignore.location.path}:{ignore.location.line}"
    for entry in configuration.ignored:
        if _covers(entry, finding):
            entry.used = True
            if entry.until is None or entry.until >= today:
                reason = reason or entry.reason
    for pattern, rules in configuration.per_file_ignores.items():
        if rule in rules and matches(pattern, place.path):
            reason = reason or f"per-file-ignores: {pattern}"
    return reason


def _covers(entry: Ignored, finding: Finding) -> bool:
    return (
        entry.rule == finding.rule.id
        and (entry.path is None or matches(entry.path, finding.primary.location.path))
        and (entry.service is None or entry.service == finding.service)
    )


def _stale(inline: Iterable[Ignore], rules: RuleSet, judged: frozenset[str], today: str) -> Iterable[Finding]:
    """Findings about the ignores: expired, badly written, unknown, or without effect on a rule that was ``judged``."""
    for ignore in inline:
        if ignore.problem is not None:
            yield from _about("unused-ignore", f"this ignore {ignore.problem}", ignore.location, rules)
            continue
        for name in ignore.rules:
            if name not in rules:
                hint = near(name, rules)
                text = f"no rule is named {name}" + (f": {hint}" if hint else "")
                yield from _about("unused-ignore", text, ignore.location, rules, name)
            elif name in ignore.used:
                if ignore.until is not None and ignore.until < today:
                    text = f"the ignore of {name} expired on {ignore.until}: the finding is reported again"
                    yield from _about("expired-ignore", text, ignore.location, rules, name)
            elif name in judged:
                text = f"this ignore of {name} keeps no finding back"
                yield from _about("unused-ignore", text, ignore.location, rules, name)


def _stale_entries(
    configuration: Configuration, rules: RuleSet, judged: frozenset[str], today: str
) -> Iterable[Finding]:
    for entry in configuration.ignored:
        if entry.used and entry.until is not None and entry.until < today:
            text = f"the ignore of {entry.rule} expired on {entry.until}: its findings are reported again"
            yield from _about("expired-ignore", text, entry.location, rules, entry.rule)
        elif not entry.used and entry.rule in judged:
            text = f"this ignore of {entry.rule} keeps no finding back"
            yield from _about("unused-ignore", text, entry.location, rules, entry.rule)


def _about(id: str, message: str, location: Location, rules: RuleSet, blamed: str = "") -> Iterable[Finding]:
    if id in rules.selected:
        yield Finding(rules[id], message, Labelled(location), blamed=blamed)


def _today(options: Options) -> str:
    given = dict(options.assume).get("today")
    if given is not None:
        return str(given)
    import time

    return time.strftime("%Y-%m-%d")
