"""``gwaudit rule``: what a rule reports, why, and how to mend it."""

from __future__ import annotations

from gwaudit.errors import ConfigurationError, near
from gwaudit.report.style import Style

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from gwaudit.options import Options
    from gwaudit.rules.load import RuleSet
    from gwaudit.rules.rule import Rule


def explain(options: Options, rules: RuleSet, colored: bool) -> str:
    """One rule, every rule, or the list of their names by group: of all groups, or of the one that is named."""
    chosen = _chosen(options, rules)
    if options.output_format == "json":
        from json import dumps

        return dumps([_record(rule) for rule in chosen], indent=2) + "\n"
    style = Style(colored)
    groups = sorted({rule.group for rule in chosen})
    if not options.all and (options.name is None or (options.name in groups and options.name not in rules)):
        width = max((len(rule.id) for rule in chosen), default=0)
        lines = []
        for group in groups:
            lines.append(style("bold", group))
            lines += [
                f"  {rule.id:<{width}}  {style(rule.severity, f'{rule.severity:<8}')}  {rule.title}"
                for rule in chosen
                if rule.group == group
            ]
        return "\n".join(lines) + "\n"
    return "\n".join(_page(rule, style) for rule in chosen)


def _chosen(options: Options, rules: RuleSet) -> list[Rule]:
    if options.name is None:
        return [rules[id] for id in sorted(rules)]
    for rule in rules.values():
        if options.name == rule.id or options.name in rule.aliases:
            return [rule]
    group = [rules[id] for id in sorted(rules) if rules[id].group == options.name]
    if group:
        return group
    groups = {rule.group for rule in rules.values()}
    raise ConfigurationError(f"no rule or group is named {options.name!r}", hint=near(options.name, [*rules, *groups]))


def _page(rule: Rule, style: Style) -> str:
    lines = [
        style("bold", f"{rule.id}: {rule.title}"),
        f"severity {style(rule.severity, rule.severity)}, confidence {rule.confidence}, group {rule.group}",
    ]
    condition = rule.page.get("when")
    if condition:
        lines += ["", "Reported when", *_indented(str(condition))]
    for name, value in rule.params.items():
        lines.append(f"    {name} = {value}")
    for heading, text in (("Why", rule.why), ("When it is fine", rule.when_fine), ("Fix", rule.fix)):
        if text.strip():
            lines += ["", heading, *_indented(text)]
    for reference in rule.references:
        lines += ["", "References"] if reference == rule.references[0] else []
        lines.append(f"  {reference}")
    lines += ["", "Ignore it with", f"  # gwaudit: ignore[{rule.id}] -- reason"]
    return "\n".join(lines) + "\n"


def _indented(text: str) -> Iterable[str]:
    import textwrap

    for line in text.strip().splitlines():
        yield from textwrap.wrap(line, 100, initial_indent="  ", subsequent_indent="  ") or [""]


def _record(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "title": rule.title,
        "group": rule.group,
        "severity": rule.severity,
        "confidence": rule.confidence,
        "subject": rule.subject,
        "tags": rule.tags,
        "aliases": rule.aliases,
        "params": rule.params,
        "when": rule.page.get("when"),
        "why": rule.why,
        "when_fine": rule.when_fine,
        "fix": rule.fix,
        "references": rule.references,
        "cwe": rule.cwe,
    }
