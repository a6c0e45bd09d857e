"""Which environment variables the tree's own Python reads.

Most files never mention the environment, and most that do use the plain forms. So every file is searched for a few words
first, then for the plain forms by regular expressions; only a file in which something is left is parsed.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache

from gwaudit.pattern import regex
from gwaudit.resolve.application.reads import Collector, Reads, places
from gwaudit.resolve.secrets.literals import Literals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gwaudit.resolve.application.lookups import Wrapper
    from gwaudit.resolve.application.settings_classes import SettingsClass
    from gwaudit.resolve.workspace import Workspace

MAX_BYTES = 2_000_000
# Words of which every file that reads variables has one; the special ones ask for the syntax tree.
_SPECIAL = (
    b"envvar=", b"envvar_prefix", b"ynaconf", b"load_dotenv", b"dotenv_values", b"read_env", b"from decouple",
    b"import decouple", b"starlette.config", b"expandvars(", b"dj_database_url", b"envparse", b"from environs",
    b"import environs", b"from_prefixed_env", b"from_envvar", b"environ_name", b"from configurations",
)  # fmt: skip
_CLASS = regex(rb"^[ \t]*class[ \t]+\w{1,200}[ \t]*\([^)\r\n]{0,300}Settings\b", re.M)
_RENAMED = (b"import environ", b"import os as ", b"environ as ", b"getenv as ")
_MENTIONS = (b"environ", b"getenv")
_BASES = (b"Settings)", b"Settings,")
_WORDS = (*_MENTIONS, *_SPECIAL, *_RENAMED, *_BASES)
# The plain forms, each with a literal beginning, which the engine finds fast.
_PLAIN = (
    re.compile(
        rb"environ\s{0,20}\.\s{0,20}(?:get|pop|setdefault)\s{0,20}\(\s{0,200}[\"'](\w{1,200})[\"']\s{0,200}[,)]"
    ),
    re.compile(rb"environ\s{0,20}\[\s{0,200}[\"'](\w{1,200})[\"']\s{0,200}\](?!\s{0,20}=[^=])"),
    re.compile(rb"getenv\s{0,20}\(\s{0,200}[\"'](\w{1,200})[\"']\s{0,200}[,)]"),
)
_ANY = (re.compile(rb"environ\b"), re.compile(rb"getenv\b"))
# Uses that read no variable: the environment is copied or passed on, a variable is set, or the word is imported.
_HARMLESS = regex(
    rb"os\.environ\.(?:copy|update)\s{0,20}\(|dict\(\s{0,20}os\.environ\s{0,20}[,)]|\*\*\s{0,20}os\.environ\b"
    rb"|os\.environ\s{0,20}\[[^\]\r\n]{1,200}\]\s{0,20}=[^=]|from\s{1,20}os\s{1,20}import\b[^\r\n(]{0,200}"
    rb"|env\s{0,20}=\s{0,20}os\.environ\b"
)
# What is still found in a file that this interpreter cannot parse (newer syntax, a template).
_LOOSE = regex(
    rb"(?:\benv(?:\.\w{1,40})?\s{0,20}\(|\bconfig\s{0,20}\(|environ_name\s{0,20}=|envvar\s{0,20}=)\s{0,200}[\"']([A-Z][A-Z0-9_]{1,200})[\"']"
)
_COMMENT = regex(rb"^[ \t]*#[^\r\n]*", re.M)


def reads(workspace: Workspace) -> Reads:
    """What the tree's Python reads; worked out once for a workspace."""
    cached = getattr(workspace, "python_reads", None)
    if isinstance(cached, Reads):
        return cached
    found = _scan(workspace)
    workspace.python_reads = found  # type: ignore[attr-defined]
    return found


