"""Paths and files: ``os.path``, ``pathlib`` and what ``os`` does to directories."""

from __future__ import annotations

from gwaudit.resolve.python import paths
from gwaudit.resolve.python.choices import lift
from gwaudit.resolve.python.containers.items import lift_plain
from gwaudit.resolve.python.value import NONE, Value, blur, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.python.machine import Builtin, Frame, Machine

PATHS = frozenset(
    (
        "join", "dirname", "basename", "abspath", "realpath", "normpath", "split", "splitext", "expanduser",
        "exists", "isfile", "isdir", "isabs", "expandvars",
    )
)  # fmt: skip


def path_function(m: Machine, name: str, args: list[Value]) -> Value:
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


def _path(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    return paths.join_paths(m, *(args or [Value(".")]))


def _cwd(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    if m.loader.directory is None:
        return unknown("the working directory is not known", kind="str")
    return Value(m.loader.directory, m.loader.doubt())


def _path_cwd(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    return paths.as_path(_cwd(m, args, keywords, frame))


def _none(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    m.doubt = m.doubt or "the file system"
    return NONE


FUNCTIONS: dict[str, Builtin] = {
    "os.getcwd": _cwd,
    "os.makedirs": _none,
    "os.mkdir": _none,
    "os.chmod": _none,
    "pathlib.Path": _path,
    "pathlib.PurePath": _path,
    "pathlib.PosixPath": _path,
    "pathlib.PurePosixPath": _path,
    "pathlib.Path.cwd": _path_cwd,
}
