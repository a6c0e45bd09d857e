"""From many findings to the ones that are shown."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from gwaudit.config import load
from gwaudit.finding import Finding, Labelled
from gwaudit.options import Options
from gwaudit.rules.load import RuleSet, builtin, rules_for
from gwaudit.source import Location, Span
from gwaudit.tree import Tree
from gwaudit.triage import identify, merge, triage

RULE = "file-not-parsed"  # any rule will do


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return builtin()


def at(line: int, column: int = 1, path: str = "compose.yaml") -> Labelled:
    return Labelled(Location(path, Span(line, column, line, column + 1)), "here")


def shown(folder: Path, found: Iterable[Finding], **options: object) -> tuple[list[Finding], list[Finding]]:
    tree = Tree(str(folder))
    given = Options(assume=[("today", "2026-06-01")], **options)
    configuration = load(tree, given)
    for path in tree.list():
        tree.read(path)
    return triage(found, tree, rules_for(configuration, given, tree), configuration, given)


def names(findings: Iterable[Finding]) -> list[tuple[str, int]]:
    return [(finding.rule.id, finding.primary.location.line) for finding in findings]


def test_one_mistake_in_many_targets_is_one_finding_with_the_worst_numbers(rules: RuleSet) -> None:
    found = [
        Finding(rules[RULE], "3 workers", at(4), [at(9)], "web", ["base"], worth=3.0),
        Finding(rules[RULE], "24 workers", at(4), [at(7), at(7), at(4)], "web", ["prod"], worth=24.0),
        Finding(rules[RULE], "another", at(5), service="web", targets=["base"]),
    ]
    merged = merge(found)
    assert [(f.message, f.targets, len(f.related)) for f in merged] == [
        ("24 workers", ("base", "prod"), 1),
        ("another", ("base",), 0),
    ]


def test_what_a_better_rule_says_of_the_line_is_enough(rules: RuleSet) -> None:
    weak, better = rules["known-weak-secret"], "gateway-refuses-to-start"
    assert better in weak.yields_to
    found = [
        Finding(weak, "weak", at(4), service="migration"),
        Finding(weak, "weak", at(5), service="migration"),
        Finding(rules[better], "refused", at(4, 9), service="web"),
        Finding(weak, "weak", at(4, path="other.yaml")),
    ]
    assert [(f.rule.id, f.primary.location.path, f.primary.location.line) for f in merge(found)] == [
        ("known-weak-secret", "compose.yaml", 5),
        (better, "compose.yaml", 4),
        ("known-weak-secret", "other.yaml", 4),
    ]


def test_a_rule_may_gather_what_it_finds_in_one_file(rules: RuleSet) -> None:
    rule = rules["proxy-connect-timeout-ineffective"]
    found = [
        Finding(rule, "1h", at(9), [at(2)], "web", ["base"], worth=48.0),
        Finding(rule, "1h", at(7), service="web", targets=["base"], worth=48.0),
        Finding(rule, "2m", at(3), service="web", targets=["prod"], worth=1.6),
        Finding(rule, "1h", at(9, path="other.conf"), service="web", targets=["base"], worth=48.0),
    ]
    merged = merge(found)
    assert [(f.message, f.primary.location.line, f.targets) for f in merged] == [
        ("1h; the same in 2 more places of this file", 7, ("base", "prod")),
        ("1h", 9, ("base",)),
    ]
    assert [place.location.line for place in merged[0].related] == [3, 9]


def test_a_secret_in_one_of_them_redacts_the_whole(rules: RuleSet) -> None:
    found = [Finding(rules[RULE], "a", at(1), redact=True), Finding(rules[RULE], "b", at(1), worth=9.0)]
    assert merge(found)[0].redact


def test_fingerprints_survive_edits(rules: RuleSet) -> None:
    def prints(*findings: Finding) -> list[str]:
        identify(findings)
        return [finding.fingerprint for finding in findings]

    one = prints(Finding(rules[RULE], "3 workers", at(4), service="web", blamed="gunicorn.workers"))
    moved = prints(Finding(rules[RULE], "24 workers", at(40, 7), service="web", blamed="gunicorn.workers"))
    assert one == moved
    # Frozen: a change of this value closes every open alert of every user.
    assert one == ["28fbca5eca2c517636fdab1ef86d50d9"]
    others = prints(
        Finding(rules[RULE], "x", at(4), service="api", blamed="gunicorn.workers"),
        Finding(rules[RULE], "x", at(4, path="b.yaml"), service="web", blamed="gunicorn.workers"),
        Finding(rules[RULE], "x", at(4), service="web", blamed="gunicorn.threads"),
    )
    assert len({*one, *others}) == 4
    twice = prints(Finding(rules[RULE], "x", at(9)), Finding(rules[RULE], "x", at(4)))
    assert len(set(twice)) == 2
    assert twice == prints(Finding(rules[RULE], "x", at(90)), Finding(rules[RULE], "x", at(40)))


def test_the_most_severe_come_first(tmp_path: Path, rules: RuleSet) -> None:
    found = [
        Finding(rules["unused-ignore"], "low", at(1)),
        Finding(rules["file-not-parsed"], "b", at(2, path="b.yaml")),
        Finding(rules["file-not-parsed"], "a9", at(9, path="a.yaml")),
        Finding(rules["file-not-parsed"], "a2", at(2, path="a.yaml")),
    ]
    assert [finding.message for finding in shown(tmp_path, found)[0]] == ["a2", "a9", "b", "low"]


def test_ignores_keep_findings_back_and_say_why(tmp_path: Path, rules: RuleSet) -> None:
    (tmp_path / "compose.yaml").write_text("a: 1  # gwaudit: ignore[file-not-parsed] -- vendor file\nb: 2\n")
    findings, suppressed = shown(tmp_path, [Finding(rules[RULE], "x", at(1)), Finding(rules[RULE], "y", at(2))])
    assert [finding.message for finding in findings] == ["y"]
    assert [(finding.message, finding.suppressed) for finding in suppressed] == [("x", "vendor file")]


def test_an_ignore_that_keeps_nothing_back_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(
        "a: 1  # gwaudit: ignore[file-not-parsed]\nb: 2  # gwaudit: ignore[file-not-prased]\nc: 3  # gwaudit: ignore\n"
    )
    findings, _ = shown(tmp_path, [])
    assert [(f.rule.id, f.message) for f in findings] == [
        ("unused-ignore", "this ignore of file-not-parsed keeps no finding back"),
        ("unused-ignore", "no rule is named file-not-prased: did you mean 'file-not-parsed'?"),
        ("unused-ignore", "this ignore names no rule: write ignore[RULE]"),
    ]


def test_an_ignore_of_a_rule_that_was_not_judged_is_not_called_unused(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("a: 1  # gwaudit: ignore[file-not-parsed]\n")
    assert shown(tmp_path, [], select=["unused-ignore"]) == ([], [])


def test_an_expired_ignore_reports_its_finding_again(tmp_path: Path, rules: RuleSet) -> None:
    (tmp_path / "compose.yaml").write_text(
        "a: 1  # gwaudit: ignore[file-not-parsed] until=2026-05-31\n"
        "b: 1  # gwaudit: ignore[file-not-parsed] until=2026-06-01\n"
    )
    findings, suppressed = shown(tmp_path, [Finding(rules[RULE], "x", at(1)), Finding(rules[RULE], "y", at(2))])
    assert names(findings) == [("file-not-parsed", 1), ("expired-ignore", 1)]
    assert names(suppressed) == [("file-not-parsed", 2)]


def test_inline_ignores_can_be_switched_off(tmp_path: Path, rules: RuleSet) -> None:
    (tmp_path / "compose.yaml").write_text("a: 1  # gwaudit: ignore[file-not-parsed]\n")
    findings, suppressed = shown(tmp_path, [Finding(rules[RULE], "x", at(1))], inline_ignores=False)
    assert names(findings) == [("file-not-parsed", 1)] and suppressed == []


def test_ignores_of_the_configuration(tmp_path: Path, rules: RuleSet) -> None:
    (tmp_path / "gwaudit.toml").write_text(
        '[[ignore]]\nrule = "file-not-parsed"\npath = "dev/"\nreason = "dev only"\n'
        '[[ignore]]\nrule = "file-not-parsed"\nservice = "web"\nreason = "old"\nuntil = "2026-01-01"\n'
        '[[ignore]]\nrule = "file-not-parsed"\npath = "gone/"\nreason = "gone"\n'
        '[per-file-ignores]\n"test/*" = ["file-not-parsed"]\n'
    )
    found = [
        Finding(rules[RULE], "dev", at(1, path="dev/a/compose.yaml")),
        Finding(rules[RULE], "web", at(2, path="prod/compose.yaml"), service="web"),
        Finding(rules[RULE], "test", at(3, path="test/compose.yaml")),
    ]
    findings, suppressed = shown(tmp_path, found)
    assert [(f.rule.id, f.message) for f in findings] == [
        ("expired-ignore", "the ignore of file-not-parsed expired on 2026-01-01: its findings are reported again"),
        ("file-not-parsed", "web"),
        ("unused-ignore", "this ignore of file-not-parsed keeps no finding back"),
    ]
    assert findings[2].primary.location.line == 10
    assert [(f.message, f.suppressed) for f in suppressed] == [
        ("dev", "dev only"),
        ("test", "per-file-ignores: test/*"),
    ]
