"""The parts of the standard library that configuration files use, by dotted name."""

from __future__ import annotations

import math

from gwaudit.resolve.fact import Absent, Fact, Source
from gwaudit.resolve.python import environ, paths
from gwaudit.resolve.python.builtin import FUNCTIONS as BUILTINS
from gwaudit.resolve.python.containers.items import items_of, lift_plain, new_list
from gwaudit.resolve.python.containers.subscripts import subscript
from gwaudit.resolve.python.failure import PROGRAM_ERRORS, Raised
from gwaudit.resolve.python.numbers import shifted
from gwaudit.resolve.python.operators import lift, raised
from gwaudit.resolve.python.value import MISSING, NONE, Dotted, Opaque, Value, blur, made, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.python.machine import Builtin, Frame, Machine

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
CPU_COUNTS = frozenset(
    (
        "os.cpu_count", "multiprocessing.cpu_count", "os.process_cpu_count", "psutil.cpu_count",
        "loky.cpu_count", "joblib.cpu_count", "multiprocessing.context.cpu_count",
    )
)  # fmt: skip


def cpus(m: Machine) -> Value:
    """The number of CPUs: the user's assumption, else unknown and at least 1."""
    assumed = m.assume.get("cpus")
    if assumed is not None:
        if m.cpus is None:
            m.cpus = Fact("cpus", int(assumed), Source("assumed", str(assumed)), assumed=True)
        return Value(int(assumed), (m.cpus,))
    return Value(Opaque("the number of CPUs is known at run time only", ("cpus",), 1, None, (), "int"))


def _stated_cpus(m: Machine) -> Value | None:
    """PYTHON_CPU_COUNT, which ``os.cpu_count`` answers from Python 3.13 on; None where it says nothing."""
    if "PYTHON_CPU_COUNT" not in m.environment:
        return None
    fact = m.environment.get("PYTHON_CPU_COUNT")
    if isinstance(fact.value, Absent) or fact.value in ("", "default"):
        return None
    version = m.assume.get("python")
    numbers = [int(part) for part in str(version or "").split(".")[:2] if part.isdigit()]
    if version is not None and numbers < [3, 13]:
        return None
    text = fact.value
    if version is not None and isinstance(text, str) and text.isdigit() and int(text[:9]) > 0:
        return Value(int(text[:9]), (fact,))
    return Value(Opaque("PYTHON_CPU_COUNT counts from Python 3.13 on", ("python",), 1, None, (), "int"), (fact,))


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
        stated = _stated_cpus(m) if name.startswith(("os.", "multiprocessing.")) else None
        return cpus(m) if stated is None else stated
    function = FUNCTIONS.get(name)
    if function is not None:
        try:
            return function(m, args, keywords, frame)
        except IndexError:
            raise Raised("TypeError", f"{name}() is called with too few arguments", m.here) from None
    if name.startswith("os.path.") and name[8:] in _PATHS:
        return _path_function(m, name[8:], args)
    if name.startswith("math.") and name[5:] in _MATH:
        return _math_function(m, name[5:], args)
    from gwaudit.resolve.python.readers import reader_for

    return reader_for(m, name, args, keywords, frame)


