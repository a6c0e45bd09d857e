"""The effective configuration of every service: each value, where it was set, what it overrode, what made it unknown."""

from __future__ import annotations

from gwaudit.report.chosen import facts_of, meant, named, services_of
from gwaudit.report.redact import masked, printable
from gwaudit.report.shown import text_of
from gwaudit.report.style import Style
from gwaudit.resolve.fact import ABSENT, Unknown
from gwaudit.resolve.secrets.spoken import gather

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gwaudit.options import Options
    from gwaudit.resolve.fact import Fact, Source
    from gwaudit.resolve.model import Subject
    from gwaudit.resolve.workspace import Workspace

MANY = 5  # more values that are unknown for one reason share one line
# Without --all: what people set. Other facts restate these, or say what follows from them.
_SHOWN = (
    "gunicorn.", "env.", "container.image", "container.cpu_", "container.memory_", "container.user", "workload.replicas",
    "workload.grace_period", "liveness.", "readiness.", "startup.", "healthcheck.", "process.argv", "app.measured_",
)  # fmt: skip
_HIDDEN = ("container.image_", "workload.replicas_")
# Settings that everyone asks for: shown with their default where nobody set them.
_ALWAYS = frozenset(
    f"gunicorn.{name}"
    for name in ("bind", "workers", "worker_class", "threads", "timeout", "graceful_timeout", "keepalive", "max_requests")
)  # fmt: skip
# What is asked for most stands first, variables last.
_ORDER = ("gunicorn.", "process.", "app.", "workload.", "container.")
_UNWRITTEN = ("default", "platform", "profile")


def render(workspace: Workspace, options: Options, colored: bool) -> str:
    """A table for every service, or JSON."""
    from gwaudit.resolve.model import Subject
    from gwaudit.resolve.targets import resolve

    hidden: set[str] = set()
    resolved = (target.subject for target in resolve(workspace, Subject("repository", ".")))  # one at a time
    names: set[str] = set()
    targets = (named(_noted(target, hidden), options, names) for target in resolved)
    if options.output_format == "json":
        from gwaudit.report.show_json import as_json

        return masked(as_json(targets, options), hidden)
    style = Style(colored)
    parts = [part for target in targets for part in _target(target, options, style)]
    if parts:
        return masked("\n".join(parts) + "\n", hidden)
    if not options.service and not options.setting:
        return "No services found.\n"
    return masked(f"Nothing of that name{meant(options, names)}\n", hidden)


def _noted(target: Subject, hidden: set[str]) -> Subject:
    """The target, whose secret values were added to those that are not shown."""
    seen: set[object] = set()
    for part in target.walk():
        for fact in (*part.facts.values(), *(part.environment or ())):
            for one in (fact, *fact.shadowed, *fact.inputs):
                gather(one, hidden, seen)
    return target


def _target(target: Subject, options: Options, style: Style) -> Iterator[str]:
    header = [_heading(target, style)]
    for service in services_of(target, options):
        every = bool(options.all or options.setting)
        chosen = sorted((fact for fact in facts_of(service, options) if every or _is_written(fact)), key=_rank)
        if not chosen:
            continue
        yield from header
        header = []
        place = f"  {printable(str(service.place))}" if service.place else ""
        yield style("bold", f"  {printable(service.name)}") + style("dim", place)
        alike = {} if every else _alike(chosen)
        width = min(40, max(len(fact.name) for fact in chosen))
        for fact in chosen:
            if _reason(fact) not in alike:
                yield from _rows(fact, width, style, every, detailed=options.setting is not None)
                if options.setting is not None:
                    yield from _readers(service, fact, " " * (width + 6), style)
        for (reason, path), names in alike.items():
            yield f"    {len(names)} others are unknown: {printable(reason)}  {style('dim', printable(path))}"
        yield ""


def _heading(target: Subject, style: Style) -> str:
    kind = target.known("target.kind") or target.kind
    lines = [style("bold", f"{printable(target.name)} ({kind})")]
    stage = target.facts.get("stage")
    if stage is not None:
        derived = stage.source.layer == "derived"
        score = target.known("stage.score")
        why = f"score {score}" if derived and score is not None else _origin(stage.source)
        lines.append(f"  stage: {printable(text_of(stage))}  {style('dim', why)}")
        lines.extend(_evidence(target, style) if derived else ())
    return "\n".join(lines)


