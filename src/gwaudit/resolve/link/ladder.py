"""The ladder of time limits on one route: client side first, each step inside the one before.

A step that gives up no earlier than the one around it never gets to tell what went wrong: its caller is gone.
"""

from __future__ import annotations

from itertools import pairwise

from gwaudit.resolve.fact import Fact, Source
from gwaudit.resolve.model import Subject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.link.ways import Samples, Way


class Step:
    """One time limit: a name for a message, seconds, and what kind of hop sets it."""

    __slots__ = ("fact", "kind", "name")

    def __init__(self, name: str, kind: str, fact: Fact) -> None:
        self.name = name
        self.kind = kind
        self.fact = fact

    @property
    def seconds(self) -> float:
        return float(self.fact.value)


def ladder(route: Subject, way: Way, samples: Samples) -> None:
    """``route.ladder``, ``route.inversions``, and one ``link`` of kind ladder per pair of neighbours."""
    if not samples.works(way.passage):
        return
    steps = [Step(hop.name, hop.kind, limit) for hop in way.hops if (limit := hop.limit()) is not None]
    outer = len(steps)
    server = way.service.subject
    platform = server.fact("workload.request_timeout")
    # A managed platform's own proxy is the hop that ends a request after this time: one limit, counted once.
    told = any(step.fact.source is platform.source for step in steps)
    if platform.known and platform.value and not told:
        steps.insert(0, Step("platform request timeout", "platform", platform))
        outer += 1
    timeout = server.fact("gunicorn.timeout")
    if server.known("gunicorn.worker_kind") == "sync" and timeout.known and timeout.value:
        steps.append(Step("gunicorn timeout", "gunicorn", timeout))
    for name, kind, shown in (
        ("app.tool_timeout", "application", None),
        ("app.longest_upstream", "upstream", None),
        ("database.pool_timeout", "database-pool", "pool wait"),
        ("database.statement_timeout", "database", "statement timeout"),
    ):
        fact = server.fact(name)
        if fact.known and isinstance(fact.value, (int, float)) and fact.value > 0:
            steps.append(Step(shown or _variable(fact), kind, fact))
    source = Source("derived", None, route.place)
    pairs = list(pairwise(steps))
    route.set("route.inversions", sum(inner.seconds >= before.seconds for before, inner in pairs), source)
    inputs = tuple(step.fact for step in steps)
    route.put(Fact("route.ladder", _text(steps), source, inputs=inputs))
    for before, inner in pairwise(steps[:outer]):
        _pair(route, before, inner)
    statement = next((step for step in steps if step.kind == "database"), None)
    if statement is not None and steps[:outer]:
        _pair(route, min(steps[:outer], key=lambda step: step.seconds), statement)


def _variable(fact: Fact) -> str:
    """The variable that sets a limit, for a reader."""
    for item in fact.inputs:
        if item.name.startswith("env."):
            return item.name[4:]
    return fact.name.partition(".")[2].replace("_", " ")


def _text(steps: list[Step]) -> str:
    parts = [f"{steps[0].name} {steps[0].seconds:g}"] if steps else []
    for before, step in pairwise(steps):
        sign = "=" if step.seconds == before.seconds else "<" if before.seconds < step.seconds else ">"
        parts.append(f"{sign} {step.name} {step.seconds:g}")
    return " ".join(parts)


def _pair(route: Subject, outer: Step, inner: Step) -> None:
    subject = Subject("link", f"{outer.name} / {inner.name}", route, outer.fact.location or route.place)
    source = Source("derived", None, outer.fact.location or route.place)
    subject.set("link.kind", "ladder", source)
    for side, step in (("outer", outer), ("inner", inner)):
        subject.set(f"{side}.name", step.name, step.fact.source)
        subject.set(f"{side}.kind", step.kind, step.fact.source)
        subject.put(Fact(f"link.{side}_limit", step.seconds, step.fact.source, step.fact.shadowed, (step.fact,)))
