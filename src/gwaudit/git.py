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


def run(root: str, *arguments: str, timeout: float = 60) -> bytes | None:
    """What git prints; None where it fails, takes too long, or is not there.

    Spawned by hand: importing ``subprocess`` costs more than a run of git.
    """
    line = command(root, *arguments)
    if line is None:
        return None
    out, into = os.pipe()
    try:
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, into, 1),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        ]
        child = os.posix_spawn(line[0], line, environment(), file_actions=actions)
    except OSError:
        os.close(out)
        return None
    finally:
        os.close(into)
    answer = _drain(out, timeout)
    if answer is None:
        os.kill(child, 9)
    _, status = os.waitpid(child, 0)
    return answer if status == 0 else None


def _drain(pipe: int, timeout: float) -> bytes | None:
    """Everything that comes out of a pipe until it is closed; None where that takes longer than ``timeout`` seconds."""
    import select
    import time

    parts: list[bytes] = []
    end = time.monotonic() + timeout
    try:
        while True:
            ready, _, _ = select.select([pipe], [], [], max(0.0, end - time.monotonic()))
            if not ready:
                return None
            part = os.read(pipe, 1 << 20)
            if not part:
                return b"".join(parts)
            parts.append(part)
    finally:
        os.close(pipe)


def stream(root: str, *arguments: str, given: int | None = None) -> tuple[int, int] | None:
    """Start git and answer its process id and the reading end of its output; None where there is no git.

    ``given`` is a file descriptor for its standard input. Whoever reads closes the pipe and waits for the process.
    """
    line = command(root, *arguments)
    if line is None:
        return None
    out, into = os.pipe()
    first = (
        (os.POSIX_SPAWN_DUP2, given, 0) if given is not None else (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)
    )
    try:
        actions = [first, (os.POSIX_SPAWN_DUP2, into, 1), (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)]
        return os.posix_spawn(line[0], line, environment(), file_actions=actions), out
    except OSError:
        os.close(out)
        return None
    finally:
        os.close(into)


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