def _scan(workspace: Workspace) -> Reads:
    found = Collector()
    classes: list[SettingsClass] = []
    wrappers: dict[str, Wrapper] = {}
    exported: dict[str, set[str]] = {}
    paths = [path for path in sorted(workspace.paths("python", "gunicorn")) if not _plainly_test(path)]
    words = Literals(_WORDS)
    for path, data in _files(workspace, paths):
        met = {_WORDS[index] for index, _ in words.hits(data)}
        if not met or not _counts(path):
            continue
        mentions = not met.isdisjoint(_MENTIONS)
        special = (
            not met.isdisjoint(_SPECIAL)
            or (mentions and not met.isdisjoint(_RENAMED))
            or (not met.isdisjoint(_BASES) and _CLASS.search(data) is not None)
        )
        if mentions or special:
            _one(path, data, special, found, classes, wrappers, exported)
    if classes:
        _derived(workspace, paths, classes)
        from gwaudit.resolve.application.settings_classes import collect

        collect(classes, found)
    if exported:
        _importers(workspace, paths, exported, found)
    if wrappers:
        _calls(workspace, paths, wrappers, found)
    return found.result()


def _plainly_test(path: str) -> bool:
    """A quick answer for the many; ``_counts`` decides the rest."""
    return path.startswith("tests/") or "/tests/" in path or "/test_" in path or path.startswith("test_")


@lru_cache(maxsize=4096)
def _counts(path: str) -> bool:
    """Whether the file belongs to the service: no test, documentation or other people's code."""
    from gwaudit.discover import role_of

    return role_of(path) not in ("test", "documentation", "vendored")


