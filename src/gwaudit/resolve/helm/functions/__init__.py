"""The functions of Helm's templates: Go's own, sprig's and Helm's, in one table by name."""

from __future__ import annotations

from gwaudit.resolve.helm.functions import (
    dicts,
    encoding,
    lists,
    logic,
    numbers,
    patterns,
    runtime,
    strings,
    versions,
    wording,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.helm.machine import Native

FUNCTIONS: dict[str, Native] = {
    **strings.FUNCTIONS,
    **wording.FUNCTIONS,
    **numbers.FUNCTIONS,
    **logic.FUNCTIONS,
    **dicts.FUNCTIONS,
    **lists.FUNCTIONS,
    **encoding.FUNCTIONS,
    **versions.FUNCTIONS,
    **patterns.FUNCTIONS,
    **runtime.FUNCTIONS,
}
