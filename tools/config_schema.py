"""The JSON Schema of the configuration: ``docs/gwaudit.schema.json``, for editors. Made from the rules and their parameters.

It describes gwaudit.toml; in pyproject.toml the same stands below ``tool.gwaudit``. ``tools/rule_pages.py`` writes it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from gwaudit.assume import STAGES
from gwaudit.finding import SEVERITIES

DRAFT = "http://json-schema.org/draft-07/schema#"
TEXT = {"type": "string"}


def schema(rules: Iterable[Any], docs: dict[str, dict[str, str]]) -> str:
    """The schema as text. ``docs`` has the description of each parameter, by rule and name."""
    ordered = sorted(rules, key=lambda rule: rule.id)
    names = sorted({name for rule in ordered for name in (rule.id, rule.group, *rule.tags, *rule.aliases)} | {"ALL"})
    keys = {
        "select": listed("#/definitions/selection", "only these rules, groups or tags are judged"),
        "ignore": {
            "description": "rules, groups or tags that are left out, and single findings with a reason",
            "type": "array",
            "items": {"anyOf": [{"$ref": "#/definitions/selection"}, IGNORE]},
        },
        "extend-select": listed("#/definitions/selection", "these are judged as well"),
        "severity": {
            "description": "severities of rules, groups, tags and rules of your own",
            "type": "object",
            "properties": {rule.id: {"enum": list(SEVERITIES), "description": rule.title} for rule in ordered},
            "additionalProperties": {"enum": list(SEVERITIES)},
        },
        "per-file-ignores": {
            "description": "patterns of paths, each with the rules that are not reported there",
            "type": "object",
            "additionalProperties": {"type": "array", "items": TEXT},
        },
        "exclude": {"description": "patterns of paths that are not read", "type": "array", "items": TEXT},
        "rules": {
            "description": "files and folders with rules of your own; or a table of parameters, one table a rule",
            "anyOf": [{"type": "array", "items": TEXT}, parameters(ordered, docs)],
        },
        "latency": table(
            "latency that no load test of the tree tells",
            {
                "p99": {
                    "description": "seconds, or a text with a unit such as '45s'",
                    "anyOf": [{"type": "number", "exclusiveMinimum": 0}, TEXT],
                },
                "service": {**TEXT, "description": "the service that it was measured on"},
            },
        ),
        "target": {"description": "what cannot be inferred of a deployment", "type": "array", "items": TARGET},
        "images": {
            "description": "images that Dockerfiles of the tree build, by name without tag",
            "type": "object",
            "propertyNames": {"pattern": r"^([^@]*/)?[^:@/]+$"},
            "additionalProperties": {"anyOf": [PATH, IMAGE]},
        },
        "bandit": {"description": "whether bandit examines Python that configures services", "type": "boolean"},
        "baseline": {**TEXT, "description": "the file of known findings, below the root"},
    }
    whole = {
        "$schema": DRAFT,
        "title": "gwaudit",
        "description": "The configuration of gwaudit: gwaudit.toml, or [tool.gwaudit] of pyproject.toml",
        **table(None, keys),
        "definitions": {"selection": {"anyOf": [{"enum": names}, {**TEXT, "description": "a rule of your own"}]}},
    }
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def table(description: str | None, properties: dict[str, Any]) -> dict[str, Any]:
    """A table in which nothing else may stand."""
    made: dict[str, Any] = {"description": description} if description else {}
    return {**made, "type": "object", "additionalProperties": False, "properties": properties}


def listed(reference: str, description: str) -> dict[str, Any]:
    return {"description": description, "type": "array", "items": {"$ref": reference}}


def parameters(rules: Iterable[Any], docs: dict[str, dict[str, str]]) -> dict[str, Any]:
    """One table for each rule; the parameters have the type of their default."""
    each: dict[str, Any] = {"paths": {"type": "array", "items": TEXT}}
    for rule in rules:
        found = {
            name: {
                **kind(value),
                "default": value,
                **({"description": doc} if (doc := docs[rule.id].get(name)) else {}),
            }
            for name, value in rule.params.items()
        }
        each[rule.id] = table(rule.title, found)
    # Rules of your own have tables as well.
    return {"type": "object", "properties": each, "additionalProperties": {"type": "object"}}


def kind(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"type": "boolean"}
    if isinstance(value, (int, float)):
        return {"type": "number"}
    return {"type": "array", "items": kind(value[0]) if value else {}} if isinstance(value, (list, tuple)) else TEXT


IGNORE = {
    **table(
        "one finding, or several, with a reason",
        {
            "rule": {"$ref": "#/definitions/selection"},
            "path": {**TEXT, "description": "pattern of the path"},
            "service": TEXT,
            "reason": {**TEXT, "minLength": 1},
            "until": {**TEXT, "description": "the last day, such as 2026-12-31"},
        },
    ),
    "required": ["rule", "reason"],
}
PATH = {**TEXT, "minLength": 1, "description": "the Dockerfile, below the root"}
IMAGE = {
    **table(
        None, {"dockerfile": PATH, "context": {**TEXT, "minLength": 1, "description": "the folder it copies from"}}
    ),
    "required": ["dockerfile"],
}
TARGET = {
    **table(
        None,
        {"name": TEXT, "paths": {"type": "array", "items": TEXT}, "stage": {"enum": list(STAGES)}},
    ),
    "anyOf": [{"required": ["name"]}, {"required": ["paths"]}],
}
