"""The built-in names of Python."""

from __future__ import annotations

import builtins

from gwaudit.resolve.python.builtin import conversion, execution, inspection, iterables
from gwaudit.resolve.python.numbers import extreme, quantity, rounded, total
from gwaudit.resolve.python.objects import Dotted
from gwaudit.resolve.python.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.python.machine import Builtin, Machine


def name_of(m: Machine, name: str) -> Value | None:
    """What a built-in name stands for; None where there is none."""
    if name == "__debug__":
        return Value(True)
    return Value(Dotted(f"builtins.{name}")) if hasattr(builtins, name) or name in ("WindowsError",) else None


FUNCTIONS: dict[str, Builtin] = {
    **conversion.FUNCTIONS,
    **iterables.FUNCTIONS,
    **inspection.FUNCTIONS,
    **execution.FUNCTIONS,
    "int": lambda m, a, k, f: quantity(m, "int", a, k),
    "float": lambda m, a, k, f: quantity(m, "float", a, k),
    "min": lambda m, a, k, f: extreme(m, "min", a, k, f),
    "max": lambda m, a, k, f: extreme(m, "max", a, k, f),
    "sum": lambda m, a, k, f: total(m, a, k),
    "round": lambda m, a, k, f: rounded(m, a, k),
}
