"""What several modules read together: settings classes derived elsewhere, imported readers, wrappers' callers."""

from __future__ import annotations

import re

from gwaudit.resolve.application.one_file import LOOSE, counts, files, note_matches
from gwaudit.resolve.application.reads import Collector, places
from gwaudit.resolve.secrets.literals import Literals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.application.indirect import Wrapper
    from gwaudit.resolve.application.settings_classes import SettingsClass
    from gwaudit.resolve.workspace import Workspace


def add_derived(workspace: Workspace, paths: list[str], classes: list[SettingsClass]) -> None:
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
        for path, data in files(workspace, [p for p in paths if p not in seen]):
            if any(word in data for word in words) and bases.search(data) and counts(path):
                module = module_of(path, data)
                seen.add(path)
                if module is not None:
                    classes.extend(classes_of(module))
                    more = True
        if not more:
            return


def read_importers(workspace: Workspace, paths: list[str], exported: dict[str, set[str]], found: Collector) -> None:
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
    for path, data in files(workspace, [path for path in paths if path not in exported]):
        if not any(word in data for word in words) or b"import" not in data:
            continue
        lines = b" ".join(source.findall(data))
        shared = [
            name for name in names if b"*" in lines or re.search(rb"\b" + re.escape(name.encode()) + rb"\b", lines)
        ]
        if lines and shared and used.search(data) and counts(path):
            module = module_of(path, data)
            if module is None:
                note_matches(path, data, list(LOOSE.finditer(data)), found)
                continue
            try:
                Lookups(module, found, shared)
            except RecursionError:
                found.opaque.append(("is too deep to be read", places(path, data, (0,))[0]))


def read_callers(workspace: Workspace, paths: list[str], wrappers: dict[str, Wrapper], found: Collector) -> None:
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
    for path, data in files(workspace, paths) if names else ():
        called = sorted({index for index, _ in words.hits(data)})
        for pattern, prefix in [patterns[index] for index in called] if called and counts(path) else ():
            matches = list(pattern.finditer(data))
            if prefix:
                for match, place in zip(matches, places(path, data, (m.start() for m in matches)), strict=True):
                    found.prefix(match.group(1).decode("utf-8", "replace"), place)
            else:
                note_matches(path, data, matches, found)
