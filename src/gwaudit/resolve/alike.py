"""Whether two services are the same to those who follow commands: the overlays of a project hold most of them in one form.

A key holds everything that a value remembers (places, what it overrode, what it was made from), so that equal keys stand for
answers that no reader could tell apart. Keys are compared in memory and never written: they hold values.
"""

from __future__ import annotations

from gwaudit.resolve.fact import Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence
    from typing import Any

    from gwaudit.resolve.command import Word
    from gwaudit.resolve.environment import Environment
    from gwaudit.resolve.fact import Fact, Source


def of_environment(environment: Environment) -> Hashable:
    return (
        tuple([of_fact(fact) for fact in environment]),
        environment.reasons,
        environment.sealed,
        environment.starter,
    )


def of_words(words: Iterable[Word]) -> Hashable:
    return tuple(
        [
            (_value(w.value), _source(w.source), _facts(w.inputs), w.optional, tuple([_value(one) for one in w.pieces]))
            for w in words
        ]
    )


def of_fact(fact: Fact) -> Hashable:
    return (
        fact.name, _value(fact.value), _source(fact.source), _facts(fact.shadowed), _facts(fact.inputs), fact.derivation,
        fact.assumed, fact.secret,
    )  # fmt: skip


def _facts(facts: Sequence[Fact]) -> Hashable:
    return tuple([of_fact(fact) for fact in facts]) if facts else ()


def _value(value: Any) -> Hashable:
    if type(value) is str:
        return value
    if isinstance(value, Unknown):
        return (value.reason, value.depends_on, value.low, value.high, repr(value.choices))
    return (type(value).__name__, repr(value))


def _source(source: Source) -> Hashable:
    location = source.location
    via = tuple([(step.location.key(), step.label) for step in source.via]) if source.via else ()
    return (source.layer, source.raw, location.key() if location is not None else None, via)
