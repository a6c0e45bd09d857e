"""The project's data, ready to use: vocabulary, rules, profiles and platform tables without parsing YAML at a start.

``section(name)`` answers plain data (dict, list, str, int, float, bool, None), which must not be changed:

* ``facts``: the vocabulary, fact name to its record;
* ``rules``: the compiled index; ``rules/pages``: what only a reader of a rule needs;
* any other name is one YAML file below the data folder (``profiles/mcp-gateway``, ``gunicorn/settings``).

An installed package carries every section compiled beside its data. A checkout compiles a section when it is first asked
for and keeps it in the user's cache, stamped with the paths, sizes and times of the files it was made from. Compiled
sections are ``marshal`` files: version 4 holds plain data only and is read ten times as fast as JSON. ``marshal`` trusts its
input, so the cache is a private folder of this user, and anything odd about it means that it is not used.
"""

from __future__ import annotations

import marshal
import os

from gwaudit import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    Stamp = list[tuple[str, int, int]]

MAGIC = b"gwaudit bundle 1\n"
COMPILED = "_compiled"
FOLDERS = ("facts", "profiles", "platforms")  # data that holds no rules; every other folder is a group of rules

_memory: dict[str, Any] = {}
_folder: dict[str, str] = {}


def section(name: str) -> Any:
    """The content of a section; KeyError where there is none of that name."""
    found = _memory.get(name)
    if found is None:
        found = _memory[name] = _section(name)
    return found


def names(folder: str) -> list[str]:
    """The data files of a folder (``profiles``), as section names, sorted."""
    return sorted(
        f"{folder}/{entry[:-5]}"
        for entry in _list(os.path.join(data_folder(), folder))
        if entry.endswith(".yaml") and not entry.startswith(".")
    )


def data_folder() -> str:
    """The folder of the data: inside the installed package, or ``rules/`` of a checkout."""
    found = _folder.get("data")
    if found is None:
        here = os.path.dirname(os.path.abspath(__file__))
        found = os.path.join(here, "data")
        if not os.path.isdir(found):
            found = os.path.join(os.path.dirname(os.path.dirname(here)), "rules")
        _folder["data"] = found
    return found


def rule_files() -> list[str]:
    """Every YAML file in a group of rules, sorted; files without an ``id`` among them are data."""
    root = data_folder()
    return [
        os.path.join(root, group, entry)
        for group in sorted(_list(root))
        if group not in FOLDERS and group[:1] not in "._" and os.path.isdir(os.path.join(root, group))
        for entry in sorted(_list(os.path.join(root, group)))
        if entry.endswith(".yaml") and not entry.startswith(".")
    ]


def build(name: str) -> Any:
    """A section made from its files, without any cache."""
    from gwaudit.rules import compiler, datafile

    if name == "facts":
        return compiler.vocabulary([os.path.join(data_folder(), f"{one}.yaml") for one in names("facts")])
    if name in ("rules", "rules/pages"):
        index, pages = compiler.compile_rules(rule_files(), os.path.dirname(data_folder()))
        return index if name == "rules" else pages
    return datafile.plain(_data_file(name))


def cached(name: str, files: Iterable[str], make: Callable[[], Any]) -> Any:
    """What ``make`` returns (plain data), kept in the user's cache until one of ``files`` changes."""
    stamp = _stamp(files)
    folder = _cache_folder()
    path = os.path.join(folder, f"{name.replace('/', '.')}.{__version__}.{_checkout()}.marshal") if folder else ""
    if path:
        found = _load(path, stamp)
        if found is not None:
            return found
    made = make()
    if path:
        _store(path, stamp, made)
    return made


def remembered(name: str, stamp: Stamp) -> Any:
    """What ``remember`` kept in the user's cache under this name and stamp; None where there is nothing."""
    folder = _cache_folder()
    return _load(os.path.join(folder, f"{name}.{__version__}.marshal"), stamp) if folder else None


def remember(name: str, stamp: Stamp, content: Any) -> None:
    """Keep plain data in the user's cache; of one name, the last is kept."""
    folder = _cache_folder()
    if folder:
        _store(os.path.join(folder, f"{name}.{__version__}.marshal"), stamp, content)


