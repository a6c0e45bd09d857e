"""git, run by its absolute path and hardened: a clone's own configuration must not run anything.

``core.fsmonitor`` and hooks are switched off, no protocol may be used, objects are not fetched lazily, nothing prompts.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_HARDENED = (
    "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "protocol.allow=never",
    "--no-pager", "--no-optional-locks",
)  # fmt: skip


def command(root: str, *arguments: str) -> list[str] | None:
    """The full command line; None where there is no git."""
    program = _program()
    return [program, "-C", root, *_HARDENED, *arguments] if program else None


def environment() -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    return {**kept, "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}


def run(root: str, *arguments: str, stdin: bytes | None = None, timeout: float = 60) -> bytes | None:
    """What git prints; None where it fails or there is none."""
    line = command(root, *arguments)
    if line is None:
        return None
    import subprocess

    try:
        done = subprocess.run(
            line, input=stdin or b"", capture_output=True, env=environment(), timeout=timeout, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout if done.returncode == 0 else None


def list_files(root: str, below: Iterable[str], others: bool = True) -> tuple[list[str], list[str]] | None:
    """Tracked files and, on demand, untracked files that are not ignored, relative to the root; None where git fails."""
    paths = [f":(literal){path}" if path != "." else "." for path in below]
    untracked = ("--others", "--exclude-standard") if others else ()
    answer = run(root, "ls-files", "-z", "-t", "--cached", *untracked, "--", *paths)
    if answer is None:
        return None
    tracked: dict[str, None] = {}  # a file in conflict is listed once for each stage
    rest: list[str] = []
    for entry in answer.split(b"\0"):
        if entry[:2] == b"? ":
            rest.append(os.fsdecode(entry[2:]))
        elif entry:
            tracked[os.fsdecode(entry[2:])] = None
    return list(tracked), rest


def _program() -> str | None:
    for folder in ("/usr/bin", "/usr/local/bin", "/bin", "/opt/homebrew/bin"):
        path = os.path.join(folder, "git")
        if os.access(path, os.X_OK):
            return path
    import shutil

    path = shutil.which("git") or ""
    return path if os.path.isabs(path) else None
