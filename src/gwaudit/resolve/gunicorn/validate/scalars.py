"""Validators of scalars and lists of strings, and the refusal of all validators."""

from __future__ import annotations

from gwaudit.resolve.python.objects import ClassType, Dotted, Function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class Refused(Exception):
    """gunicorn refuses the value: its message."""


def shown(value: Any) -> str:
    """The value as a message shows it, at most 60 characters."""
    text = repr(value) if not isinstance(value, (Function, ClassType, Dotted)) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _bool(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if not isinstance(value, str):
        raise Refused(f"Invalid type for casting: {shown(value)}")
    word = value.lower().strip()
    if word in ("true", "false"):
        return word == "true"
    raise Refused(f"Invalid boolean: {shown(value)} (only true and false)")


def _integer(value: Any) -> int:
    if isinstance(value, int):
        return int(value)
    if not isinstance(value, str):
        raise Refused("int() can't convert non-string with explicit base")
    try:
        return int(value[:5000], 0)
    except ValueError:
        raise Refused(f"invalid literal for int() with base 0: {shown(value)}") from None


def _pos_int(value: Any) -> int:
    number = _integer(value)
    if number < 0:
        raise Refused(f"Value must be positive: {number}")
    return number


def _ranged(low: int, high: int, message: str) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        number = _integer(value)
        if not low <= number <= high:
            raise Refused(f"{message}: {number}")
        return number

    return check


def string(value: Any) -> str | None:
    """A stripped text, or None."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise Refused(f"Not a string: {shown(value)}")
    return value.strip()


def _list_string(value: Any) -> tuple[Any, ...]:
    if not value:
        return ()
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, (list, tuple, set, dict, frozenset)):
        raise Refused(f"{type(value).__name__} is not a list of strings")
    return tuple(string(item) for item in value)


def string_to_list(value: Any) -> tuple[str, ...]:
    """The parts of a text between commas."""
    text = string(value)
    return tuple(part.strip() for part in text.split(",") if part) if text else ()


VALIDATORS: dict[str, Callable[[Any], Any]] = {
    "bool": _bool,
    "pos_int": _pos_int,
    "http2_window_size": _ranged(0, 2**31 - 1, "HTTP/2 window size must be between 0 and 2147483647"),
    "http2_stream_limit": _ranged(1, 2**62, "HTTP/2 max concurrent streams must be at least 1"),
    "http2_frame_size": _ranged(16384, 16777215, "http2_max_frame_size must be between 16384 and 16777215"),
    "string": string,
    "file_exists": string,
    "list_string": _list_string,
    "list_of_existing_files": _list_string,
    "list_of_files_or_patterns": _list_string,
    "string_to_list": string_to_list,
}
