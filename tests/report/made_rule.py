"""A rule by hand."""

from __future__ import annotations

from gwaudit.rules.rule import Rule


def rule(id: str, severity: str = "high", group: str = "timeouts", **more: object) -> Rule:
    page = {
        "why": "Because.", "when_fine": "", "fix": "Mend it.", "references": ["https://example.org/x"], "cwe": [],
        "examples": {}, "when": "gunicorn.timeout < 40",
    }  # fmt: skip
    record = {
        "id": id, "title": f"Title of {id}", "group": group, "severity": severity, "confidence": "high",
        "subject": "container", "params": {}, "let": [], "when": None, "blame": [], "message": [], "fix_kind": "manual",
        "tags": [], "aliases": [], "source": None, "possible": False, "gather": False, "everywhere": False,
        "yields_to": [], "needs": [], "reads": [], "path": "x.yaml",
    }  # fmt: skip
    return Rule(
        {**record, **{k: v for k, v in more.items() if k in record}},
        {**page, **{k: v for k, v in more.items() if k in page}},
    )
