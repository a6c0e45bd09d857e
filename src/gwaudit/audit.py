"""The pipeline: discover -> parse -> resolve -> evaluate -> triage. Everything that gwaudit does is on this screen."""

from __future__ import annotations

import os

from gwaudit.config import load
from gwaudit.errors import ConfigurationError, Guard
from gwaudit.finding import Finding, Report
from gwaudit.resolve.secrets.spoken import gather
from gwaudit.resolve.workspace import Workspace
from gwaudit.root import open_tree
from gwaudit.taken import Taken
from gwaudit.unmatched import unmatched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.config import Configuration
    from gwaudit.imports.result import Result
    from gwaudit.options import Options
    from gwaudit.resolve.model import Subject
    from gwaudit.rules.load import RuleSet


def audit(options: Options) -> Report:
    """Judge the deployments below ``options.paths``. Raises ``ConfigurationError`` where the user's input is wrong."""
    from gwaudit.resolve.env_file import as_read
    from gwaudit.resolve.model import Subject
    from gwaudit.resolve.repository import finish
    from gwaudit.resolve.targets import resolve
    from gwaudit.rules.engine import external
    from gwaudit.rules.load import rules_for
    from gwaudit.triage import triage

    workspace, configuration = prepare(options)
    report = Report(workspace.tree)
    report.bugs = workspace.bugs
    report.formats = {format: len(paths) for format, paths in workspace.by_format.items()}
    rules = rules_for(configuration, options, workspace.tree)
    found: list[Finding] = []
    taken = Taken()
    repository = Subject("repository", ".")
    drafts: list[tuple[str, tuple[str, ...]]] = []  # names and files; the rest is let go
    for target in resolve(workspace, repository):
        drafts.append((target.draft.name, target.draft.paths))
        if target.judged:
            report.targets.append((target.draft.name, target.draft.kind))
            for remark in target.remarks():
                workspace.remark(*remark)
            with Guard(report.bugs, target.draft.name):
                judge(rules, target.subject, report, found)
            taken.note(target.subject)
    finish(workspace, repository, bool(rules.about("secret")))
    judge(rules, repository, report, found)
    if options.history and "secret-in-history" in rules.selected:
        from gwaudit.resolve.secrets.history import history

        found += history(workspace, rules)
    report.warnings = [*unmatched(configuration, workspace.tree, drafts)]
    report.failures = [*workspace.tree.failures, *as_read(workspace, workspace.failures)]
    report.remarks = [*workspace.remarks.values()]
    if "file-not-parsed" in rules.selected:
        from gwaudit.unread import matters

        unread = [failure for failure in report.failures if matters(workspace, failure)]
        found += [external(rules, "file-not-parsed", failure.location, failure.message) for failure in unread]
    found += elsewhere(workspace, configuration, options, report, rules, found)
    report.findings, report.suppressed = triage(taken.without(found), workspace.tree, rules, configuration, options)
    known = options.baseline or (configuration.baseline and os.path.join(workspace.tree.root, configuration.baseline))
    if known:
        from gwaudit.baseline import load as load_baseline

        report.baseline = load_baseline(known, missing_ok=options.update_baseline)
        report.baseline.apply(report, rules.selected, workspace.tree.whole)
    elif options.update_baseline:
        raise ConfigurationError('--update-baseline needs --baseline FILE, or baseline = "FILE" in the configuration')
    return report


def judge(rules: RuleSet, subject: Subject, report: Report, found: list[Finding]) -> None:
    """Evaluate every rule on what lies in ``subject``: one target, or what the repository has besides its targets."""
    note_secrets(subject, report)
    judged, unjudged = rules.judge(subject)
    found += judged
    report.unjudged.update(dict.fromkeys(unjudged))


def elsewhere(
    workspace: Workspace, configuration: Configuration, options: Options, report: Report, rules: RuleSet,
    own: list[Finding],
) -> list[Finding]:  # fmt: skip
    """What other tools say, bandit and the reports that the user gives, and we do not."""
    others: list[tuple[Result, Finding]] = []
    used = workspace.cache.get("used")
    if options.bandit and configuration.bandit and used is not None and used.code():
        from gwaudit.imports.bandit import examined

        others += examined(workspace, report, rules)
    if options.imports:
        from gwaudit.imports.report import imported

        others += imported(options.imports, report, rules)
    if not others:
        return []
    from gwaudit.imports.topics import once

    return once(own, others)


def prepare(options: Options) -> tuple[Workspace, Configuration]:
    """The audited tree with the user's configuration and assumptions: where every command begins."""
    tree = open_tree(options.paths, options.tracked_only)
    configuration = load(tree, options)
    tree.exclude(configuration.exclude)
    workspace = Workspace(tree, options.assumptions(), configuration)
    if options.latency:
        from gwaudit.imports.latency import files

        workspace.latency = tuple(files(tree, options.latency))
    return workspace, configuration


def note_secrets(subject: Subject, report: Report) -> None:
    """Collect the lines on which a secret stands, whatever rule may point at them, and the values themselves.

    An ``assignment`` keeps its value secret whatever it is; the ones that matter are ``secret`` subjects as well.
    """
    lines, hidden, examined = report.secret_lines, report.hidden, report.examined
    for part in subject.walk():
        if part.kind == "assignment":
            gather(part.facts["assignment.value"].renamed(f"env.{part.name}"), hidden, examined)
            continue
        facts = [*part.facts.values(), *(part.environment or ())]
        below = [one for top in facts if top.shadowed or top.inputs for one in (*top.shadowed, *top.inputs)]
        for fact in (*facts, *below):
            gather(fact, hidden, examined)
        for fact in [one for one in (*facts, *below) if one.secret]:  # ``shadowed`` is the whole chain
            place = fact.source.location
            if place is not None:
                last = place.span.end_line if place.span else place.line
                lines.setdefault(place.path, set()).update(range(place.line, last + 1))
