"""Validators of what is no text: dictionaries, classes, hooks, users; and of the directory."""

from __future__ import annotations

import posixpath

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.gunicorn.validate.scalars import Refused, shown, string
from gwaudit.resolve.python.objects import ClassType, Dotted, Function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def _dict(value: Any) -> Any:
    if not isinstance(value, dict):
        raise Refused(f"Value is not a dictionary: {shown(value)}")
    return value


def _class(value: Any) -> Any:
    if isinstance(value, (ClassType, Dotted)):
        return value
    return string(value)


def hook(value: Any, arity: int | None) -> Any:
    """A server hook: a function of the right arity, or the name of something to import."""
    if isinstance(value, Function):
        spec = value.node.args
        count = len(spec.posonlyargs) + len(spec.args)
        wanted = (2, 3, 4) if arity == 4 else (arity,)
        if arity is not None and count not in wanted:
            raise Refused(f"Value must have an arity of: {arity}")
        return value
    if isinstance(value, str):
        if "." not in value:
            raise Refused(f"Value {shown(value)} is not import string. Format: module[.submodules...].object")
        return value
    if isinstance(value, (ClassType, Dotted)):
        return value
    raise Refused(f"Value is not callable: {shown(value)}")


def _identity(value: Any) -> Any:
    """A user or group: a number, or a name whose number the machine knows."""
    if value is None:
        return Unknown("the user of the process", ("run.user",))
    if isinstance(value, int):
        return value
    if not isinstance(value, str):
        raise Refused(f"'{type(value).__name__}' object has no attribute 'isdigit'")
    if value.isdigit() or value == "root":
        return int(value) if value.isdigit() else 0
    return Unknown(f"which number {shown(value)} has is in the machine's list of users", ("run.user",), 1)


def chdir(value: Any, directory: str | None) -> Any:
    """The directory to change to, as an absolute path."""
    text = string(value)
    if text is None:
        raise Refused("join() argument must be str, not NoneType")
    if text.startswith("/"):
        return posixpath.normpath(text)
    if directory is None:
        return Unknown("the working directory is not known", ("run.directory",))
    return posixpath.normpath(posixpath.join(directory, text))


VALIDATORS: dict[str, Callable[[Any], Any]] = {
    "dict": _dict,
    "class": _class,
    "user": _identity,
    "group": _identity,
}
