"""Pure functions lifted to abstract values: an argument that is one of a few is tried one by one."""

from __future__ import annotations

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.python.arithmetic import checked, raised
from gwaudit.resolve.python.failure import PROGRAM_ERRORS, TooBig
from gwaudit.resolve.python.value import MAX_CHOICES, SCALARS, Value, blur, made, same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gwaudit.resolve.python.machine import Machine
MAX_COMBINATIONS = 32


def lift(m: Machine, function: Callable[..., Any], *values: Value, kind: str | None = None) -> Value:
    """Apply a pure function of plain values; unknown arguments with few choices are tried one by one.

    The function's Python errors are the program's: they become ``Raised``.
    """
    unknowns = [value for value in values if isinstance(value.data, Unknown)]
    if not unknowns:
        if not all(isinstance(value.data, SCALARS) for value in values):
            m.doubt = m.doubt or "a call that is not read"
            return blur(*values, kind=kind)
        try:
            result = checked(function(*(value.data for value in values)))
            if isinstance(result, (str, bytes)):
                m.state.spend(len(result) // 128)
            return made(result, *values)
        except PROGRAM_ERRORS as error:
            raise raised(error) from None
        except (TooBig, MemoryError):
            return blur(*values, reason="the value is too large to compute", kind=kind)
    m.doubt = m.doubt or "the value is unknown"
    combinations = 1
    for value in unknowns:
        combinations *= len(value.data.choices) or MAX_COMBINATIONS + 1
    if combinations > MAX_COMBINATIONS or not all(isinstance(v.data, (Unknown, *SCALARS)) for v in values):
        return blur(*values, kind=kind)
    m.state.spend(combinations)
    rows: list[tuple[Any, ...]] = [()]
    for value in values:
        options = value.data.choices if isinstance(value.data, Unknown) else (value.data,)
        rows = [(*row, option) for row in rows for option in options]
    found: list[Any] = []
    for row in rows:
        try:
            result = checked(function(*row))
        except PROGRAM_ERRORS:
            continue
        except (TooBig, MemoryError):
            return blur(*values, kind=kind)
        if not any(same(result, other) for other in found):
            found.append(result)
    return among(found, *values, kind=kind)


def among(found: list[Any], *values: Value, kind: str | None = None) -> Value:
    """A value that is one of the plain values ``found``."""
    if len(found) == 1:
        return made(found[0], *values)
    low = high = None
    if found and all(isinstance(item, (int, float)) and not isinstance(item, bool) for item in found):
        low, high = min(found), max(found)
    kinds = {type(item).__name__ for item in found}
    return blur(
        *values,
        kind=kinds.pop() if len(kinds) == 1 else kind,
        low=low,
        high=high,
        choices=found if len(found) <= MAX_CHOICES else (),
    )