def _files(workspace: Workspace, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    for path in paths:
        try:
            with open(os.path.join(workspace.tree.root, path), "rb") as stream:
                yield path, stream.read(MAX_BYTES)
        except OSError:
            continue


def _one(
    path: str,
    data: bytes,
    special: bool,
    found: Collector,
    classes: list[SettingsClass],
    wrappers: dict[str, Wrapper],
    exported: dict[str, set[str]],
) -> None:
    """One file that mentions the environment: by its plain forms where these are all there is, else by its syntax tree."""
    matches = sorted((match for plain in _PLAIN for match in plain.finditer(data)), key=lambda match: match.start())
    rest = special or sum(len(word.findall(data)) for word in _ANY) > len(matches)
    if rest and not special:
        text = _COMMENT.sub(b"", data)
        for plain in _PLAIN:
            text = plain.sub(b"", text)
        text = _HARMLESS.sub(b"", text)
        rest = any(word.search(text) for word in _ANY)
    if rest:
        if _parsed(path, data, found, classes, wrappers, exported):
            return
        found.opaque.append(("cannot be read as Python", places(path, data, (0,))[0]))
        matches = sorted((*matches, *_LOOSE.finditer(data)), key=lambda match: match.start())
    _named(path, data, matches, found)


def _named(path: str, data: bytes, matches: list[re.Match[bytes]], found: Collector) -> None:
    for match, place in zip(matches, places(path, data, (m.start() for m in matches)), strict=True):
        begin = data.rfind(b"\n", 0, match.start()) + 1
        if not data[begin : match.start()].lstrip().startswith(b"#"):
            found.name(match.group(1).decode("utf-8", "replace"), place)


def _parsed(
    path: str,
    data: bytes,
    found: Collector,
    classes: list[SettingsClass],
    wrappers: dict[str, Wrapper],
    exported: dict[str, set[str]],
) -> bool:
    from gwaudit.resolve.application.lookups import Lookups
    from gwaudit.resolve.application.settings_classes import classes_of
    from gwaudit.resolve.application.syntax import module_of

    module = module_of(path, data)
    if module is None:
        return False
    try:
        lookups = Lookups(module, found)
        wrappers.update(lookups.wrappers)
        if lookups.exported():
            exported[path] = lookups.exported()
        if b"Settings" in data:
            classes.extend(classes_of(module))
    except RecursionError:
        return False
    return True


def _derived(workspace: Workspace, paths: list[str], classes: list[SettingsClass]) -> None:
    """Settings classes whose base is a settings class of another module, by whatever name."""
    from gwaudit.resolve.application.settings_classes import classes_of, settings_names
    from gwaudit.resolve.application.syntax import module_of

    seen = {one.place.path for one in classes}
    for _ in range(3):
        # A base that is called ...Settings was met by its name in the first pass.
        names = [name for name in settings_names(classes) if not name.endswith("Settings")]
        if not names:
            return
        words = [name.encode() for name in names]
        bases = re.compile(rb"^[ \t]*class[^(\r\n]{1,200}\([^)\r\n]{0,200}\b(?:" + b"|".join(words) + rb")\b", re.M)
        more = False
        for path, data in _files(workspace, [p for p in paths if p not in seen]):
            if any(word in data for word in words) and bases.search(data) and _counts(path):
                module = module_of(path, data)
                seen.add(path)
                if module is not None:
                    classes.extend(classes_of(module))
                    more = True
        if not more:
            return


def _importers(workspace: Workspace, paths: list[str], exported: dict[str, set[str]], found: Collector) -> None:
    """Modules that use a reader of another: ``from .settings import env``, ``from server.settings import *``."""
    from gwaudit.resolve.application.lookups import Lookups
    from gwaudit.resolve.application.syntax import module_of

    stems = {
        (path.removesuffix("/__init__.py") if path.endswith("/__init__.py") else path.removesuffix(".py")).rpartition(
            "/"
        )[2]
        for path in exported
    }
    names = {name for shared in exported.values() for name in shared}
    used = re.compile(rb"\b(?:" + b"|".join(sorted(re.escape(name.encode()) for name in names)) + rb")\s{0,5}[.(]")
    source = re.compile(
        rb"^[ \t]*from[ \t]+[.\w]{0,200}\b(?:" + b"|".join(sorted(re.escape(stem.encode()) for stem in stems))
        + rb")[ \t]+import\b(?:[ \t]*\([^)]{0,2000}\)|[^\r\n]{0,500})", re.M
    )  # fmt: skip
    words = [name.encode() for name in sorted(names)]
    for path, data in _files(workspace, [path for path in paths if path not in exported]):
        if not any(word in data for word in words) or b"import" not in data:
            continue
        lines = b" ".join(source.findall(data))
        shared = [
            name for name in names if b"*" in lines or re.search(rb"\b" + re.escape(name.encode()) + rb"\b", lines)
        ]
        if lines and shared and used.search(data) and _counts(path):
            module = module_of(path, data)
            if module is None:
                _named(path, data, list(_LOOSE.finditer(data)), found)
                continue
            try:
                Lookups(module, found, shared)
            except RecursionError:
                found.opaque.append(("is too deep to be read", places(path, data, (0,))[0]))


def _calls(workspace: Workspace, paths: list[str], wrappers: dict[str, Wrapper], found: Collector) -> None:
    """The variables that callers name to a function that looks up its parameter: ``env_int("X", 1)``."""
    patterns: list[tuple[re.Pattern[bytes], bool]] = []
    names: list[bytes] = []
    for name, wrapper in wrappers.items():
        if name.startswith("__") or wrapper.position > 5:
            continue
        before = rb"(?:[^()\"',\r\n]{0,120},\s{0,200}){" + str(wrapper.position).encode() + rb"}"
        keyword = rb"(?:" + wrapper.parameter.encode() + rb"\s{0,20}=\s{0,20})?"
        call = re.escape(name.encode()) + rb"\s{0,20}\(\s{0,200}" + before + keyword + rb"[\"'](\w{1,200})[\"']"
        patterns.append((re.compile(call), wrapper.prefix))
        names.append(name.encode())
    words = Literals(names)
    for path, data in _files(workspace, paths) if names else ():
        called = sorted({index for index, _ in words.hits(data)})
        for pattern, prefix in [patterns[index] for index in called] if called and _counts(path) else ():
            matches = list(pattern.finditer(data))
            if prefix:
                for match, place in zip(matches, places(path, data, (m.start() for m in matches)), strict=True):
                    found.prefix(match.group(1).decode("utf-8", "replace"), place)
            else:
                _named(path, data, matches, found)
