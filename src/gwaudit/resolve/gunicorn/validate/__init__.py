"""gunicorn's validators over plain values: what it accepts, what it makes of it, and what it refuses.

Each mirrors ``validate_*`` of gunicorn/config.py (27.0.1). What depends on the machine (a user's number, an existing
directory) is taken as accepted. ``Refused`` carries the message that gunicorn would stop with.
"""

from __future__ import annotations

from gwaudit.resolve.gunicorn.validate import addresses, objects, scalars, words
from gwaudit.resolve.gunicorn.validate.objects import chdir, hook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gwaudit.resolve.gunicorn.settings import Setting


def validate(setting: Setting, value: Any, directory: str | None = None) -> Any:
    """What gunicorn keeps of a plain value (lists as tuples), or Unknown where the machine decides."""
    if setting.validator == "hook":
        return hook(value, setting.arity)
    if setting.validator == "chdir":
        return chdir(value, directory)
    check = VALIDATORS.get(setting.validator, _any)
    return check(value)


def _any(value: Any) -> Any:
    return value


VALIDATORS: dict[str, Callable[[Any], Any]] = {
    **scalars.VALIDATORS,
    **addresses.VALIDATORS,
    **objects.VALIDATORS,
    **words.VALIDATORS,
}
