"""Every rule proves itself: its examples are audited, and its file and page are complete."""

from __future__ import annotations

import pathlib
import subprocess
from typing import Any

import pytest

from gwaudit.audit import audit
from gwaudit.finding import Finding
from gwaudit.options import Options
from gwaudit.rules import page
from gwaudit.rules.load import builtin

RULES = builtin()
EXAMPLES = [
    pytest.param(rule.id, side, name, id=f"{rule.id}: {side}: {name}")
    for rule in RULES.values()
    for side, table in rule.examples.items()
    for name in table
]


@pytest.mark.parametrize(("rule", "side", "name"), EXAMPLES)
def test_example(rule: str, side: str, name: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    example = RULES[rule].examples[side][name]
    write(example, tmp_path)
    monkeypatch.chdir(tmp_path)
    options = Options(
        paths=["."],
        isolated=not any(path in ("gwaudit.toml", "pyproject.toml") for path in example["files"]),
        select=[rule, *RULES[rule].yields_to],
        assume=assumptions(example),
        env=[(name, str(value)) for name, value in example.get("env", {}).items()],
    )
    report = audit(options)
    found = [finding for finding in report.findings if finding.rule.id == rule]
    expected = example.get("expect", [])
    expected = [expected] if isinstance(expected, str) else expected
    why = [(unjudged, reason) for id, unjudged, reason in report.unjudged if id == rule]
    assert sorted(map(places, found)) == sorted(" ".join(one.split()) for one in expected), (found, why)
    for finding in found:
        assert finding.message.strip() and "unknown" not in finding.message, finding.message


def write(example: dict[str, Any], folder: pathlib.Path) -> None:
    for path, content in example["files"].items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(str(content))
        if str(content).startswith("#!"):
            file.chmod(0o755)
    tracked = example.get("tracked", ["--all"] if example.get("git") else None)
    if tracked is not None:
        for command in (["init", "-q"], ["add", "-f", *tracked]):
            subprocess.run(["git", *command], cwd=folder, check=True, capture_output=True)


def assumptions(example: dict[str, Any]) -> list[tuple[str, Any]]:
    from gwaudit.assume import READERS

    return [(key, READERS[key](str(value))) for key, value in example.get("assume", {}).items()]


def places(finding: Finding) -> str:
    """``path:line`` of the primary place and of the related ones, each once."""
    every = [finding.primary, *finding.related]
    return " ".join(dict.fromkeys(f"{one.location.path}:{one.location.line}" for one in every))


@pytest.mark.parametrize("id", list(RULES))
def test_rule_file(id: str) -> None:
    rule = RULES[id]
    assert rule.title[0].isupper() and not rule.title.endswith("."), "a title is a headline"
    assert rule.why.endswith((".", "!", "?", ")")) and rule.fix.endswith((".", ")")), "why and fix are sentences"
    if rule.source is None:
        for side in ("bad", "good"):
            assert len(rule.examples[side]) >= 2, f"fewer than two {side} examples"


@pytest.mark.parametrize("id", list(RULES))
def test_page(id: str) -> None:
    rule = RULES[id]
    text = page.markdown(rule)
    assert text.startswith(f"# {id}\n") and rule.why in text and rule.fix in text
    assert all(name in text for name in rule.params)


def test_names_are_never_used_twice() -> None:
    names = [name for rule in RULES.values() for name in (rule.id, *rule.aliases)]
    assert len(names) == len(set(names))


def test_the_guide_lists_the_functions() -> None:
    guide = pathlib.Path(__file__).parents[1] / "docs" / "writing-rules.md"
    assert f"<!-- functions -->\n{page.functions()}<!-- /functions -->" in guide.read_text()
