"""SARIF 2.1.0 of any producer. https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html

The level is that of the result, else that of its rule's default configuration, else ``warning``; ``security-severity``, a
CVSS score in the rule's properties that GitHub reads, says it more finely. Results that passed, were suppressed in the tool
or are absent from this run are no findings.
"""

from __future__ import annotations

from gwaudit.imports.result import Result, items, number, table, text
from gwaudit.pattern import regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

LEVELS = {"error": "high", "warning": "medium", "note": "low"}
_SECRET = regex(r"(?i)secret|passw(?:or)?d|credential|private.?key|api.?key|access.?token|gitleaks|trufflehog")
_PLACEHOLDER = regex(r"\{(\d{1,3})\}")


def is_sarif(data: Any) -> bool:
    return isinstance(data, dict) and isinstance(data.get("runs"), list)


def results(data: dict[str, Any]) -> Iterator[Result]:
    """Every finding of every run."""
    for run in map(table, items(data["runs"])):
        driver = table(table(run.get("tool")).get("driver"))
        tool = text(driver.get("name")) or "SARIF"
        rules = [table(rule) for rule in items(driver.get("rules"))]
        by_id = {text(rule.get("id")): rule for rule in rules}
        for result in map(table, items(run.get("results"))):
            found = _result(run, tool, rules, by_id, result)
            if found is not None:
                yield found


def _result(
    run: dict[str, Any],
    tool: str,
    rules: list[dict[str, Any]],
    by_id: dict[str, dict[str, Any]],
    result: dict[str, Any],
) -> Result | None:
    if text(result.get("kind")) not in ("", "fail", "open", "review"):
        return None
    if text(result.get("baselineState")) == "absent" or _accepted(result):
        return None
    rule = _rule(result, rules, by_id)
    id = text(result.get("ruleId")) or text(table(result.get("rule")).get("id")) or text(rule.get("id")) or "result"
    severity = _severity(result, rule)
    if severity is None:
        return None
    about = table(rule.get("shortDescription")).get("text") or rule.get("name")
    tags = " ".join(text(tag) for tag in items(table(rule.get("properties")).get("tags"))[:20])
    secret = _SECRET.search(" ".join((tool, id, text(about), text(rule.get("name")), tags))) is not None
    message = text(about) or id if secret else _message(result, rule) or text(about) or id
    paths, region = _place(run, result)
    return Result(tool, id, severity, message, paths, region, secret)


def _rule(result: dict[str, Any], rules: list[dict[str, Any]], by_id: dict[str, dict[str, Any]]) -> dict[str, Any]:
    reference = table(result.get("rule"))
    for index in (result.get("ruleIndex"), reference.get("index")):
        if isinstance(index, int) and 0 <= index < len(rules) and not table(reference.get("toolComponent")):
            return rules[index]
    id = text(result.get("ruleId")) or text(reference.get("id"))
    return by_id.get(id) or by_id.get(id.rpartition("/")[0]) or {}  # ``CA1000/1`` is a case of CA1000


def _accepted(result: dict[str, Any]) -> bool:
    """Whether the tool was told to suppress the result: no suppression counts that is under review or rejected."""
    states = [text(table(one).get("status")) for one in items(result.get("suppressions"))]
    return bool(states) and all(state in ("", "accepted") for state in states)


def _severity(result: dict[str, Any], rule: dict[str, Any]) -> str | None:
    for properties in (table(result.get("properties")), table(rule.get("properties"))):
        try:
            score = float(str(properties.get("security-severity"))[:10])
        except ValueError:
            continue
        if 0 < score <= 10:
            return "critical" if score >= 9 else "high" if score >= 7 else "medium" if score >= 4 else "low"
    level = text(result.get("level")) or text(table(rule.get("defaultConfiguration")).get("level")) or "warning"
    return LEVELS.get(level)


def _message(result: dict[str, Any], rule: dict[str, Any]) -> str:
    message = table(result.get("message"))
    template = text(message.get("text")) or text(
        table(table(rule.get("messageStrings")).get(text(message.get("id")))).get("text")
    )
    arguments = [text(one) for one in items(message.get("arguments"))[:50]]
    return _PLACEHOLDER.sub(
        lambda match: arguments[int(match[1])] if int(match[1]) < len(arguments) else match[0], template
    )


def _place(run: dict[str, Any], result: dict[str, Any]) -> tuple[tuple[str, ...], tuple[int, int, int, int] | None]:
    for location in map(table, items(result.get("locations"))):
        physical = table(location.get("physicalLocation"))
        artifact = table(physical.get("artifactLocation"))
        artifacts, index = items(run.get("artifacts")), artifact.get("index")
        if not artifact.get("uri") and isinstance(index, int) and 0 <= index < len(artifacts):
            artifact = table(table(artifacts[index]).get("location"))
        uri = artifact.get("uri")
        if isinstance(uri, str) and uri:
            base = table(table(run.get("originalUriBaseIds")).get(text(artifact.get("uriBaseId")))).get("uri")
            joined = (_path(base.rstrip("/") + "/" + uri),) if isinstance(base, str) and base else ()
            return (*joined, _path(uri)), _region(table(physical.get("region")))
    return (), None


def _region(region: dict[str, Any]) -> tuple[int, int, int, int] | None:
    line = number(region.get("startLine"))
    if not line:
        return None
    return line, number(region.get("startColumn")), number(region.get("endLine")), number(region.get("endColumn"))


def _path(uri: str) -> str:
    """The path of a file URI or a relative one; of another scheme there is none."""
    from urllib.parse import unquote

    uri = uri[:4096]
    if uri.startswith("file:"):
        uri = uri[5:]
        if uri.startswith("//"):
            uri = "/" + uri[2:].partition("/")[2]
    elif "://" in uri:
        return ""
    return unquote(uri)
