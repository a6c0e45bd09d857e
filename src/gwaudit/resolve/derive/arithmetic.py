"""Arithmetic on facts that may be unknown: bounds are carried along, what the result was made from is kept."""

from __future__ import annotations

from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

DERIVED = "derived"


def combine(
    name: str, inputs: Sequence[Fact], compute: Callable[..., Any], derivation: str | None = None, rising: bool = True
) -> Fact:
    """The fact ``name`` = ``compute(values of inputs)``, at the place of its first input.

    Where an input is Unknown, so is the result, with bounds from the inputs' bounds if ``compute`` rises with every input
    (``rising``). Where an input is ABSENT, so is the result.
    """
    source = _source(inputs)
    assumed = any(fact.assumed for fact in inputs)
    values = [fact.value for fact in inputs]
    if any(value is ABSENT for value in values):
        return Fact(name, ABSENT, source, inputs=inputs)
    unknown = [value for value in values if isinstance(value, Unknown)]
    if unknown:
        low = high = None
        if rising:
            low = _bound(values, compute, "low")
            high = _bound(values, compute, "high")
        depends = tuple(dict.fromkeys(item for value in unknown for item in value.depends_on))
        return Fact(name, Unknown(unknown[0].reason, depends, low, high), source, inputs=inputs, derivation=derivation)
    try:
        result = compute(*values)
    except (TypeError, ValueError, ArithmeticError):
        return Fact(name, Unknown(f"{name} cannot be computed from these values"), source, inputs=inputs)
    return Fact(name, result, source, inputs=inputs, derivation=derivation, assumed=assumed)


def _bound(values: Sequence[Any], compute: Callable[..., Any], side: str) -> float | None:
    ends = [getattr(value, side) if isinstance(value, Unknown) else value for value in values]
    if any(end is None for end in ends):
        return None
    try:
        return float(compute(*ends))
    except (TypeError, ValueError, ArithmeticError):
        return None


def _source(inputs: Sequence[Fact]) -> Source:
    first = next((fact for fact in inputs if fact.location is not None), inputs[0] if inputs else None)
    if first is None:
        return Source(DERIVED)
    return Source(DERIVED, first.source.raw, first.source.location, first.source.via)


def number(fact: Fact) -> str:
    """A value for a derivation text: the number, its range, or ``?``."""
    value = fact.value
    if isinstance(value, Unknown):
        if value.low is not None and value.high is not None:
            return f"{value.low:g}..{value.high:g}"
        return "?"
    return f"{value:g}" if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)


def counted(fact: Fact, noun: str) -> str:
    """``1 worker``, ``4 workers``, ``3..16 workers``."""
    return f"{number(fact)} {noun if fact.value == 1 else noun + 's'}"
