"""Pages about rules and their language in Markdown, for the documentation: one page a rule, the functions, the facts."""

from __future__ import annotations

from gwaudit.rules import types
from gwaudit.rules.functions import TABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from gwaudit.rules.rule import Rule

MAX_EXAMPLES = 2
_FENCES = {"py": "python", "yaml": "yaml", "yml": "yaml", "sh": "sh", "toml": "toml", "json": "json", "hcl": "hcl"}


def markdown(rule: Rule) -> str:
    """The page of one rule."""
    page = rule.page
    parts = [
        f"# {rule.id}",
        f"**{rule.title}.** Severity {rule.severity}, confidence {rule.confidence}, group `{rule.group}`.",
    ]
    if page["when"]:
        parts += [
            "## What it finds",
            f"{_article(rule.subject)} for which this holds:",
            _fence(_condition(page), "python"),
        ]
    else:
        parts += ["## What it finds", f"Findings of this rule come from {rule.source}."]
    parts += ["## Why", page["why"]]
    if page["when_fine"]:
        parts += ["## When it is fine", page["when_fine"]]
    parts += ["## Fix", page["fix"], _FIX[rule.fix_kind]]
    if page["params"]:
        rows = [f"{name} = {_toml(entry['value'])}{_comment(entry)}" for name, entry in page["params"].items()]
        parts += ["## Configuration", _fence("\n".join([f"[tool.gwaudit.rules.{rule.id}]", *rows]), "toml")]
    for side, heading in (("bad", "Reported"), ("good", "Not reported")):
        for name, example in list(rule.examples.get(side, {}).items())[:MAX_EXAMPLES]:
            parts += [f"## {heading}: {name}", *_example(example)]
    if page["references"] or page["cwe"]:
        links = [f"* <{one}>" for one in page["references"]]
        links += [f"* [CWE-{one}](https://cwe.mitre.org/data/definitions/{one}.html)" for one in page["cwe"]]
        parts += ["## References", "\n".join(links)]
    if rule.aliases:
        parts += [f"Former names: {', '.join(f'`{one}`' for one in rule.aliases)}."]
    return "\n\n".join(parts) + "\n"


_FIX = {
    "safe": "This keeps what runs.",
    "unsafe": "This changes what runs: measure before and after.",
    "manual": "To be mended by hand.",
}


def contents(rules: Iterable[Rule]) -> str:
    """The list of all rules by group."""
    groups: dict[str, list[Rule]] = {}
    for rule in rules:
        groups.setdefault(rule.group, []).append(rule)
    parts = ["# Rules"]
    for group in sorted(groups):
        rows = [
            f"| [{r.id}]({r.id}.md) | {r.severity} | {r.title} |" for r in sorted(groups[group], key=lambda r: r.id)
        ]
        parts += [f"## {group}", "\n".join(["| Rule | Severity | Reports |", "|---|---|---|", *rows])]
    return "\n\n".join(parts) + "\n"


def functions() -> str:
    """The table of the functions of the rule language."""
    rows = ["| Function | Gives | Meaning |", "|---|---|---|"]
    for name, (parameters, result, doc) in TABLE.items():
        shown = ", ".join(parameters).replace(", ...", ", ...")
        rows.append(f"| `{name}({shown})` | {_result(result)} | {doc} |")
    return "\n".join(rows) + "\n"


def facts(vocabulary: Mapping[str, Mapping[str, Any]]) -> str:
    """The vocabulary by kind of subject."""
    parts = ["# Facts", "What a rule can name. A rule sees the facts of its own subject and of what encloses it."]
    for kind, around in types.ENCLOSING.items():
        rows = [
            f"| `{name}` | {types.spoken(types.type_of(record)).replace('|', ', ')} | {record['doc']} |"
            for name, record in sorted(vocabulary.items())
            if record["of"] == kind
        ]
        if rows:
            inside = f" (inside {', '.join(around)})" if around else ""
            parts += [f"## {kind}{inside}", "\n".join(["| Fact | Type | Meaning |", "|---|---|---|", *rows])]
    return "\n\n".join(parts) + "\n"


def _result(result: str) -> str:
    return {"same": "as its argument", "common": "as its arguments", "bool": "condition", "str": "text"}.get(
        result, result
    )


def _condition(page: Mapping[str, Any]) -> str:
    lines = [f"{name} = {written}" for name, written in page["let"].items()]
    return "\n".join([*lines, page["when"]])


def _fence(text: str, language: str) -> str:
    return f"```{language}\n{text.rstrip()}\n```"


def _comment(entry: Mapping[str, Any]) -> str:
    return f"  # {entry['doc']}" if entry.get("doc") else ""


def _toml(value: Any) -> str:
    from json import dumps

    return dumps(list(value) if isinstance(value, tuple) else value)


def _example(example: Mapping[str, Any]) -> list[str]:
    parts = []
    for path, content in example["files"].items():
        ending = path.rpartition(".")[2].lower()
        parts += [f"`{path}`", _fence(str(content), _FENCES.get(ending, ""))]
    expected = example.get("expect")
    if expected:
        lines = [expected] if isinstance(expected, str) else expected
        parts.append("Reported at " + "; ".join(f"`{line}`" for line in lines) + ".")
    return parts


def _article(subject: str) -> str:
    return f"{'An' if subject[0] in 'aeiou' else 'A'} {subject}"