def _getenv(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    name = args[0] if args else keywords.get("key", NONE)
    default = args[1] if len(args) > 1 else keywords.get("default")
    return environ.read(m, m.overlay, name, default)


def _putenv(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    return NONE  # os.putenv does not change os.environ


_PATHS = frozenset(
    (
        "join", "dirname", "basename", "abspath", "realpath", "normpath", "split", "splitext", "expanduser",
        "exists", "isfile", "isdir", "isabs", "expandvars",
    )
)  # fmt: skip


def _path_function(m: Machine, name: str, args: list[Value]) -> Value:
    import posixpath

    texts = [paths.as_text(arg) for arg in args]
    if name in ("exists", "isfile", "isdir"):
        return paths.exists(m, texts[0], {"exists": "exists", "isfile": "is_file", "isdir": "is_dir"}[name])
    if name in ("abspath", "realpath"):
        return paths.absolute(m, texts[0])
    if name == "expanduser" and isinstance(texts[0].data, str):
        return (
            texts[0] if not texts[0].data.startswith("~") else blur(texts[0], reason="the home directory", kind="str")
        )
    if name in ("expandvars", "expanduser"):
        return texts[0] if isinstance(texts[0].data, str) and "$" not in texts[0].data else blur(*texts, kind="str")
    if name in ("split", "splitext"):
        return (
            lift_plain(m, lambda: getattr(posixpath, name)(texts[0].data), texts[0])
            if isinstance(texts[0].data, str)
            else blur(texts[0])
        )
    return lift(m, getattr(posixpath, name), *texts, kind="str")


_MATH = frozenset(
    ["ceil", "floor", "sqrt", "log", "log2", "log10", "trunc", "pow", "fabs", "gcd", "exp", "isnan", "isinf"]
)


def _math_function(m: Machine, name: str, args: list[Value]) -> Value:
    if name == "pow":
        from gwaudit.resolve.python.operators import binary

        return binary(m, "Pow", *args) if len(args) == 2 else blur(*args)
    result = lift(m, getattr(math, name), *args, kind="int" if name in ("ceil", "floor", "trunc") else None)
    return shifted(result, args[0], getattr(math, name)) if name in ("ceil", "floor", "trunc") else result


def _strtobool(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    def strtobool(text: object) -> int:
        word = str.lower(text) if isinstance(text, str) else _not_text()
        if word in ("y", "yes", "t", "true", "on", "1"):
            return 1
        if word in ("n", "no", "f", "false", "off", "0"):
            return 0
        raise ValueError(f"invalid truth value {text!r}")

    return lift(m, strtobool, args[0], kind="int")


def _not_text() -> str:
    raise AttributeError("no attribute 'lower'")


def _json_loads(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    import json

    if not isinstance(args[0].data, str):
        m.doubt = m.doubt or "json.loads of an unknown value"
        return blur(args[0])
    try:
        return m.state.abstract(json.loads(args[0].data), args[0])
    except (ValueError, RecursionError) as error:
        if isinstance(error, RecursionError):
            return blur(args[0], reason="nested too deeply")
        raise Raised("JSONDecodeError", str(error)[:100], m.here, ("ValueError",)) from None
    except PROGRAM_ERRORS as error:
        raise raised(error) from None


def _json_dumps(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    import json

    plain = m.state.plain(args[0].data)
    if plain is MISSING or keywords:
        return blur(*args, kind="str", reason="text made at run time" if plain is not MISSING else None)
    return lift_plain(m, lambda: json.dumps(plain), args[0])


def _literal(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    import ast

    if not isinstance(args[0].data, str) or len(args[0].data) > 10_000:
        return blur(args[0])
    try:
        return m.state.abstract(ast.literal_eval(args[0].data), args[0])
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise Raised(type(error).__name__, "literal_eval", m.here) from None


def _path(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    return paths.join_paths(m, *(args or [Value(".")]))


def _cwd(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    if m.loader.directory is None:
        return unknown("the working directory is not known", kind="str")
    return Value(m.loader.directory, m.loader.doubt())


def _path_cwd(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    return paths.as_path(_cwd(m, args, keywords, frame))


def _shlex(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    import shlex

    if not isinstance(args[0].data, str) or keywords:
        return blur(*args)
    return lift_plain(m, lambda: shlex.split(args[0].data), args[0])


def _affinity(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    return Value(Opaque("the CPUs of the process are known at run time only", ("cpus",), None, None, (), "cpu-set"))


def _none(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    m.doubt = m.doubt or "the file system"
    return NONE


def _quiet(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    return NONE


def _exit(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    raise Raised("SystemExit", str(args[0].data)[:200] if args and isinstance(args[0].data, (str, int)) else "", m.here)


def _chain(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    rows = [items_of(m, arg) for arg in args]
    if any(row is None for row in rows):
        return blur(*args)
    return new_list(m, [item for row in rows if row is not None for item in row])


def _cast(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    return args[1]


def _copy(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    plain = m.state.plain(args[0].data)
    return blur(*args, reason="a copy of something unknown") if plain is MISSING else m.state.abstract(plain, args[0])


def _dict(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    return BUILTINS["dict"](m, args, keywords, frame)


def _import_module(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    if args and isinstance(args[0].data, str) and not args[0].data.startswith("."):
        return m.loader.module(m, args[0].data, frame)
    return blur(*args, reason="the module's name is not known")


def _text(value: str) -> Builtin:
    return lambda m, args, keywords, frame: Value(value)


def _run_time(name: str, kind: str | None = None) -> Builtin:
    return lambda m, args, keywords, frame: unknown(f"{name} is known at run time only", f"run.{name}", kind=kind)


FUNCTIONS: dict[str, Builtin] = {
    "os.getenv": _getenv,
    "os.putenv": _putenv,
    "os.getcwd": _cwd,
    "os.sched_getaffinity": _affinity,
    "os.fspath": lambda m, args, keywords, frame: paths.as_text(args[0]),
    "os.getpid": _run_time("the process id", "int"),
    "os.makedirs": _none,
    "os.mkdir": _none,
    "os.chmod": _none,
    "os.umask": _run_time("the umask", "int"),
    "os.getuid": _run_time("the user", "int"),
    "os.geteuid": _run_time("the user", "int"),
    "os.uname": _run_time("the machine"),
    "os._exit": _exit,
    "sys.exit": _exit,
    "sys.setrecursionlimit": _quiet,
    "platform.system": _text("Linux"),
    "platform.machine": _run_time("the machine", "str"),
    "platform.node": _run_time("the host name", "str"),
    "platform.python_version": _run_time("the Python version", "str"),
    "socket.gethostname": _run_time("the host name", "str"),
    "socket.getfqdn": _run_time("the host name", "str"),
    "time.time": _run_time("the time", "float"),
    "datetime.datetime.now": _run_time("the time"),
    "datetime.datetime.utcnow": _run_time("the time"),
    "tempfile.gettempdir": _run_time("the temporary directory", "str"),
    "pathlib.Path": _path,
    "pathlib.PurePath": _path,
    "pathlib.PosixPath": _path,
    "pathlib.PurePosixPath": _path,
    "pathlib.Path.cwd": _path_cwd,
    "json.loads": _json_loads,
    "json.dumps": _json_dumps,
    "ast.literal_eval": _literal,
    "distutils.util.strtobool": _strtobool,
    "setuptools.distutils.util.strtobool": _strtobool,
    "shlex.split": _shlex,
    "itertools.chain": _chain,
    "typing.cast": _cast,
    "copy.copy": _copy,
    "copy.deepcopy": _copy,
    "collections.OrderedDict": _dict,
    "importlib.import_module": _import_module,
    "warnings.warn": _quiet,
    "warnings.filterwarnings": _quiet,
    "warnings.simplefilter": _quiet,
    "logging.basicConfig": _quiet,
    "logging.getLevelName": lambda m, args, keywords, frame: _level_name(m, args),
}


def _level_name(m: Machine, args: list[Value]) -> Value:
    names = {50: "CRITICAL", 40: "ERROR", 30: "WARNING", 20: "INFO", 10: "DEBUG", 0: "NOTSET"}
    levels = {name: number for number, name in names.items()} | {"WARN": 30, "FATAL": 50}
    data = args[0].data
    if isinstance(data, int):
        return made(names.get(data, f"Level {data}"), args[0])
    if isinstance(data, str):
        return made(levels.get(data, f"Level {data}"), args[0])
    return blur(args[0])


__all__ = ["CONSTANTS", "Dotted", "call_library", "constant", "cpus", "is_known_name"]
