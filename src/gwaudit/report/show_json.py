"""The effective configuration as JSON: ``schema_version`` grows when a field changes its meaning or goes away."""

from __future__ import annotations

from gwaudit.report.chosen import facts_of, services_of
from gwaudit.report.json import readable
from gwaudit.report.redact import covered, scrub
from gwaudit.report.show import inputs_of
from gwaudit.report.shown import text_of, words_of
from gwaudit.resolve.fact import Absent, Pairs, Unknown
from gwaudit.resolve.secrets.spoken import of_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from gwaudit.options import Options
    from gwaudit.resolve.fact import Fact
    from gwaudit.resolve.model import Subject
    from gwaudit.source import Location

SCHEMA_VERSION = 1
STAGE = ("stage", "stage.score", "stage.evidence")


def as_json(targets: Iterable[Subject], options: Options) -> str:
    """Every service with its facts, by name."""
    from json import dumps

    data = {
        "schema_version": SCHEMA_VERSION,
        "targets": [
            {
                "name": target.name,
                "kind": target.known("target.kind") or target.kind,
                "facts": {name: _fact(target.facts[name]) for name in STAGE if name in target.facts},
                "services": [
                    {"name": service.name, "facts": {fact.name: _fact(fact) for fact in facts_of(service, options)}}
                    for service in services_of(target, options)
                ],
            }
            for target in targets
        ],
    }
    return dumps(data, indent=2, ensure_ascii=True, default=str) + "\n"


def _fact(fact: Fact) -> dict[str, Any]:
    """A fact as JSON; ``unknown`` is the reason, and an absent fact has neither a value nor a reason."""
    value = fact.value
    unknown = value if isinstance(value, Unknown) else None
    return {
        "value": None if unknown is not None or isinstance(value, Absent) else _plain_value(fact),
        "unknown": unknown.reason if unknown is not None else None,
        "low": unknown.low if unknown is not None else None,
        "high": unknown.high if unknown is not None else None,
        "assumed": fact.assumed,
        "source": _source(fact),
        "shadowed": [
            {"value": _fact(other)["value"], **_source(other)} if other.known else {"value": None, **_source(other)}
            for other in fact.shadowed
        ],
        "depends_on": list(unknown.depends_on) if unknown is not None else [],
    }


def _plain_value(fact: Fact) -> Any:
    value = fact.value
    if isinstance(value, tuple) and not isinstance(value, Pairs) and all(isinstance(w, (str, Unknown)) for w in value):
        shown = words_of(fact)
        return shown if shown is not None else text_of(fact)
    if fact.secret or isinstance(value, str):
        return text_of(fact) if value != "" else value
    return _data(value)


def _data(value: Any) -> Any:
    """A value's parts as JSON has them: a mapping is an object, what is not known of a list is null."""
    if isinstance(value, Pairs):
        return {scrub(key) if isinstance(key, str) else str(key): _item(key, item) for key, item in value}
    if isinstance(value, tuple):
        return [_data(item) for item in value]
    if isinstance(value, Unknown):
        return None
    return scrub(value) if isinstance(value, str) else value


def _item(key: Any, item: Any) -> Any:
    """The value of a mapping's key, without the credentials that the key tells of."""
    if isinstance(key, str) and isinstance(item, str):
        return scrub(covered(item, of_name(key, item), counted=True))
    return _data(item)


def _raw(name: str, raw: str) -> str:
    return scrub(covered(raw, of_name(name[4:] if name.startswith("env.") else "", raw)))


def _source(fact: Fact) -> dict[str, Any]:
    source = fact.source
    return {
        "layer": source.layer,
        **_place(source.location),
        "raw": None if fact.secret or source.raw is None else _raw(fact.name, source.raw),
        "via": [{**_place(step.location), "label": step.label} for step in source.via],
        "inputs": [given.name for given in inputs_of(fact)],
    }


def _place(location: Location | None) -> dict[str, Any]:
    span = location.span if location is not None else None
    return {
        "path": readable(location.path) if location is not None else None,
        "line": span.line if span else None,
        "column": span.column if span else None,
    }
