"""The running process and its interpreter: environment, exit, imports, and what only the run time knows."""

from __future__ import annotations

from gwaudit.resolve.python import environ
from gwaudit.resolve.python.failure import Raised
from gwaudit.resolve.python.value import NONE, Value, blur, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.python.machine import Builtin, Frame, Machine


def _getenv(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    name = args[0] if args else keywords.get("key", NONE)
    default = args[1] if len(args) > 1 else keywords.get("default")
    return environ.read(m, m.overlay, name, default)


def _putenv(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    return NONE  # os.putenv does not change os.environ


def _quiet(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    return NONE


def _exit(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    raise Raised("SystemExit", str(args[0].data)[:200] if args and isinstance(args[0].data, (str, int)) else "", m.here)


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
    "os.getpid": _run_time("the process id", "int"),
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
    "importlib.import_module": _import_module,
    "warnings.warn": _quiet,
    "warnings.filterwarnings": _quiet,
    "warnings.simplefilter": _quiet,
    "logging.basicConfig": _quiet,
}
