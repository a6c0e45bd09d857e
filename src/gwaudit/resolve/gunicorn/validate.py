"""gunicorn's validators over plain values: what it accepts, what it makes of it, and what it refuses.

Each mirrors ``validate_*`` of gunicorn/config.py (27.0.1). What depends on the machine (a user's number, an existing
directory) is taken as accepted. ``Refused`` carries the message that gunicorn would stop with.
"""

from __future__ import annotations

import posixpath
import re

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.python.objects import ClassType, Dotted, Function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gwaudit.resolve.gunicorn.settings import Setting


class Refused(Exception):
    """gunicorn refuses the value: its message."""


def validate(setting: Setting, value: Any, directory: str | None = None) -> Any:
    """What gunicorn keeps of a plain value (lists as tuples), or Unknown where the machine decides."""
    if setting.validator == "hook":
        return _hook(value, setting.arity)
    if setting.validator == "chdir":
        return _chdir(value, directory)
    check = VALIDATORS.get(setting.validator, _any)
    return check(value)


def _shown(value: Any) -> str:
    text = repr(value) if not isinstance(value, (Function, ClassType, Dotted)) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _any(value: Any) -> Any:
    return value


def _bool(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if not isinstance(value, str):
        raise Refused(f"Invalid type for casting: {_shown(value)}")
    word = value.lower().strip()
    if word in ("true", "false"):
        return word == "true"
    raise Refused(f"Invalid boolean: {_shown(value)} (only true and false)")


def _integer(value: Any) -> int:
    if isinstance(value, int):
        return int(value)
    if not isinstance(value, str):
        raise Refused("int() can't convert non-string with explicit base")
    try:
        return int(value[:5000], 0)
    except ValueError:
        raise Refused(f"invalid literal for int() with base 0: {_shown(value)}") from None


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


def _string(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise Refused(f"Not a string: {_shown(value)}")
    return value.strip()


def _list_string(value: Any) -> tuple[Any, ...]:
    if not value:
        return ()
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, (list, tuple, set, dict, frozenset)):
        raise Refused(f"{type(value).__name__} is not a list of strings")
    return tuple(_string(item) for item in value)


def _string_to_list(value: Any) -> tuple[str, ...]:
    text = _string(value)
    return tuple(part.strip() for part in text.split(",") if part) if text else ()


def _addr_list(value: Any) -> tuple[str, ...]:
    from ipaddress import ip_network

    return _addresses(value, ip_network)


def _address_list(value: Any) -> tuple[str, ...]:
    """As before networks were accepted: single addresses."""
    from ipaddress import ip_address

    return _addresses(value, ip_address)


def _addresses(value: Any, read: Callable[[str], object]) -> tuple[str, ...]:
    found = _string_to_list(value)
    for address in found:
        if address != "*":
            try:
                read(address)
            except ValueError as error:
                raise Refused(str(error)) from None
    return found


def _dict(value: Any) -> Any:
    if not isinstance(value, dict):
        raise Refused(f"Value is not a dictionary: {_shown(value)}")
    return value


def _class(value: Any) -> Any:
    if isinstance(value, (ClassType, Dotted)):
        return value
    return _string(value)


def _hook(value: Any, arity: int | None) -> Any:
    if isinstance(value, Function):
        spec = value.node.args
        count = len(spec.posonlyargs) + len(spec.args)
        wanted = (2, 3, 4) if arity == 4 else (arity,)
        if arity is not None and count not in wanted:
            raise Refused(f"Value must have an arity of: {arity}")
        return value
    if isinstance(value, str):
        if "." not in value:
            raise Refused(f"Value {_shown(value)} is not import string. Format: module[.submodules...].object")
        return value
    if isinstance(value, (ClassType, Dotted)):
        return value
    raise Refused(f"Value is not callable: {_shown(value)}")


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
    return Unknown(f"which number {_shown(value)} has is in the machine's list of users", ("run.user",), 1)


def _chdir(value: Any, directory: str | None) -> Any:
    text = _string(value)
    if text is None:
        raise Refused("join() argument must be str, not NoneType")
    if text.startswith("/"):
        return posixpath.normpath(text)
    if directory is None:
        return Unknown("the working directory is not known", ("run.directory",))
    return posixpath.normpath(posixpath.join(directory, text))


def parse_address(text: str, default_port: str = "8000") -> Any:
    """gunicorn's ``util.parse_address``: (host, port), a socket path, a file descriptor; Refused otherwise."""
    if re.match(r"unix:(//)?", text):
        return re.split(r"unix:(//)?", text)[-1]
    if text.startswith("fd://"):
        try:
            return int(text[5:])
        except ValueError:
            raise Refused(f"{text[5:]!r} is not a valid file descriptor.") from None
    if text.startswith("tcp://"):
        text = text.split("tcp://")[1]
    host, port = text, default_port
    if "[" in text and "]" in text:
        host = text.split("]")[0][1:]
        port = [*text.split("]:"), default_port][1]
    elif ":" in text:
        host, port = [*text.split(":"), default_port][:2]
    elif not text:
        host = "0.0.0.0"
    try:
        return (host.lower(), int(port))
    except ValueError:
        raise Refused(f"{port!r} is not a valid port number.") from None


def _statsd(value: Any) -> Any:
    text = _string(value)
    if text is None:
        return None
    socket = re.match(r"^unix:(\d+)$", text)
    if socket:
        return ("unix", int(socket.group(1)))
    try:
        return parse_address(text, "8125")
    except Refused:
        raise Refused("Value must be one of ('host:port', 'unix://PATH')") from None


def _hostport(value: Any) -> Any:
    text = _string(value)
    if text is None:
        return None
    parts = text.split(":")
    if len(parts) != 2:
        raise Refused("Value must consist of: hostname:port")
    try:
        return (parts[0], int(parts[1]))
    except ValueError as error:
        raise Refused(str(error)) from None


def _words(message: str, mapping: dict[str, str], absent: Any, booleans: tuple[str, str] | None = None) -> Any:
    def check(value: Any) -> Any:
        if value is None:
            return absent
        if isinstance(value, bool) and booleans is not None:
            return booleans[0] if value else booleans[1]
        if not isinstance(value, str):
            raise Refused(f"{message}: {_shown(value)}")
        word = value.lower().strip()
        if word not in mapping:
            raise Refused(f"{message}: {_shown(value)}")
        return mapping[word]

    return check


def _same(*words: str) -> dict[str, str]:
    return {word: word for word in words}


def _http_protocols(value: Any) -> tuple[str, ...]:
    if value is None:
        return ("h1",)
    if not isinstance(value, str):
        raise Refused("http_protocols must be a string")
    found = tuple(part.strip().lower() for part in value.split(",") if part.strip()) or ("h1",)
    for word in found:
        if word not in ("h1", "h2"):
            raise Refused(f"Invalid protocol '{word}'. Valid protocols: h1, h2")
    if len(set(found)) != len(found):
        raise Refused("Duplicate protocols specified")
    return found


def _reload_engine(value: Any) -> Any:
    if value not in ("auto", "poll", "inotify"):
        raise Refused(f"Invalid reload_engine: {_shown(value)}")
    return value


_OFF = {"false": "off", "off": "off", "0": "off", "none": "off", "true": "auto", "auto": "auto", "1": "auto"}
VALIDATORS: dict[str, Callable[[Any], Any]] = {
    "bool": _bool,
    "pos_int": _pos_int,
    "http2_window_size": _ranged(0, 2**31 - 1, "HTTP/2 window size must be between 0 and 2147483647"),
    "http2_stream_limit": _ranged(1, 2**62, "HTTP/2 max concurrent streams must be at least 1"),
    "http2_frame_size": _ranged(16384, 16777215, "http2_max_frame_size must be between 16384 and 16777215"),
    "string": _string,
    "file_exists": _string,
    "list_string": _list_string,
    "list_of_existing_files": _list_string,
    "list_of_files_or_patterns": _list_string,
    "string_to_list": _string_to_list,
    "string_to_addr_list": _addr_list,
    "string_to_address_list": _address_list,
    "dict": _dict,
    "class": _class,
    "user": _identity,
    "group": _identity,
    "statsd_address": _statsd,
    "hostport": _hostport,
    "reload_engine": _reload_engine,
    "http_protocols": _http_protocols,
    "proxy_protocol": _words(
        "proxy_protocol must be: off, v1, v2, or auto", {**_OFF, "v1": "v1", "v2": "v2"}, "off", ("auto", "off")
    ),
    "http2_cleartext": _words(
        "Invalid http2_cleartext",
        _same("off", "prior-knowledge", "upgrade", "both"),
        "off",
        ("prior-knowledge", "off"),
    ),
    "header_map_behaviour": _words("Invalid header map behaviour", _same("drop", "refuse", "dangerous"), None),
    "asgi_loop": _words("Invalid ASGI loop", _same("auto", "asyncio", "uvloop"), "auto"),
    "asgi_lifespan": _words("Invalid ASGI lifespan", _same("auto", "on", "off"), "auto"),
    "http_parser": _words("http_parser must be one of", _same("auto", "fast", "python"), "auto"),
}