def _evidence(target: Subject, style: Style) -> Iterator[str]:
    """What the stage was derived from, the strongest first, with its points and its place."""
    score = target.facts.get("stage.score")
    places = {fact.value: fact.location for fact in (score.inputs if score is not None else ())}
    for each in target.known("stage.evidence") or ():
        text, _, points = str(each).rpartition(" (")
        place = places.get(text)
        shown = f"  {style('dim', printable(f'{place.path}:{place.line}'))}" if place is not None else ""
        yield f"    {points.rstrip(')')} {printable(text)}{shown}"


def _rank(fact: Fact) -> tuple[int, str]:
    """Where a fact stands in the table: by the theme of its name, then by its name."""
    known = next((index for index, prefix in enumerate(_ORDER) if fact.name.startswith(prefix)), len(_ORDER))
    return known + fact.name.startswith("env."), fact.name


def _reason(fact: Fact) -> tuple[str, str] | None:
    """Why a value is unknown, and in which file."""
    if not isinstance(fact.value, Unknown):
        return None
    return fact.value.reason, fact.location.path if fact.location is not None else ""


def _alike(facts: Iterable[Fact]) -> dict[tuple[str, str], list[str]]:
    """Names of facts that are unknown for one reason, where they are many: a file that could not be read."""
    found: dict[tuple[str, str], list[str]] = {}
    for fact in facts:
        reason = _reason(fact)
        if reason is not None:
            found.setdefault(reason, []).append(fact.name)
    return {reason: names for reason, names in found.items() if len(names) > MANY}


def _is_written(fact: Fact) -> bool:
    """Whether somebody set the value, or would want to know why it is unknown."""
    if fact.name in _ALWAYS:
        return True
    if not fact.name.startswith(_SHOWN) or fact.name.startswith(_HIDDEN) or fact.value in (ABSENT, ()):
        return False
    if isinstance(fact.value, Unknown):
        return fact.source.layer not in ("image", *_UNWRITTEN)
    hook = isinstance(fact.value, str) and fact.value.startswith("<function ")
    return fact.source.location is not None and fact.source.layer not in _UNWRITTEN and not hook


def _rows(fact: Fact, width: int, style: Style, every: bool, detailed: bool) -> Iterator[str]:
    value = text_of(fact)
    yield f"    {fact.name:<{width}}  {printable(value):<24}  {style('dim', _origin(fact.source))}".rstrip()
    indent = " " * (width + 6)
    if isinstance(fact.value, Unknown) and fact.value.depends_on:
        yield style("dim", f"{indent}depends on {printable(', '.join(fact.value.depends_on))}")
    if fact.derivation and (detailed or fact.source.layer == "derived"):
        yield style("dim", f"{indent}= {printable(fact.derivation)}")
    for step in fact.source.via if detailed else ():
        yield style("dim", f"{indent}through {printable(str(step.location))} {printable(step.label)}".rstrip())
    for other in fact.shadowed:
        if other.source.location is None and not every:
            continue  # a default that nobody set
        yield style("dim", f"{indent}overrides {printable(text_of(other))}  {_origin(other.source)}")
    for given in inputs_of(fact) if detailed else ():
        yield style("dim", f"{indent}from {given.name} = {printable(text_of(given))}  {_origin(given.source)}")


def _readers(service: Subject, fact: Fact, indent: str, style: Style) -> Iterator[str]:
    """Who reads a variable, and what it is made into."""
    if not fact.name.startswith("env."):
        return
    variable = next((one for one in service.children if one.kind == "variable" and one.name == fact.name[4:]), None)
    read = variable.facts.get("variable.read") if variable is not None else None
    if variable is not None and read is not None:
        if isinstance(read.value, Unknown):
            yield style("dim", f"{indent}read by: unknown ({printable(read.value.reason)})")
        else:
            readers = variable.known("variable.readers") or ()
            yield style(
                "dim", f"{indent}read by: {printable(', '.join(map(str, readers))) or 'nothing in this service'}"
            )
    made = [
        other.name for other in service.facts.values() if any(given.name == fact.name for given in inputs_of(other))
    ]
    if made:
        yield style("dim", f"{indent}makes: {printable(', '.join(sorted(made)))}")


def inputs_of(fact: Fact) -> Iterable[Fact]:
    """The facts a value was made from, each once."""
    seen: dict[str, Fact] = {}
    for given in fact.inputs:
        seen.setdefault(given.name, given)
    return seen.values()


def _origin(source: Source) -> str:
    """``compose.yaml:9 (manifest)``."""
    where = source.location
    if where is None:
        return f"({source.layer})"
    return f"{printable(where.path)}:{where.line} ({source.layer})"
