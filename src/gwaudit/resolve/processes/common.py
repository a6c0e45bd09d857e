"""What the process managers share: units of sizes and times, the folder that a process runs in."""

from __future__ import annotations

import posixpath

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.workspace import Workspace

_MARKERS = (
    "pyproject.toml", "requirements.txt", "manage.py", "setup.py", "gunicorn.conf.py", "wsgi.py", "asgi.py", "main.py",
    "app.py", "Pipfile", "setup.cfg",
)  # fmt: skip
_TIME = {
    "us": 1e-6, "usec": 1e-6, "ms": 1e-3, "msec": 1e-3, "s": 1, "sec": 1, "second": 1, "seconds": 1, "m": 60, "min": 60,
    "minute": 60, "minutes": 60, "h": 3600, "hr": 3600, "hour": 3600, "hours": 3600, "d": 86400, "day": 86400, "days": 86400,
}  # fmt: skip


def defaults(name: str) -> dict[str, Any]:
    """The platform's row of ``platforms/processes``."""
    from gwaudit.bundle import section

    found: dict[str, Any] = section("platforms/processes")[name]
    return found


def home_of(workspace: Workspace, path: str) -> str:
    """The folder that a unit's process runs in: the nearest one above the file that holds a Python project."""
    folder = posixpath.dirname(path)
    while folder:
        if any(workspace.tree.is_file(posixpath.join(folder, name)) for name in _MARKERS):
            return folder
        folder = posixpath.dirname(folder)
    return "."


def seconds(text: str) -> float | None:
    """systemd's time span in seconds (``1min 30s``, ``90``); None for infinity and for what is no time."""
    total, found = 0.0, False
    for word in text.replace(",", " ").split():
        digits = word.rstrip("abcdefghijklmnopqrstuvwxyz")
        unit = word[len(digits) :] or "s"
        if not digits.replace(".", "", 1).isdigit() or unit not in _TIME or len(digits) > 15:
            return None
        total += float(digits) * _TIME[unit]
        found = True
    return total if found else None


def size(text: str) -> int | None:
    """Bytes of ``512M``, ``1.5g``, ``1GiB`` (powers of 1024); None for infinity, a percentage and what is no size."""
    lower = text.strip().lower().removesuffix("ib").removesuffix("b")
    factor = {"k": 10, "m": 20, "g": 30, "t": 40}.get(lower[-1:])
    digits = lower[:-1] if factor is not None else lower
    if not digits.replace(".", "", 1).isdigit() or len(digits) > 18:
        return None
    return int(float(digits) * (1 << (factor or 0)))
