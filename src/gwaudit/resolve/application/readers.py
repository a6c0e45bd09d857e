"""Which environment variables the tree's own Python reads.

Most files never mention the environment, and most that do use the plain forms. So every file is searched for a few words
first, then for the plain forms by regular expressions; only a file in which something is left is parsed.
"""

from __future__ import annotations

import re

from gwaudit.pattern import regex
from gwaudit.resolve.application.across_modules import add_derived, read_callers, read_importers
from gwaudit.resolve.application.one_file import counts, files, plainly_test, read_file
from gwaudit.resolve.application.reads import Collector, Reads
from gwaudit.resolve.secrets.literals import Literals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.application.indirect import Wrapper
    from gwaudit.resolve.application.settings_classes import SettingsClass
    from gwaudit.resolve.workspace import Workspace

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
    paths = [path for path in sorted(workspace.paths("python", "gunicorn")) if not plainly_test(path)]
    words = Literals(_WORDS)
    for path, data in files(workspace, paths):
        met = {_WORDS[index] for index, _ in words.hits(data)}
        if not met or not counts(path):
            continue
        mentions = not met.isdisjoint(_MENTIONS)
        special = (
            not met.isdisjoint(_SPECIAL)
            or (mentions and not met.isdisjoint(_RENAMED))
            or (not met.isdisjoint(_BASES) and _CLASS.search(data) is not None)
        )
        if mentions or special:
            read_file(path, data, special, found, classes, wrappers, exported)
    if classes:
        add_derived(workspace, paths, classes)
        from gwaudit.resolve.application.settings_classes import collect

        collect(classes, found)
    if exported:
        read_importers(workspace, paths, exported, found)
    if wrappers:
        read_callers(workspace, paths, wrappers, found)
    return found.result()
