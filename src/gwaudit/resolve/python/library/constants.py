"""Constants of the standard library, and the little that is known of the interpreter's version."""

from __future__ import annotations

import math

from gwaudit.resolve.python import environ
from gwaudit.resolve.python.containers.subscripts import subscript
from gwaudit.resolve.python.value import Opaque, Value, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.python.machine import Machine

PYTHONS = ((3, 10), (3, 11), (3, 12), (3, 13), (3, 14))  # what gunicorn's supported releases run on
CONSTANTS: dict[str, object] = {
    "os.sep": "/",
    "os.name": "posix",
    "os.linesep": "\n",
    "os.pathsep": ":",
    "os.curdir": ".",
    "os.pardir": "..",
    "os.devnull": "/dev/null",
    "os.path.sep": "/",
    "sys.platform": "linux",
    "sys.maxsize": 2**63 - 1,
    "sys.byteorder": "little",
    "math.pi": math.pi,
    "math.inf": math.inf,
    "math.e": math.e,
    "string.ascii_lowercase": "abcdefghijklmnopqrstuvwxyz",
    "string.digits": "0123456789",
    "typing.TYPE_CHECKING": False,
    "logging.CRITICAL": 50,
    "logging.ERROR": 40,
    "logging.WARNING": 30,
    "logging.INFO": 20,
    "logging.DEBUG": 10,
    "logging.NOTSET": 0,
    "ssl.CERT_NONE": 0,
    "ssl.CERT_OPTIONAL": 1,
    "ssl.CERT_REQUIRED": 2,
}


def constant(m: Machine, name: str) -> Value | None:
    """What a dotted name of the standard library stands for, None where it has no meaning here."""
    if name in ("os.environ", "os.environb"):
        return environ.environ(m)
    if name in m.loader.patched:
        return unknown(f"{name} was replaced")
    if name in CONSTANTS:
        return Value(CONSTANTS[name])
    if name in ("sys.version_info", "sys.version_info.major", "sys.version_info.minor"):
        version = m.assume.get("python")
        if version is not None:
            parts = tuple(int(part) for part in str(version).split(".")[:3] if part.isdigit())
            whole = Value(tuple(Value(part) for part in parts))
        else:
            whole = Value(Opaque("the Python version is not known", ("python",), None, None, PYTHONS, "tuple"))
        if name.endswith("info"):
            return whole
        return subscript(m, whole, Value(0 if name.endswith("major") else 1))
    if name in ("sys.argv", "sys.path", "sys.modules"):
        return unknown(f"{name} is known at run time only")
    return None
