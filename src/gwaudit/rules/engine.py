"""The judge: rule x subject -> verdict. A failing verdict has a finding whose places come from the facts themselves."""

from __future__ import annotations

from gwaudit.finding import Finding, Labelled
from gwaudit.resolve.fact import Unknown
from gwaudit.rules import closure, message
from gwaudit.rules.bounded import MAYBE
from gwaudit.rules.places import finding_of
from gwaudit.source import Location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gwaudit.resolve.fact import Fact
    from gwaudit.resolve.model import Subject
    from gwaudit.rules.load import RuleSet
    from gwaudit.rules.rule import Rule

FAIL = "fail"
PASS = "pass"
UNKNOWN = "unknown"


class Verdict:
    """One rule applied to one subject: ``outcome`` is FAIL, PASS or UNKNOWN, ``trace`` the facts that decided it as they
    were read."""

    __slots__ = ("finding", "outcome", "reason", "rule", "subject", "trace")

    def __init__(
        self,
        rule: Rule,
        subject: Subject,
        outcome: str,
        trace: Sequence[Fact] = (),
        reason: str = "",
    ) -> None:
        self.rule = rule
        self.subject = subject
        self.outcome = outcome
        self.trace = trace
        self.reason = reason
        self.finding: Finding | None = None

    @property
    def evidence(self) -> tuple[Fact, ...]:
        """The facts that decided it, in the order they were read, each once."""
        return tuple({fact.name: fact for fact in reversed(self.trace)}.values())[::-1]

    def __repr__(self) -> str:
        return f"Verdict({self.rule.id}, {self.subject.name}: {self.outcome})"


class Program:
    """The closures of one rule."""

    __slots__ = ("lets", "message", "when")

    def __init__(self, rule: Rule) -> None:
        self.when = closure.compiled(rule.when)
        self.lets = {name: closure.compiled(form) for name, form in rule.let}
        self.message = message.renderer(rule.message)


class Plan:
    """What there is to judge of a subject that has just these facts: ``rules`` that may hold, and rules (by id) that cannot
    hold, with the reason."""

    __slots__ = ("rules", "unjudged")

    def __init__(self, rules: Iterable[Rule], stated: frozenset[str]) -> None:
        self.rules: list[Rule] = []
        self.unjudged: list[tuple[Rule, str]] = []
        for rule in rules:
            if rule.needs <= stated:
                self.rules.append(rule)
            else:
                self.unjudged.append((rule, f"nothing that was read states {min(rule.needs - stated)}"))


def plans(rules: RuleSet, target: Subject) -> Iterator[tuple[Subject, Plan]]:
    """A subject and everything in it, each with what there is to judge. A repository comes without its targets.

    Most subjects of a kind have the same facts (thousands of variables), so that a plan serves many of them.
    """
    stated: dict[tuple[int, frozenset[str]], frozenset[str]] = {}  # by the names above (identity) and the own ones
    made: dict[tuple[int, str], Plan] = {}
    top = _stated_above(target)
    stack: list[tuple[Subject, frozenset[str]]] = [(target, top)]
    while stack:
        subject, above = stack.pop()
        own = frozenset(subject.facts)
        here = stated.get((id(above), own))
        if here is None:
            here = stated[id(above), own] = above | own
        plan = made.get((id(here), subject.kind))
        if plan is None:
            plan = made[id(here), subject.kind] = Plan(rules.about(subject.kind), here)
        yield subject, plan
        stack.extend((child, here) for child in reversed(subject.children) if child.kind != "target")


def evaluate(rules: RuleSet, target: Subject) -> Iterator[Verdict]:
    """The verdicts on a subject and everything in it, subject by subject."""
    for subject, plan in plans(rules, target):
        for rule in plan.rules:
            yield judge(rules, rule, subject) or Verdict(rule, subject, PASS)
        for rule, reason in plan.unjudged:
            yield Verdict(rule, subject, UNKNOWN, (), reason)


def judge(rules: RuleSet, rule: Rule, subject: Subject) -> Verdict | None:
    """One verdict; None for PASS, which is what most of them are."""
    program = rule.program
    if program is None:
        program = rule.program = Program(rule)
    context = closure.Context(subject, rule.params, program.lets)
    value = program.when(context)
    if value is False:
        return None
    if value is not True:
        value = closure.truth(value)
        if value is False:
            return None
        if isinstance(value, Unknown) and not (rule.possible and value.choices == MAYBE):
            unstated = value.reason == closure.UNSTATED and value.depends_on
            reason = f"nothing that was read states {value.depends_on[0]}" if unstated else value.reason
            return Verdict(rule, subject, UNKNOWN, context.trace, reason)
    verdict = Verdict(rule, subject, FAIL, context.trace)
    verdict.finding = finding_of(rules, rule, context, verdict.evidence)
    return verdict


def external(
    rules: RuleSet,
    id: str,
    location: Location,
    text: str,
    related: Iterable[Labelled] = (),
    service: str | None = None,
    targets: Iterable[str] = (),
    redact: bool = False,
) -> Finding:
    """A finding of a rule that has a ``source`` instead of a ``when``: it comes from elsewhere, with its own text."""
    return Finding(rules[id], message.clean(text), Labelled(location), related, service, targets, id, redact=redact)


def _stated_above(subject: Subject) -> frozenset[str]:
    names: set[str] = set()
    above = subject.parent
    while above is not None:
        names |= above.facts.keys()
        above = above.parent
    return frozenset(names)
