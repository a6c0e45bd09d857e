"""gunicorn's settings by release: flags, defaults, validators. The data is ``rules/gunicorn/settings.yaml``."""

from __future__ import annotations

from gwaudit.bundle import section

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Setting:
    """One setting of one release. ``computed`` names what the process decides of the default (cwd, uid, ...)."""

    __slots__ = (
        "action",
        "arity",
        "computed",
        "const",
        "default",
        "flags",
        "name",
        "nargs",
        "section",
        "type",
        "validator",
        "variable",
        "varies",
    )

    def __init__(self, name: str, record: dict[str, Any], varies: bool) -> None:
        default = record.get("default")
        self.name = name
        self.section: str = record["section"]
        self.flags: tuple[str, ...] = tuple(record.get("flags") or ())
        self.computed: str | None = default.get("computed") if isinstance(default, dict) else None
        self.default = None if self.computed is not None else default
        self.validator: str = record["validator"]
        self.action: str = record.get("action") or "store"
        self.type: str | None = record.get("type")
        self.nargs: str | None = record.get("nargs")
        self.const = record.get("const")
        self.arity: int | None = record.get("arity")
        self.variable: str | None = record.get("variable")
        self.varies = varies  # the default is another one in other releases

    @property
    def is_hook(self) -> bool:
        return self.validator == "hook"


class Release:
    """The settings of one release, and the flags and settings that other releases have."""

    __slots__ = ("assumed", "elsewhere", "flags", "settings", "version")

    def __init__(self, version: str, assumed: bool) -> None:
        self.version = version
        self.assumed = assumed
        self.settings: dict[str, Setting] = {}
        self.flags: dict[str, Setting] = {}
        self.elsewhere: dict[str, str] = {}  # flag or setting name -> "added in 25.1.0" or "removed in 23.0.0"


def parse_version(text: str) -> tuple[int, ...]:
    """``25.1.0`` as numbers; a pre-release part ends it."""
    numbers = []
    for part in text.strip().lstrip("v=").split("."):
        digits = ""
        for char in part:
            if not char.isdigit():
                break
            digits += char
        if not digits:
            break
        numbers.append(int(digits[:9]))
        if len(digits) < len(part):
            break
    return (*numbers, 0, 0, 0)[:3]


def release(version: str | None) -> Release:
    """The settings of a release; of the newest known one where the version is None."""
    data = section("gunicorn/settings")
    wanted = parse_version(version or data["latest"])
    found = Release(version or data["latest"], version is None)
    for name, record in data["settings"].items():
        since, removed = record.get("since"), record.get("removed")
        flags = record.get("flags") or ()
        if (since and wanted < parse_version(since)) or (removed and wanted >= parse_version(removed)):
            late = since and wanted < parse_version(since)
            note = f"added in {since}" if late else f"removed in {removed}"
            found.elsewhere.update(dict.fromkeys((name, *flags), note))
            continue
        merged = dict(record)
        for earlier in reversed(record.get("earlier", ())):
            if wanted < parse_version(earlier["before"]):
                merged.update(earlier)
                for key in ("type", "nargs", "const"):
                    if "validator" in earlier and key not in earlier and key in ("nargs", "const"):
                        merged.pop(key, None)
        setting = Setting(name, merged, any("default" in e for e in record.get("earlier", ())))
        found.settings[name] = setting
        for flag in setting.flags:
            found.flags[flag] = setting
    return found
