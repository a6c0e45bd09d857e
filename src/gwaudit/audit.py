"""The pipeline: discover -> parse -> resolve -> evaluate -> triage. Everything that gwaudit does is on this screen."""

from __future__ import annotations

import os

from gwaudit.config import load
from gwaudit.discover import format_of
from gwaudit.errors import ConfigurationError, Guard
from gwaudit.finding import Finding, Report
from gwaudit.pattern import regex
from gwaudit.resolve.secrets.spoken import gather
from gwaudit.resolve.workspace import Workspace
from gwaudit.root import open_tree
from gwaudit.unmatched import unmatched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.config import Configuration
    from gwaudit.imports.result import Result
    from gwaudit.options import Options
    from gwaudit.parse.document import ParseFailure
    from gwaudit.resolve.model import Subject
    from gwaudit.rules.load import RuleSet

_YAML = ("yaml", "compose", "kustomization")
_ACTION = regex(r"(?m)^[ \t]*(\{\{|\{%)")  # Go templates, Jinja


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
    taken: set[tuple[object, ...]] = set()  # settings that some service runs with: place and name
    repository = Subject("repository", ".")
    drafts = []
    for target in resolve(workspace, repository):
        drafts.append(target.draft)
        if target.judged:
            report.targets.append((target.draft.name, target.draft.kind))
            for note in target.draft.notes:
                workspace.remark(*note)
            for service in target.services:
                for problem in service.launch.problems if service.launch is not None else ():
                    workspace.remark(*problem)
            with Guard(report.bugs, target.draft.name):
                judge(rules, target.subject, report, found)
            taken |= {
                (place.key(), part.name)
                for part in target.subject.walk()
                if part.kind == "setting" and (place := part.place)
            }
    finish(workspace, repository, bool(rules.about("secret")))
    judge(rules, repository, report, found)
    if options.history and "secret-in-history" in rules.selected:
        from gwaudit.resolve.secrets.history import history

        found += history(workspace, rules)
    report.warnings = [*unmatched(configuration, workspace.tree, drafts)]
    report.failures = [*workspace.tree.failures, *as_read(workspace, workspace.failures)]
    report.remarks = [*workspace.remarks.values()]
    if "file-not-parsed" in rules.selected:
        unread = [failure for failure in report.failures if _matters(workspace, failure)]
        found += [external(rules, "file-not-parsed", failure.location, failure.message) for failure in unread]
    found += elsewhere(workspace, configuration, options, report, rules, found)
    found = [one for one in found if not (one.rule.everywhere and (one.primary.location.key(), one.about) in taken)]
    report.findings, report.suppressed = triage(found, workspace.tree, rules, configuration, options)
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


def _matters(workspace: Workspace, failure: ParseFailure) -> bool:
    """Whether a file that could not be read is a finding: a deployment's is, an example's or some large data file is not."""
    path = failure.location.path
    if failure.bounded or workspace.role_of(path) != "deployment" or _is_template(workspace, path):
        return False
    return failure.location.span is not None or format_of(path) not in ("yaml", "json", "toml", "text", "shell", None)


def _is_template(workspace: Workspace, path: str) -> bool:
    """Whether a YAML file is what some program makes YAML of: it has lines that begin with an action of a template."""
    if format_of(path) not in _YAML:
        return False
    source = workspace.tree.source(path)
    return source is not None and _ACTION.search(source.text) is not None


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
