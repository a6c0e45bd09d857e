"""A rule as SARIF describes it: what GitHub shows as title, help, severity and tags.

GitHub takes the severity from the rule alone; ``security-severity`` (a string) only beside the tag ``security``, so that
rules about reliability do not count as security alerts.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.rules.rule import Rule

MAX_TEXT = 1_024
MAX_TAGS = 20
SECURITY_GROUPS = frozenset(("secrets", "auth", "network", "dependencies"))
LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.5"}
_PROBLEMS = {"critical": "error", "high": "error", "medium": "warning", "low": "recommendation"}


def descriptor(om: Any, rule: Rule) -> Any:
    """The rule as a ``reportingDescriptor`` of sarif-om (the module ``om``)."""
    security = rule.group in SECURITY_GROUPS or "security" in rule.tags or bool(rule.cwe)
    tags = [rule.group, *rule.tags]
    properties: dict[str, Any] = {"precision": rule.confidence, "problem.severity": _PROBLEMS[rule.severity]}
    if security:
        tags += ["security", *(f"external/cwe/cwe-{number:03d}" for number in rule.cwe)]
        properties["security-severity"] = SCORES[rule.severity]
    properties["tags"] = list(dict.fromkeys(tags))[:MAX_TAGS]
    return om.ReportingDescriptor(
        id=rule.id,
        name="".join(word.capitalize() for word in rule.id.split("-"))[:255],
        deprecated_ids=list(rule.aliases) or None,
        short_description=om.MultiformatMessageString(text=_sentence(rule.title)),
        full_description=om.MultiformatMessageString(text=_sentence(rule.why or rule.title)),
        help_uri=next((reference for reference in rule.references if reference.startswith("https://")), None),
        help=om.MultiformatMessageString(text=_help(rule), markdown=_markdown(rule)),
        default_configuration=om.ReportingConfiguration(level=LEVELS[rule.severity]),
        properties=properties,
    )


def _sentence(text: str) -> str:
    """One paragraph within GitHub's limit, with a full stop."""
    text = " ".join(text.split())
    if len(text) >= MAX_TEXT:
        text = text[: MAX_TEXT - 4].rstrip() + "..."
    return text if text.endswith((".", "!", "?")) else text + "."


def _help(rule: Rule) -> str:
    parts = [rule.why, rule.when_fine and f"When it is fine: {rule.when_fine}", rule.fix and f"Fix: {rule.fix}"]
    parts += [f"Ignore it with a comment: # gwaudit: ignore[{rule.id}] -- reason", *rule.references]
    return "\n\n".join(part.strip() for part in parts if part)


def _markdown(rule: Rule) -> str:
    parts = [rule.why]
    condition = rule.page.get("when")
    if condition:
        parts.append(f"## Reported when\n\n```python\n{str(condition).strip()}\n```")
    if rule.when_fine:
        parts.append(f"## When it is fine\n\n{rule.when_fine}")
    if rule.fix:
        parts.append(f"## Fix\n\n{rule.fix}")
    parts.append(f"## Ignore it\n\n```yaml\n# gwaudit: ignore[{rule.id}] -- reason\n```")
    if rule.references:
        parts.append("## References\n\n" + "\n".join(f"* {reference}" for reference in rule.references))
    return "\n\n".join(part.strip() for part in parts if part)
