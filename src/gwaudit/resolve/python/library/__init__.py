"""The parts of the standard library that configuration files use, by dotted name."""

from __future__ import annotations

from gwaudit.resolve.python import paths
from gwaudit.resolve.python.builtin import FUNCTIONS as BUILTINS
from gwaudit.resolve.python.failure import Raised
from gwaudit.resolve.python.library import files, process, processors, texts, values
from gwaudit.resolve.python.library.files import PATHS, path_function
from gwaudit.resolve.python.library.processors import CPU_COUNTS, cpus, stated_cpus
from gwaudit.resolve.python.library.values import MATH, math_function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.python.machine import Builtin, Frame, Machine
    from gwaudit.resolve.python.value import Value


def is_known_name(name: str) -> bool:
    """Whether the name is surely a function, class or module of the standard library: such a thing is true."""
    import sys

    return name.split(".", maxsplit=1)[0] in sys.stdlib_module_names or name.startswith("builtins.")


def call_library(m: Machine, name: str, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value | None:
    """The result of a known function, None where it is not known."""
    if name in m.loader.patched:
        return None
    if name.startswith("builtins."):
        builtin = BUILTINS.get(name[9:])
        if builtin is None:
            return None
        try:
            return builtin(m, args, keywords, frame)
        except IndexError:
            raise Raised("TypeError", f"{name[9:]}() is called with too few arguments", m.here) from None
    if name in CPU_COUNTS:
        stated = stated_cpus(m) if name.startswith(("os.", "multiprocessing.")) else None
        return cpus(m) if stated is None else stated
    function = FUNCTIONS.get(name)
    if function is not None:
        try:
            return function(m, args, keywords, frame)
        except IndexError:
            raise Raised("TypeError", f"{name}() is called with too few arguments", m.here) from None
    if name.startswith("os.path.") and name[8:] in PATHS:
        return path_function(m, name[8:], args)
    if name.startswith("math.") and name[5:] in MATH:
        return math_function(m, name[5:], args)
    from gwaudit.resolve.python.readers import reader_for

    return reader_for(m, name, args, keywords, frame)


FUNCTIONS: dict[str, Builtin] = {
    **process.FUNCTIONS,
    **files.FUNCTIONS,
    **processors.FUNCTIONS,
    **texts.FUNCTIONS,
    **values.FUNCTIONS,
    "os.fspath": lambda m, args, keywords, frame: paths.as_text(args[0]),
}