def write_all(folder: str) -> list[str]:
    """Compile every section into ``folder``; the file names. For the build of a wheel."""
    from gwaudit.rules.datafile import is_rule

    root = data_folder()
    every = ["facts", "rules", "rules/pages"]
    for base in sorted(_list(root)):
        if base != "facts" and base[:1] not in "._":
            every += [name for name in names(base) if not is_rule(os.path.join(root, f"{name}.yaml"))]
    os.makedirs(folder, exist_ok=True)
    written = []
    for name in every:
        file = f"{name.replace('/', '.')}.marshal"
        with open(os.path.join(folder, file), "wb") as stream:
            stream.write(MAGIC + marshal.dumps(([], build(name)), 4))
        written.append(file)
    return written


def _section(name: str) -> Any:
    compiled = os.path.join(data_folder(), COMPILED, f"{name.replace('/', '.')}.marshal")
    if os.path.isfile(compiled):
        found = _load(compiled, None)
        if found is not None:
            return found
    return cached(name, sources(name), lambda: build(name))


def sources(name: str) -> list[str]:
    """The files that a section is made from."""
    facts = [os.path.join(data_folder(), f"{one}.yaml") for one in names("facts")]
    if name == "facts":
        return facts
    if name in ("rules", "rules/pages"):
        return [*facts, *rule_files(), *_compiler_files()]
    return [_data_file(name)]


def _compiler_files() -> list[str]:
    """The modules whose change changes the compiled form."""
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "rules")
    return [os.path.join(folder, entry) for entry in sorted(_list(folder)) if entry.endswith(".py")]


def _checkout() -> str:
    """Tells the data folder from those of other checkouts, so that two of them do not take turns in one file."""
    try:
        status = os.stat(data_folder())
    except OSError:
        return "0"
    return f"{status.st_dev:x}-{status.st_ino:x}"


def _data_file(name: str) -> str:
    path = os.path.join(data_folder(), *name.split("/")) + ".yaml"
    if ".." in name or not os.path.isfile(path):
        raise KeyError(name)
    return path


def _list(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _stamp(files: Iterable[str]) -> Stamp:
    stamp = []
    for path in files:
        try:
            status = os.stat(path)
        except OSError:
            stamp.append((path, -1, -1))
        else:
            stamp.append((path, status.st_size, status.st_mtime_ns))
    return stamp


def _cache_folder() -> str:
    """The cache, made where it is missing; empty where it cannot be used or may be written by others."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    if not os.path.isabs(home):
        return ""
    folder = os.path.join(home, "gwaudit")
    try:
        os.makedirs(home, exist_ok=True)
        try:
            os.mkdir(folder, 0o700)
        except FileExistsError:
            pass
        status = os.lstat(folder)
    except OSError:
        return ""
    if hasattr(os, "geteuid") and (
        status.st_uid != os.geteuid() or status.st_mode & 0o077 or status.st_mode & 0o170000 != 0o040000
    ):
        return ""
    return folder


def _load(path: str, stamp: Stamp | None) -> Any:
    """The content of a compiled section whose stamp is this one (None: any); None where anything is odd."""
    try:
        with open(path, "rb") as stream:
            if stamp is not None and hasattr(os, "geteuid"):
                status = os.fstat(stream.fileno())
                if status.st_uid != os.geteuid() or status.st_mode & 0o022:
                    return None
            if stream.read(len(MAGIC)) != MAGIC:
                return None
            found = marshal.loads(stream.read())
    except (OSError, EOFError, ValueError, TypeError, MemoryError):
        return None
    if not isinstance(found, tuple) or len(found) != 2 or (stamp is not None and found[0] != stamp):
        return None
    return found[1]


def _store(path: str, stamp: Stamp, content: Any) -> None:
    """Write a section in one step; a cache that cannot be written is no error."""
    partial = f"{path}.{os.getpid()}"
    try:
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(MAGIC + marshal.dumps((stamp, content), 4))
            os.replace(partial, path)
        except OSError:
            os.unlink(partial)
    except (OSError, ValueError):
        pass
