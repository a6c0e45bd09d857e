"""One mistake, one finding: what several tools say about the same place is told once, by us where we say it as well.

``rules/platforms/imports.yaml`` maps the rules of other tools to ours; a vulnerability is the same by its CVE or GHSA name.
"""

from __future__ import annotations

from gwaudit.finding import SEVERITIES
from gwaudit.pattern import regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from gwaudit.finding import Finding
    from gwaudit.imports.result import Result

_ADVISORY = regex(r"CVE-\d{4}-\d{4,7}|GHSA(?:-[0-9a-z]{4}){3}")
_SHOWN = 5  # other names of one mistake in a message


def once(own: Iterable[Finding], others: Iterable[tuple[Result, Finding]]) -> list[Finding]:
    """The findings of ``others`` without what ``own`` says as well, and without repetitions: the most severe is kept.

    Both places have to be in one file, and on one line where both have a line.
    """
    table = _table()
    said: dict[tuple[str, str], set[int]] = {}
    for finding in own:
        for topic in (finding.rule.id, *_ADVISORY.findall(finding.message)):
            said.setdefault((topic, finding.primary.location.path), set()).add(_line(finding))
    kept: dict[tuple[str, str], dict[int, list[tuple[Result, Finding]]]] = {}
    names: dict[int, dict[str, None]] = {}
    for result, finding in sorted(others, key=lambda one: -SEVERITIES.index(one[1].rule.severity)):
        line = _line(finding)
        key = (_topic(result, table), finding.primary.location.path)
        if _near(line, said.get(key, ())):
            continue
        by_line = kept.setdefault(key, {})
        before = next((one for at in _near(line, by_line) for one in by_line[at] if _repeats(result, one[0])), None)
        if before is None:
            by_line.setdefault(line, []).append((result, finding))
        elif before[0].name != result.name:
            names.setdefault(id(before[1]), {})[result.name] = None
    remaining = [finding for by_line in kept.values() for pairs in by_line.values() for _, finding in pairs]
    for finding in remaining:
        if id(finding) in names:
            finding.message += f" (also {', '.join(list(names[id(finding)])[:_SHOWN])})"
    return remaining


def _repeats(result: Result, before: Result) -> bool:
    """Whether two results about one topic in one place are one mistake: one tool's about several packages are not."""
    return result.tool != before.tool or result.what == before.what


def _table() -> Mapping[str, str]:
    """``tool:rule`` in lower case to the topic: the id of a rule of ours, or a name that tools share."""
    from gwaudit.bundle import section

    found: dict[str, str] = {}
    for topic, tools in section("platforms/imports")["topics"].items():
        for tool, rules in tools.items():
            found.update((f"{tool}:{rule}".lower(), topic) for rule in rules)
    return found


def _topic(result: Result, table: Mapping[str, str]) -> str:
    if result.tool.lower() == "gwaudit":
        return result.rule
    known = table.get(f"{result.tool.split()[0]}:{result.rule}".lower())
    if known is not None:
        return known
    advisory = _ADVISORY.search(result.rule)
    return advisory[0] if advisory else f"{result.name}:{result.what}"


def _line(finding: Finding) -> int:
    """The line; 0 where the place is a whole file."""
    place = finding.primary.location
    return place.line if place.span else 0


def _near(line: int, lines: Collection[int]) -> list[int]:
    """Those of the lines that may be the same place: this one, or the whole file."""
    return list(lines)[:_SHOWN] if line == 0 else [at for at in (line, 0) if at in lines]
