"""From a failing verdict to a finding: where a person edits, what else was read, and a few words at each place."""

from __future__ import annotations

from gwaudit.finding import Finding, Labelled
from gwaudit.resolve.fact import Unknown
from gwaudit.rules import closure, message
from gwaudit.source import Location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gwaudit.resolve.fact import Fact
    from gwaudit.resolve.model import Subject
    from gwaudit.rules.engine import Program
    from gwaudit.rules.load import RuleSet
    from gwaudit.rules.rule import Rule

MAX_RELATED = 40
MAX_DEPTH = 8  # of facts made from facts, on the way to places


def finding_of(rules: RuleSet, rule: Rule, context: closure.Context, evidence: tuple[Fact, ...]) -> Finding:
    subject = context.subject
    program: Program = rule.program
    outer, context.trace = context.trace, []
    text = program.message(context)
    context.trace = outer
    primary, blamed = _primary(rules, rule, subject)
    related = _related(rules, subject, blamed, evidence, primary)
    container = subject.nearest("container") or subject.nearest("workload")
    target = subject.nearest("target")
    line = (primary.location.path, primary.location.line)
    return Finding(
        rule,
        text,
        primary,
        related,
        service=container.name if container is not None else None,
        targets=(target.name,) if target is not None else (),
        blamed=blamed.name,
        worth=context.worth,
        redact=any(
            _is_secret(rules, fact) and fact.location is not None and (fact.location.path, fact.location.line) == line
            for fact in (blamed, *blamed.shadowed, *evidence)
        ),
        about=subject.name,
    )


def _primary(rules: RuleSet, rule: Rule, subject: Subject) -> tuple[Labelled, Fact]:
    """Where a person edits: the first blamed fact that stands somewhere, else where the first one would be set.

    What is known goes first: where one is not, another one made the verdict.
    """
    blamed = [subject.fact(name) for name in rule.blame]
    for fact in sorted(blamed, key=lambda one: isinstance(one.value, Unknown)):
        if fact.location is not None and closure.is_written(fact):
            return Labelled(fact.location, _label(rules, subject, fact)), fact
    for fact in blamed:
        inner = _first_input(fact, 0)
        if inner is not None and inner.location is not None:
            return Labelled(inner.location, _label(rules, subject, inner)), fact
    fact = blamed[0]
    place = fact.location or _place_of(rules, fact.name, subject)
    if fact.known and fact.value is not None:
        words = f"{_called(fact.name, subject)} is not set here: " + (
            "a secret" if _is_secret(rules, fact) else message.spoken(fact.value, _type(rules, fact))
        )
        if fact.source.layer in ("default", "platform", "profile"):
            words += f" by {'the ' if fact.source.layer != 'default' else ''}{_whose(fact.source.layer)}"
    else:
        words = f"{_called(fact.name, subject)} is not set here"
    return Labelled(place, words), fact


def _called(name: str, subject: Subject) -> str:
    """A fact for a reader: the name of its subject (``setting.value``), the variable that holds it, or its own in words."""
    head, _, tail = name.partition(".")
    if head in ("setting", "variable", "assignment", "secret") and tail.endswith("value"):
        own = subject.known("secret.key" if head == "secret" else f"{head}.name")
    elif head not in ("gunicorn", "env"):
        own = subject.known(f"{name}_variable") or (subject.known(f"{head}.variable") if tail == "url" else None)
    else:
        own = None
    return message.clean(str(own)) if own else message.title(name)


def _whose(layer: str) -> str:
    return {"platform": "platform", "profile": "application"}.get(layer, "default")


def _first_input(fact: Fact, depth: int) -> Fact | None:
    for inner in fact.inputs if depth < MAX_DEPTH else ():
        if closure.is_written(inner):
            return inner
        found = _first_input(inner, depth + 1)
        if found is not None:
            return found
    return None


def _place_of(rules: RuleSet, name: str, subject: Subject) -> Location:
    """Where a fact that is not written down would be set: in the subject that it belongs to, else around it."""
    kind = "container" if name.startswith(("env.", "gunicorn.")) else rules.facts.get(name, ("", "", False))[0]
    owner = subject.nearest(kind) or subject
    if name.startswith("env.") and owner.draft is not None and owner.draft.env_place is not None:
        return owner.draft.env_place
    around: Subject | None = owner
    while around is not None:
        if around.place is not None:
            return around.place
        around = around.parent
    for fact in (*owner.facts.values(), *subject.facts.values()):
        if fact.location is not None:
            return Location(fact.location.path)
    return Location(".")


def _related(
    rules: RuleSet, subject: Subject, blamed: Fact, evidence: tuple[Fact, ...], primary: Labelled
) -> Iterator[Labelled]:
    """Every other place: the way of the blamed value and what it overrode, then the same of each fact that was read."""
    seen = {primary.location.key()}
    found = 0
    for fact in (blamed, *(one for one in evidence if one.name != blamed.name and not _open(one))):
        for labelled in _places(rules, subject, fact, 0):
            key = labelled.location.key()
            if key not in seen and found < MAX_RELATED:
                seen.add(key)
                found += 1
                yield labelled


def _open(fact: Fact) -> bool:
    """A fact of which nothing is known shows nothing: what was asked about it was only whether it is known."""
    value = fact.value
    return isinstance(value, Unknown) and value.low is None and value.high is None and not value.choices


def _places(rules: RuleSet, subject: Subject, fact: Fact, depth: int) -> Iterator[Labelled]:
    if fact.location is not None and closure.is_written(fact):  # where nothing stands, nothing is to be seen
        yield Labelled(fact.location, _label(rules, subject, fact))
    for step in fact.source.via:
        yield Labelled(step.location, step.label)
    for lower in fact.shadowed:
        if (
            lower.location is not None
            and closure.is_written(lower)
            and not (_open(lower) and lower.location.span is None)
        ):
            yield Labelled(lower.location, f"overridden here: {_label(rules, subject, lower)}")
    if (fact.location is None or fact.source.layer == "derived") and depth < MAX_DEPTH:
        for inner in fact.inputs:
            yield from _places(rules, subject, inner, depth + 1)


def _type(rules: RuleSet, fact: Fact) -> str:
    return rules.facts.get(fact.name, ("", "any", False))[1]


def _is_secret(rules: RuleSet, fact: Fact) -> bool:
    return fact.secret or rules.facts.get(fact.name, ("", "any", False))[2]


def _label(rules: RuleSet, subject: Subject, fact: Fact) -> str:
    return message.label(fact, _called(fact.name, subject), _type(rules, fact), _is_secret(rules, fact))
